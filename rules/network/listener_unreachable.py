"""Clients are sent to this machine, and only the machine itself can reach Headscale."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, net, rule


@rule(
    Effect.BROKEN,
    yields_to=(
        "server-url-malformed",
        "server-url-unset",
        "tls-source-conflict",
        "proxy-not-enabled",
        "listen-address-inconsistent",
        "proxy-target-mismatch",
        "port-clash",
    ),
)
def listener_unreachable(host: Host) -> Iterator[Problem]:
    """On the loopback address Headscale needs a web server in front; without one nobody answers under `server_url`."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or not url.name or main.reach is not net.Reach.LOOPBACK:
        return
    if host.closed:
        return  # what is not read usually holds the web server
    if url.url.endpoint.reach is net.Reach.LOOPBACK or not net.front_is_known(host):
        return
    if any(proxy.to_headscale is not False for proxy in net.proxies(host)):
        return
    same_port = url.url.endpoint.same_port(main.endpoint)
    if not same_port and any(site.answers(url.name) is not False for site in net.sites(host)):
        return
    opened = next(net.firewall(host).public(url.port, "tcp"), None) if url.port is not None else None
    at = main.host_at or main.port_at or host.anchor
    if net.tls(host).on and (main.host_at is not None or same_port or opened is not None):
        said = f"Headscale ends TLS itself, but listens on {main.endpoint.text}, where no client comes"
    elif same_port:
        said = f"clients come to port {main.endpoint.port_shown} of {url.name}, but Headscale listens on the loopback address"
    elif (main.host_at or main.port_at) is None:
        return  # no more than a part of a configuration, it seems
    elif net.sites(host):
        programs = " and ".join(dict.fromkeys(site.program for site in net.sites(host)))
        said = f"no site of {programs} answers for {url.name}, and Headscale is on {main.endpoint.text}"
        at = url.at or at
    elif opened is not None and opened.at is not None:
        said = (
            f"nothing listens on port {url.port} for {url.name}: Headscale is on {main.endpoint.text}, without a proxy"
        )
    else:
        return
    name = main.endpoint.host or ""
    everywhere = edits.within(main.host_at, name, "::" if ":" in name else "0.0.0.0") if name else ()
    yield Problem(
        said,
        at=at,
        notes=(
            Note("clients are given this address", url.at if at != url.at else None),
            Note("the port is open here", opened.at if opened is not None else None),
            Note("Headscale's own port is set here", main.port_at if at != main.port_at else None),
        ),
        fix=Fix("listen on all interfaces", everywhere) if same_port else None,
    )
