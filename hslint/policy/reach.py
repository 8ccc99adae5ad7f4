"""The overlap of two selectors, as far as a policy shows it without the machines."""

from __future__ import annotations

from enum import IntEnum
from ipaddress import ip_network
from typing import TypeAlias

from hslint.catalogue.release import Release
from hslint.policy.meaning import Meaning
from hslint.policy.selector import (
    DANGER_ALL,
    GROUP,
    INTERNET,
    MEMBER,
    SELF,
    TAGGED,
    USER_SIGN,
    Kind,
    Network,
    Selector,
    go_network,
    read_prefix,
)

#: Addresses of machines (`tsaddr.CGNATRange`, `tsaddr.TailscaleULARange`).
_TAILNET = (ip_network("100.64.0.0/10"), ip_network("fd7a:115c:a1e0::/48"))


class Overlap(IntEnum):
    """The degree to which a selector covers another one, the least first."""

    NONE = 0
    #: Some machines may be meant by both: that depends on the machines.
    UNKNOWN = 1
    SOME = 2
    ALL = 3


#: Selectors that are neither groups nor hosts of the policy.
Atoms: TypeAlias = tuple[Selector, ...]


def atoms(meaning: Meaning, selector: Selector) -> Atoms:
    """The atoms of a selector, by the policy's own names: users for a group, an address for a host."""
    match selector.kind:
        case Kind.GROUP:
            return tuple(
                Selector(Kind.USER, member.value)
                for member in meaning.members.get(selector.name, ())
                if not member.value.startswith(GROUP)
            )
        case Kind.HOST:
            address = meaning.addresses.get(selector.name, "")
            network = read_prefix(address) or go_network(f"{address}/32")
            return () if network is None else (Selector(Kind.NETWORK, selector.name, network),)
        case _:
            return (selector,)


def covered(asked: Selector, by: Selector, release: Release) -> Overlap:
    """The overlap of two atoms."""
    if by.name == DANGER_ALL or (asked.kind, asked.name) == (by.kind, by.name):
        return Overlap.ALL
    if by.kind is Kind.WILDCARD:
        return _by_wildcard(asked, release)
    if asked.kind is Kind.WILDCARD or asked.name == DANGER_ALL:
        return Overlap.SOME
    if asked.network is not None:
        return _of_network(asked.network, by)
    if by.network is not None:
        return _by_network(asked, by.network)
    if by.name == INTERNET or asked.name == INTERNET:
        return Overlap.NONE
    return _of_machines(asked, by)


def _by_wildcard(asked: Selector, release: Release) -> Overlap:
    """As a source `*` is every address until 0.28, and those of the tailnet and of approved routes from 0.29 on (`srcIPsWithRoutes`)."""
    if not release.reaches("0.29"):
        return Overlap.ALL
    if asked.name == INTERNET:
        return Overlap.NONE
    if asked.name == DANGER_ALL:
        return Overlap.SOME
    if asked.network is not None:
        return Overlap.ALL if any(_within(asked.network, each) for each in _TAILNET) else Overlap.UNKNOWN
    return Overlap.ALL


def _of_network(asked: Network, by: Selector) -> Overlap:
    """The overlap of a selector with a range. Users, tags and most autogroups stand for addresses in the tailnet."""
    if by.network is not None:
        if _within(asked, by.network):
            return Overlap.ALL
        return Overlap.SOME if _within(by.network, asked) else Overlap.NONE
    if by.name == INTERNET:
        if asked.prefixlen == 0:
            return Overlap.SOME
        return Overlap.ALL if asked.is_global else Overlap.NONE
    return Overlap.UNKNOWN if any(_meet(asked, each) for each in _TAILNET) else Overlap.NONE


def _by_network(asked: Selector, by: Network) -> Overlap:
    """The overlap of a range with some machines, or the internet."""
    if asked.name == INTERNET:
        return Overlap.ALL if by.prefixlen == 0 else Overlap.SOME if by.is_global else Overlap.NONE
    if any(_within(each, by) for each in _TAILNET):
        return Overlap.ALL
    return Overlap.UNKNOWN if any(_meet(by, each) for each in _TAILNET) else Overlap.NONE


def _of_machines(asked: Selector, by: Selector) -> Overlap:
    """Users own the machines without tags (`Username.Resolve`); a machine may have several tags."""
    if by.name == TAGGED:
        return Overlap.ALL if asked.kind is Kind.TAG else Overlap.NONE
    if by.name == MEMBER:
        return Overlap.ALL if asked.kind is Kind.USER or asked.name == SELF else Overlap.NONE
    match by.kind, asked.kind:
        case Kind.USER, Kind.USER:
            return Overlap.UNKNOWN if _may_be_one(asked.name, by.name) else Overlap.NONE
        case Kind.TAG, Kind.TAG:
            return Overlap.UNKNOWN
        case Kind.USER, _ if asked.name == MEMBER:
            return Overlap.SOME
        case Kind.TAG, _ if asked.name == TAGGED:
            return Overlap.SOME
        case _:
            return Overlap.NONE


def _may_be_one(name: str, other: str) -> bool:
    """`alice@` is a name, `alice@example.com` perhaps the address of the same user."""
    local, _, domain = name.partition(USER_SIGN)
    other_local, _, other_domain = other.partition(USER_SIGN)
    return local == other_local and not (domain and other_domain)


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _meet(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)
