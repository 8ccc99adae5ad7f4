"""The ports that other programs of a host certainly take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network import caddy, nginx
from hslint.hosts.network.address import GAP, endpoint, port_number
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.network.listeners import Transport
from hslint.hosts.network.reading import entries, flag, is_written, member, outcome, strings, text
from hslint.hosts.setting import Setting
from hslint.record import Record
from hslint.source import Span
from hslint.values.value import Attrs, Bool, Int, List, Null, String, Unknown, Value


class Occupied(Record):
    """One port of another program. `host` is "" for all interfaces; `at` is what says so."""

    program: str
    host: str
    port: int
    transport: Transport
    at: Span | None
    #: Whether a web server takes it for its sites.
    for_sites: bool = False


class _Service(Record):
    """A service of NixOS: the options that hold its port and address, below it, and what these are by default.

    The address is "" for all interfaces; without an option for it, that is where the service always listens.
    """

    name: str
    port_option: str | None
    port: int
    address_option: str | None = None
    address: str = ""
    transport: Transport = "tcp"


_LOOPBACK = "127.0.0.1"

_SERVICES = (
    _Service("prometheus", "port", 9090, "listenAddress"),
    _Service("prometheus.exporters.node", "port", 9100, "listenAddress"),
    _Service("prometheus.alertmanager", "port", 9093, "listenAddress"),
    _Service("prometheus.pushgateway", None, 9091),
    _Service("cockpit", "port", 9090),
    _Service("coturn", "listening-port", 3478, transport="udp"),
    _Service("unifi", None, 3478, transport="udp"),
    _Service("unifi", None, 8080),
    _Service("unifi", None, 8443),
    _Service("open-webui", "port", 8080, "host", _LOOPBACK),
    _Service("qbittorrent", "webuiPort", 8080),
    _Service("lighttpd", "port", 80),
    _Service("tailscale.derper", "stunPort", 3478, transport="udp"),
    _Service("jenkins", "port", 8080, "listenAddress"),
    _Service("tomcat", "port", 8080),
    _Service("grafana", "settings.server.http_port", 3000, "settings.server.http_addr", _LOOPBACK),
    _Service("gitea", "settings.server.HTTP_PORT", 3000, "settings.server.HTTP_ADDR"),
    _Service("forgejo", "settings.server.HTTP_PORT", 3000, "settings.server.HTTP_ADDR"),
    _Service("adguardhome", "port", 3000, "host"),
    _Service("sabnzbd", None, 8080, None, _LOOPBACK),
    _Service("home-assistant", "config.http.server_port", 8123),
    _Service("jellyfin", None, 8096),
    _Service("transmission", "settings.rpc-port", 9091, "settings.rpc-bind-address", _LOOPBACK),
)

#: Services whose `port` is one of UDP, or not one that they listen on.
_NOT_TCP = frozenset(
    {"tailscale", "zerotierone", "headscale", "ntopng", "ddclient", "netbird", "wgautomesh", "yggdrasil"}
)
_ADDRESSES = (
    "listenAddress",
    "listen-address",
    "address",
    "host",
    "hostname",
    "bind",
    "bindAddress",
    "listenHost",
    "interface",
    "ip",
)


@cached_per_host
def occupied(host: Host) -> tuple[Occupied, ...]:
    """Ports of programs that are on, where both the port and the address are known."""
    return (
        *_services(host),
        *_other_services(host),
        *_nginx(host),
        *_caddy(host),
        *_haproxy(host),
        *_traefik(host),
        *_containers(host),
    )


def _services(host: Host) -> Iterator[Occupied]:
    for service in _SERVICES:
        enable = host.nixos(f"services.{service.name}.enable")
        if not enable.flag:
            continue
        port = host.nixos(f"services.{service.name}.{service.port_option}") if service.port_option is not None else None
        number = service.port if port is None or port.is_null else port.number
        where = (
            host.nixos(f"services.{service.name}.{service.address_option}")
            if service.address_option is not None
            else None
        )
        if where is None or where.is_null or (where.text is None and not isinstance(where.value, Unknown | String)):
            address: str | None = service.address
        else:
            address = where.text
        if number is not None and address is not None:
            at = port.at if port is not None and port.written else enable.at
            yield Occupied(service.name, address.strip("[]"), number, service.transport, at)


def _other_services(host: Host) -> Iterator[Occupied]:
    """The other services that are on, with the `port` that the configuration sets."""
    listed = {service.name for service in _SERVICES}
    for name in host.nixos("services").names:
        if name in listed or name in _NOT_TCP:
            continue
        port = host.nixos(f"services.{name}.port")
        if not port.certainly_written or port.number is None or not host.nixos(f"services.{name}.enable").flag:
            continue
        given = [host.nixos(f"services.{name}.{option}") for option in _ADDRESSES]
        written = [each for each in given if each.written]
        if not written:
            yield Occupied(name, _LOOPBACK, port.number, "tcp", port.at)
        elif len(written) == 1 and written[0].text is not None:
            yield Occupied(
                name, written[0].text.strip("[]").replace("localhost", _LOOPBACK), port.number, "tcp", port.at
            )


def _nginx(host: Host) -> Iterator[Occupied]:
    """The ports of virtual hosts: their `listen`, or 80 and 443 without one."""
    if not host.nixos("services.nginx.enable").flag:
        return
    usual = not any(
        is_written(host, f"services.nginx.{option}") for option in ("defaultListen", "defaultListenAddresses")
    )
    plain, secure = (host.nixos(f"services.nginx.default{kind}ListenPort") for kind in ("HTTP", "SSL"))
    yield from _stream(host.nixos("services.nginx.streamConfig"))
    for name, lazy in entries(host.nixos("services.nginx.virtualHosts").value):
        site = outcome(lazy)
        at = host.nixos(f'services.nginx.virtualHosts."{name}"').name_at or lazy.place
        listen = member(site, "listen")
        if isinstance(listen, List) and listen.items:
            yield from _listen(listen)
        elif usual and isinstance(site, Attrs) and _nothing(listen) and _nothing(member(site, "listenAddresses")):
            wanted = [(plain, 80)] if flag(member(site, "onlySSL")) is False else []
            wanted += [(secure, 443)] if nginx.speaks_tls(site) else []
            for setting, default in wanted:
                number = default if setting.is_null else setting.number
                if number is not None:
                    yield Occupied("nginx", "", number, "tcp", setting.at if setting.written else at, for_sites=True)


def _stream(config: Setting) -> Iterator[Occupied]:
    """The listeners of servers that pass connections on as they are."""
    for words in re.findall(r"(?<![\w-])listen\s+([^;]+);", text(config.value) or ""):
        first, *rest = words.split()
        name, _, port = first.rpartition(":")
        number = port_number(port)
        if number is not None and GAP not in name and "unix" not in name:
            transport: Transport = "udp" if "udp" in rest else "tcp"
            yield Occupied("nginx", "" if name == "*" else name.strip("[]"), number, transport, config.at)


def _nothing(value: Value | None) -> bool:
    return (
        value is None or isinstance(value, Null) or (isinstance(value, List) and not value.items and value.rest is None)
    )


def _listen(listen: List) -> Iterator[Occupied]:
    for lazy in listen.items:
        entry = outcome(lazy)
        address, port, secure = member(entry, "addr"), member(entry, "port"), member(entry, "ssl")
        if not isinstance(address, String) or address.known is None or address.known.startswith("unix:"):
            continue
        number = 443 if isinstance(secure, Bool) and secure.value else 80
        if isinstance(port, Int):
            number = port.value
        elif port is not None and not isinstance(port, Null):
            continue
        where = address.known.strip("[]")
        yield Occupied("nginx", "" if where == "*" else where, number, "tcp", (port or address).span, for_sites=True)


def _caddy(host: Host) -> Iterator[Occupied]:
    """The ports in the addresses of sites; 443 for those that name none."""
    if not host.nixos("services.caddy.enable").flag or is_written(host, "services.caddy.configFile"):
        return
    options = text(host.nixos("services.caddy.globalConfig").value)
    if options is None or GAP in options or re.search(r"\b(https?_port|default_bind|auto_https|bind)\b", options):
        return
    for name, lazy in entries(host.nixos("services.caddy.virtualHosts").value):
        site = outcome(lazy)
        config = text(member(site, "extraConfig"))
        own_name = member(site, "hostName")
        elsewhere, all_known = strings(member(site, "listenAddresses"))
        if (
            config is None
            or GAP in config
            or re.search(r"(?m)^\s*(bind|import)\b", config)
            or elsewhere
            or not all_known
        ):
            continue
        address = own_name.known if isinstance(own_name, String) else name
        at = host.nixos(f'services.caddy.virtualHosts."{name}"').name_at or lazy.place
        for port in caddy.ports(address or ""):
            yield Occupied("caddy", "", port, "tcp", at, for_sites=True)


def _haproxy(host: Host) -> Iterator[Occupied]:
    config = host.nixos("services.haproxy.config")
    written = text(config.value) if host.nixos("services.haproxy.enable").flag else None
    for line in re.findall(r"(?m)^[ \t]*bind[ \t]+(\S+)", written or ""):
        for each in line.split(","):
            name, _, port = each.rpartition(":")
            number = port_number(port)
            if number is not None and GAP not in name and "@" not in name and "/" not in name:
                yield Occupied(
                    "haproxy", "" if name in ("*", "") else name.strip("[]"), number, "tcp", config.at, for_sites=True
                )


def _traefik(host: Host) -> Iterator[Occupied]:
    if not host.nixos("services.traefik.enable").flag:
        return
    for _, lazy in entries(host.nixos("services.traefik.staticConfigOptions.entryPoints").value):
        address = member(outcome(lazy), "address")
        known = address.known if isinstance(address, String) else None
        where = endpoint(String(known)) if known is not None and not known.endswith("/udp") else None
        if address is not None and where is not None and where.host is not None and where.port is not None:
            yield Occupied("traefik", where.host, where.port, "tcp", address.span, for_sites=True)


_PUBLISHED = re.compile(r"(?:(?P<host>[0-9.]+|\[[0-9a-fA-F:]+\]):)?(?P<port>\d+):\d+(?:/(?P<transport>tcp|udp))?")


def _containers(host: Host) -> Iterator[Occupied]:
    """Ports that containers publish on the host."""
    for name, lazy in entries(host.nixos("virtualisation.oci-containers.containers").value):
        container = outcome(lazy)
        ports = member(container, "ports")
        start = host.nixos(f'virtualisation.oci-containers.containers."{name}".autoStart')
        if not isinstance(ports, List) or (start.written and start.flag is not True):
            continue
        for item in ports.items:
            port = outcome(item)
            found = _PUBLISHED.fullmatch(port.known or "") if isinstance(port, String) else None
            if port is not None and found is not None and (number := port_number(found["port"])):
                transport: Transport = "udp" if found["transport"] == "udp" else "tcp"
                yield Occupied(f"the container {name}", (found["host"] or "").strip("[]"), number, transport, port.span)
