"""Let's Encrypt's question does not reach Headscale."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.FAILS, yields_to=("tls-source-conflict", "letsencrypt-with-local-proxy"))
def acme_challenge_unreachable(host: Host) -> Iterator[Problem]:
    """The proof for Let's Encrypt is asked for on port 80 (HTTP-01) or 443 (TLS-ALPN-01), which Headscale must get."""
    if not net.tls(host).letsencrypt:
        return
    known = net.listeners(host)
    if known.acme is not None:
        yield from _http(host)
        return
    main = known.main
    challenge = host.setting("settings.tls_letsencrypt_challenge_type")
    if main is None or main.port in (None, 443):
        return
    if challenge.text == "TLS-ALPN-01" and not net.proxy_programs(host):
        yield Problem(
            f"TLS-ALPN-01 is asked for on port 443, but Headscale listens on {main.port}; it gets no certificate",
            at=challenge.at,
            notes=(Note("it listens here", main.port_at),),
            effect=Effect.BROKEN,
        )


def _http(host: Host) -> Iterator[Problem]:
    acme, hostname = net.listeners(host).acme, host.setting("settings.tls_letsencrypt_hostname")
    if acme is None or acme.port is None:
        return
    port = host.setting("port")
    if net.may_not_use(host, acme.port):
        yield Problem(
            f"HTTP-01 needs port {acme.port}, which the service may not use while port is {port.number}; it stops",
            at=acme.port_at or hostname.at,
            notes=(Note("the module looks at this port alone", port.at),),
        )
    elif acme.port == 80 and net.firewall(host).allows(80, "tcp") is False:
        yield Problem(
            "nothing opens port 80 in the firewall; Let's Encrypt cannot ask for the proof (HTTP-01)",
            at=hostname.at,
            effect=Effect.BROKEN,
        )
