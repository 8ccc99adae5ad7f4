"""Assumptions: boolean facts that an evaluation takes for granted where the files leave them open.

A condition that cannot be decided is a formula over atoms: options, arguments and expressions of unknown truth.
An evaluation under assumptions gives atoms a truth value, wherever they are used: `mkIf c` and `mkIf (!c)` never both hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hslint.values.conditions import Atom, Both, Condition, Either, Not, atoms
from hslint.values.value import Bool, Int, Null, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.source import Span


#: Unknowns whose `detail` is the path of what is unknown.
_REFERENCES = frozenset((Why.OPEN, Why.OPTION, Why.ARGUMENT, Why.INPUT, Why.ENVIRONMENT))

#: Unknowns about which nothing is assumed: the text is broken, or the work was too much.
_NEVER_ASSUMED = frozenset((Why.SYNTAX, Why.BUDGET))

#: Characters of an expression that are shown.
_LONGEST = 60


def condition(unknown: Unknown) -> Condition:
    """The formula behind an undecided condition."""
    term, name = unknown.term, name_of(unknown)
    if term is None:
        return Atom(name) if name is not None else _expression(unknown.span, unknown.detail)
    return term if isinstance(term, Atom | Not | Both | Either) else _expression(term, unknown.detail)


def comparison(left: Value, left_span: Span, right: Value, right_span: Span) -> Atom:
    """`left == right`, the same however often and under whichever names it is written."""
    return Atom(f"{_operand(left, left_span)} == {_operand(right, right_span)}", is_expression=True)


def _operand(value: Value, span: Span) -> str:
    match value:
        case Unknown():
            return name_of(value) or _shown(span.text)
        case Null():
            return "null"
        case Bool(truth):
            return "true" if truth else "false"
        case Int(number):
            return str(number)
        case String(known=str(text)):
            return f'"{text}"'
        case _:
            return _shown(span.text)


def name_of(unknown: Unknown) -> str | None:
    """The path of the option, argument or input that an unknown value is, if it is one: wherever that stands, it is the same value."""
    return unknown.detail or None if unknown.term is None and unknown.why in _REFERENCES else None


def _expression(span: Span | None, otherwise: str) -> Atom:
    return Atom(_shown(span.text) if span is not None else otherwise, is_expression=True)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


class Assumptions:
    """The assumptions of one evaluation.

    holds      the truth of atoms; grows while `greedy`
    greedy     whether a guard that is undecided is assumed to hold when it is first met
    closed     whether options of NixOS that no file which was read sets have their defaults, whatever other files may say
    asking     what is being evaluated: a configuration, or None for what several have in common
    contested  conditions whose truth kept a guarded part from being looked at
    """

    def __init__(self, holds: Mapping[Atom, bool] | None = None, *, greedy: bool = False, closed: bool = False) -> None:
        self.holds: dict[Atom, bool] = dict(holds or {})
        self.greedy = greedy
        self.closed = closed
        self.asking: object = None
        self._undecided: dict[object, dict[Atom, None]] = {}
        self.contested: dict[Condition, bool] = {}

    def guards(self, asking: object) -> tuple[Atom, ...]:
        """The atoms of guards that stayed undecided in one evaluation, and in what it has in common with others."""
        return tuple({**self._undecided.get(None, {}), **self._undecided.get(asking, {})})

    def decided(self, unknown: Unknown) -> bool | None:
        """The truth of an undecided condition, as far as it follows from what is assumed."""
        return self._truth(condition(unknown)) if self.holds and unknown.why not in _NEVER_ASSUMED else None

    def guarded(self, unknown: Unknown, *, otherwise: bool = False) -> bool | None:
        """The same for the condition of a guarded part of a configuration, with another part in its place if `otherwise`."""
        if unknown.why in _NEVER_ASSUMED:
            return None
        formula = condition(unknown)
        truth = self._truth(formula)
        if truth is None and self.greedy:
            self._assume(formula, holds=True)
            truth = self._truth(formula)
        if truth is None:
            self._undecided.setdefault(self.asking, {}).update(dict.fromkeys(atoms(formula)))
        elif not truth or otherwise:
            self.contested[formula] = truth
        return truth

    def turned(self, granted: Mapping[Atom, bool]) -> Iterator[dict[Atom, bool]]:
        """The further assumptions under which parts are looked at that were not: the fewest that turn a condition,
        with each of its atoms.
        """
        for formula, truth in self.contested.items():
            for atom in atoms(formula):
                if atom in self.holds and atom not in granted:
                    other = Assumptions({**granted, atom: not self.holds[atom]})
                    other._assume(formula, holds=not truth)
                    if other._truth(formula) is not truth:
                        yield {each: holds for each, holds in other.holds.items() if each not in granted}

    def _truth(self, formula: Condition) -> bool | None:
        match formula:
            case Atom():
                return self.holds.get(formula)
            case Not(inner):
                truth = self._truth(inner)
                return None if truth is None else not truth
            case Both(left, right):
                truths = (self._truth(left), self._truth(right))
                return False if False in truths else None if None in truths else True
            case Either(left, right):
                truths = (self._truth(left), self._truth(right))
                return True if True in truths else None if None in truths else False

    def _assume(self, formula: Condition, *, holds: bool) -> None:
        """Give undecided atoms the truth that makes the formula hold; of two ways the first."""
        match formula:
            case Atom():
                self.holds.setdefault(formula, holds)
            case Not(inner):
                self._assume(inner, holds=not holds)
            case Both(left, right) | Either(left, right):
                both = isinstance(formula, Both) is holds
                self._assume(left, holds=holds)
                if both or self._truth(left) is not holds:
                    self._assume(right, holds=holds)
