"""The join of alternative values, as a union of unknown choice: what the alternatives share is known, the rest is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hslint.values import budget
from hslint.values.operations import equal
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Int,
    Lazy,
    List,
    Null,
    Path,
    String,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator


def join(ev: Evaluator, undecided: Unknown, values: Sequence[Value], lazies: Sequence[Lazy]) -> Value:
    """One value that stands for any of several: what they share is known, the rest is not."""
    first = values[0]
    if len(values) == 1 or all(value is first for value in values[1:]):
        return first
    if all(isinstance(value, Attrs) for value in values):
        return _join_attrs(ev, undecided, [value for value in values if isinstance(value, Attrs)])
    if all(isinstance(value, List) for value in values):
        return _join_lists(ev, undecided, [value for value in values if isinstance(value, List)])
    if isinstance(first, Null | Bool | Int | String | Path) and all(
        equal(ev, first, value) is True for value in values[1:]
    ):
        return first
    may_be = _alternatives(values, lazies)
    return Unknown(undecided.why, undecided.detail, undecided.span, may_be)


def _alternatives(values: Sequence[Value], lazies: Sequence[Lazy]) -> tuple[Lazy, ...]:
    """The possible values, or none when there are too many or one of them is itself unbounded."""
    found: list[Lazy] = []
    for value, lazy in zip(values, lazies, strict=True):
        if isinstance(value, Unknown):
            if not value.may_be:
                return ()
            found.extend(value.may_be)
        else:
            found.append(lazy)
    return tuple(found) if len(found) <= budget.ALTERNATIVES else ()


def _join_attrs(ev: Evaluator, undecided: Unknown, sets: Sequence[Attrs]) -> Attrs:
    items: dict[str, Lazy] = {}
    maybe: set[str] = set()
    rest: Unknown | None = None
    ev.spend(sum(4 * len(attrs.items) for attrs in sets))
    for number, attrs in enumerate(sets):
        rest = rest or attrs.rest
        maybe |= attrs.maybe
        for name in attrs.items:
            if name in items:
                continue
            found = [other.items[name] for other in sets[number:] if name in other.items]
            if len(found) < len(sets):
                maybe.add(name)
                # An open set among the others may have the name as well, with any value.
                found.extend(
                    Lazy.done(other.rest.attribute(name, undecided.span))
                    for other in sets
                    if other.rest is not None and name not in other.items and not other.certainly_lacks(name)
                )
            if all(lazy is found[0] for lazy in found):
                items[name] = found[0]
            else:
                items[name] = Lazy(
                    lambda choice: ev.either(undecided, choice, undecided.span),
                    tuple(found),
                    found[0].place,
                    found[0].binding,
                )
    return Attrs(items, undecided.span, rest, None, frozenset(maybe))


def _join_lists(ev: Evaluator, undecided: Unknown, lists: Sequence[List]) -> Value:
    """Elements that every alternative has, in the same order, are sure; the others may be there."""
    first = lists[0]
    ev.spend(len(first.items) * sum(len(candidate.items) for candidate in lists[1:]))
    sure: list[Lazy] = []
    others: list[Lazy] = []
    behind = [0] * len(lists)  # where the last sure element stands in each
    for item in first.items:
        found = [
            next((at for at in range(start, len(each.items)) if _same(ev, item, each.items[at])), None)
            for each, start in zip(lists[1:], behind[1:], strict=True)
        ]
        if None in found:
            others.append(item)
            continue
        sure.append(item)
        behind[1:] = [at + 1 for at in found if at is not None]
    for candidate in lists[1:]:
        left = list(sure)
        for item in candidate.items:
            known = next((one for one in left if _same(ev, item, one)), None)
            if known is None:
                others.append(item)
            else:
                left.remove(known)
    if not others and all(candidate.rest is None and len(candidate.items) == len(sure) for candidate in lists):
        return first
    open_ended = any(candidate.rest is not None for candidate in lists)
    may_be = tuple(others) if len(others) <= budget.ALTERNATIVES and not open_ended else ()
    return List(sure, undecided.span, Unknown(undecided.why, undecided.detail, undecided.span, may_be))


def _same(ev: Evaluator, one: Lazy, other: Lazy) -> bool:
    if one is other:
        return True
    left, right = one.outcome(), other.outcome()
    return not isinstance(left, Failure) and not isinstance(right, Failure) and equal(ev, left, right) is True
