"""One side speaks TLS and the other does not."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, Span, net, rule


@rule(
    Effect.BROKEN,
    yields_to=("tls-source-conflict", "server-url-malformed", "server-url-unset", "proxy-target-mismatch"),
)
def tls_scheme_mismatch(host: Host) -> Iterator[Problem]:
    """Headscale, the proxy in front of it and `server_url` must agree on where TLS ends."""
    given, source = net.tls(host), _source(host)
    for proxy in net.proxies(host):
        at, scheme = proxy.route.at, proxy.target.scheme
        if not proxy.to_headscale or scheme not in ("http", "https"):
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
    url, main = net.server_url(host), net.listeners(host).main
    # nginx may pass TLS through without ending it.
    if url is None or host.nixos("services.nginx.streamConfig").written:
        return
    if given.on and url.scheme == "http":
        yield Problem(
            "server_url is plain http, but Headscale has TLS on",
            at=url.at,
            notes=(Note("TLS is on here", source),),
        )
    elif given.on is False and url.scheme == "https" and main is not None and url.url.endpoint.same_port(main.endpoint):
        if (
            main.reach in (net.Reach.EVERYWHERE, net.Reach.PUBLIC)
            and not net.proxies(host)
            and not net.proxy_programs(host)
        ):
            yield Problem(
                f"clients expect TLS on port {main.endpoint.port_shown}, where Headscale listens without a certificate",
                at=url.at,
                notes=(Note("Headscale listens here", main.port_at),),
                absent=("settings.tls_cert_path",),
            )


def _source(host: Host) -> Span | None:
    """The setting that turns TLS on."""
    options = ("tls_letsencrypt_hostname", "tls_cert_path")
    return next((s.at for name in options if (s := host.setting(f"settings.{name}")).written), None)
