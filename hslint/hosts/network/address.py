"""Addresses with ports, as Go's net package and web servers read them, out of strings that may be half known."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from enum import Enum
from typing import TypeAlias

from hslint.hosts.setting import template_of
from hslint.record import Record
from hslint.values.value import Int, String, Unknown, Value

#: Stands in a text for each of its unknown parts.
GAP = "\0"

#: The names of ports that Go's net package looks up and that occur in configurations.
_NAMED_PORTS = {"http": 80, "https": 443}

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

#: The ranges that Tailscale's clients take their addresses from, by the version of IP.
TAILNET: Mapping[int, ipaddress.IPv4Network | ipaddress.IPv6Network] = {
    4: ipaddress.IPv4Network("100.64.0.0/10"),
    6: ipaddress.IPv6Network("fd7a:115c:a1e0::/48"),
}

#: Endings of names that mean something in local networks only (RFC 6761, 6762, 8375, and habit).
_LOCAL = ("lan", "internal", "local", "home.arpa", "home", "localdomain", "localhost", "test", "intranet")


class Reach(Enum):
    """The networks that can reach an address, a firewall aside."""

    LOOPBACK = "this machine"
    TAILNET = "the tailnet"
    PRIVATE = "the local network"
    PUBLIC = "the internet"
    EVERYWHERE = "all interfaces"


def address(text: str) -> Address | None:
    """An address without brackets, a port or a length; None for anything else."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_local(name: str) -> bool:
    """Whether a host name means something in local networks only: a single word, or by its ending."""
    return "." not in name or f".{name}".endswith(tuple(f".{ending}" for ending in _LOCAL))


def reach(name: str) -> Reach | None:
    """The reach of a host name or address without brackets; None for a name that only DNS can resolve."""
    if name == "":
        return Reach.EVERYWHERE
    if name == "localhost" or name.endswith(".localhost"):
        return Reach.LOOPBACK
    where = address(name.partition("%")[0])
    if where is None:
        return None
    if where.is_unspecified:
        return Reach.EVERYWHERE
    if where.is_loopback:
        return Reach.LOOPBACK
    if where in TAILNET[where.version]:
        return Reach.TAILNET
    return Reach.PRIVATE if where.is_private or where.is_link_local else Reach.PUBLIC


def is_bare_ipv6(text: str) -> bool:
    """Whether a text is an address that needs brackets before a port."""
    where = address(text.partition("%")[0])
    return where is not None and where.version == 6


class Endpoint(Record):
    """`host:port`. `host` is without brackets and "" for all interfaces; None where it is unknown."""

    text: str
    host: str | None
    port: int | None
    #: The name of an unknown port, `${my.ports.web}`, where it has one.
    port_name: str | None = None

    @property
    def reach(self) -> Reach | None:
        return None if self.host is None else reach(self.host)

    @property
    def port_shown(self) -> str:
        """The port as text for messages."""
        return str(self.port) if self.port is not None else self.port_name or "…"

    def same_port(self, other: Endpoint) -> bool | None:
        """Whether both have one port; two unknown ports are the same if they come from the same option or argument."""
        if self.port is not None and other.port is not None:
            return self.port == other.port
        return True if self.port_name is not None and self.port_name == other.port_name else None


def names_of_gaps(value: String) -> list[str | None]:
    """The names of the unknown parts of a string, in order."""
    return [template_of(part) for part in value.parts if isinstance(part, Unknown)]


def with_gaps(value: String) -> str:
    """The text of a string, each unknown part replaced by GAP."""
    return "".join(part if isinstance(part, str) else GAP for part in value.parts)


def readable(text: str) -> str:
    """The same, as text for messages."""
    return text.replace(GAP, "…")


def endpoint(value: Value) -> Endpoint | None:
    """The endpoint a `*_listen_addr` names; None when it is no string, unknown or malformed."""
    if not isinstance(value, String):
        return None
    text = with_gaps(value)
    host, colon, port = text.rpartition(":")
    if not colon:
        return Endpoint(readable(text), None, None) if value.known is None else None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return None
    name = names_of_gaps(value)[-1] if port == GAP else None
    return Endpoint(readable(text), None if GAP in host else host, port_number(port), name)


def joined(name: Value, port: Value) -> Endpoint | None:
    """The endpoint that the module makes of `address` and `port`."""
    host: str | None = None
    if isinstance(name, String) and name.known is not None:
        host = name.known
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif is_bare_ipv6(host):
            return None
    number = port.value if isinstance(port, Int) else None
    shown = name.known if isinstance(name, String) and name.known is not None else "…"
    text = f"{shown}:{number if number is not None else '…'}"
    return Endpoint(text, host, number, template_of(port) if isinstance(port, Unknown) else None)


def port_number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(digits := text.lstrip("0")) <= 5 and int(digits or "0") < 65536:
        return int(digits or "0")
    return _NAMED_PORTS.get(text)


class Url(Record):
    """A URL: a proxy's target, or what clients dial. `path` is "" where there is none."""

    text: str
    scheme: str
    endpoint: Endpoint
    path: str


_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<netloc>[^/?#]*)(?P<path>[^?#]*)")
_DEFAULT_PORTS = {"http": 80, "h2c": 80, "ws": 80, "https": 443, "wss": 443}


def url(value: Value) -> Url | None:
    """A URL out of a string that may be half known, as long as its scheme is."""
    if not isinstance(value, String):
        return None
    text = with_gaps(value)
    found = _URL.match(text)
    gaps = text[: found.end("netloc")].count(GAP) if found is not None else 0
    return url_of_text(text, names_of_gaps(value)[gaps - 1] if gaps else None)


def url_of_text(text: str, port_name: str | None = None) -> Url | None:
    """The same, of a text in which GAP stands for what is unknown; `port_name` is the name of a port that is a gap."""
    found = _URL.match(text)
    if found is None:
        return None
    scheme, netloc = found["scheme"].lower(), found["netloc"].rpartition("@")[2]
    host, port = split_port(netloc)
    # An unknown part directly after the host may hold anything: a port, a path.
    open_end = netloc.endswith(GAP) and not port
    number = port_number(port) if port else (None if open_end else _DEFAULT_PORTS.get(scheme))
    known_host = None if GAP in host else host.strip("[]").lower()
    where = Endpoint(readable(netloc), known_host, number, port_name if port == GAP else None)
    return Url(readable(text), scheme, where, found["path"].replace(GAP, "…"))


def split_port(netloc: str) -> tuple[str, str]:
    """`host` and `port` of `host:port`; the port is "" where there is none."""
    if netloc.startswith("["):
        host, bracket, rest = netloc.partition("]")
        return host + bracket, rest.removeprefix(":")
    host, colon, port = netloc.rpartition(":")
    return (host, port) if colon else (netloc, "")
