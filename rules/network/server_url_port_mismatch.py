"""The backend's port in the public URL."""

from hslint.rule import (
    Edit,
    Effect,
    Fix,
    Host,
    Iterator,
    Note,
    Problem,
    Span,
    listeners,
    proxies,
    rule,
    server_url,
    tls,
)


@rule(Effect.BROKEN, yields_to=("server-url-malformed",))
def server_url_port_mismatch(host: Host) -> Iterator[Problem]:
    """An https `server_url` with Headscale's own port sends clients past the proxy that ends TLS."""
    url, main = server_url(host), listeners(host).main
    if url is None or main is None or url.scheme != "https" or url.at is None or url.port is None:
        return
    if url.port != main.port or tls(host).on is not False:
        return
    front = next(
        (p for p in proxies(host) if p.to_headscale and p.passing.tls and url.name and p.passing.answers(url.name)),
        None,
    )
    if front is None or front.passing.at is None:
        return
    span, suffix = url.at, f":{url.port}"
    fix = None
    if span.text.endswith(suffix + '"'):
        fix = Fix("leave the port out", (Edit(Span(span.file, span.end - 1 - len(suffix), span.end - 1), ""),))
    yield Problem(
        f"port {url.port} is Headscale's own, without TLS; {front.program} serves {url.name} on 443",
        at=span,
        notes=(Note("the proxy passes requests on to that port here", front.passing.at),),
        fix=fix,
    )
