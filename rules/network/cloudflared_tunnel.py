"""A Cloudflare tunnel in front of Headscale."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.BROKEN)
def cloudflared_tunnel(host: Host) -> Iterator[Problem]:
    """Cloudflared drops the Upgrade header of the clients' POST requests, so that nobody can log in."""
    url = net.server_url(host)
    name = url.name if url is not None else None
    for proxy in net.proxies(host):
        if proxy.program != "cloudflared" or proxy.route.path != "/":
            continue
        if (name is None and not proxy.to_headscale) or (name and not proxy.route.answers(name)):
            continue
        yield Problem(
            f"{name or proxy.route.names[0]} comes through a Cloudflare tunnel: clients cannot log in",
            at=proxy.route.at,
            notes=(Note("clients are sent to this name here", url.at if url is not None else None),),
        )
