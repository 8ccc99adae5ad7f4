"""Headscale listens on all interfaces although a proxy on the same machine is its only client."""

from hslint.rule import (
    Edit,
    Effect,
    Fix,
    Host,
    Iterator,
    Listener,
    Note,
    Problem,
    Reach,
    Span,
    firewall,
    listeners,
    proxies,
    rule,
    tls,
)


@rule(Effect.ADVICE)
def listener_exposed(host: Host) -> Iterator[Problem]:
    """Whoever reaches the port talks to Headscale without TLS and without the proxy in front of it."""
    main = listeners(host).main
    if main is None or main.reach is not Reach.EVERYWHERE or main.host_at is None or tls(host).on is None:
        return
    here = (Reach.LOOPBACK, Reach.EVERYWHERE)
    front = next((p for p in proxies(host) if p.to_headscale and p.target.endpoint.reach in here), None)
    if front is None:
        return
    notes = (
        [Note(f"{front.program} reaches it on this machine", front.passing.at)] if front.passing.at is not None else []
    )
    doors = firewall(host)
    opened = next(doors.public(main.port, "tcp"), None) if main.port is not None else None
    if opened is not None and opened.at is not None:
        notes.append(Note("the port is open to everybody here", opened.at))
    if opened is not None and tls(host).on:
        return  # whoever has both TLS and an open port serves clients there
    public = opened is not None or (main.port is not None and doors.enabled is False and not tls(host).on)
    yield Problem(
        f"{main.endpoint.text} answers everybody without TLS, past the proxy"
        if public
        else f"{main.endpoint.text} listens on all interfaces; the proxy needs only 127.0.0.1",
        at=main.host_at,
        notes=tuple(notes),
        fix=_fix(main),
        effect=Effect.INSECURE if public else Effect.ADVICE,
    )


def _fix(main: Listener) -> Fix | None:
    span, name = main.host_at, main.endpoint.host
    if span is None or not name:
        return None
    start = span.text.find(name)
    if start < 0:
        return None
    edit = Edit(
        Span(span.file, span.start + start, span.start + start + len(name)), "::1" if ":" in name else "127.0.0.1"
    )
    return Fix("listen on the loopback address", (edit,))
