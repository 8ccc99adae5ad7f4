"""A port in the public URL on which no client finds what it looks for."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed", "port-clash"))
def server_url_port_mismatch(host: Host) -> Iterator[Problem]:
    """An https `server_url` with another port than that of the proxy that ends TLS sends clients past it."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or url.scheme != "https" or not url.name or net.tls(host).on is not False:
        return
    if main.port in net.ports_of_others(host):
        return  # a proxy has the same port on another address, and clients are sent there
    front = next((p for p in net.proxies(host) if p.to_headscale and p.route.tls and p.route.answers(url.name)), None)
    if front is None:
        return
    if url.url.endpoint.same_port(main.endpoint):
        port = main.endpoint.port_shown
        said = f"port {port} is Headscale's own, without TLS; {front.program} serves {url.name} on 443"
    elif _nobody_listens(host, url, front):
        port = str(url.port)
        said = f"nothing listens on port {port}; {front.program} serves {url.name} on 443"
    else:
        return
    yield Problem(
        said,
        at=url.at,
        notes=(
            Note("the proxy passes requests on to Headscale here", front.route.at),
            Note("Headscale's own port is set here", main.port_at),
        ),
        fix=Fix("leave the port out", edits.within(url.at, f":{port}", "")),
    )


def _nobody_listens(host: Host, url: net.ServerUrl, front: net.Proxy) -> bool:
    """Whether the port was opened on this machine, although its web server is on 443 alone; else a router may forward it."""
    if url.port in (None, 443) or not net.front_is_known(host):
        return False
    ports = {each.port for each in net.occupied(host) if each.program == front.program}
    if 443 not in ports or url.port in {each.port for each in net.occupied(host)}:
        return False
    return any(
        opening.at is not None and opening.first == opening.last
        for opening in net.firewall(host).public(url.port, "tcp")
    )
