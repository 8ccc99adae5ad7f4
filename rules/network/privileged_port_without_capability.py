"""A listener below port 1024 that the module does not see."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.FAILS, yields_to=("ipv6-listen-without-brackets",))
def privileged_port_without_capability(host: Host) -> Iterator[Problem]:
    """The module lets Headscale use ports below 1024 only when `services.headscale.port` is one."""
    port = host.setting("port")
    known = net.listeners(host)
    for listener in (known.main, known.metrics, known.grpc, known.stun):
        if listener is None or not net.may_not_use(host, listener.port):
            continue
        yield Problem(
            f"{listener.name} needs port {listener.port}, but the service may not use it while port is {port.number}",
            at=listener.port_at,
            notes=(Note("the module looks at this port alone", port.at),),
        )
