"""lib.customisation: functions and packages whose arguments can be changed afterwards, and sets that call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.lists import applied
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib.fixed_points import extends
from hslint.values.nixpkgs_lib.trivial import function_args, is_function
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Closure, Lazy, List, Null, Primitive, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()
derivations = Registry()


def _function(name: str, arity: int, run: Callable[..., Value]) -> Lazy:
    return Lazy.done(Primitive(name, arity, run))


def _with_arguments(ev: Evaluator, function: Value, model: Lazy) -> Value:
    """A function that says of itself that it takes what `model` takes."""
    arguments = Lazy(lambda _: function_args(ev, model))
    call = Primitive("__functor", 2, lambda ev, self, argument: ev.apply(function, argument))
    return Attrs({"__functor": Lazy.done(call), "__functionArgs": arguments})


@library("makeOverridable")
def make_overridable(ev: Evaluator, function: Lazy) -> Value:
    """`makeOverridable`: the function's result can be made again with other arguments: its `override` changes those it was called with."""
    call = Primitive("makeOverridable", 1, lambda ev, arguments: overridable(ev, function, arguments))
    calling = _with_arguments(ev, call, function)
    known = function.force()
    if not isinstance(known, Attrs):
        return calling
    made = operations.update(ev, known, calling, None)  # what else a set that can be called has, stays
    before = known.get("override")
    if before is None:
        return made

    def override(ev: Evaluator, new: Lazy) -> Value:
        return make_overridable(ev, applied(ev, before, new))

    taking = Lazy(lambda _: _with_arguments(ev, Primitive("override", 1, override), before))
    return operations.update(ev, made, Attrs({"override": taking}), None)


def overridable(ev: Evaluator, function: Lazy, arguments: Lazy) -> Value:
    result = ev.apply(function.force(), arguments)

    def changed(new: Lazy) -> Lazy:
        def run(_: object) -> Value:
            more = ev.apply(new.force(), arguments) if ev.boolean(Lazy.done(is_function(ev, new))) else new.force()
            return operations.update(ev, arguments.force(), more, None)

        return Lazy(run)

    def override(ev: Evaluator, new: Lazy) -> Value:
        return overridable(ev, function, changed(new))

    taking = Lazy(lambda _: _with_arguments(ev, Primitive("override", 1, override), function))

    def over_result(change: Callable[[Lazy], Value]) -> Value:
        inner = Primitive("overridden", 1, lambda ev, given: change(applied(ev, function, given)))
        return overridable(ev, Lazy(lambda _: _with_arguments(ev, inner, function)), arguments)

    if isinstance(result, Attrs):
        items = {**result.items, "override": taking}
        items["overrideDerivation"] = _function(
            "overrideDerivation", 1, lambda ev, change: over_result(lambda made: override_derivation(ev, made, change))
        )
        attributes = result.get("overrideAttrs")
        if attributes is not None:
            items["overrideAttrs"] = _function(
                "overrideAttrs",
                1,
                lambda ev, change: over_result(lambda made: ev.apply(ev.select(made.force(), "overrideAttrs"), change)),
            )
        made = result.replaced(items, result.rest, result.maybe, result.span)
        made.native = result.native
        return made
    if isinstance(result, Closure | Primitive):
        calling = _with_arguments(ev, result, Lazy.done(result))
        return operations.update(ev, calling, Attrs({"override": taking}), None)
    return result


@library("overrideDerivation")
def override_derivation(ev: Evaluator, derivation: Lazy, change: Lazy) -> Value:
    return Unknown(Why.PACKAGE, "lib.overrideDerivation")


@library("callPackageWith")
def call_package_with(ev: Evaluator, packages: Lazy, function: Lazy, arguments: Lazy) -> Value:
    """A function, or the file that holds it, called with what the set has of its formals."""
    called = _imported(ev, function)
    return overridable(ev, called, Lazy.done(_arguments(ev, packages, called, arguments)))


@library("callPackagesWith")
def call_packages_with(ev: Evaluator, packages: Lazy, function: Lazy, arguments: Lazy) -> Value:
    """As callPackageWith, for a function that gives a set of packages: each of them can be overridden."""
    called = _imported(ev, function)
    given = _arguments(ev, packages, called, arguments)
    made = ev.attrs(applied(ev, called, Lazy.done(given)))

    def one(name: str) -> Value:
        inner = Primitive(name, 1, lambda ev, given: ev.select(ev.apply(called.force(), given), name))
        return overridable(ev, Lazy(lambda _: _with_arguments(ev, inner, called)), Lazy.done(given))

    items = {name: Lazy(one, name, lazy.place, lazy.binding) for name, lazy in made.items.items()}
    if "recurseForDerivations" in made.items:
        items["recurseForDerivations"] = made.items["recurseForDerivations"]
    return made.replaced(items, made.rest, made.maybe, made.span)


def _imported(ev: Evaluator, function: Lazy) -> Lazy:
    if ev.boolean(Lazy.done(is_function(ev, function))):
        return function
    return applied(ev, Lazy.done(ev.builtin("import")), function)


