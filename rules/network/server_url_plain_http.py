"""`settings.server_url` over plain HTTP."""

from hslint.rule import Effect, Host, Iterator, Problem, Reach, rule, server_url

#: Endings of names that mean something in local networks only (RFC 6761, 6762, 8375, and habit).
_LOCAL = (".lan", ".internal", ".local", ".home.arpa", ".home", ".localdomain", ".localhost", ".test", ".intranet")


@rule(Effect.BROKEN, yields_to=("server-url-unset", "derp-needs-https", "tls-scheme-mismatch"))
def server_url_plain_http(host: Host) -> Iterator[Problem]:
    """Clients expect a control server on the internet to speak HTTPS."""
    url = server_url(host)
    if url is None or url.scheme != "http" or not url.name or url.at is None:
        return
    if url.url.endpoint.reach in (Reach.LOOPBACK, Reach.PRIVATE, Reach.TAILNET, Reach.EVERYWHERE):
        return
    if "." not in url.name or url.name.endswith(_LOCAL):
        return
    yield Problem(
        f"{url.name} is served without TLS; clients expect HTTPS",
        at=url.at,
    )
