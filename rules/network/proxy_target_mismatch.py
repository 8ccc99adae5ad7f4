"""The virtual host of `server_url` passes its requests to a place where Headscale does not listen."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "server-url-unset", "ipv6-listen-without-brackets"))
def proxy_target_mismatch(host: Host) -> Iterator[Problem]:
    """The proxy under `server_url`'s name must lead to the address and port on which Headscale listens."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or not url.name:
        return
    known = [p for p in net.proxies(host) if p.program != "cloudflared" and url.name and p.route.answers(url.name)]
    elsewhere = sum(proxy.to_headscale is False for proxy in known)
    for proxy in known:
        if proxy.route.path != "/":
            continue
        if len(known) - elsewhere - (proxy.to_headscale is not False):
            continue  # only a part of the paths goes elsewhere
        what = _port(proxy, main) or _address(proxy, main)
        if what is None:
            continue
        yield Problem(
            f"{url.name} is passed to {what}",
            at=proxy.route.at,
            notes=(Note("Headscale listens here", main.port_at or main.host_at),),
        )


def _port(proxy: net.Proxy, main: net.Listener) -> str | None:
    target = proxy.target.endpoint
    if target.reach is not net.Reach.LOOPBACK or target.port is None or main.port is None or target.port == main.port:
        return None
    return f"port {target.port}, but Headscale listens on {main.port}"


def _address(proxy: net.Proxy, main: net.Listener) -> str | None:
    """Go listens on IPv4 alone at `0.0.0.0`, and on one address alone at any other that is written out."""
    target = proxy.target.endpoint
    if (
        not proxy.to_headscale
        or target.reach is not net.Reach.LOOPBACK
        or not target.host
        or main.endpoint.host is None
    ):
        return None
    dialled, bound = net.address(target.host), net.address(main.endpoint.host)
    if dialled is None or bound is None:
        return None
    if bound.is_unspecified:
        wrong = bound.version == 4 and dialled.version == 6
    else:
        wrong = bound != dialled
    return f"{target.text}, but Headscale listens on {main.endpoint.text} only" if wrong else None
