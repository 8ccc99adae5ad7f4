"""Headscale's metrics and debug endpoint within everybody's reach."""

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
)

#: Endings of names that mean something in local networks only.
_LOCAL = (".lan", ".internal", ".local", ".home.arpa", ".home", ".localdomain", ".intranet")


@rule(Effect.INSECURE)
def metrics_public(host: Host) -> Iterator[Problem]:
    """The metrics listener also serves profiles and debug pages, and asks nobody who they are."""
    metrics = listeners(host).metrics
    if metrics is None:
        return
    yield from _proxied(host, metrics)
    if host.contained:
        return  # who reaches a container is the machine's business
    if metrics.reach in (Reach.EVERYWHERE, Reach.PUBLIC) and metrics.host_at is not None and metrics.port is not None:
        yield from _listening(host, metrics, metrics.port, metrics.host_at)


def _listening(host: Host, metrics: Listener, port: int, at: Span) -> Iterator[Problem]:
    doors = firewall(host)
    opened = next(doors.public(port, "tcp"), None)
    if opened is not None or doors.enabled is False:
        notes = (Note("the firewall lets everybody in here", opened.at),) if opened is not None and opened.at else ()
        yield Problem(
            f"metrics and debug pages are open to everybody on {metrics.endpoint.text}",
            at=at,
            notes=notes,
            fix=_fix(metrics, at),
        )
    elif not any(doors.on_interfaces(port, "tcp")):
        yield Problem(
            f"metrics listen on {metrics.endpoint.text}; only the firewall keeps them private",
            at=at,
            fix=_fix(metrics, at),
            effect=Effect.ADVICE,
        )


def _proxied(host: Host, metrics: Listener) -> Iterator[Problem]:
    for proxy in proxies(host):
        passing, target = proxy.passing, proxy.target.endpoint
        if (
            target.reach is not Reach.LOOPBACK and target.host != metrics.endpoint.host
        ) or passing.guarded is not False:
            continue
        if not target.same_port(metrics.endpoint) or proxy.to_headscale or passing.at is None:
            continue
        public = [name for name in passing.names if "." in name and not name.endswith(_LOCAL)]
        if not public or not passing.all_names:
            continue
        path = "" if passing.path in ("/", None) else passing.path
        yield Problem(
            f"{public[0]}{path} shows Headscale's metrics to everybody",
            at=passing.at,
            notes=(Note("the metrics listen here", metrics.port_at),) if metrics.port_at is not None else (),
        )


def _fix(metrics: Listener, at: Span) -> Fix | None:
    host = metrics.endpoint.host
    opening = '":' if not host else f'"[{host}]:' if ":" in host else f'"{host}:'
    if not at.text.startswith(opening):
        return None
    loopback = "[::1]" if host and ":" in host else "127.0.0.1"
    edit = Edit(Span(at.file, at.start + 1, at.start + len(opening) - 1), loopback)
    return Fix("listen on the loopback address", (edit,))
