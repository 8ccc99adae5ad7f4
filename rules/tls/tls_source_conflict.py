"""Two sources of certificates, or half of one."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.FAILS)
def tls_source_conflict(host: Host) -> Iterator[Problem]:
    """Headscale takes certificates from Let's Encrypt or from two files: never from both, and never from one file."""
    given = net.tls(host)
    names = ("tls_letsencrypt_hostname", "tls_cert_path", "tls_key_path")
    hostname, certificate, key = (host.setting(f"settings.{name}") for name in names)
    if given.letsencrypt and hostname.written:
        for other, there in ((certificate, given.certificate), (key, given.key)):
            if there and other.written:
                yield Problem(
                    f"{host.key(other)} and tls_letsencrypt_hostname exclude each other; Headscale does not start",
                    at=other.at,
                    notes=(Note("Let's Encrypt is asked for here", hostname.at),),
                )
                return
    if given.certificate and given.key is False and certificate.written:
        yield Problem("tls_cert_path is set without tls_key_path; Headscale does not start", at=certificate.at)
    if given.key and given.certificate is False and given.letsencrypt is False and key.written:
        yield Problem(
            "tls_key_path is set without tls_cert_path; Headscale serves plain HTTP without a word",
            at=key.at,
            effect=Effect.IGNORED,
            absent=("settings.tls_cert_path",),
        )
