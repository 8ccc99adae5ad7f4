"""The small texts of a policy as Headscale reads them: addresses, selectors ("aliases"), destinations, ports, protocols."""

from __future__ import annotations

import re
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

from hslint.record import Record

Network: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

WILDCARD = "*"
USER_SIGN = "@"
GROUP = "group:"
TAG = "tag:"
AUTOGROUP = "autogroup:"

INTERNET = "autogroup:internet"
MEMBER = "autogroup:member"
TAGGED = "autogroup:tagged"
SELF = "autogroup:self"
NONROOT = "autogroup:nonroot"
DANGER_ALL = "autogroup:danger-all"


class Kind(Enum):
    """The kind of a selector. The value is its name in messages."""

    WILDCARD = "wildcard"
    USER = "user"
    GROUP = "group"
    TAG = "tag"
    AUTOGROUP = "autogroup"
    HOST = "host"
    NETWORK = "address"


class Selector(Record):
    """A selector and what it is; `network` where it is an address or a range."""

    kind: Kind
    name: str
    network: Network | None = None


def go_address(text: str) -> Address | None:
    """As netip.ParseAddr reads it: no zone kept, no leading zeros in IPv4."""
    address, percent, zone = text.partition("%")
    if percent and (not zone or ":" not in address):
        return None
    try:
        return IPv6Address(address) if ":" in address else IPv4Address(address)
    except ValueError:
        return None


def go_network(text: str) -> Network | None:
    """As netip.ParsePrefix reads it, host bits cleared."""
    address, slash, bits = text.rpartition("/")
    if not slash or not re.fullmatch(r"0|[1-9][0-9]{0,2}", bits) or "%" in address:
        return None
    found = go_address(address)
    if found is None or int(bits) > found.max_prefixlen:
        return None
    return ip_network((found, int(bits)), strict=False)


def read_prefix(text: str) -> Network | None:
    """An address or a range (`Prefix.parseString`, v2)."""
    if "/" in text:
        return go_network(text)
    found = go_address(text)
    return None if found is None else ip_network((found, found.max_prefixlen))


def read_selector(text: str) -> Selector | None:
    """As `parseAlias` of the second engine reads it; None where it is none."""
    network = read_prefix(text)
    if network is not None:
        return Selector(Kind.NETWORK, text, network)
    if text == WILDCARD:
        return Selector(Kind.WILDCARD, text)
    if USER_SIGN in text:
        return Selector(Kind.USER, text)
    for prefix, kind in ((GROUP, Kind.GROUP), (TAG, Kind.TAG), (AUTOGROUP, Kind.AUTOGROUP)):
        if text.startswith(prefix):
            return Selector(kind, text)
    return None if ":" in text else Selector(Kind.HOST, text)


