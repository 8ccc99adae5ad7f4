"""One side speaks TLS and the other does not."""

from hslint.rule import (
    Effect,
    Host,
    Iterator,
    Note,
    Problem,
    Reach,
    Span,
    listeners,
    proxies,
    proxy_programs,
    rule,
    server_url,
    tls,
)


@rule(
    Effect.BROKEN,
    yields_to=("tls-source-conflict", "server-url-malformed", "server-url-unset", "proxy-target-mismatch"),
)
def tls_scheme_mismatch(host: Host) -> Iterator[Problem]:
    """Headscale, the proxy in front of it and `server_url` must agree on where TLS ends."""
    given, source = tls(host), _source(host)
    for proxy in proxies(host):
        at, scheme = proxy.passing.at, proxy.target.scheme
        if not proxy.to_headscale or at is None or scheme not in ("http", "https"):
            continue
        if given.on and scheme == "http":
            yield Problem(
                f"{proxy.program} speaks plain HTTP to Headscale, which has TLS on",
                at=at,
                notes=(Note("TLS is on here", source),),
            )
            return
        if given.on is False and scheme == "https":
            yield Problem(
                f"{proxy.program} speaks TLS to Headscale, which has no certificate",
                at=at,
                absent=("settings.tls_cert_path",),
            )
            return
    url, main = server_url(host), listeners(host).main
    if url is None or url.at is None or _streams(host):
        return
    if given.on and url.scheme == "http":
        yield Problem(
            "server_url is plain http, but Headscale has TLS on",
            at=url.at,
            notes=(Note("TLS is on here", source),),
        )
    elif given.on is False and url.scheme == "https" and main is not None and main.port and url.port == main.port:
        if main.reach in (Reach.EVERYWHERE, Reach.PUBLIC) and not proxies(host) and not proxy_programs(host):
            yield Problem(
                f"clients expect TLS on port {main.port}, where Headscale listens without a certificate",
                at=url.at,
                notes=(Note("Headscale listens here", main.port_at),),
                absent=("settings.tls_cert_path",),
            )


def _streams(host: Host) -> bool:
    """Whether nginx may pass TLS through without ending it."""
    return host.nixos("services.nginx.streamConfig").written


def _source(host: Host) -> Span | None:
    """Where TLS is turned on."""
    options = ("tls_letsencrypt_hostname", "tls_cert_path")
    return next((s.at for name in options if (s := host.setting(f"settings.{name}")).written), None)
