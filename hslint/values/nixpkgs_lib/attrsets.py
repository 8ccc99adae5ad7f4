"""lib.attrsets."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.attrsets import list_to_attrs, rest_of
from hslint.values.builtins.lists import applied, check_length, map_
from hslint.values.constant import constant
from hslint.values.nesting import Nesting
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, NotKnown, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


def steps(ev: Evaluator, path: Lazy) -> list[str]:
    given = ev.closed_list(path).items
    ev.spend(2 * len(given))
    return [ev.text(step) for step in given]


def named(name: str, lazy: Lazy) -> Lazy:
    return Lazy.done(String(name, lazy.place))


@library("attrByPath")
def attr_by_path(ev: Evaluator, path: Lazy, default: Lazy, attrs: Lazy) -> Value:
    value = attrs.force()
    wanted = steps(ev, path)
    for number, step in enumerate(wanted):
        if isinstance(value, Unknown):
            return Unknown(value.why, value.detail, value.span, (default,))
        found = value.get(step) if isinstance(value, Attrs) else None
        if found is None:
            if isinstance(value, Attrs) and value.rest is not None:
                return Unknown(value.rest.why, value.rest.detail, value.span, (default,))
            return default.force()
        if isinstance(value, Attrs) and step in value.maybe:
            absent = Unknown(Why.CONDITION, step, value.span)
            rest = constant([*wanted[number + 1 :]])
            inner = Lazy(lambda found: attr_by_path(ev, rest, default, found), found)  # noqa: B023 - the loop ends here
            return ev.either(absent, (inner, default), value.span)
        value = found.force()
    return value


@library("hasAttrByPath")
def has_attr_by_path(ev: Evaluator, path: Lazy, attrs: Lazy) -> Value:
    wanted = steps(ev, path)
    if not wanted:
        return Bool(True)
    value = attrs.force()
    for number, step in enumerate(wanted):
        if isinstance(value, Unknown):
            return value.of_something_else
        found = value.get(step) if isinstance(value, Attrs) else None
        if found is None:
            return value.rest if isinstance(value, Attrs) and value.rest is not None else Bool(False)
        if isinstance(value, Attrs) and step in value.maybe:
            return Unknown(Why.CONDITION, step, value.span)
        if number < len(wanted) - 1:
            value = found.force()
    return Bool(True)


@library("getAttrFromPath")
def get_attr_from_path(ev: Evaluator, path: Lazy, attrs: Lazy) -> Value:
    value = attrs.force()
    for step in steps(ev, path):
        value = ev.select(value, step)
    return value


@library("setAttrByPath")
def set_attr_by_path(ev: Evaluator, path: Lazy, value: Lazy) -> Value:
    current = value
    ev.spend(len(ev.closed_list(path).items) * budget.THUNK)
    for step in reversed(steps(ev, path)):
        current = Lazy.done(Attrs({step: current}, value.place))
    return current.force()


@library("concatMapAttrs")
def concat_map_attrs(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    """Later names win, in the order of the names."""
    given = ev.attrs(attrs)
    result: Value = Attrs({})
    for name in sorted(given.items):
        made = applied(ev, function, named(name, given.items[name]), given.items[name])
        value = made.force()
        if name in given.maybe:
            value = ev.either(Unknown(Why.CONDITION, name, given.span), (made, Lazy.done(Attrs({}))), given.span)
        result = operations.update(ev, result, value, given.span)
    return result if given.rest is None else operations.update(ev, result, given.rest, given.span)


@library("filterAttrs")
def filter_attrs(ev: Evaluator, predicate: Lazy, attrs: Lazy) -> Value:
    """An attribute for which the predicate is unknown may be there."""
    given = ev.attrs(attrs)
    test = predicate.force()
    items: dict[str, Lazy] = {}
    maybe: set[str] = set()
    for name, lazy in given.items.items():
        keep = ev.decide(ev.apply(ev.apply(test, named(name, lazy)), lazy), None)
        if keep is False:
            continue
        items[name] = lazy
        if name in given.maybe or isinstance(keep, Unknown):
            maybe.add(name)
    return Attrs(items, given.span, given.rest, None, frozenset(maybe))


@library("filterAttrsRecursive")
def filter_attrs_recursive(ev: Evaluator, predicate: Lazy, attrs: Lazy) -> Value:
    kept = ev.attrs(Lazy.done(filter_attrs(ev, predicate, attrs)))
    ev.spend(len(kept.items) * budget.THUNK)

    def inside(lazy: Lazy) -> Value:
        value = lazy.force()
        return filter_attrs_recursive(ev, predicate, lazy) if isinstance(value, Attrs) else value

    items = {name: Lazy(inside, lazy, lazy.place, lazy.binding) for name, lazy in kept.items.items()}
    return Attrs(items, kept.span, kept.rest, None, kept.maybe)


@library("foldlAttrs")
def foldl_attrs(ev: Evaluator, function: Lazy, start: Lazy, attrs: Lazy) -> Value:
    given = ev.closed_attrs(attrs)
    current = start
    for name in sorted(given.items):
        lazy = given.items[name]
        current = Lazy.done(ev.call(function.force(), current, named(name, lazy), lazy))
    return current.force()


@library("foldAttrs")
def fold_attrs(ev: Evaluator, operator: Lazy, start: Lazy, sets: Lazy) -> Value:
    items: dict[str, Lazy] = {}
    for one in reversed(ev.closed_list(sets).items):
        attrs = ev.closed_attrs(one).items
        ev.spend(1 + len(attrs) * budget.THUNK)
        for name, lazy in attrs.items():
            items[name] = applied(ev, operator, lazy, items.get(name, start))
    return Attrs(items)


@library("collect")
def collect(ev: Evaluator, predicate: Lazy, attrs: Lazy) -> Value:
    """Values for which the predicate holds, from the outside in; unknown parts leave the list open."""
    found: list[Lazy] = []
    rest: Unknown | None = None
    nesting = Nesting(ev.spend)

    def walk(lazy: Lazy) -> None:
        nonlocal rest
        value = lazy.force()
        chosen = value if isinstance(value, Unknown) else ev.decide(ev.apply(predicate.force(), lazy), None)
        if isinstance(chosen, Unknown):
            rest = rest or chosen
        elif chosen:
            found.append(lazy)
        elif isinstance(value, Attrs):
            rest = rest or value.rest
            with nesting.inside(value):
                for name in sorted(value.items):
                    if name in value.maybe:
                        rest = rest or Unknown(Why.CONDITION, name, value.span)
                    else:
                        walk(value.items[name])

    walk(attrs)
    return List(found, None, rest)


@library("cartesianProduct", "cartesianProductOfSets")
def cartesian_product(ev: Evaluator, attrs: Lazy) -> Value:
    rows: list[dict[str, Lazy]] = [{}]
    given = ev.closed_attrs(attrs)
    for width, name in enumerate(sorted(given.items), 1):
        items = ev.closed_list(given.items[name]).items
        check_length(len(rows) * len(items))
        ev.spend(len(rows) * len(items) * (2 * budget.THUNK + width))
        rows = [{**row, name: item} for row in rows for item in items]
    ev.spend(len(rows) * 2 * budget.THUNK)
    return List([Lazy.done(Attrs(row)) for row in rows])


@library("mapCartesianProduct")
def map_cartesian_product(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    rows = cartesian_product(ev, attrs)
    assert isinstance(rows, List)
    ev.spend(len(rows.items) * budget.THUNK)
    return List([applied(ev, function, row) for row in rows.items])


@library("nameValuePair")
def name_value_pair(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
    return Attrs({"name": name, "value": value})


@library("mapAttrs'")
def map_attrs_(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    ev.spend(len(given.items) * 3 * budget.THUNK)
    pairs = [(name, applied(ev, function, named(name, lazy), lazy)) for name, lazy in sorted(given.items.items())]
    return _from_pairs(ev, pairs, given)


def _from_pairs(ev: Evaluator, pairs: Sequence[tuple[str, Lazy]], given: Attrs) -> Attrs:
    """A set of `{ name, value }`, each made of an attribute of `given`: the first one of a name counts, as in listToAttrs."""
    items: dict[str, Lazy] = {}
    maybe: set[str] = set()
    rest = given.rest
    for old, made in pairs:
        pair = made.force()
        name = pair if isinstance(pair, Unknown) else part(ev.attrs(made), "name").force()
        text = name if isinstance(name, Unknown) else ev.string(Lazy.done(name))
        if isinstance(text, Unknown) or text.known is None:
            rest = rest or (text if isinstance(text, Unknown) else text.unknown)
            continue
        before = items.get(text.known)
        if before is not None and text.known not in maybe:
            continue
        value = part(ev.attrs(made), "value")
        source = given.items[old]
        new = Lazy(Lazy.force, value, source.place, source.binding)
        if before is not None:
            undecided = Unknown(Why.CONDITION, text.known, given.span)
            new = Lazy(one_of, (ev, undecided, (before, new)), source.place, source.binding)
        items[text.known] = new
        if old not in given.maybe:
            maybe.discard(text.known)
        elif before is None:
            maybe.add(text.known)
    return Attrs(items, given.span, rest, None, frozenset(maybe))


def one_of(key: tuple[Evaluator, Unknown, tuple[Lazy, ...]]) -> Value:
    ev, undecided, possible = key
    return ev.either(undecided, possible, undecided.span)


def part(pair: Attrs, name: str) -> Lazy:
    found = pair.get(name)
    if found is None:
        if pair.rest is not None:
            raise NotKnown(pair.rest)
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", pair.span)
    return found


@library("mapAttrsToList")
def map_attrs_to_list(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    ev.spend(len(given.items) * 2 * budget.THUNK)

    def one(name: str) -> Lazy:
        return applied(ev, function, named(name, given.items[name]), given.items[name], place=given.items[name].place)

    sure = [one(name) for name in sorted(given.items) if name not in given.maybe]
    return List(sure, given.span, rest_of(given, [one(name) for name in sorted(given.maybe)]))


@library("attrsToList")
def attrs_to_list(ev: Evaluator, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    ev.spend(len(given.items) * 4 * budget.THUNK)

    def one(name: str) -> Lazy:
        return Lazy.done(Attrs({"name": named(name, given.items[name]), "value": given.items[name]}))

    sure = [one(name) for name in sorted(given.items) if name not in given.maybe]
    return List(sure, given.span, rest_of(given, [one(name) for name in sorted(given.maybe)]))


@library("mapAttrsRecursive")
def map_attrs_recursive(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    return _map_recursive(ev, None, function, attrs, ())


@library("mapAttrsRecursiveCond")
def map_attrs_recursive_cond(ev: Evaluator, condition: Lazy, function: Lazy, attrs: Lazy) -> Value:
    return _map_recursive(ev, condition, function, attrs, ())


def _map_recursive(ev: Evaluator, condition: Lazy | None, function: Lazy, attrs: Lazy, path: Sequence[str]) -> Value:
    given = ev.attrs(attrs)
    ev.spend(len(given.items) * budget.THUNK)

    def one(key: tuple[str, Lazy]) -> Value:
        name, lazy = key
        here = (*path, name)
        value = lazy.force()
        if isinstance(value, Unknown):
            return value.of_something_else
        if isinstance(value, Attrs):
            inside = True if condition is None else ev.decide(ev.apply(condition.force(), lazy), None)
            if isinstance(inside, Unknown):
                return inside.of_something_else
            if inside:
                return _map_recursive(ev, condition, function, lazy, here)
        return ev.call(function.force(), constant([*here]), lazy)

    items = {name: Lazy(one, (name, lazy), lazy.place, lazy.binding) for name, lazy in given.items.items()}
    return Attrs(items, given.span, given.rest, None, given.maybe)


@library("mapAttrsToListRecursive")
def map_attrs_to_list_recursive(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    return _flattened(ev, None, function, attrs)


@library("mapAttrsToListRecursiveCond")
def map_attrs_to_list_recursive_cond(ev: Evaluator, condition: Lazy, function: Lazy, attrs: Lazy) -> Value:
    """The condition is asked of the path and the set."""
    return _flattened(ev, condition, function, attrs)


def _flattened(ev: Evaluator, condition: Lazy | None, function: Lazy, attrs: Lazy) -> Value:
    found: list[Lazy] = []
    nesting = Nesting(ev.spend)

    def walk(lazy: Lazy, path: tuple[Lazy, ...]) -> None:
        ev.spend(len(path))
        here = Lazy.done(List(path))
        value = lazy.force() if not path else ev.known(lazy)
        inside = isinstance(value, Attrs) and (
            condition is None or not path or ev.boolean(applied(ev, condition, here, lazy))
        )
        if not inside:
            found.append(applied(ev, function, here, lazy))
            return
        given = ev.closed_attrs(lazy)
        with nesting.inside(given):
            for name in sorted(given.items):
                walk(given.items[name], (*path, named(name, given.items[name])))

    walk(attrs, ())
    return List(found)


@library("genAttrs")
def gen_attrs(ev: Evaluator, names: Lazy, function: Lazy) -> Value:
    given = ev.list(names)
    ev.spend(len(given.items) * budget.THUNK)
    items: dict[str, Lazy] = {}
    rest = given.rest
    for item in given.items:
        value = item.force()
        text = value if isinstance(value, Unknown) else ev.string(item)
        if isinstance(text, Unknown) or text.known is None:
            rest = rest or (text if isinstance(text, Unknown) else text.unknown)
        elif text.known not in items:
            items[text.known] = applied(ev, function, item, place=text.span)
    return Attrs(items, given.span, rest)


@library("genAttrs'")
def gen_attrs_(ev: Evaluator, values: Lazy, function: Lazy) -> Value:
    return list_to_attrs(ev, Lazy.done(map_(ev, function, values)))


@library("isDerivation")
def is_derivation(ev: Evaluator, value: Lazy) -> Value:
    found = value.force()
    if isinstance(found, Unknown):
        return found.of_something_else
    kind = found.get("type") if isinstance(found, Attrs) else None
    if kind is None:
        return Bool(False)
    text = kind.force()
    return text if isinstance(text, Unknown) else Bool(isinstance(text, String) and text.known == "derivation")


@library("optionalAttrs")
def optional_attrs(ev: Evaluator, condition: Lazy, attrs: Lazy) -> Value:
    decision = ev.guard(condition.force(), None)
    if isinstance(decision, Unknown):
        return ev.either(decision, (attrs, Lazy.done(Attrs({}))), decision.span)
    return attrs.force() if decision else Attrs({})


@library("overrideExisting")
def override_existing(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    """`new` is looked at once a value is asked for."""
    before = ev.attrs(old)
    ev.spend(len(before.items) * budget.THUNK)

    def overridden(found: tuple[str, Lazy]) -> Value:
        name, lazy = found
        after = new.force()
        replaced = ev.closed_attrs(new).get(name) if isinstance(after, Attrs | Unknown) else None
        return (replaced or lazy).force()

    items = {name: Lazy(overridden, (name, lazy), lazy.place, lazy.binding) for name, lazy in before.items.items()}
    return Attrs(items, before.span, before.rest, None, before.maybe)


@library("getAttrs")
def get_attrs(ev: Evaluator, names: Lazy, attrs: Lazy) -> Value:
    """A name that is missing is an error only once it is asked for."""
    wanted = ev.closed_list(names)
    ev.spend(len(wanted.items) * budget.THUNK)

    def one(name: str) -> Lazy:
        value = attrs.force()
        found = value.get(name) if isinstance(value, Attrs) else None
        return found if found is not None else Lazy(lambda _: ev.select(attrs.force(), name))

    return Attrs({name: one(name) for name in (ev.text(item) for item in wanted.items)})


@library("attrVals")
def attr_vals(ev: Evaluator, names: Lazy, attrs: Lazy) -> Value:
    given = ev.list(names)
    ev.spend(len(given.items) * budget.THUNK)

    def one(item: Lazy) -> Value:
        return ev.select(attrs.force(), ev.text(item))

    return List([Lazy(one, item) for item in given.items], given.span, given.rest)


@library("longestValidPathPrefix")
def longest_valid_path_prefix(ev: Evaluator, path: Lazy, attrs: Lazy) -> Value:
    valid: list[Lazy] = []
    current = attrs
    for step in ev.closed_list(path).items:
        value = ev.known(current)
        if not isinstance(value, Attrs):
            break
        name = ev.text(step)
        found = value.get(name)
        if found is None and value.rest is not None:
            raise NotKnown(value.rest)
        if found is None:
            break
        if name in value.maybe:
            raise NotKnown(Unknown(Why.CONDITION, name, value.span))
        valid.append(step)
        current = found
    return List(valid)


@library("recurseIntoAttrs")
def recurse_into_attrs(ev: Evaluator, attrs: Lazy) -> Value:
    return _marked(ev, attrs, recurse=True)


@library("dontRecurseIntoAttrs")
def dont_recurse_into_attrs(ev: Evaluator, attrs: Lazy) -> Value:
    return _marked(ev, attrs, recurse=False)


def _marked(ev: Evaluator, attrs: Lazy, *, recurse: bool) -> Value:
    given = ev.attrs(attrs)
    items = {**given.items, "recurseForDerivations": constant(recurse)}
    return given.replaced(items, given.rest, given.maybe, given.span)


def _output(ev: Evaluator, package: Lazy, *names: str) -> Value:
    """The first of some outputs that a package has; the package itself where it is one chosen output already."""
    given = ev.attrs(package)
    chosen = given.get("outputSpecified")
    if chosen is not None and ev.boolean(chosen):
        return given
    for name in names:
        found = given.get(name)
        if found is not None:
            return found.force()
        if given.rest is not None:
            return Unknown(given.rest.why, given.rest.detail, given.span, (package,))
    return given


@library("getOutput")
def get_output(ev: Evaluator, name: Lazy, package: Lazy) -> Value:
    return _output(ev, package, ev.text(name), "out")


@library("getFirstOutput")
def get_first_output(ev: Evaluator, names: Lazy, package: Lazy) -> Value:
    return _output(ev, package, *steps(ev, names))


@library("getBin")
def get_bin(ev: Evaluator, package: Lazy) -> Value:
    return _output(ev, package, "bin", "out")


@library("getLib")
def get_lib(ev: Evaluator, package: Lazy) -> Value:
    return _output(ev, package, "lib", "out")


@library("getDev")
def get_dev(ev: Evaluator, package: Lazy) -> Value:
    return _output(ev, package, "dev", "out")


@library("getMan")
def get_man(ev: Evaluator, package: Lazy) -> Value:
    return _output(ev, package, "man", "out")


@library("getStatic")
def get_static(ev: Evaluator, package: Lazy) -> Value:
    return _output(ev, package, "static", "lib", "out")


@library("getInclude")
def get_include(ev: Evaluator, package: Lazy) -> Value:
    return _output(ev, package, "include", "dev", "out")


@library("chooseDevOutputs")
def choose_dev_outputs(ev: Evaluator, packages: Lazy) -> Value:
    return map_(ev, Lazy.done(library.functions["getDev"]), packages)


@library("toDerivation")
def to_derivation(ev: Evaluator, path: Lazy) -> Value:
    return Unknown(Why.STORE, "lib.toDerivation")


#: Words that Nix does not read as a name of an attribute.
_KEYWORDS = frozenset(("assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"))
_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*")


def written_name(name: str) -> str:
    """A name as Nix's own syntax writes it."""
    if _IDENTIFIER.fullmatch(name) and name not in _KEYWORDS:
        return name
    return written_text(name)


def written_text(text: str) -> str:
    """A text as Nix's own syntax writes it, in quotes."""
    return json.dumps(text, ensure_ascii=False).replace("$", "\\$")


@library("showAttrPath")
def show_attr_path(ev: Evaluator, path: Lazy) -> Value:
    return String(".".join(map(written_name, steps(ev, path))) or "<root attribute path>")
