"""A port is open to the world, and Headscale listens on the loopback address."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule

_TRANSPORTS: tuple[net.Transport, ...] = ("tcp", "udp")


@rule(Effect.ADVICE, yields_to=("port-clash", "listen-address-inconsistent", "listener-unreachable"))
def firewall_port_needless(host: Host) -> Iterator[Problem]:
    """A port that the firewall opens does not make a listener on the loopback address reachable."""
    known = net.listeners(host)
    for listener in (known.main, known.metrics, known.grpc):
        if listener is None or listener.port is None or listener.reach is not net.Reach.LOOPBACK:
            continue
        if listener.port in net.ports_of_others(host):
            continue  # the port is open for them
        files = {setting.name_at.file.path for setting in host.written("") if setting.name_at is not None}
        for transport in _TRANSPORTS:
            for opening in net.firewall(host).public(listener.port, transport):
                if opening.at is None or opening.first != opening.last or opening.at.file.path not in files:
                    continue
                yield Problem(
                    f"{transport.upper()} port {listener.port} is open, but {listener.name} is {listener.endpoint.text}",
                    at=opening.at,
                    notes=(Note("Headscale listens here", listener.host_at or listener.port_at),),
                )
