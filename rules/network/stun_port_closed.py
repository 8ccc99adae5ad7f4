"""The embedded DERP server's STUN port, which clients have to reach over UDP."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("port-clash",))
def stun_port_closed(host: Host) -> Iterator[Problem]:
    """Clients measure the embedded relay, and learn their own address, by STUN over UDP."""
    stun = net.listeners(host).stun
    if stun is None or stun.port is None:
        return
    if stun.reach is net.Reach.LOOPBACK:
        yield Problem(
            f"stun_listen_addr {stun.endpoint.text} is reached from this machine only; clients need it",
            at=stun.port_at,
        )
        return
    if stun.reach not in (net.Reach.EVERYWHERE, net.Reach.PUBLIC):
        return
    firewall = net.firewall(host)
    allowed = firewall.allows(stun.port, "udp")
    over_tcp = next((opening for opening in firewall.public(stun.port, "tcp") if opening.first == stun.port), None)
    if over_tcp is not None and allowed is not True and over_tcp.at is not None:
        unresolved = host.unresolved_imports[0].unknown if host.unresolved_imports else None
        if allowed is False or (unresolved is not None and not any(firewall.on_interfaces(stun.port, "udp"))):
            yield Problem(
                f"port {stun.port} is opened for TCP, but STUN comes over UDP",
                at=over_tcp.at,
                notes=(Note("STUN listens here", stun.port_at),),
            )
    elif allowed is False:
        yield Problem(
            f"nothing opens UDP port {stun.port} in the firewall; clients cannot use the relay's STUN",
            at=stun.port_at,
        )
