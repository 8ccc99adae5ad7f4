"""Undecided conditions: formulas over options, arguments and expressions of unknown truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from hslint.record import Record


class Atom(Record):
    """A fact without parts: an option or argument by its path (`my.vpn.enable`), or an expression as it is written."""

    text: str
    is_expression: bool = False

    def stated(self, *, holds: bool) -> str:
        """The assumption as a clause: "`my.vpn.enable` is true"."""
        if self.is_expression:
            return f"`{self.text}` {'holds' if holds else 'does not hold'}"
        return f"`{self.text}` is {'true' if holds else 'false'}"


class Not(Record):
    condition: Condition


class Both(Record):
    """`&&`."""

    left: Condition
    right: Condition


class Either(Record):
    """`||`."""

    left: Condition
    right: Condition


Condition: TypeAlias = Atom | Not | Both | Either


def atoms(formula: Condition) -> Iterator[Atom]:
    match formula:
        case Atom():
            yield formula
        case Not(inner):
            yield from atoms(inner)
        case Both(left, right) | Either(left, right):
            yield from atoms(left)
            yield from atoms(right)
