"""Headplane looking for Headscale where it does not listen, or does not speak that way."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, net, rule

_OPTION = "services.headplane.settings.headscale.url"


@rule(Effect.BROKEN)
def headplane_url(host: Host) -> Iterator[Problem]:
    """Headplane on the same machine must dial the scheme and the port of Headscale's own listener."""
    setting, main = host.nixos(_OPTION), net.listeners(host).main
    if (
        not setting.text
        or host.nixos("services.headplane.enable").flag is not True
        or main is None
        or main.port is None
    ):
        return
    url, encrypted = net.url(setting.value) if setting.value is not None else None, net.tls(host).on
    if url is None or url.endpoint.reach is not net.Reach.LOOPBACK or url.endpoint.port is None or encrypted is None:
        return
    if main.reach not in (net.Reach.LOOPBACK, net.Reach.EVERYWHERE):
        return
    if url.endpoint.port != main.port and (url.endpoint.port in (80, 443) or _elsewhere(host)):
        return  # perhaps through a proxy
    scheme = "https" if encrypted else "http"
    if url.scheme == scheme and url.endpoint.port == main.port:
        return
    right = f"{scheme}://127.0.0.1:{main.port}"
    yield Problem(
        f"Headplane does not reach Headscale at {url.text[:40]}: it listens on {right}",
        at=setting.at,
        notes=(Note("the port is set here", main.port_at),),
        fix=Fix(f"write {right}", edits.write(setting, f'"{right}"')) if not encrypted else None,
    )


def _elsewhere(host: Host) -> bool:
    """Whether a proxy may listen on any port."""
    return any(program != "nginx" for program in net.proxy_programs(host))
