"""Typed reading of option values that no option type has checked: None for what is not of the expected kind."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import with_gaps
from hslint.values.value import Attrs, Bool, Failure, Lazy, List, Null, String, Unknown, Value, Why


def outcome(lazy: Lazy | None) -> Value | None:
    """The value of a Lazy; None where it is absent or Nix would fail."""
    value = lazy.outcome() if lazy is not None else None
    return None if isinstance(value, Failure) else value


#: The parts of NixOS that are known in outline only: options without definitions have their defaults there, and are not unknown.
_OUTLINED = ("services.", "networking.", "systemd.services.")


def member(value: Value | None, *path: str) -> Value | None:
    """The value at a path inside a set; None when it has no definition, Unknown when it may have one."""
    for name in path:
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, Attrs):
            return None
        found = value.get(name)
        if found is None:
            value = None if only_outlined(value) else value.rest
        elif name in value.maybe:
            value = Unknown(Why.CONDITION, name, found.place, (found,))
        else:
            value = outcome(found)
    return value


def only_outlined(value: Attrs) -> bool:
    """Whether a set may have more names only because hslint does not know all options of NixOS."""
    rest = value.rest
    return rest is None or (rest.why is Why.OPTION and rest.detail.startswith(_OUTLINED))


def is_written(host: Host, path: str) -> bool:
    return host.nixos(path).written


def text(value: Value | None) -> str | None:
    """A string's text with gaps for what is unknown; "" for null and for nothing; None when all of it is unknown."""
    match value:
        case None | Null():
            return ""
        case String():
            return with_gaps(value)
        case _:
            return None


def flag(value: Value | None, default: bool | None = False) -> bool | None:
    match value:
        case None:
            return default
        case Bool(on):
            return on
        case _:
            return None


def strings(value: Value | None) -> tuple[tuple[str, ...], bool]:
    """The known strings of a list, and whether these are all."""
    if value is None or isinstance(value, Null):
        return (), True
    if not isinstance(value, List):
        return (), False
    items = [outcome(lazy) for lazy in value.items]
    known = tuple(item.known for item in items if isinstance(item, String) and item.known is not None)
    return known, value.rest is None and len(known) == len(items)


def entries(value: Value | None) -> Iterator[tuple[str, Lazy]]:
    """The attributes of a set that are certainly there."""
    if isinstance(value, Attrs):
        for name, lazy in value.items.items():
            if name not in value.maybe:
                yield name, lazy


def is_closed(value: Value | None) -> bool:
    """Whether a set is known to have no more attributes than are seen, and to have all of them."""
    return value is None or (isinstance(value, Attrs) and only_outlined(value) and not value.maybe)


def is_off(host: Host, service: str) -> bool:
    """Whether a service is certainly off: defined as false, and not only without a definition, which an unread module may give."""
    enable = host.nixos(f"{service}.enable")
    return enable.written and enable.flag is False
