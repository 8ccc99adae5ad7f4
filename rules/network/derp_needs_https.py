"""The embedded DERP server with a `server_url` over plain HTTP."""

from hslint.rule import Bool, Effect, Host, Iterator, Note, Problem, Reach, rule, server_url


@rule(Effect.BROKEN, yields_to=("server-url-unset", "server-url-malformed"))
def derp_needs_https(host: Host) -> Iterator[Problem]:
    """Clients reach the embedded relay at the host and port of `server_url`, and always over TLS."""
    url, enabled = server_url(host), host.value("settings.derp.server.enabled")
    switch = host.setting("settings.derp.server.enabled")
    if url is None or url.at is None or url.scheme != "http" or not isinstance(enabled, Bool) or not enabled.value:
        return
    if url.url.endpoint.reach is Reach.LOOPBACK:
        return
    yield Problem(
        "server_url is plain http, but clients use the embedded DERP relay over TLS only",
        at=url.at,
        notes=(Note("the embedded relay is on here", switch.at),)
        if switch is not None and switch.at is not None
        else (),
        hangs_on=url.setting.condition,
    )
