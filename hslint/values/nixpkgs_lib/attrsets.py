"""lib.attrsets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.attrsets import rest_of
from hslint.values.builtins.lists import applied
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, NotKnown, Primitive, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

library = Registry()


def steps(ev: Evaluator, path: Lazy) -> list[str]:
    return [ev.text(step) for step in ev.closed_list(path).items]


def named(name: str, lazy: Lazy) -> Lazy:
    return Lazy.done(String(name, lazy.place))


@library("attrByPath")
def attr_by_path(ev: Evaluator, path: Lazy, default: Lazy, attrs: Lazy) -> Value:
    value = attrs.force()
    for step in steps(ev, path):
        if isinstance(value, Unknown):
            return Unknown(value.why, value.detail, value.span, (default,))
        found = value.get(step) if isinstance(value, Attrs) else None
        if found is None:
            if isinstance(value, Attrs) and value.rest is not None:
                return Unknown(value.rest.why, value.rest.detail, value.span, (default,))
            return default.force()
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
            return value
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
    for step in reversed(steps(ev, path)):
        current = Lazy.done(Attrs({step: current}, value.place))
    return current.force()


@library("concatMapAttrs")
def concat_map_attrs(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    result: Value = Attrs({})
    given = ev.closed_attrs(attrs)
    for name, lazy in given.items.items():
        result = operations.update(ev, result, applied(ev, function, named(name, lazy), lazy).force(), given.span)
    return result


@library("filterAttrs")
def filter_attrs(ev: Evaluator, predicate: Lazy, attrs: Lazy) -> Value:
    """An attribute about which nobody can tell may be there."""
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
        for name, lazy in ev.closed_attrs(one).items.items():
            items[name] = applied(ev, operator, lazy, items.get(name, start))
    return Attrs(items)


@library("collect")
def collect(ev: Evaluator, predicate: Lazy, attrs: Lazy) -> Value:
    found: list[Lazy] = []

    def walk(lazy: Lazy) -> None:
        if ev.decide(ev.apply(predicate.force(), lazy), None) is True:
            found.append(lazy)
            return
        value = lazy.force()
        if isinstance(value, Attrs):
            if value.rest is not None:
                raise NotKnown(value.rest)
            for name in sorted(value.items):
                walk(value.items[name])

    walk(attrs)
    return List(found)


@library("cartesianProduct", "cartesianProductOfSets")
def cartesian_product(ev: Evaluator, attrs: Lazy) -> Value:
    rows: list[dict[str, Lazy]] = [{}]
    given = ev.closed_attrs(attrs)
    for name in sorted(given.items):
        rows = [{**row, name: item} for row in rows for item in ev.closed_list(given.items[name]).items]
    return List([Lazy.done(Attrs(row)) for row in rows])


@library("mapCartesianProduct")
def map_cartesian_product(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    rows = cartesian_product(ev, attrs)
    assert isinstance(rows, List)
    return List([applied(ev, function, row) for row in rows.items])


@library("nameValuePair")
def name_value_pair(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
    return Attrs({"name": name, "value": value})


@library("mapAttrs'")
def map_attrs_(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    items: dict[str, Lazy] = {}
    maybe: set[str] = set()
    for name, lazy in given.items.items():
        pair = ev.attrs(applied(ev, function, named(name, lazy), lazy))
        new = ev.text(_part(pair, "name"))
        value = _part(pair, "value")
        items[new] = Lazy(Lazy.force, value, lazy.place, lazy.binding)
        if name in given.maybe:
            maybe.add(new)
    return Attrs(items, given.span, given.rest, None, frozenset(maybe))


def _part(pair: Attrs, name: str) -> Lazy:
    found = pair.get(name)
    if found is None:
        if pair.rest is not None:
            raise NotKnown(pair.rest)
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", pair.span)
    return found


@library("mapAttrsToList")
def map_attrs_to_list(ev: Evaluator, function: Lazy, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)

    def one(name: str) -> Lazy:
        return applied(ev, function, named(name, given.items[name]), given.items[name], place=given.items[name].place)

    sure = [one(name) for name in sorted(given.items) if name not in given.maybe]
    return List(sure, given.span, rest_of(given, [one(name) for name in sorted(given.maybe)]))


@library("attrsToList")
def attrs_to_list(ev: Evaluator, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)

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

    def one(key: tuple[str, Lazy]) -> Value:
        name, lazy = key
        here = (*path, name)
        value = lazy.force()
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Attrs) and (
            condition is None or ev.decide(ev.apply(condition.force(), lazy), None) is True
        ):
            return _map_recursive(ev, condition, function, lazy, here)
        return ev.call(function.force(), Lazy.done(List([Lazy.done(String(step)) for step in here])), lazy)

    items = {name: Lazy(one, (name, lazy), lazy.place, lazy.binding) for name, lazy in given.items.items()}
    return Attrs(items, given.span, given.rest, None, given.maybe)


@library("genAttrs")
def gen_attrs(ev: Evaluator, names: Lazy, function: Lazy) -> Value:
    given = ev.list(names)
    items: dict[str, Lazy] = {}
    for item in given.items:
        value = ev.string(item)
        if value.known is None:
            raise NotKnown(value.unknown or Unknown(Why.ARGUMENT))
        items[value.known] = applied(ev, function, item, place=value.span)
    return Attrs(items, given.span, given.rest)


@library("genAttrs'")
def gen_attrs_(ev: Evaluator, values: Lazy, function: Lazy) -> Value:
    items: dict[str, Lazy] = {}
    for item in ev.closed_list(values).items:
        pair = ev.attrs(applied(ev, function, item))
        items[ev.text(_part(pair, "name"))] = _part(pair, "value")
    return Attrs(items)


@library("isDerivation")
def is_derivation(ev: Evaluator, value: Lazy) -> Value:
    found = value.force()
    if isinstance(found, Unknown):
        return found
    kind = found.get("type") if isinstance(found, Attrs) else None
    if kind is None:
        return Bool(False)
    text = kind.force()
    return text if isinstance(text, Unknown) else Bool(isinstance(text, String) and text.known == "derivation")


@library("optionalAttrs")
def optional_attrs(ev: Evaluator, condition: Lazy, attrs: Lazy) -> Value:
    decision = ev.decide(condition.force(), None)
    if isinstance(decision, Unknown):
        return ev.either(decision, (attrs, Lazy.done(Attrs({}))), decision.span)
    return attrs.force() if decision else Attrs({})


@library("zipAttrsWithNames")
def zip_attrs_with_names(ev: Evaluator, names: Lazy, function: Lazy, sets: Lazy) -> Value:
    given = [ev.closed_attrs(one) for one in ev.closed_list(sets).items]
    items: dict[str, Lazy] = {}
    for name in steps(ev, names):
        values = List([one.items[name] for one in given if name in one.items])
        items[name] = applied(ev, function, Lazy.done(String(name)), Lazy.done(values))
    return Attrs(items)


@library("zipAttrs")
def zip_attrs(ev: Evaluator, sets: Lazy) -> Value:
    items: dict[str, list[Lazy]] = {}
    for one in ev.closed_list(sets).items:
        for name, lazy in ev.closed_attrs(one).items.items():
            items.setdefault(name, []).append(lazy)
    return Attrs({name: Lazy.done(List(values)) for name, values in items.items()})


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
            return side
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
    if not isinstance(one, Attrs) or not isinstance(other, Attrs):
        return operations.update(ev, one, other, None)
    if not other.items and other.rest is None:
        return one
    merged = operations.update(ev, one, other, None)
    assert isinstance(merged, Attrs)
    items = dict(merged.items)
    for name, new in other.items.items():
        old = one.get(name)
        if old is not None:
            items[name] = Lazy(_merge_one, (ev, predicate, old, new, (*path, name)), new.place, new.binding)
    return merged.replaced(items, merged.rest, merged.maybe, merged.span)


def _merge_one(key: tuple[Evaluator, Lazy, Lazy, Lazy, tuple[str, ...]]) -> Value:
    ev, predicate, old, new, path = key
    shown = Lazy.done(List([Lazy.done(String(step)) for step in path]))
    stop = ev.decide(ev.call(predicate.force(), shown, old, new), None)
    if isinstance(stop, Unknown):
        value = new.force()
        return value if not isinstance(value, Attrs) else Unknown(stop.why, stop.detail, value.span, (new,))
    return new.force() if stop else _update_until(ev, predicate, old, new, path)


@library("updateManyAttrsByPath")
def update_many_attrs_by_path(ev: Evaluator, updates: Lazy, value: Lazy) -> Value:
    result = value
    for one in ev.closed_list(updates).items:
        given = ev.attrs(one)
        result = Lazy.done(_updated(ev, result, steps(ev, _part(given, "path")), _part(given, "update")))
    return result.force()


def _updated(ev: Evaluator, value: Lazy, path: list[str], change: Lazy) -> Value:
    if not path:
        return ev.apply(change.force(), value)
    given = ev.attrs(value)
    inner = given.get(path[0]) or Lazy.done(Attrs({}))
    return given.replaced(
        {**given.items, path[0]: Lazy(lambda _: _updated(ev, inner, path[1:], change))},
        given.rest,
        given.maybe,
        given.span,
    )


@library("matchAttrs")
def match_attrs(ev: Evaluator, pattern: Lazy, attrs: Lazy) -> Value:
    wanted, given = ev.closed_attrs(pattern), ev.attrs(attrs)
    for name, lazy in wanted.items.items():
        found = given.get(name)
        if found is None:
            return given.rest if given.rest is not None else Bool(False)
        one, other = lazy.force(), found.force()
        if isinstance(one, Attrs) and isinstance(other, Attrs):
            inner = match_attrs(ev, lazy, found)
            if not isinstance(inner, Bool) or not inner.value:
                return inner
            continue
        same = operations.equal(ev, one, other)
        if isinstance(same, Unknown):
            return same
        if not same:
            return Bool(False)
    return Bool(True)


@library("overrideExisting")
def override_existing(ev: Evaluator, old: Lazy, new: Lazy) -> Value:
    before, after = ev.attrs(old), ev.closed_attrs(new)
    items = {name: after.items.get(name, lazy) for name, lazy in before.items.items()}
    return Attrs(items, before.span, before.rest, None, before.maybe)


@library("getAttrs")
def get_attrs(ev: Evaluator, names: Lazy, attrs: Lazy) -> Value:
    given = ev.attrs(attrs)
    items: dict[str, Lazy] = {}
    for name in steps(ev, names):
        found = given.get(name)
        items[name] = found if found is not None else Lazy(lambda wanted: ev.select(given, wanted), name)
        if found is None and given.rest is None:
            raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", given.span)
    return Attrs(items, given.span)


@library("longestValidPathPrefix")
def longest_valid_path_prefix(ev: Evaluator, path: Lazy, attrs: Lazy) -> Value:
    value = attrs.force()
    valid: list[Lazy] = []
    for step in ev.closed_list(path).items:
        found = value.get(ev.text(step)) if isinstance(value, Attrs) else None
        if found is None:
            break
        valid.append(step)
        value = found.force()
    return List(valid)


@library("recurseIntoAttrs")
def recurse_into_attrs(ev: Evaluator, attrs: Lazy) -> Value:
    return _marked(ev, attrs, recurse=True)


@library("dontRecurseIntoAttrs")
def dont_recurse_into_attrs(ev: Evaluator, attrs: Lazy) -> Value:
    return _marked(ev, attrs, recurse=False)


def _marked(ev: Evaluator, attrs: Lazy, *, recurse: bool) -> Value:
    given = ev.attrs(attrs)
    items = {**given.items, "recurseForDerivations": Lazy.done(Bool(recurse))}
    return given.replaced(items, given.rest, given.maybe, given.span)


def _output(name: str) -> object:
    def get(ev: Evaluator, package: Lazy) -> Value:
        given = ev.attrs(package)
        found = given.get(name)
        return found.force() if found is not None else given

    return get


for _attribute, _name in (
    ("getBin", "bin"),
    ("getLib", "lib"),
    ("getDev", "dev"),
    ("getMan", "man"),
    ("getStatic", "static"),
    ("getInclude", "dev"),
):
    library.calling(_attribute, 1, _output(_name))  # type: ignore[arg-type]


@library("getOutput")
def get_output(ev: Evaluator, name: Lazy, package: Lazy) -> Value:
    given = ev.attrs(package)
    found = given.get(ev.text(name))
    return found.force() if found is not None else given


@library("chooseDevOutputs")
def choose_dev_outputs(ev: Evaluator, packages: Lazy) -> Value:
    return packages.force()


@library("toDerivation")
def to_derivation(ev: Evaluator, path: Lazy) -> Value:
    return path.force()


@library("unionOfDisjoint")
def union_of_disjoint(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return operations.update(ev, left.force(), right.force(), None)


@library("showAttrPath")
def show_attr_path(ev: Evaluator, path: Lazy) -> Value:
    return String(".".join(steps(ev, path)) or "<root attribute path>")
