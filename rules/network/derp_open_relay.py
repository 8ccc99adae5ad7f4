"""An embedded DERP relay for everybody."""

from hslint.rule import Bool, Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE, since="0.27")
def derp_open_relay(host: Host) -> Iterator[Problem]:
    """Without `verify_clients`, people who are no part of the tailnet may relay through the server."""
    enabled, verify = host.value("settings.derp.server.enabled"), host.value("settings.derp.server.verify_clients")
    setting = host.setting("settings.derp.server.verify_clients")
    match enabled, verify:
        case Bool(True), Bool(False) if setting is not None and setting.at is not None:
            yield Problem("anybody may relay through this DERP server", at=setting.at, hangs_on=setting.condition)
        case _:
            return
