"""A listener below port 1024 that the module does not see."""

from hslint.rule import Effect, Host, Int, Iterator, Note, Problem, listeners, privileges_arranged, rule


@rule(Effect.FAILS, yields_to=("ipv6-listen-without-brackets",))
def privileged_port_without_capability(host: Host) -> Iterator[Problem]:
    """The module lets Headscale use ports below 1024 only when `services.headscale.port` is one."""
    port, hangs_on = host.likely("port")
    if not isinstance(port, Int) or port.value < 1024 or privileges_arranged(host):
        return
    known = listeners(host)
    for listener in (known.main, known.metrics, known.grpc, known.stun):
        if listener is None or listener.port is None or not 0 < listener.port < 1024 or listener.port_at is None:
            continue
        setting = host.setting("port")
        notes = (
            (Note("the module looks at this port alone", setting.at),)
            if setting and setting.written and setting.at
            else ()
        )
        yield Problem(
            f"{listener.name} needs port {listener.port}, but the service may not use it while port is {port.value}",
            at=listener.port_at,
            notes=notes,
            hangs_on=listener.hangs_on or hangs_on,
        )