def go_trimmed(text: str) -> str:
    """strings.TrimSpace."""
    return text.strip(
        "\t\n\v\f\r \x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    )


def go_integer(text: str) -> int | None:
    """strconv.Atoi."""
    if not re.fullmatch(r"[-+]?[0-9]{1,40}", text, re.ASCII):
        return None
    number = int(text)
    return number if -(1 << 63) <= number < 1 << 63 else None


# -- ports ---------------------------------------------------------------------------------------------------------------

#: First and last.
Ports: TypeAlias = tuple[int, int]
ALL_PORTS: Ports = (0, 65535)


class Misread(Exception):
    """Why a text is not what it should be, as a clause."""


def read_ports(text: str, *, zero: bool) -> tuple[Ports, ...]:
    """As the second engine's `parsePortRange` reads them; `zero` says whether port 0 may stand alone. Raises Misread."""
    if text == WILDCARD:
        return (ALL_PORTS,)
    found = []
    for part in text.split(","):
        if "-" in part:
            ends = [end for end in part.split("-") if end]
            if len(ends) != 2:
                raise Misread(f"{part!r} is no range of ports")
            first, last = _port(ends[0]), _port(ends[1])
            if first > last:
                raise Misread(f"the range {part} ends before it begins")
            found.append((first, last))
        else:
            port = _port(part)
            if port < 1 and not zero:
                raise Misread('port 0 is none: "*" means all ports')
            found.append((port, port))
    return tuple(found)


def _port(text: str) -> int:
    number = go_integer(text)
    if number is None:
        if text != text.strip():
            raise Misread("there must be no spaces between ports")
        raise Misread(f"{text!r} is no port number")
    if not 0 <= number <= 65535:
        raise Misread(f"there is no port {number}")
    return number


def read_ports_v1(text: str, *, wildcard: bool) -> tuple[Ports, ...]:
    """As the first engine's `expandPorts` reads them; `wildcard` where the protocol has no ports. Raises Misread."""
    if text == WILDCARD:
        return (ALL_PORTS,)
    if wildcard:
        raise Misread('its protocol has no ports, only "*" may stand for them')
    found = []
    for part in text.split(","):
        ends = part.split("-")
        if len(ends) > 2:
            raise Misread(f"{part!r} is no range of ports")
        for end in ends:
            if not re.fullmatch(r"[0-9]+", end, re.ASCII) or int(end) > 65535:
                raise Misread(
                    "there must be no spaces between ports" if end != end.strip() else f"{end!r} is no port number"
                )
        found.append((int(ends[0]), int(ends[-1])))
    return tuple(found)


# -- destinations --------------------------------------------------------------------------------------------------------


def split_destination(text: str, *, brackets: bool) -> tuple[str, str]:
    """The selector and the ports of `selector:ports`, for the second engine. Raises Misread."""
    if brackets and text.startswith("["):
        inside, closing, rest = text[1:].partition("]")
        address = go_address(inside)
        if not closing or not isinstance(address, IPv6Address) or rest[:1] not in (":", "/"):
            raise Misread("square brackets may only stand around an IPv6 address")
        text = inside + rest
    selector, colon, ports = text.rpartition(":")
    if not colon:
        raise Misread('it has no ports: add ":*" for all of them')
    if not selector:
        raise Misread("it begins with a colon")
    if not ports:
        raise Misread('no ports follow the colon: "*" means all')
    return selector, ports


def split_destination_v1(text: str, *, ranges: bool) -> tuple[str, str]:
    """The same for the first engine; `ranges` says whether IPv6 may have a length (from 0.23). Raises Misread."""
    tokens = text.split(":")
    if 2 <= len(tokens) <= 3:
        return ":".join(tokens[:-1]), tokens[-1]
    selector = text.removesuffix(f":{tokens[-1]}")
    address = selector.split("/")[0] if ranges and "/" in selector else selector
    if go_address(address) is None:
        raise Misread(
            'it has no ports: add ":*" for all of them' if len(tokens) < 2 else "it is no destination with ports"
        )
    return selector, tokens[-1]


# -- protocols -----------------------------------------------------------------------------------------------------------

PROTOCOLS = {
    "icmp": 1,
    "igmp": 2,
    "ipv4": 4,
    "ip-in-ip": 4,
    "tcp": 6,
    "egp": 8,
    "igp": 9,
    "udp": 17,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "ipv6-icmp": 58,
    "sctp": 132,
    "fc": 133,
}
_LATER = ("ipv6-icmp", "fc")
_WITH_PORTS = ("tcp", "udp", "sctp", "")
#: What a number becomes from 0.29 on; the later name of a number counts.
_NAMES = {number: name for name, number in PROTOCOLS.items() if name != "ip-in-ip"}


def read_protocol_v1(text: str) -> bool:
    """Whether the protocol has no ports, for `parseProtocol` of the first engine and of 0.26. Raises Misread."""
    if text == "":
        return False
    if text in PROTOCOLS and text not in _LATER:
        return text not in _WITH_PORTS
    number = go_integer(text)
    if number is None:
        raise Misread(f'there is no protocol "{text}"')
    return number not in (6, 17, 132)


def read_protocol(text: str, *, later: bool) -> str:
    """The protocol as 0.27 and later keep it; `later` from 0.29 on, where numbers become names. Raises Misread."""
    name = text.lower()
    number = go_integer(name)
    if later and number is not None and number in _NAMES:
        return _NAMES[number]
    if name == "" or (name in PROTOCOLS and (later or name not in _LATER)):
        return name
    if name == WILDCARD:
        raise Misread('"*" is no protocol: leave proto out')
    if name == "0" or (len(name) > 1 and name[0] == "0"):
        raise Misread(f'a protocol number has no leading 0: "{text}"')
    if number is None:
        raise Misread(f'there is no protocol "{text}"')
    if not 0 <= number <= 255:
        raise Misread(f"there is no protocol number {number}")
    return name


def has_ports(protocol: str) -> bool:
    """Whether a protocol, as `read_protocol` gives it, has ports that a rule may name."""
    return protocol in _WITH_PORTS
