"""The addresses and ports on which Headscale listens, each with the setting that gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from hslint.catalogue.module_versions import PRIVILEGED_BELOW
from hslint.hosts.host import Host
from hslint.hosts.network.address import Endpoint, Reach, endpoint, joined
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.network.reading import is_written
from hslint.hosts.network.tls import challenge, tls
from hslint.hosts.setting import Setting
from hslint.record import Record
from hslint.source import Span
from hslint.values.value import Null, String, Unknown

Transport = Literal["tcp", "udp"]


class Listener(Record):
    """One listening socket.

    name      how to speak of it: "metrics_listen_addr"
    host_set  the setting that decides the host part, port_set the one that decides the port: for the main listener these
              are two options of the module unless settings.listen_addr is written.
    """

    name: str
    transport: Transport
    endpoint: Endpoint
    host_set: Setting
    port_set: Setting

    @property
    def reach(self) -> Reach | None:
        return self.endpoint.reach

    @property
    def port(self) -> int | None:
        return self.endpoint.port

    @property
    def host_at(self) -> Span | None:
        """The place of the host part."""
        return self.host_set.at if self.host_set.written else None

    @property
    def port_at(self) -> Span | None:
        return self.port_set.at if self.port_set.written else None


class Listeners(Record):
    """The listeners of a host's Headscale, or those that it would have. None: it does not run, or its address is unknown."""

    main: Listener | None
    metrics: Listener | None
    grpc: Listener | None
    stun: Listener | None
    acme: Listener | None

    def __iter__(self) -> Iterator[Listener]:
        for each in (self.main, self.metrics, self.grpc, self.stun, self.acme):
            if each is not None:
                yield each


@cached_per_host
def listeners(host: Host) -> Listeners:
    return Listeners(_main(host), _metrics(host), _grpc(host), _stun(host), _acme(host))


def _main(host: Host) -> Listener | None:
    """The module gives `listen_addr` the weak default `${address}:${port}`; what the user writes there wins over both."""
    whole = host.setting("settings.listen_addr")
    if whole.written:
        return _at("listen_addr", "tcp", whole)
    address, port = host.setting("address"), host.setting("port")
    if address.value is None or port.value is None:
        return None
    where = joined(address.value, port.value)
    return None if where is None else Listener("listen_addr", "tcp", where, address, port)


def _at(name: str, transport: Transport, setting: Setting, default: str | None = None) -> Listener | None:
    value = setting.value
    if isinstance(value, Null) or value is None:
        if default is None:
            return None
        value = String(default)
    where = endpoint(value)
    return None if where is None else Listener(name, transport, where, setting, setting)


def _metrics(host: Host) -> Listener | None:
    return _at("metrics_listen_addr", "tcp", host.setting("settings.metrics_listen_addr"))


def _grpc(host: Host) -> Listener | None:
    """The gRPC API: it runs with TLS, or where `grpc_allow_insecure` is set (hscontrol/app.go, Serve, to 0.29); its default is `:50443`."""
    if host.schema.key("grpc_listen_addr") is None:
        return None  # gone from 0.30 on
    if not (tls(host).on or host.setting("settings.grpc_allow_insecure").flag):
        return None
    return _at("grpc_listen_addr", "tcp", host.setting("settings.grpc_listen_addr"), ":50443")


def _stun(host: Host) -> Listener | None:
    if not host.setting("settings.derp.server.enabled").flag:
        return None
    return _at("stun_listen_addr", "udp", host.setting("settings.derp.server.stun_listen_addr"))


def _acme(host: Host) -> Listener | None:
    """The listener for HTTP-01; an empty `tls_letsencrypt_listen` means port 80, too (hscontrol/app.go, getTLSSettings)."""
    if not tls(host).letsencrypt or challenge(host) != "HTTP-01":
        return None
    setting = host.setting("settings.tls_letsencrypt_listen")
    if setting.text == "":
        return Listener("tls_letsencrypt_listen", "tcp", Endpoint(":http", "", 80), setting, setting)
    return _at("tls_letsencrypt_listen", "tcp", setting, ":http")


def privileges_arranged(host: Host) -> bool:
    """Whether the configuration grants ports below 1024 by other means than the module's (which looks at `port` alone), or may."""
    unit = "systemd.services.headscale.serviceConfig"
    if any(is_written(host, f"{unit}.{name}") for name in ("AmbientCapabilities", "CapabilityBoundingSet", "User")):
        return True
    if isinstance(host.nixos(unit).value, Unknown):
        return True
    if is_written(host, 'boot.kernel.sysctl."net.ipv4.ip_unprivileged_port_start"'):
        return True
    return host.setting("user").text == "root"


def may_not_use(host: Host, port: int | None) -> bool:
    """Whether a port is one that the unit certainly may not use: below 1024, while the option `port`, the only one that the module
    looks at, is none of those.
    """
    looked_at = host.setting("port").number
    if port is None or looked_at is None or not 0 < port < PRIVILEGED_BELOW <= looked_at:
        return False
    return not privileges_arranged(host)
