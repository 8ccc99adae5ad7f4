"""Whether Headscale itself speaks TLS, and the address it gives to clients."""

from __future__ import annotations

from typing import Literal

from hslint.hosts.host import Host
from hslint.hosts.network.address import Url, url
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.setting import Setting
from hslint.record import Record
from hslint.source import Span
from hslint.values.value import Null, Path, String, Value


class Tls(Record):
    """The source of Headscale's TLS certificate. From 0.22 on TLS is on with a Let's Encrypt host name or a certificate file;
    a key alone leaves it off (hscontrol/app.go, getTLSSettings).

    Each of the three is True, False or None (unknown).
    """

    letsencrypt: bool | None
    certificate: bool | None
    key: bool | None

    @property
    def on(self) -> bool | None:
        if self.letsencrypt or self.certificate:
            return True
        return False if self.letsencrypt is False and self.certificate is False else None


@cached_per_host
def tls(host: Host) -> Tls:
    options = ("tls_letsencrypt_hostname", "tls_cert_path", "tls_key_path")
    return Tls(*(is_given(host.setting(f"settings.{option}").value) for option in options))


def is_given(value: Value | None) -> bool | None:
    """Whether a setting holds something: neither null nor the empty string."""
    match value:
        case None | Null() | String(known=""):
            return False
        case String(known=str()) | Path():
            return True
        case String():
            return True if any(isinstance(part, str) and part for part in value.parts) else None
        case _:
            return None


def challenge(host: Host) -> Literal["HTTP-01", "TLS-ALPN-01"] | None:
    match host.setting("settings.tls_letsencrypt_challenge_type").value:
        case None | Null() | String(known="HTTP-01"):
            return "HTTP-01"
        case String(known="TLS-ALPN-01"):
            return "TLS-ALPN-01"
        case _:
            return None


class ServerUrl(Record):
    """`settings.server_url`, taken apart. `name` and `port` are None where they are unknown."""

    setting: Setting
    url: Url

    @property
    def scheme(self) -> str:
        return self.url.scheme

    @property
    def name(self) -> str | None:
        return self.url.endpoint.host

    @property
    def port(self) -> int | None:
        return self.url.endpoint.port

    @property
    def at(self) -> Span | None:
        return self.setting.at


@cached_per_host
def server_url(host: Host) -> ServerUrl | None:
    """The URL clients are given, when the configuration sets one that reads as a URL."""
    setting = host.setting("settings.server_url")
    if not setting.written or setting.value is None:
        return None
    parsed = url(setting.value)
    return None if parsed is None else ServerUrl(setting, parsed)
