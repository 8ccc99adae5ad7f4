"""Ports on which programs other than Headscale listen, as far as the configuration says: proxies, sockets and forwarded ports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network import caddy
from hslint.hosts.network.address import port_number, split_port
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.network.proxies import proxy_programs
from hslint.hosts.network.reading import entries, member, outcome
from hslint.hosts.setting import strings_in
from hslint.values.nesting import Walk
from hslint.values.value import Int, List, String, Value

#: Texts in a language of their own, and the word in them after which an address to listen on stands.
_TEXTS = (
    *(
        (f"services.nginx.{option}", "listen")
        for option in ("config", "appendConfig", "httpConfig", "appendHttpConfig", "commonHttpConfig", "streamConfig")
    ),
    ("services.haproxy.config", "bind"),
    ("services.caddy.globalConfig", "https?_port"),
)


@cached_per_host
def ports_of_others(host: Host) -> frozenset[int]:
    """Every port that the configuration gives to another listener, whatever its address."""
    programs = proxy_programs(host)
    return frozenset((*((80, 443) if programs else ()), *_texts(host), *_nginx(host), *_names(host), *_forwarded(host)))


def _texts(host: Host) -> Iterator[int]:
    for option, word in _TEXTS:
        text = host.nixos(option).text
        for address in re.findall(rf"^\s*{word}\s+([^\s;]+)", text or "", re.MULTILINE):
            yield from _port(address)


def _port(address: str) -> Iterator[int]:
    host, port = split_port(address)
    number = port_number(port or host)
    if number is not None:
        yield number


def _nginx(host: Host) -> Iterator[int]:
    for option in ("defaultHTTPListenPort", "defaultSSLListenPort"):
        number = host.nixos(f"services.nginx.{option}").number
        if number is not None:
            yield number
    for _, lazy in entries(host.nixos("services.nginx.virtualHosts").value):
        yield from _members(member(outcome(lazy), "listen"), "port")


def _names(host: Host) -> Iterator[int]:
    """Ports in the addresses of Caddy's sites, Traefik's entry points and systemd's sockets."""
    for address in caddy.site_addresses(host):
        yield from _port(address.rpartition("://")[2])
    for _, lazy in entries(host.nixos("services.traefik.staticConfigOptions.entryPoints").value):
        yield from _addresses(member(outcome(lazy), "address"))
    for _, lazy in entries(host.nixos("systemd.sockets").value):
        socket = outcome(lazy)
        yield from _addresses(member(socket, "listenStreams"))
        yield from _addresses(member(socket, "socketConfig", "ListenStream"))


def _addresses(value: Value | None) -> Iterator[int]:
    for text in strings_in(value, Walk()) if value is not None else ():
        yield from _port(text)


def _forwarded(host: Host) -> Iterator[int]:
    """Ports that the machine forwards to another one."""
    yield from _members(host.nixos("networking.nat.forwardPorts").value, "sourcePort")


def _members(value: Value | None, name: str) -> Iterator[int]:
    """An integer, or a port written as text, under one name in every element of a list."""
    for lazy in value.items if isinstance(value, List) else ():
        match member(outcome(lazy), name):
            case Int(number):
                yield number
            case String(known=str(text)):
                yield from _port(text)
            case _:
                pass
