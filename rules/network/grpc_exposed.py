"""The remote administration API without TLS, beyond the machine itself."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.INSECURE, until="0.29")
def grpc_exposed(host: Host) -> Iterator[Problem]:
    """With `grpc_allow_insecure`, API keys cross the network in the clear unless the API stays on the loopback address."""
    switch = host.setting("settings.grpc_allow_insecure")
    if not switch.flag or net.tls(host).on is not False:
        return
    grpc = net.listeners(host).grpc
    at = (grpc.host_at if grpc is not None else None) or switch.at
    if grpc is None or grpc.reach not in (net.Reach.EVERYWHERE, net.Reach.PUBLIC):
        return
    closed = grpc.port is not None and net.firewall(host).allows(grpc.port, "tcp") is False
    yield Problem(
        f"the API answers on {grpc.endpoint.text} without TLS"
        + ("; only the firewall keeps it private" if closed else ": API keys travel in the clear"),
        at=at,
        notes=(Note("TLS is given up here", switch.at),) if switch.at != at else (),
        effect=Effect.ADVICE if closed else Effect.INSECURE,
    )
