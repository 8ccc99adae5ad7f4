"""The backend's port in the public URL."""

from hslint.rule import Effect, Fix, Host, Iterator, Note, Problem, edits, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-malformed",))
def server_url_port_mismatch(host: Host) -> Iterator[Problem]:
    """An https `server_url` with Headscale's own port sends clients past the proxy that ends TLS."""
    url, main = net.server_url(host), net.listeners(host).main
    if url is None or main is None or url.scheme != "https":
        return
    if not url.url.endpoint.same_port(main.endpoint) or net.tls(host).on is not False:
        return
    if main.port in net.ports_of_others(host):
        return  # a proxy has the same port on another address, and clients are sent there
    front = next(
        (p for p in net.proxies(host) if p.to_headscale and p.passing.tls and url.name and p.passing.answers(url.name)),
        None,
    )
    if front is None:
        return
    port = main.endpoint.port_shown
    yield Problem(
        f"port {port} is Headscale's own, without TLS; {front.program} serves {url.name} on 443",
        at=url.at,
        notes=(Note("the proxy passes requests on to that port here", front.passing.at),),
        fix=Fix("leave the port out", edits.within(url.at, f":{port}", "")),
    )
