"""Undecided conditions as clauses: "`my.vpn.enable` is true"."""

from __future__ import annotations

from collections.abc import Sequence

from hslint.values.assumptions import condition
from hslint.values.conditions import Atom, Both, Condition, Either, Not
from hslint.values.value import Unknown, Why


def clause(unknown: Unknown) -> str:
    """An undecided condition as a clause."""
    if unknown.why in (Why.SYNTAX, Why.BUDGET):
        return unknown.reason
    formula = condition(unknown)
    if isinstance(formula, Atom) and not formula.text:
        return unknown.reason
    return _stated(formula, holds=True)


def clauses(unknowns: Sequence[Unknown]) -> str:
    """The same of several, one of which must hold."""
    return " or ".join(dict.fromkeys(map(clause, unknowns)))


def _stated(formula: Condition, *, holds: bool) -> str:
    match formula:
        case Atom():
            return formula.stated(holds=holds)
        case Not(inner):
            return _stated(inner, holds=not holds)
        case Both(left, right) | Either(left, right):
            word = "and" if isinstance(formula, Both) is holds else "or"
            parts = (_stated(left, holds=holds), _stated(right, holds=holds))
            return f" {word} ".join(_grouped(each, f" {word} ") for each in parts)


def _grouped(text: str, word: str) -> str:
    """A clause inside a larger one: in parentheses where `and` and `or` would mix."""
    other = " and " if word == " or " else " or "
    return f"({text})" if other in text else text
