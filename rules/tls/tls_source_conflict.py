"""Two sources of certificates, or half of one."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, Setting, rule, tls


@rule(Effect.FAILS)
def tls_source_conflict(host: Host) -> Iterator[Problem]:
    """Headscale takes certificates from Let's Encrypt or from two files: never from both, and never from one file."""
    given = tls(host)
    names = ("tls_letsencrypt_hostname", "tls_cert_path", "tls_key_path")
    hostname, certificate, key = (_written(host, name) for name in names)
    if given.letsencrypt and hostname is not None:
        for other, there in ((certificate, given.certificate), (key, given.key)):
            if there and other is not None and other.at is not None:
                name = host.relative(other).removeprefix("settings.")
                yield Problem(
                    f"{name} and tls_letsencrypt_hostname exclude each other; Headscale does not start",
                    at=other.at,
                    notes=(Note("Let's Encrypt is asked for here", hostname.at),) if hostname.at is not None else (),
                    hangs_on=other.condition or hostname.condition,
                )
                return
    if given.certificate and given.key is False and certificate is not None and certificate.at is not None:
        yield Problem(
            "tls_cert_path is set without tls_key_path; Headscale does not start",
            at=certificate.at,
            hangs_on=certificate.condition or given.hangs_on,
        )
    if (
        given.key
        and given.certificate is False
        and given.letsencrypt is False
        and key is not None
        and key.at is not None
    ):
        yield Problem(
            "tls_key_path is set without tls_cert_path; Headscale serves plain HTTP without a word",
            at=key.at,
            effect=Effect.IGNORED,
            hangs_on=key.condition or given.hangs_on,
        )


def _written(host: Host, name: str) -> Setting | None:
    setting = host.setting(f"settings.{name}")
    return setting if setting is not None and setting.written else None
