"""Conversion of Nix values to Python ones."""

from __future__ import annotations

from typing import TypeAlias

from hslint.catalogue.data import Json
from hslint.values.nesting import Walk
from hslint.values.value import Attrs, Bool, Failure, Float, Int, Lazy, List, Null, Path, String, Unknown, Value, Why

JsonOrUnknown: TypeAlias = Json | Unknown


def to_python(value: Value) -> JsonOrUnknown:
    """A value as a Python value, Unknown where any part of it is not known, as the store path that a Nix path becomes."""
    match value:
        case Null():
            return None
        case Bool(data) | Int(data) | Float(data):
            return data
        case String(known=str(text)):
            return text
        case _:
            return _plain(value, Walk())


def _plain(value: Value, walk: Walk) -> JsonOrUnknown:
    match value:
        case Null():
            return None
        case Bool(data) | Int(data) | Float(data):
            return data
        case String(known=str(text)):
            return text
        case List(rest=None) | Attrs(rest=None):
            stopped = walk.stops(value)
            if stopped is not None:
                return _untold(stopped)
            found = _elements(value, walk)
            walk.leave(value)
            return found
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


def _elements(value: List | Attrs, walk: Walk) -> JsonOrUnknown:
    if isinstance(value, List):
        found = [_outcome(lazy, walk) for lazy in value.items]
        unknown = next((part for part in found if isinstance(part, Unknown)), None)
        return unknown or [part for part in found if not isinstance(part, Unknown)]
    named = {name: _outcome(lazy, walk) for name, lazy in value.items.items()}
    unknown = next((part for part in named.values() if isinstance(part, Unknown)), None)
    return unknown or {name: part for name, part in named.items() if not isinstance(part, Unknown)}


def _outcome(lazy: Lazy, walk: Walk) -> JsonOrUnknown:
    outcome = lazy.outcome()
    return _untold(outcome) if isinstance(outcome, Failure) else _plain(outcome, walk)


def _untold(why: Failure | Unknown) -> Unknown:
    return Unknown(Why.CONDITION, why.message, why.span) if isinstance(why, Failure) else why
