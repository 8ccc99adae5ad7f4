"""`settings.server_url` over plain HTTP."""

from hslint.rule import Effect, Host, Iterator, Problem, net, rule


@rule(Effect.BROKEN, yields_to=("server-url-unset", "derp-needs-https", "tls-scheme-mismatch"))
def server_url_plain_http(host: Host) -> Iterator[Problem]:
    """Clients expect a control server on the internet to speak HTTPS."""
    url = net.server_url(host)
    if url is None or url.scheme != "http" or not url.name:
        return
    if url.url.endpoint.reach in (net.Reach.LOOPBACK, net.Reach.PRIVATE, net.Reach.TAILNET, net.Reach.EVERYWHERE):
        return
    if net.is_local(url.name):
        return
    yield Problem(f"{url.name} is served without TLS; clients expect HTTPS", at=url.at)
