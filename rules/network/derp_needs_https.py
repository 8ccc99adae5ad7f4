"""The embedded DERP server with a `server_url` over plain HTTP."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-unset", "server-url-malformed"))
def derp_needs_https(host: Host) -> Iterator[Problem]:
    """Clients reach the embedded relay at the host and port of `server_url`, and always over TLS."""
    url, switch = net.server_url(host), host.setting("settings.derp.server.enabled")
    if url is None or url.scheme != "http" or not switch.flag:
        return
    if url.url.endpoint.reach is net.Reach.LOOPBACK:
        return
    yield Problem(
        "server_url is plain http, but clients use the embedded DERP relay over TLS only",
        at=url.at,
        notes=(Note("the embedded relay is on here", switch.at),),
    )
