"""lib.attrsets: sets merged, changed and compared name by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.attrsets import zip_attrs_with
from hslint.values.builtins.lists import applied
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib.attrsets import one_of, part, steps
from hslint.values.primitive import Registry
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Kind,
    Lazy,
    List,
    Primitive,
    Unknown,
    Value,
    Why,
    type_name,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


@library("zipAttrsWithNames")
def zip_attrs_with_names(ev: Evaluator, names: Lazy, function: Lazy, sets: Lazy) -> Value:
    given = [ev.closed_attrs(one) for one in ev.closed_list(sets).items]
    items: dict[str, Lazy] = {}
    for name in steps(ev, names):
        ev.spend(len(given) + budget.THUNK)
        values = List([one.items[name] for one in given if name in one.items])
        items[name] = applied(ev, function, constant(name), Lazy.done(values))
    return Attrs(items)


@library("zipAttrs")
def zip_attrs(ev: Evaluator, sets: Lazy) -> Value:
    return zip_attrs_with(ev, Lazy.done(Primitive("zipAttrs", 2, lambda ev, name, values: values.force())), sets)


@library("mergeAttrsList")
def merge_attrs_list(ev: Evaluator, sets: Lazy) -> Value:
    given = ev.list(sets)
    result: Value = Attrs({})
    for one in given.items:
        result = operations.update(ev, result, one.force(), given.span)
    return operations.update(ev, result, given.rest, given.span) if given.rest is not None else result


def _never(ev: Evaluator, path: Lazy, left: Lazy, right: Lazy) -> Value:
    one, other = left.force(), right.force()
    for side in (one, other):
        if isinstance(side, Unknown):
            return side.of_something_else
    return Bool(not (isinstance(one, Attrs) and isinstance(other, Attrs)))


@library("recursiveUpdateUntil")
def recursive_update_until(ev: Evaluator, predicate: Lazy, left: Lazy, right: Lazy) -> Value:
    return _update_until(ev, predicate, left, right, ())


@library("recursiveUpdate")
def recursive_update(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return _update_until(ev, Lazy.done(Primitive("recursiveUpdate", 3, _never)), left, right, ())


def _update_until(ev: Evaluator, predicate: Lazy, left: Lazy, right: Lazy, path: tuple[str, ...]) -> Value:
    """Sets are merged name by name; anything else, lists among them, is replaced by the right side."""
    one, other = left.force(), right.force()
    if isinstance(one, Unknown):
        one = Attrs({}, one.span, one)
    if not isinstance(one, Attrs) or not isinstance(other, Attrs):
        return operations.update(ev, one, other, None)
    if not other.items and other.rest is None:
        return one
    merged = operations.update(ev, one, other, None)
    assert isinstance(merged, Attrs)
    ev.spend(len(merged.items) + (budget.THUNK + len(path)) * len(other.items))
    items = dict(merged.items)
    for name, new in other.items.items():
        old = one.get(name)
        if old is None and one.rest is not None:
            old = Lazy.done(one.rest)
        if old is None:
            continue
        merging = Lazy(_merge_one, (ev, predicate, old, new, (*path, name)), new.place, new.binding)
        possible = [merging]
        if name in one.maybe:
            possible.append(new)
        if name in other.maybe:
            possible.append(old)
        if len(possible) > 1:
            undecided = Unknown(Why.CONDITION, name, merged.span)
            merging = Lazy(one_of, (ev, undecided, tuple(possible)), new.place, new.binding)
        items[name] = merging
    return merged.replaced(items, merged.rest, merged.maybe, merged.span)


def _merge_one(key: tuple[Evaluator, Lazy, Lazy, Lazy, tuple[str, ...]]) -> Value:
    ev, predicate, old, new, path = key
    shown = constant([*path])
    before = old.force()
    try:
        stop = ev.decide(ev.call(predicate.force(), shown, old, new), None)
    except Failure:
        if not isinstance(before, Unknown):
            raise
        stop = before  # there may be nothing to ask about
    if isinstance(stop, Unknown):
        value = new.force()
        if not isinstance(value, Attrs):
            return value
        merged = Lazy(lambda _: _update_until(ev, predicate, old, new, path))
        return merged.force() if isinstance(old.force(), Unknown) else ev.either(stop, (new, merged), value.span)
    return new.force() if stop else _update_until(ev, predicate, old, new, path)


@library("updateManyAttrsByPath")
def update_many_attrs_by_path(ev: Evaluator, updates: Lazy, value: Lazy) -> Value:
    """Deeper paths are changed before shallower ones, equal paths in the order of the list."""
    given: list[tuple[list[str], Lazy]] = []
    for one in ev.closed_list(updates).items:
        ev.spend(2 * budget.THUNK)
        update = ev.attrs(one)
        given.append((steps(ev, part(update, "path")), part(update, "update")))
    return _updated(ev, value, given).force()


def _updated(ev: Evaluator, value: Lazy | None, updates: Sequence[tuple[list[str], Lazy]]) -> Lazy:
    inner: dict[str, list[tuple[list[str], Lazy]]] = {}
    for path, change in updates:
        if path:
            inner.setdefault(path[0], []).append((path[1:], change))
    current = value
    if inner:
        current = Lazy(lambda _: _with_inner(ev, value, inner))
    elif current is None:
        current = Lazy.failed(Failure(Kind.ERROR, "lib.updateManyAttrsByPath: the path does not exist", catchable=True))
    for path, change in updates:
        if not path:
            current = applied(ev, change, current)
    return current


def _with_inner(ev: Evaluator, value: Lazy | None, inner: dict[str, list[tuple[list[str], Lazy]]]) -> Value:
    given = ev.attrs(value) if value is not None else Attrs({})
    ev.spend(len(given.items) + len(inner) * budget.THUNK)
    items = dict(given.items)
    for name, updates in inner.items():
        items[name] = _updated(ev, given.get(name), updates)
    return given.replaced(items, given.rest, given.maybe, given.span)


@library("matchAttrs")
def match_attrs(ev: Evaluator, pattern: Lazy, attrs: Lazy) -> Value:
    """Whether a set has all that another one has; sets in them are compared in the same way."""
    wanted = ev.known(pattern)
    if not isinstance(wanted, Attrs):
        raise Failure(Kind.ERROR, f"assertion failed: value is {type_name(wanted)}, not a set", catchable=True)
    if not ev.closed_attrs(pattern).items:
        return Bool(True)  # Nix does not look at the other one
    given = ev.known(attrs)
    if not isinstance(given, Attrs):
        return Bool(False)
    with ev.comparing.inside_both(wanted, given):
        return _matching(ev, wanted, given)


def _matching(ev: Evaluator, wanted: Attrs, given: Attrs) -> Value:
    for name, lazy in sorted(wanted.items.items()):
        found = given.get(name)
        if found is None:
            return given.rest if given.rest is not None else Bool(False)
        if name in given.maybe:
            return Unknown(Why.CONDITION, name, given.span)
        one = ev.known(lazy)
        if isinstance(one, Attrs):
            same: Value = match_attrs(ev, lazy, found) if isinstance(ev.known(found), Attrs) else Bool(False)
        else:
            answer = operations.equal(ev, one, found.force())
            same = answer if isinstance(answer, Unknown) else Bool(answer)
        if not isinstance(same, Bool) or not same.value:
            return same
    return Bool(True)


@library("unionOfDisjoint")
def union_of_disjoint(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    """A name that both sets have is an error once it is asked for."""
    one, other = ev.attrs(left), ev.attrs(right)
    merged = operations.update(ev, one, other, None)
    assert isinstance(merged, Attrs)
    both = sorted(one.items.keys() & other.items.keys() - one.maybe - other.maybe)
    if not both:
        return merged
    failure = Failure(Kind.ERROR, f"unionOfDisjoint: both sets have {', '.join(both)}", catchable=True)
    items = {**merged.items, **{name: Lazy.failed(failure) for name in both}}
    return merged.replaced(items, merged.rest, merged.maybe, merged.span)
