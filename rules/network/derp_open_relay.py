"""An embedded DERP relay for everybody."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE, since="0.27")
def derp_open_relay(host: Host) -> Iterator[Problem]:
    """Without `verify_clients`, people who are no part of the tailnet may relay through the server."""
    verify = host.setting("settings.derp.server.verify_clients")
    if host.setting("settings.derp.server.enabled").flag and verify.flag is False:
        yield Problem("anybody may relay through this DERP server", at=verify.at)
