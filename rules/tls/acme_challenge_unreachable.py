"""Let's Encrypt's question does not reach Headscale."""

from hslint.rule import (
    Effect,
    Host,
    Int,
    Iterator,
    Note,
    Problem,
    String,
    firewall,
    listeners,
    privileges_arranged,
    proxy_programs,
    rule,
    tls,
)


@rule(Effect.FAILS, yields_to=("tls-source-conflict", "letsencrypt-with-local-proxy"))
def acme_challenge_unreachable(host: Host) -> Iterator[Problem]:
    """The proof for Let's Encrypt is asked for on port 80 (HTTP-01) or 443 (TLS-ALPN-01), which Headscale must get."""
    hostname = host.setting("settings.tls_letsencrypt_hostname")
    if not tls(host).letsencrypt or hostname is None or hostname.at is None:
        return
    known = listeners(host)
    if known.acme is not None:
        yield from _http(host)
        return
    main = known.main
    challenge = host.setting("settings.tls_letsencrypt_challenge_type")
    if main is None or main.port is None or main.port == 443 or challenge is None or challenge.at is None:
        return
    if isinstance(challenge.value, String) and challenge.value.known == "TLS-ALPN-01" and not proxy_programs(host):
        yield Problem(
            f"TLS-ALPN-01 is asked for on port 443, but Headscale listens on {main.port}; it gets no certificate",
            at=challenge.at,
            notes=(Note("it listens here", main.port_at),) if main.port_at is not None else (),
            effect=Effect.BROKEN,
            hangs_on=main.hangs_on,
        )


def _http(host: Host) -> Iterator[Problem]:
    acme, hostname = listeners(host).acme, host.setting("settings.tls_letsencrypt_hostname")
    if acme is None or acme.port is None or hostname is None or hostname.at is None:
        return
    port, hangs_on = host.likely("port")
    setting = host.setting("port")
    if acme.port < 1024 and isinstance(port, Int) and port.value >= 1024 and not privileges_arranged(host):
        notes = (
            (Note("the module looks at this port alone", setting.at),)
            if setting and setting.written and setting.at
            else ()
        )
        yield Problem(
            f"HTTP-01 needs port {acme.port}, which the service may not use while port is {port.value}; it stops",
            at=acme.port_at or hostname.at,
            notes=notes,
            hangs_on=hangs_on or hostname.condition,
        )
    elif acme.port == 80 and firewall(host).allows(80, "tcp") is False:
        yield Problem(
            "nothing opens port 80 in the firewall; Let's Encrypt cannot ask for the proof (HTTP-01)",
            at=hostname.at,
            effect=Effect.BROKEN,
            hangs_on=hostname.condition,
        )
