"""The certificate alone, without the chain that leads to a root."""

from hslint.rule import Edit, Effect, Fix, Host, Iterator, Path, Problem, Span, String, proxies, rule

_LEAF = "cert.pem"


@rule(Effect.BROKEN)
def leaf_certificate(host: Host) -> Iterator[Problem]:
    """security.acme writes the certificate without its chain to `cert.pem`, and with it to `fullchain.pem`."""
    setting = host.setting("settings.tls_cert_path")
    if not setting.written or setting.at is None or not _from_acme(setting.value):
        return
    if any(proxy.to_headscale for proxy in proxies(host)):
        return  # clients see the proxy's certificate
    span, fix = setting.at, None
    for closing in ('"', "''"):
        if span.text.endswith(f"/{_LEAF}{closing}"):
            end = span.end - len(closing)
            fix = Fix(
                "take the full chain", (Edit(Span(span.file, end - len(_LEAF), end), "fullchain.pem"),), safe=True
            )
    yield Problem(
        "cert.pem lacks the intermediate certificate, without which clients reject it",
        at=span,
        fix=fix,
    )


def _from_acme(value: object) -> bool:
    match value:
        case String(known=str(text)) | Path(path=text):
            return text.startswith("/var/lib/acme/") and text.endswith(f"/{_LEAF}")
        case String(parts=[*_, str(tail)]) if tail.endswith(f"/{_LEAF}"):
            unknown = value.unknown
            head = value.parts[0]
            if isinstance(head, str):
                return head.startswith("/var/lib/acme/")
            return unknown is not None and "security.acme" in unknown.detail
        case _:
            return False
