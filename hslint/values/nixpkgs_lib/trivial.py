"""lib.trivial, lib.fixedPoints, lib.versions, lib.asserts, lib.debug, lib.meta and what else is small."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.lists import applied
from hslint.values.builtins.strings import compare_versions
from hslint.values.nixpkgs_lib.attrsets import library as attrsets
from hslint.values.primitive import Registry
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

library = Registry()
versions = Registry()
fixed_points = Registry()
asserts = Registry()
meta = Registry()
filesystem = Registry()

#: What `lib.trivial.release` and its like say hangs on the nixpkgs in use.
OF_NIXPKGS = (
    "release",
    "oldestSupportedRelease",
    "codeName",
    "version",
    "versionSuffix",
    "revisionWithDefault",
    "nixpkgsVersion",
)


@library("id")
def id_(ev: Evaluator, value: Lazy) -> Value:
    return value.force()


@library("const")
def const(ev: Evaluator, value: Lazy, ignored: Lazy) -> Value:
    return value.force()


@library("pipe")
def pipe(ev: Evaluator, value: Lazy, functions: Lazy) -> Value:
    current = value
    for function in ev.closed_list(functions).items:
        current = applied(ev, function, current)
    return current.force()


@library("concat")
def concat(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return operations.append(ev, first.force(), second.force(), None)


@library("or")
def or_(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Bool(ev.boolean(first) or ev.boolean(second))


@library("and")
def and_(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Bool(ev.boolean(first) and ev.boolean(second))


@library("xor")
def xor(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Bool(ev.boolean(first) is not ev.boolean(second))


@library("boolToString")
def bool_to_string(ev: Evaluator, value: Lazy) -> Value:
    return String("true" if ev.boolean(value) else "false")


@library("boolToYesNo")
def bool_to_yes_no(ev: Evaluator, value: Lazy) -> Value:
    return String("yes" if ev.boolean(value) else "no")


@library("mergeAttrs")
def merge_attrs(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return operations.update(ev, first.force(), second.force(), None)


@library("flip")
def flip(ev: Evaluator, function: Lazy, first: Lazy, second: Lazy) -> Value:
    return ev.call(function.force(), second, first)


@library("defaultTo")
def default_to(ev: Evaluator, default: Lazy, value: Lazy) -> Value:
    found = value.force()
    return default.force() if isinstance(found, Null) else found


@library("mapNullable")
def map_nullable(ev: Evaluator, function: Lazy, value: Lazy) -> Value:
    found = ev.known(value)
    return found if isinstance(found, Null) else ev.apply(function.force(), value)


@library("min")
def min_(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return _chosen(ev, first, second, smaller=True)


@library("max")
def max_(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return _chosen(ev, first, second, smaller=False)


def _chosen(ev: Evaluator, first: Lazy, second: Lazy, *, smaller: bool) -> Value:
    less = operations.less(ev, first.force(), second.force(), None)
    if isinstance(less, Unknown):
        return less
    return first.force() if less is smaller else second.force()


@library("mod")
def mod(ev: Evaluator, base: Lazy, number: Lazy) -> Value:
    one, other = ev.integer(base), ev.integer(number)
    if other == 0:
        raise Failure(Kind.ERROR, "division by zero")
    quotient = abs(one) // abs(other)
    return Int(one - other * (quotient if (one < 0) == (other < 0) else -quotient))


@library("compare")
def compare(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    less = operations.less(ev, first.force(), second.force(), None)
    more = operations.less(ev, second.force(), first.force(), None)
    if isinstance(less, Unknown) or isinstance(more, Unknown):
        return less if isinstance(less, Unknown) else more if isinstance(more, Unknown) else Null()
    return Int(-1 if less else 1 if more else 0)


@library("splitByAndCompare")
def split_by_and_compare(ev: Evaluator, predicate: Lazy, yes: Lazy, no: Lazy, first: Lazy, second: Lazy) -> Value:
    one, other = ev.boolean(applied(ev, predicate, first)), ev.boolean(applied(ev, predicate, second))
    if one and other:
        return ev.call(yes.force(), first, second)
    if one or other:
        return Int(-1 if one else 1)
    return ev.call(no.force(), first, second)


@library("importJSON")
def import_json(ev: Evaluator, path: Lazy) -> Value:
    return _imported(ev, path, "fromJSON")


@library("importTOML")
def import_toml(ev: Evaluator, path: Lazy) -> Value:
    return _imported(ev, path, "fromTOML")


def builtin(ev: Evaluator, name: str) -> Value:
    return ev.select(ev.globals.names["builtins"].force(), name)


def _imported(ev: Evaluator, path: Lazy, reader: str) -> Value:
    return ev.apply(builtin(ev, reader), applied(ev, Lazy.done(builtin(ev, "readFile")), path))


@library("warn")
def warn(ev: Evaluator, message: Lazy, value: Lazy) -> Value:
    return value.force()


@library("info")
def info(ev: Evaluator, message: Lazy, value: Lazy) -> Value:
    return value.force()


@library("warnIf", "warnIfNot")
def warn_if(ev: Evaluator, condition: Lazy, message: Lazy, value: Lazy) -> Value:
    return value.force()


@library("throwIf")
def throw_if(ev: Evaluator, condition: Lazy, message: Lazy, value: Lazy) -> Value:
    if ev.decide(condition.force(), None) is True:
        raise Failure(Kind.ERROR, ev.text(message), catchable=True)
    return value.force()


@library("throwIfNot")
def throw_if_not(ev: Evaluator, condition: Lazy, message: Lazy, value: Lazy) -> Value:
    if ev.decide(condition.force(), None) is False:
        raise Failure(Kind.ERROR, ev.text(message), catchable=True)
    return value.force()


@library("checkListOfEnum")
def check_list_of_enum(ev: Evaluator, message: Lazy, valid: Lazy, given: Lazy, value: Lazy) -> Value:
    allowed = {ev.text(item) for item in ev.closed_list(valid).items}
    wrong = [text for item in ev.closed_list(given).items if (text := ev.text(item)) not in allowed]
    if wrong:
        raise Failure(
            Kind.ERROR,
            f"{ev.text(message)}: {', '.join(wrong)} unexpected; valid ones: {', '.join(sorted(allowed))}",
            catchable=True,
        )
    return value.force()


@library("setFunctionArgs")
def set_function_args(ev: Evaluator, function: Lazy, arguments: Lazy) -> Value:
    call = Primitive("__functor", 2, lambda ev, self, argument: ev.apply(function.force(), argument))
    return Attrs({"__functor": Lazy.done(call), "__functionArgs": arguments})


@library("functionArgs")
def function_args(ev: Evaluator, function: Lazy) -> Value:
    found = ev.known(function)
    if isinstance(found, Attrs) and found.get("__functor") is not None:
        given = found.get("__functionArgs")
        if given is not None:
            return given.force()
        inner = ev.apply(ev.select(found, "__functor"), function)
        return function_args(ev, Lazy.done(inner))
    return ev.apply(builtin(ev, "functionArgs"), function)


@library("isFunction")
def is_function(ev: Evaluator, value: Lazy) -> Value:
    found = ev.known(value)
    if isinstance(found, Attrs):
        functor = found.get("__functor")
        return Bool(functor is not None)
    return Bool(isinstance(found, Closure | Primitive))


@library("mirrorFunctionArgs")
def mirror_function_args(ev: Evaluator, model: Lazy, function: Lazy) -> Value:
    return set_function_args(ev, function, Lazy(lambda _: function_args(ev, model)))


@library("toFunction")
def to_function(ev: Evaluator, value: Lazy) -> Value:
    if ev.boolean(Lazy.done(is_function(ev, value))):
        return value.force()
    return Primitive("const", 1, lambda ev, ignored: value.force())


@library("fromHexString")
def from_hex_string(ev: Evaluator, text: Lazy) -> Value:
    return Int(int(ev.text(text).removeprefix("0x"), 16))


@library("toHexString")
def to_hex_string(ev: Evaluator, number: Lazy) -> Value:
    return String(f"{ev.integer(number):X}")


@library("toBaseDigits")
def to_base_digits(ev: Evaluator, base: Lazy, number: Lazy) -> Value:
    digits: list[int] = []
    of, left = ev.integer(base), ev.integer(number)
    while True:
        digits.append(left % of)
        left //= of
        if not left:
            return List([Lazy.done(Int(digit)) for digit in reversed(digits)])


@fixed_points("fix")
def fix(ev: Evaluator, function: Lazy) -> Value:
    result = Lazy(lambda _: ev.apply(function.force(), result))
    return result.force()


@fixed_points("fix'")
def fix_(ev: Evaluator, function: Lazy) -> Value:
    def made(_: object) -> Value:
        value = ev.attrs(applied(ev, function, result))
        return value.replaced({**value.items, "__unfix__": function}, value.rest, value.maybe, value.span)

    result = Lazy(made)
    return result.force()


@fixed_points("converge")
def converge(ev: Evaluator, function: Lazy, value: Lazy) -> Value:
    current = value
    for _ in range(10_000):
        following = applied(ev, function, current)
        same = operations.equal(ev, following.force(), current.force())
        if isinstance(same, Unknown):
            return same
        if same:
            return following.force()
        current = following
    return Unknown(Why.BUDGET, "lib.converge")


@fixed_points("extends")
def extends(ev: Evaluator, overlay: Lazy, function: Lazy, final: Lazy) -> Value:
    previous = applied(ev, function, final)
    return operations.update(ev, previous.force(), ev.call(overlay.force(), final, previous), None)


@fixed_points("composeExtensions")
def compose_extensions(ev: Evaluator, first: Lazy, second: Lazy, final: Lazy, previous: Lazy) -> Value:
    applied_first = Lazy.done(ev.call(first.force(), final, previous))
    middle = Lazy(lambda _: operations.update(ev, previous.force(), applied_first.force(), None))
    return operations.update(ev, applied_first.force(), ev.call(second.force(), final, middle), None)


@fixed_points("composeManyExtensions")
def compose_many_extensions(ev: Evaluator, overlays: Lazy) -> Value:
    given = ev.closed_list(overlays).items

    def run(ev: Evaluator, final: Lazy, previous: Lazy) -> Value:
        before, all_added = previous, Attrs({})
        added: Value = all_added
        for overlay in given:
            new = ev.call(overlay.force(), final, before)
            added = operations.update(ev, added, new, None)
            before = Lazy.done(operations.update(ev, before.force(), new, None))
        return added

    return Primitive("composeManyExtensions", 2, run)


@fixed_points("makeExtensible")
def make_extensible(ev: Evaluator, function: Lazy) -> Value:
    return _extensible(ev, function, "extend")


@fixed_points("makeExtensibleWithCustomName")
def make_extensible_with_custom_name(ev: Evaluator, name: Lazy, function: Lazy) -> Value:
    return _extensible(ev, function, ev.text(name))


def _extensible(ev: Evaluator, function: Lazy, name: str) -> Value:
    def extended(ev: Evaluator, overlay: Lazy) -> Value:
        wider = Primitive("extends", 1, lambda ev, final: extends(ev, overlay, function, final))
        return _extensible(ev, Lazy.done(wider), name)

    made = ev.attrs(Lazy.done(fix(ev, function)))
    return made.replaced(
        {**made.items, name: Lazy.done(Primitive(name, 1, extended))}, made.rest, made.maybe, made.span
    )


@fixed_points("toExtension")
def to_extension(ev: Evaluator, value: Lazy) -> Value:
    found = ev.known(value)
    if isinstance(found, Attrs) and found.get("__functor") is None:
        return Primitive("extension", 2, lambda ev, final, previous: value.force())
    return found


def _component(ev: Evaluator, version: Lazy, number: int) -> Value:
    parts = re.split(r"\.", ev.text(version))
    return String(parts[number]) if number < len(parts) else String("")


@versions("major")
def major(ev: Evaluator, version: Lazy) -> Value:
    return _component(ev, version, 0)


@versions("minor")
def minor(ev: Evaluator, version: Lazy) -> Value:
    return _component(ev, version, 1)


@versions("patch")
def patch(ev: Evaluator, version: Lazy) -> Value:
    return _component(ev, version, 2)


@versions("majorMinor")
def major_minor(ev: Evaluator, version: Lazy) -> Value:
    return String(".".join(ev.text(version).split(".")[:2]))


@versions("splitVersion")
def split_version(ev: Evaluator, version: Lazy) -> Value:
    return ev.apply(builtin(ev, "splitVersion"), version)


@versions("versionOlder")
def version_older(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Bool(compare_versions(ev.text(second), ev.text(first)) == 1)


@versions("versionAtLeast")
def version_at_least(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Bool(compare_versions(ev.text(second), ev.text(first)) != 1)


@asserts("assertMsg")
def assert_msg(ev: Evaluator, condition: Lazy, message: Lazy) -> Value:
    if ev.decide(condition.force(), None) is False:
        raise Failure(Kind.ERROR, ev.text(message), catchable=True)
    return Bool(True)


@asserts("assertOneOf")
def assert_one_of(ev: Evaluator, name: Lazy, value: Lazy, allowed: Lazy) -> Value:
    for item in ev.closed_list(allowed).items:
        same = operations.equal(ev, item.force(), value.force())
        if same is True or isinstance(same, Unknown):
            return Bool(True)
    raise Failure(Kind.ERROR, f"{ev.text(name)} is not one of the allowed values", catchable=True)


@meta("getExe")
def get_exe(ev: Evaluator, package: Lazy) -> Value:
    given = ev.attrs(package)
    about = given.get("meta")
    description = about.force() if about is not None else None
    main = description.get("mainProgram") if isinstance(description, Attrs) else None
    if main is not None:
        return get_exe_(ev, package, main)
    for name in ("pname", "name"):
        lazy = given.get(name)
        if lazy is not None:
            return get_exe_(ev, package, lazy)
    return Unknown(Why.PACKAGE, "lib.getExe")


@meta("getExe'")
def get_exe_(ev: Evaluator, package: Lazy, name: Lazy) -> Value:
    output = ev.apply(attrsets.functions["getBin"], package)
    return operations.concatenate(
        ev, (operations.coerce(ev, output), String("/bin/"), operations.coerce(ev, name.force())), None
    )


@meta("addMetaAttrs")
def add_meta_attrs(ev: Evaluator, new: Lazy, package: Lazy) -> Value:
    return package.force()


@meta("lowPrio", "hiPrio", "dontDistribute", "lowPrioSet")
def low_prio(ev: Evaluator, package: Lazy) -> Value:
    return package.force()


@meta("setPrio")
def set_prio(ev: Evaluator, priority: Lazy, package: Lazy) -> Value:
    return package.force()


@meta("availableOn")
def available_on(ev: Evaluator, platform: Lazy, package: Lazy) -> Value:
    return Unknown(Why.PACKAGE, "lib.meta.availableOn")


@filesystem("listFilesRecursive")
def list_files_recursive(ev: Evaluator, directory: Lazy) -> Value:
    from hslint.source import EntryKind, Unreadable

    value = ev.known(directory)
    if isinstance(value, String) and value.known is None:
        return value.unknown or Unknown(Why.STORE)
    root = value.path if isinstance(value, Path) else ev.text(directory)
    found: list[Lazy] = []

    def walk(path: str, depth: int) -> None:
        entries = ev.project.entries(path)
        if isinstance(entries, Unreadable):
            if entries is Unreadable.OUTSIDE:
                from hslint.values.value import NotKnown

                raise NotKnown(Unknown(Why.OUTSIDE, path))
            raise Failure(Kind.MISSING_FILE, f"getting status of '{path}': No such file or directory")
        for name, kind in entries.items():
            inner = f"{path}/{name}"
            if kind is EntryKind.DIRECTORY and depth < 64:
                walk(inner, depth + 1)
            else:
                found.append(Lazy.done(Path(inner, value.span)))

    walk(root.rstrip("/") or "/", 0)
    return List(found)


@filesystem("pathIsDirectory")
def path_is_directory(ev: Evaluator, path: Lazy) -> Value:
    value = ev.known(path)
    if not isinstance(value, Path):
        return Unknown(Why.STORE, "lib.pathIsDirectory")
    return (
        Bool(ev.project.is_directory(value.path))
        if ev.project.contains(value.path)
        else Unknown(Why.OUTSIDE, value.path)
    )


@filesystem("pathIsRegularFile")
def path_is_regular_file(ev: Evaluator, path: Lazy) -> Value:
    value = ev.known(path)
    if not isinstance(value, Path):
        return Unknown(Why.STORE, "lib.pathIsRegularFile")
    if not ev.project.contains(value.path):
        return Unknown(Why.OUTSIDE, value.path)
    return Bool(bool(ev.project.exists(value.path)) and not ev.project.is_directory(value.path))
