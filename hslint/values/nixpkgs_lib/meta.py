"""lib.meta: what packages say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib.attrsets import get_bin, is_derivation
from hslint.values.nixpkgs_lib.strings import get_name
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Failure, Kind, Lazy, List, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


@library("getExe")
def get_exe(ev: Evaluator, package: Lazy) -> Value:
    """The package's main program, else one with the package's name."""
    given = ev.known(package)
    if isinstance(given, Attrs):
        about = given.get("meta")
        description = about.force() if about is not None else given.rest
        if isinstance(description, Unknown):
            return _program(ev, package, description)
        if isinstance(description, Attrs):
            main = description.get("mainProgram")
            if main is not None:
                return _program(ev, package, main.force())
            if description.rest is not None:
                return _program(ev, package, description.rest)
    return get_exe_(ev, package, Lazy.done(get_name(ev, package)))


@library("getExe'")
def get_exe_(ev: Evaluator, package: Lazy, name: Lazy) -> Value:
    """A program of the package by its name."""
    if is_derivation_value(ev, package) is False:
        raise Failure(Kind.ERROR, "lib.meta.getExe': the first argument is not a derivation", catchable=True)
    program = name.force()
    if not isinstance(program, String | Unknown):
        raise Failure(Kind.ERROR, "lib.meta.getExe': the second argument is not a string", catchable=True)
    if isinstance(program, String) and program.known is not None and "/" in program.known:
        raise Failure(Kind.ERROR, f"lib.meta.getExe': {program.known} is a path, not a program's name", catchable=True)
    return _program(ev, package, program)


def is_derivation_value(ev: Evaluator, package: Lazy) -> bool | Unknown:
    return ev.decide(is_derivation(ev, package), None)


def _program(ev: Evaluator, package: Lazy, name: Value) -> Value:
    output = operations.coerce(ev, get_bin(ev, package))
    return operations.concatenate(ev, (output, String("/bin/"), operations.coerce(ev, name)), None)


@library("addMetaAttrs")
def add_meta_attrs(ev: Evaluator, new: Lazy, package: Lazy) -> Value:
    given = ev.attrs(package)
    before = given.get("meta") or Lazy.done(Attrs({}) if given.rest is None else given.rest)
    items = {**given.items, "meta": Lazy(lambda _: operations.update(ev, before.force(), new.force(), None))}
    changed = given.replaced(items, given.rest, given.maybe, given.span)
    changed.native = given.native
    return changed


@library("setPrio")
def set_prio(ev: Evaluator, priority: Lazy, package: Lazy) -> Value:
    return add_meta_attrs(ev, Lazy.done(Attrs({"priority": priority})), package)


@library("lowPrio")
def low_prio(ev: Evaluator, package: Lazy) -> Value:
    return set_prio(ev, constant(10), package)


@library("hiPrio")
def hi_prio(ev: Evaluator, package: Lazy) -> Value:
    return set_prio(ev, constant(-10), package)


@library("lowPrioSet")
def low_prio_set(ev: Evaluator, packages: Lazy) -> Value:
    return map_derivation_attrset(ev, Lazy.done(library.functions["lowPrio"]), packages)


@library("hiPrioSet")
def hi_prio_set(ev: Evaluator, packages: Lazy) -> Value:
    return map_derivation_attrset(ev, Lazy.done(library.functions["hiPrio"]), packages)


@library("dontDistribute")
def dont_distribute(ev: Evaluator, package: Lazy) -> Value:
    return add_meta_attrs(ev, Lazy.done(Attrs({"hydraPlatforms": Lazy.done(List([]))})), package)


@library("mapDerivationAttrset")
def map_derivation_attrset(ev: Evaluator, function: Lazy, packages: Lazy) -> Value:
    given = ev.attrs(packages)
    ev.spend(len(given.items) * budget.THUNK)

    def one(lazy: Lazy) -> Value:
        return ev.apply(function.force(), lazy) if is_derivation_value(ev, lazy) is True else lazy.force()

    items = {name: Lazy(one, lazy, lazy.place, lazy.binding) for name, lazy in given.items.items()}
    return given.replaced(items, given.rest, given.maybe, given.span)


@library("setName", "updateName", "appendToName")
def set_name(ev: Evaluator, name: Lazy, package: Lazy) -> Value:
    return Unknown(Why.PACKAGE, "lib.meta.setName")


@library("availableOn", "platformMatch")
def available_on(ev: Evaluator, platform: Lazy, package: Lazy) -> Value:
    return Unknown(Why.PACKAGE, "lib.meta.availableOn")


@library("getLicenseFromSpdxId")
def get_license_from_spdx_id(ev: Evaluator, name: Lazy) -> Value:
    return Unknown(Why.FUNCTION, "lib.licenses")
