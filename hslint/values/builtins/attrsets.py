"""The builtins about attribute sets. An attribute that is carried over keeps the place where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.lists import applied, called
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
    type_name,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

builtin = Registry()


def rest_of(given: Attrs, possible: list[Lazy]) -> Unknown | None:
    """Why a list made of a set's attributes may be longer: the set is open, or some of them may be absent (`possible`)."""
    if given.rest is not None:
        return given.rest
    if not given.maybe:
        return None
    return Unknown(
        Why.CONDITION, min(given.maybe), given.span, tuple(possible) if len(possible) <= budget.ALTERNATIVES else ()
    )


@builtin("attrNames")
def attr_names(ev: Evaluator, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    ev.spend(len(given.items) * budget.THUNK)
    sure = [_name(given, name) for name in sorted(given.items) if name not in given.maybe]
    return List(sure, given.span, rest_of(given, [_name(given, name) for name in sorted(given.maybe)]))


def _name(given: Attrs, name: str) -> Lazy:
    return Lazy.done(String(name, given.items[name].place))


@builtin("attrValues")
def attr_values(ev: Evaluator, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    ev.spend(2 * len(given.items))
    sure = [given.items[name] for name in sorted(given.items) if name not in given.maybe]
    return List(sure, given.span, rest_of(given, [given.items[name] for name in sorted(given.maybe)]))


@builtin("hasAttr")
def has_attr(ev: Evaluator, name: Lazy, attrs: Lazy) -> Value:
    text = ev.text(name)
    given = ev.attrs(attrs)
    if given.get(text) is None:
        if given.rest is not None:
            raise NotKnown(given.rest)
        return Bool(False)
    if text in given.maybe:
        raise NotKnown(Unknown(Why.CONDITION, text))
    return Bool(True)


@builtin("getAttr")
def get_attr(ev: Evaluator, name: Lazy, attrs: Lazy) -> Value:
    text = ev.text(name)
    value = attrs.force()
    if not isinstance(value, Attrs | Unknown):
        raise Failure(Kind.TYPE, f"value is {type_name(value)} while a set was expected", value.span)
    return ev.select(value, text)


#: `native` of a set whose attributes have no positions in Nix; here they keep the place they came from, for findings.
WITHOUT_POSITIONS = object()


@builtin("unsafeGetAttrPos")
def unsafe_get_attr_pos(ev: Evaluator, name: Lazy, attrs: Lazy) -> Value:
    text = ev.text(name)
    given = ev.attrs(attrs)
    found = given.get(text)
    if found is None:
        if given.rest is not None:
            raise NotKnown(given.rest)
        return Null()
    if given.native is WITHOUT_POSITIONS:
        return Null()
    return Null() if found.place is None else operations.position(found.place)


@builtin("removeAttrs")
def remove_attrs(ev: Evaluator, attrs: Lazy, names: Lazy) -> Value:
    given = ev.attrs(attrs)
    listed = names.force()
    if isinstance(listed, Unknown):
        return Attrs(given.items, given.span, given.rest, None, frozenset(given.items))
    removed: set[str] = set()
    all_told = True
    listed = ev.list(names)
    ev.spend(len(given.items) + 4 * len(listed.items))
    for name in listed.items:
        value = name.force()
        text = None if isinstance(value, Unknown) else ev.string(Lazy.done(value)).known
        if text is None:
            all_told = False
        else:
            removed.add(text)
    if not removed and all_told and listed.rest is None:
        return given
    items = {name: lazy for name, lazy in given.items.items() if name not in removed}
    maybe = given.maybe - removed
    if not all_told or listed.rest is not None:
        maybe = frozenset(items)
    if given.rest is not None:
        return given.replaced(items, given.rest, maybe, given.span)
    return Attrs(items, given.span, None, None, maybe)


@builtin("listToAttrs")
def list_to_attrs(ev: Evaluator, pairs: Lazy) -> Value:
    """The first of several pairs with one name counts (Nix manual, builtins.listToAttrs).

    After a pair of unknown name, a value is only what the name may have.
    """
    given = ev.list(pairs)
    items: dict[str, Lazy] = {}
    rest = given.rest
    ev.spend(len(given.items) * budget.THUNK)
    #: Unknown names, so far; what an open list may hold stands anywhere in it.
    untold: list[String | Unknown] = [given.rest] if given.rest is not None else []
    for pair in given.items:
        value = pair.force()
        if isinstance(value, Unknown):
            rest = rest or value
            untold.append(value)
            continue
        attrs = ev.attrs(Lazy.done(value))
        named = attrs.get("name")
        if named is None:
            if attrs.rest is not None:
                rest = rest or attrs.rest
                untold.append(attrs.rest)
                continue
            raise Failure(Kind.MISSING_ATTRIBUTE, "attribute 'name' missing in a call to 'listToAttrs'", attrs.span)
        name = named.force()
        text = None if isinstance(name, Unknown) else ev.string(Lazy.done(name)).known
        if text is None:
            assert isinstance(name, Unknown | String)
            rest = rest or (name if isinstance(name, Unknown) else name.unknown)
            untold.append(name)
            continue
        if text in items:
            continue
        found = attrs.get("value")
        if found is None:
            if attrs.rest is None:
                raise Failure(
                    Kind.MISSING_ATTRIBUTE, "attribute 'value' missing in a call to 'listToAttrs'", attrs.span
                )
            found = Lazy.done(attrs.rest)
        before = next((unsure for unsure in untold if operations.equal(ev, unsure, name) is not False), None)
        if before is not None:
            why = before if isinstance(before, Unknown) else before.unknown
            assert why is not None
            found = Lazy.done(Unknown(why.why, why.detail, found.place, (found,)), found.place)
        place = name.span if isinstance(name, String) and name.span is not None else found.place
        items[text] = Lazy(Lazy.force, found, place, found.binding)
    return Attrs(items, given.span, rest)


@builtin("mapAttrs")
def map_attrs(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    ev.spend(len(given.items) * 2 * budget.THUNK)
    items: dict[str, Lazy] = {}
    for name, lazy in given.items.items():
        made = items[name] = applied(ev, function, Lazy.done(String(name, lazy.place)), lazy, place=lazy.place)
        made.binding = lazy.binding
    return Attrs(items, given.span, given.rest, WITHOUT_POSITIONS, given.maybe)


@builtin("intersectAttrs")
def intersect_attrs(ev: Evaluator, names: Lazy, attrs: Lazy) -> Value:
    """The attributes of the second set whose names the first one has, too."""
    first, second = ev.attrs(names), ev.attrs(attrs)
    ev.spend(len(first.items) + (0 if first.rest is None else len(second.items)))
    items: dict[str, Lazy] = {}
    maybe: set[str] = set()
    for name in first.items:
        found = second.get(name)
        if found is not None:
            items[name] = found
            if name in first.maybe or name in second.maybe:
                maybe.add(name)
    rest: Unknown | None = None
    if first.rest is not None:
        rest = first.rest
        for name, found in second.items.items():
            if name not in items:
                items[name] = found
                maybe.add(name)
    elif second.rest is not None and len(items) < len(first.items):
        rest = second.rest
    return Attrs(items, second.span, rest, None, frozenset(maybe))


@builtin("catAttrs")
def cat_attrs(ev: Evaluator, name: Lazy, sets: Lazy) -> Value:
    text = ev.text(name)
    given = ev.list(sets)
    ev.spend(2 * len(given.items))
    found: list[Lazy] = []
    rest = given.rest
    for each in given.items:
        value = each.force()
        if isinstance(value, Unknown):
            rest = rest or value
            continue
        attrs = ev.attrs(Lazy.done(value))
        lazy = attrs.get(text)
        if lazy is None:
            rest = rest or attrs.rest
        elif text in attrs.maybe:
            rest = rest or Unknown(Why.CONDITION, text, attrs.span, (lazy,))
        else:
            found.append(lazy)
    return List(found, given.span, rest)


@builtin("zipAttrsWith")
def zip_attrs_with(ev: Evaluator, function: Lazy, sets: Lazy) -> Value:
    called(ev, function)
    given = ev.list(sets)
    values: dict[str, list[Lazy]] = {}
    #: What may be among the values of a name.
    possible: dict[str, list[Lazy]] = {}
    rest = given.rest
    for each in given.items:
        value = each.force()
        if isinstance(value, Unknown):
            rest = rest or value.of_something_else
            continue
        attrs = ev.attrs(Lazy.done(value))
        rest = rest or attrs.rest
        ev.spend(len(attrs.items) * budget.THUNK)
        for name, lazy in attrs.items.items():
            (possible if name in attrs.maybe else values).setdefault(name, []).append(lazy)
    items: dict[str, Lazy] = {}
    for name in sorted(values.keys() | possible.keys()):
        perhaps = possible.get(name, [])
        first = (values.get(name) or perhaps)[0]
        more = rest or (Unknown(Why.CONDITION, name, given.span, tuple(perhaps)) if perhaps else None)
        made = applied(
            ev,
            function,
            Lazy.done(String(name, first.place)),
            Lazy.done(List(values.get(name, []), None, more)),
            place=first.place,
        )
        made.binding = first.binding
        items[name] = made
    return Attrs(items, given.span, rest, None, frozenset(possible.keys() - values.keys()))


@builtin("functionArgs")
def function_args(ev: Evaluator, function: Lazy) -> Value:
    """The formal arguments of a function, and whether they have a default."""
    value = ev.known(function)
    if isinstance(value, Closure):
        formals = value.node.formals or ()
        return Attrs(
            {formal.name: Lazy.done(Bool(formal.default is not None), formal.span) for formal in formals}, value.span
        )
    if isinstance(value, Primitive):
        return Attrs({name: constant(optional) for name, optional in (value.takes or {}).items()}, value.span)
    raise Failure(Kind.TYPE, "'functionArgs' requires a function", value.span)
