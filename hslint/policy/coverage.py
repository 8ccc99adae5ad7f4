"""Which rules allow nothing, or nothing that another one does not allow: as far as the policy itself shows."""

from __future__ import annotations

from collections.abc import Sequence

from hslint.policy.meaning import AccessRule, Meaning, Selected
from hslint.policy.selector import MEMBER, SELF, TAGGED, Kind, Selector

#: What `*` covers in every release: machines of the tailnet, by whatever they are selected.
_MACHINES = (Kind.USER, Kind.GROUP, Kind.TAG, Kind.WILDCARD)


def matches_no_machine(meaning: Meaning, rule: AccessRule) -> str | None:
    """Why no machine can match a rule, as a clause."""
    for where, selected in (("src", rule.sources), ("dst", rule.destinations)):
        if not selected:
            return f"{where} is empty"
        empty = [each for each in selected if _is_empty(meaning, each.selector)]
        if len(empty) == len(selected):
            names = " and ".join(f'"{each.selector.name}"' for each in empty)
            return f"{names} {'has' if len(empty) == 1 else 'have'} no members"
    return None


def _is_empty(meaning: Meaning, selector: Selector) -> bool:
    return selector.kind is Kind.GROUP and meaning.members.get(selector.name) == ()


def covers(meaning: Meaning, wider: AccessRule, rule: AccessRule) -> bool:
    """Whether everything that a rule allows is allowed by another one alone."""
    if wider.protocol not in ("", rule.protocol) or (not wider.protocol and not _is_usual(rule.protocol)):
        return False
    return _all_in(meaning, wider.sources, rule.sources) and all(
        any(_is_in(meaning, other.selector, each.selector) and _ports_in(other, each) for other in wider.destinations)
        for each in rule.destinations
    )


def _is_usual(protocol: str) -> bool:
    """Whether a rule without a protocol is of this one, too (tcp and udp in every release)."""
    return protocol.lower() in ("", "tcp", "udp", "6", "17")


def _all_in(meaning: Meaning, wider: Sequence[Selected], narrower: Sequence[Selected]) -> bool:
    return all(any(_is_in(meaning, other.selector, each.selector) for other in wider) for each in narrower)


def _is_in(meaning: Meaning, wider: Selector, narrower: Selector) -> bool:
    """Whether all that a selector selects is certainly selected by another."""
    if wider.name == narrower.name and wider.kind is narrower.kind:
        return True
    match wider.kind:
        case Kind.WILDCARD:
            return narrower.kind in _MACHINES or narrower.name in (MEMBER, TAGGED, SELF)
        case Kind.GROUP if narrower.kind is Kind.USER:
            return any(member.value == narrower.name for member in meaning.members.get(wider.name, ()))
        case Kind.NETWORK if wider.network is not None and narrower.network is not None:
            return wider.network.version == narrower.network.version and _subnet(narrower, wider)
        case Kind.AUTOGROUP if wider.name == TAGGED:
            return narrower.kind is Kind.TAG
        case Kind.AUTOGROUP if wider.name == MEMBER:
            return narrower.kind in (Kind.USER, Kind.GROUP)
        case _:
            return False


def _subnet(narrower: Selector, wider: Selector) -> bool:
    inner, outer = narrower.network, wider.network
    if inner is None or outer is None:
        return False
    return outer.network_address <= inner.network_address and inner.broadcast_address <= outer.broadcast_address  # type: ignore[operator]


def _ports_in(wider: Selected, narrower: Selected) -> bool:
    return all(
        any(first <= begin and end <= last for first, last in wider.ports) for begin, end in narrower.ports
    ) and bool(narrower.ports)
