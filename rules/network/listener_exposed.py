"""Headscale listens on all interfaces although a proxy on the same machine is its only client."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, net, rule


@rule(Effect.ADVICE)
def listener_exposed(host: Host) -> Iterator[Problem]:
    """Whoever reaches the port talks to Headscale without TLS and without the proxy in front of it."""
    main = net.listeners(host).main
    if main is None or main.reach is not net.Reach.EVERYWHERE or main.host_at is None or net.tls(host).on is None:
        return
    here = (net.Reach.LOOPBACK, net.Reach.EVERYWHERE)
    front = next((p for p in net.proxies(host) if p.to_headscale and p.target.endpoint.reach in here), None)
    if front is None:
        return
    notes = [Note(f"{front.program} reaches it on this machine", front.route.at)]
    firewall = net.firewall(host)
    if main.port is not None and firewall.leaves_to_rules(main.port):
        return
    opened = next(firewall.public(main.port, "tcp"), None) if main.port is not None else None
    if opened is not None:
        notes.append(Note("the port is open to everybody here", opened.at))
    if opened is not None and net.tls(host).on:
        return  # whoever has both TLS and an open port serves clients there
    if opened is not None:
        said = f"{main.endpoint.text} answers everybody without TLS, past the proxy"
    else:
        said = f"{main.endpoint.text} listens on all interfaces; the proxy needs only 127.0.0.1"
    name = main.endpoint.host or ""
    loopback = edits.within(main.host_at, name, "::1" if ":" in name else "127.0.0.1") if name else ()
    yield Problem(
        said,
        at=main.host_at,
        notes=tuple(notes),
        fix=Fix("listen on the loopback address", loopback),
        effect=Effect.INSECURE if opened is not None else Effect.ADVICE,
    )
