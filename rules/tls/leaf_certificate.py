"""The certificate alone, without the chain that leads to a root."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, net, nix, rule

_LEAF = "cert.pem"


@rule(Effect.BROKEN)
def leaf_certificate(host: Host) -> Iterator[Problem]:
    """security.acme writes the certificate without its chain to `cert.pem`, and with it to `fullchain.pem`."""
    setting = host.own("settings.tls_cert_path")
    if not _from_acme(setting.value) or any(proxy.to_headscale for proxy in net.proxies(host)):
        return  # clients see the proxy's certificate
    yield Problem(
        "cert.pem lacks the intermediate certificate, without which clients reject it",
        at=setting.at,
        fix=Fix("take the full chain", edits.within(setting.at, f"/{_LEAF}", "/fullchain.pem"), safe=True),
    )


def _from_acme(value: nix.Value | None) -> bool:
    match value:
        case nix.String(known=str(text)) | nix.Path(path=text):
            return text.startswith("/var/lib/acme/") and text.endswith(f"/{_LEAF}")
        case nix.String() if value.ends_with(f"/{_LEAF}"):
            head, unknown = value.parts[0], value.unknown
            if isinstance(head, str):
                return head.startswith("/var/lib/acme/")
            return unknown is not None and "security.acme" in unknown.detail
        case _:
            return False
