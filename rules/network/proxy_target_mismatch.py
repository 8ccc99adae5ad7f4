"""The virtual host of `server_url` passes its requests to a place where Headscale does not listen."""

import ipaddress

from hslint.rule import (
    Effect,
    Host,
    Iterator,
    Listener,
    Note,
    Problem,
    Proxy,
    Reach,
    listeners,
    proxies,
    rule,
    server_url,
)


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "server-url-unset", "ipv6-listen-without-brackets"))
def proxy_target_mismatch(host: Host) -> Iterator[Problem]:
    """The proxy under `server_url`'s name must lead to the address and port on which Headscale listens."""
    url, main = server_url(host), listeners(host).main
    if url is None or main is None or not url.name:
        return
    known = [p for p in proxies(host) if p.program != "cloudflared" and url.name and p.passing.answers(url.name)]
    elsewhere = sum(proxy.to_headscale is False for proxy in known)
    for proxy in known:
        if proxy.passing.path != "/" or proxy.passing.at is None:
            continue
        if len(known) - elsewhere - (proxy.to_headscale is not False):
            continue  # only a part of the paths goes elsewhere
        what = _port(proxy, main) or _address(proxy, main)
        if what is None:
            continue
        at = main.port_at or main.host_at
        yield Problem(
            f"{url.name} is passed to {what}",
            at=proxy.passing.at,
            notes=(Note("Headscale listens here", at),) if at is not None else (),
            hangs_on=main.hangs_on,
        )


def _port(proxy: Proxy, main: Listener) -> str | None:
    target = proxy.target.endpoint
    if target.reach is not Reach.LOOPBACK or target.port is None or main.port is None or target.port == main.port:
        return None
    return f"port {target.port}, but Headscale listens on {main.port}"


def _address(proxy: Proxy, main: Listener) -> str | None:
    """Go listens on IPv4 alone at `0.0.0.0`, and on one address alone at any other that is written out."""
    target = proxy.target.endpoint
    if not proxy.to_headscale or target.reach is not Reach.LOOPBACK or not target.host or main.endpoint.host is None:
        return None
    try:
        dialled, bound = ipaddress.ip_address(target.host), ipaddress.ip_address(main.endpoint.host)
    except ValueError:
        return None
    if bound.is_unspecified:
        wrong = bound.version == 4 and dialled.version == 6
    else:
        wrong = bound != dialled
    return f"{target.text}, but Headscale listens on {main.endpoint.text} only" if wrong else None
