"""Headscale's metrics and debug endpoint within everybody's reach."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, net, rule


@rule(Effect.INSECURE)
def metrics_public(host: Host) -> Iterator[Problem]:
    """The metrics listener also serves profiles and debug pages, and asks nobody who they are."""
    metrics = net.listeners(host).metrics
    if metrics is None:
        return
    yield from _proxied(host, metrics)
    if host.contained:
        return  # who reaches a container is the machine's business
    if metrics.reach in (net.Reach.EVERYWHERE, net.Reach.PUBLIC) and metrics.port is not None:
        yield from _listening(host, metrics, metrics.port)


def _listening(host: Host, metrics: net.Listener, port: int) -> Iterator[Problem]:
    firewall = net.firewall(host)
    if firewall.leaves_to_rules(port):
        return
    opened = next(firewall.public(port, "tcp"), None)
    if opened is not None:
        yield Problem(
            f"metrics and debug pages are open to everybody on {metrics.endpoint.text}",
            at=metrics.host_at,
            notes=(Note("the firewall lets everybody in here", opened.at),),
            fix=_fix(metrics),
        )
    elif not any(firewall.on_interfaces(port, "tcp")):
        # Where the host's own is off, one that is not seen here may be in its place: that of a cloud or a router.
        guard = "a firewall outside this host" if firewall.enabled is False else "the firewall"
        yield Problem(
            f"metrics listen on {metrics.endpoint.text}; only {guard} keeps them private",
            at=metrics.host_at,
            fix=_fix(metrics),
            effect=Effect.ADVICE,
        )


def _proxied(host: Host, metrics: net.Listener) -> Iterator[Problem]:
    for proxy in net.proxies(host):
        route, target = proxy.route, proxy.target.endpoint
        if (
            target.reach is not net.Reach.LOOPBACK and target.host != metrics.endpoint.host
        ) or route.guarded is not False:
            continue
        if not target.same_port(metrics.endpoint) or proxy.to_headscale:
            continue
        public = [name for name in route.names if not net.is_local(name)]
        if not public or not route.all_names:
            continue
        path = "" if route.path in ("/", None) else route.path
        yield Problem(
            f"{public[0]}{path} shows Headscale's metrics to everybody",
            at=route.at,
            notes=(Note("the metrics listen here", metrics.port_at),),
        )


def _fix(metrics: net.Listener) -> Fix:
    name = metrics.endpoint.host or ""
    old, new = (f"[{name}]:", "[::1]:") if ":" in name else (f"{name}:", "127.0.0.1:")
    return Fix("listen on the loopback address", edits.within(metrics.host_at, old, new))
