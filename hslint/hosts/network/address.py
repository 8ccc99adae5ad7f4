"""Addresses with ports, as Go's net package and web servers read them, out of strings that may be half known."""

from __future__ import annotations

import ipaddress
import re
from enum import Enum

from hslint.record import Record
from hslint.values.value import Int, String, Unknown, Value, Why

#: Stands in a text for each of its unknown parts.
GAP = "\0"

#: The names of ports that Go's net package looks up and that occur in configurations.
_NAMED_PORTS = {"http": 80, "https": 443}

_TAILNET = (ipaddress.ip_network("100.64.0.0/10"), ipaddress.ip_network("fd7a:115c:a1e0::/48"))


class Reach(Enum):
    """Who can reach an address, a firewall aside."""

    LOOPBACK = "this machine"
    TAILNET = "the tailnet"
    PRIVATE = "the local network"
    PUBLIC = "the internet"
    EVERYWHERE = "all interfaces"


def reach(name: str) -> Reach | None:
    """What a host name or address without brackets stands for; None for a name that only DNS can resolve."""
    if name == "":
        return Reach.EVERYWHERE
    if name == "localhost" or name.endswith(".localhost"):
        return Reach.LOOPBACK
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
    if address.is_unspecified:
        return Reach.EVERYWHERE
    if address.is_loopback:
        return Reach.LOOPBACK
    if any(address in network for network in _TAILNET):
        return Reach.TAILNET
    return Reach.PRIVATE if address.is_private or address.is_link_local else Reach.PUBLIC


def is_bare_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text.partition("%")[0]).version == 6
    except ValueError:
        return False


class Endpoint(Record):
    """`host:port`. `host` is without brackets and "" for all interfaces; None where it cannot be told."""

    text: str
    host: str | None
    port: int | None
    #: Why the port cannot be told, where it cannot.
    port_unknown: Unknown | None = None

    @property
    def reach(self) -> Reach | None:
        return None if self.host is None else reach(self.host)

    def same_port(self, other: Endpoint) -> bool | None:
        """Whether both have one port; two unknown ports are the same if they come from the same place."""
        if self.port is not None and other.port is not None:
            return self.port == other.port
        mine, theirs = self.port_unknown, other.port_unknown
        if mine is None or theirs is None:
            return None
        return True if mine is theirs or _same_origin(mine, theirs) else None


#: The path of a selection, `config.my.ports.web`, that ends where an unknown value's span ends.
_SELECTION = re.compile(rb"(?:[A-Za-z_][\w'-]*\.)+(?:[A-Za-z_][\w'-]*)$")
_LONGEST_SELECTION = 200


def _same_origin(mine: Unknown, theirs: Unknown) -> bool:
    """Whether two unknown values were selected by the same words: anywhere from `config`, else in one file."""
    first, second = _origin(mine), _origin(theirs)
    return first is not None and first == second


def _origin(unknown: Unknown) -> tuple[str, bytes] | None:
    if unknown.why not in (Why.OPTION, Why.ARGUMENT, Why.INPUT) or unknown.span is None:
        return None
    file, end = unknown.span.file, unknown.span.end
    found = _SELECTION.search(file.text[max(0, end - _LONGEST_SELECTION) : end])
    if found is None:
        return None
    return ("" if found[0].startswith(b"config.") else file.path, found[0])


def with_gaps(value: String) -> str:
    """The text of a string, each unknown part replaced by GAP."""
    return "".join(part if isinstance(part, str) else GAP for part in value.parts)


def readable(text: str) -> str:
    """The same for people."""
    return text.replace(GAP, "…")


def endpoint(value: Value) -> Endpoint | None:
    """The endpoint a `*_listen_addr` names; None when it is no string, unknown or malformed."""
    if not isinstance(value, String):
        return None
    text = with_gaps(value)
    host, colon, port = text.rpartition(":")
    if not colon:
        return Endpoint(readable(text), None, None, value.unknown) if value.known is None else None
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return None
    return Endpoint(
        readable(text), None if GAP in host else host, port_number(port), value.unknown if GAP in port else None
    )


def joined(address: Value, port: Value) -> Endpoint | None:
    """The endpoint that the module makes of `address` and `port`."""
    host: str | None = None
    if isinstance(address, String) and address.known is not None:
        host = address.known
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif is_bare_ipv6(host):
            return None
    number = port.value if isinstance(port, Int) else None
    shown = address.known if isinstance(address, String) and address.known is not None else "…"
    text = f"{shown}:{number if number is not None else '…'}"
    return Endpoint(text, host, number, port if isinstance(port, Unknown) else None)


def port_number(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(digits := text.lstrip("0")) <= 5 and int(digits or "0") < 65536:
        return int(digits or "0")
    return _NAMED_PORTS.get(text)


class Url(Record):
    """Where a proxy passes requests on to, or what clients dial. `path` is "" where there is none."""

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
    return url_of_text(with_gaps(value), value.unknown)


def url_of_text(text: str, unknown: Unknown | None = None) -> Url | None:
    """The same, of a text in which GAP stands for what is unknown."""
    found = _URL.match(text)
    if found is None:
        return None
    scheme, netloc = found["scheme"].lower(), found["netloc"].rpartition("@")[2]
    host, port = split_port(netloc)
    # An unknown part directly after the host may hold anything: a port, a path.
    open_end = netloc.endswith(GAP) and not port
    number = port_number(port) if port else (None if open_end else _DEFAULT_PORTS.get(scheme))
    known_host = None if GAP in host else host.strip("[]").lower()
    where = Endpoint(readable(netloc), known_host, number, unknown if number is None and GAP in netloc else None)
    return Url(readable(text), scheme, where, found["path"].replace(GAP, "…"))


def split_port(netloc: str) -> tuple[str, str]:
    """`host` and `port` of `host:port`; the port is "" where there is none."""
    if netloc.startswith("["):
        host, bracket, rest = netloc.partition("]")
        return host + bracket, rest.removeprefix(":")
    host, colon, port = netloc.rpartition(":")
    return (host, port) if colon else (netloc, "")
