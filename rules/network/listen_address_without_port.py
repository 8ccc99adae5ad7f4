"""Listening addresses that name no port."""

from hslint.rule import Effect, Host, Iterator, Problem, rule

_LISTENERS = ("listen_addr", "metrics_listen_addr", "grpc_listen_addr", "derp.server.stun_listen_addr")


@rule(Effect.FAILS)
def listen_address_without_port(host: Host) -> Iterator[Problem]:
    """Headscale does not start when a listening address has no port, and takes any port of all interfaces when it is empty."""
    for key in _LISTENERS:
        setting, text = host.given(key), host.reads(key)
        if not setting.written or setting.at is None or not isinstance(text, str):
            continue
        # A number alone is wrong-setting-type's.
        if text and ":" not in text and not setting.at.text.isdigit() and _opened(host, key):
            example = f"127.0.0.1:{text}" if text.isdigit() else f"{text}:{_usual(key)}"
            said = f'{key} = "{text[:30]}" has no port, as in "{example[:40]}"; Headscale does not start'
            yield Problem(said, at=setting.at)
        # net.Listen takes an empty address for a random port; from 0.28 on an empty metrics_listen_addr turns metrics off.
        if text == "" and (key == "listen_addr" or (key == "metrics_listen_addr" and not host.release.reaches("0.28"))):
            yield Problem(
                f"{key} is empty; Headscale listens on a random port of all interfaces",
                at=setting.at,
                effect=Effect.BROKEN if key == "listen_addr" else Effect.INSECURE,
            )


def _opened(host: Host, key: str) -> bool:
    """Whether anything listens there: the relay's address counts with the relay, the API's with TLS or when it does without."""
    if key == "derp.server.stun_listen_addr":
        return host.reads("derp.server.enabled") is True
    if key == "grpc_listen_addr":
        certificates = (host.reads(name) for name in ("tls_cert_path", "tls_letsencrypt_hostname"))
        return host.reads("grpc_allow_insecure") is True or any(isinstance(c, str) and c for c in certificates)
    return True


def _usual(key: str) -> str:
    return {"listen_addr": "8080", "metrics_listen_addr": "9090", "grpc_listen_addr": "50443"}.get(key, "3478")