def _arguments(ev: Evaluator, packages: Lazy, function: Lazy, arguments: Lazy) -> Attrs:
    formals = ev.attrs(Lazy.done(function_args(ev, function)))
    available = ev.attrs(packages)
    items: dict[str, Lazy] = {}
    for name, default in formals.items.items():
        found = available.get(name)
        if found is not None:
            items[name] = found
        elif available.rest is not None and not ev.boolean(default):
            items[name] = Lazy.done(Unknown(available.rest.why, name))
    merged = operations.update(ev, Attrs(items), arguments.force(), None)
    assert isinstance(merged, Attrs)
    return merged


@library("makeScope")
def make_scope(ev: Evaluator, new_scope: Lazy, function: Lazy) -> Value:
    """A set of packages that are called with one another; `overrideScope` lays an overlay over it."""

    def made(_: object) -> Value:
        contents = ev.attrs(applied(ev, function, result))
        items = {
            "newScope": _function(
                "newScope", 1, lambda ev, more: ev.apply(new_scope.force(), _joined(ev, result, more))
            ),
            "callPackage": Lazy(lambda _: ev.apply(ev.select(result.force(), "newScope"), Lazy.done(Attrs({})))),
            "packages": function,
            **contents.items,
            "overrideScope": _function(
                "overrideScope",
                1,
                lambda ev, overlay: make_scope(
                    ev, new_scope, _function("extends", 1, lambda ev, final: extends(ev, overlay, function, final))
                ),
            ),
        }
        return contents.replaced(items, contents.rest, contents.maybe, contents.span)

    result = Lazy(made)
    return result.force()


def _joined(ev: Evaluator, scope: Lazy, more: Lazy) -> Lazy:
    return Lazy(lambda _: operations.update(ev, scope.force(), more.force(), None))


#: How nixpkgs names its package sets by the platforms they are built on and for.
_CROSS = ("buildBuild", "buildHost", "buildTarget", "hostHost", "hostTarget", "targetTarget")


@library("mapCrossIndex")
def map_cross_index(ev: Evaluator, function: Lazy, sets: Lazy) -> Value:
    given = ev.attrs(sets)
    return Attrs({name: applied(ev, function, Lazy(lambda key: ev.select(given, key), name)) for name in _CROSS})


def _prefixed(ev: Evaluator, prefix: Lazy) -> dict[str, str]:
    text = ev.text(prefix)
    return {name: f"{text}{name[0].upper()}{name[1:]}" for name in _CROSS}


@library("renameCrossIndexFrom")
def rename_cross_index_from(ev: Evaluator, prefix: Lazy, sets: Lazy) -> Value:
    given = ev.attrs(sets)
    return Attrs({new: Lazy(lambda key: ev.select(given, key), old) for new, old in _prefixed(ev, prefix).items()})


@library("renameCrossIndexTo")
def rename_cross_index_to(ev: Evaluator, prefix: Lazy, sets: Lazy) -> Value:
    given = ev.attrs(sets)
    return Attrs({new: Lazy(lambda key: ev.select(given, key), old) for old, new in _prefixed(ev, prefix).items()})


@library("extendDerivation")
def extend_derivation(ev: Evaluator, condition: Lazy, more: Lazy, derivation: Lazy) -> Value:
    return operations.update(ev, derivation.force(), more.force(), None)


@library("hydraJob")
def hydra_job(ev: Evaluator, derivation: Lazy) -> Value:
    return derivation.force()


@derivations("lazyDerivation")
def lazy_derivation(ev: Evaluator, options: Lazy) -> Value:
    """A derivation that is not looked at while only its `meta` or what is passed through is asked for."""
    given = ev.attrs(options)
    derivation = given.get("derivation") or Lazy.done(Unknown(Why.ARGUMENT, "derivation"))
    outputs = given.get("outputs")
    names = [ev.text(item) for item in ev.closed_list(outputs).items] if outputs is not None else ["out"]

    def of(name: str) -> Lazy:
        return Lazy(lambda _: ev.select(derivation.force(), name))

    items = {name: of(name) for name in (*names, "outPath", "outputName", "drvPath", "name", "system", "meta")}
    items["type"] = constant("derivation")
    items["outputs"] = outputs or Lazy.done(List([constant("out")]))
    meta, passthru = given.get("meta"), given.get("passthru")
    if meta is not None:
        items["meta"] = meta
    if passthru is not None:
        items.update(ev.closed_attrs(passthru).items)
    return Attrs(items, given.span)


@derivations("optionalDrvAttr")
def optional_drv_attr(ev: Evaluator, condition: Lazy, value: Lazy) -> Value:
    decision = ev.guard(condition.force(), None)
    if isinstance(decision, Unknown):
        return ev.either(decision, (value, constant(None)), decision.span)
    return value.force() if decision else Null()


@derivations("warnOnInstantiate")
def warn_on_instantiate(ev: Evaluator, message: Lazy, derivation: Lazy) -> Value:
    return derivation.force()
