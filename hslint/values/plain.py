"""Values as Python has them, for what only asks what is in them."""

from __future__ import annotations

from typing import TypeAlias

from hslint.catalogue.data import Json
from hslint.values.value import Attrs, Bool, Failure, Float, Int, Lazy, List, Null, Path, String, Unknown, Value, Why

Plainly: TypeAlias = Json | Unknown


def plain(value: Value) -> Plainly:
    """A value as Python has it, Unknown where any part of it is not known, as the store path that a Nix path becomes."""
    match value:
        case Null():
            return None
        case Bool(data) | Int(data) | Float(data):
            return data
        case String(known=str(text)):
            return text
        case List(items=items, rest=None):
            found = [_plain(lazy) for lazy in items]
            unknown = next((part for part in found if isinstance(part, Unknown)), None)
            return unknown or [part for part in found if not isinstance(part, Unknown)]
        case Attrs(items=members, rest=None):
            named = {name: _plain(lazy) for name, lazy in members.items()}
            unknown = next((part for part in named.values() if isinstance(part, Unknown)), None)
            return unknown or {name: part for name, part in named.items() if not isinstance(part, Unknown)}
        case Path(path):
            return Unknown(Why.STORE, path, value.span)
        case String():
            return value.unknown or Unknown(Why.FUNCTION)
        case Unknown():
            return value
        case List(rest=Unknown() as rest) | Attrs(rest=Unknown() as rest):
            return rest
        case _:
            return Unknown(Why.FUNCTION, "a function")


def _plain(lazy: Lazy) -> Plainly:
    outcome = lazy.outcome()
    return Unknown(Why.CONDITION, outcome.message, outcome.span) if isinstance(outcome, Failure) else plain(outcome)
