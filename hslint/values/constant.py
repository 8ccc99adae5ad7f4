"""Nix values of Python ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from hslint.values.value import Attrs, Bool, Float, Int, Lazy, List, Null, String

if TYPE_CHECKING:
    from hslint.values.value import Value

#: What stands for a value of Nix.
Python: TypeAlias = "str | bool | int | float | Sequence[Python] | Mapping[str, Python] | None"


def to_nix(value: object) -> Value:
    """The Nix value of a Python one, as `fromJSON` would give it."""
    match value:
        case None:
            return Null()
        case bool():
            return Bool(value)
        case int():
            return Int(value)
        case float():
            return Float(value)
        case str():
            return String(value)
        case Mapping():
            return Attrs({name: constant(each) for name, each in value.items()})
        case Sequence():
            return List([constant(each) for each in value])
        case _:
            raise TypeError(f"{value!r} is no value of Nix")


def constant(value: Python) -> Lazy:
    """The same as an evaluated Lazy, for lists and sets."""
    return Lazy.done(String(value) if type(value) is str else to_nix(value))
