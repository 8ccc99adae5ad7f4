"""lib.strings: flags of build systems and search paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib.attrsets import get_output
from hslint.values.nixpkgs_lib.strings import joined, text_of, with_rest
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, Null, String, Unknown, Value, type_name

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


def _flag(ev: Evaluator, *parts: str | Lazy) -> Value:
    return joined(ev, [String(part) if isinstance(part, str) else _text(ev, part) for part in parts])


def _text(ev: Evaluator, lazy: Lazy) -> String:
    """An argument of which the function asserts that it is a string."""
    value = ev.known(lazy)
    if not isinstance(value, String):
        raise Failure(Kind.ERROR, f"assertion failed: value is {type_name(value)}, not a string", catchable=True)
    return value


def _truth(ev: Evaluator, lazy: Lazy) -> bool:
    """An argument of which the function asserts that it is a Boolean."""
    value = ev.known(lazy)
    if not isinstance(value, Bool):
        raise Failure(Kind.ERROR, f"assertion failed: value is {type_name(value)}, not a Boolean", catchable=True)
    return value.value


@library("enableFeature")
def enable_feature(ev: Evaluator, enable: Lazy, feature: Lazy) -> Value:
    return _flag(ev, "--enable-" if _truth(ev, enable) else "--disable-", feature)


@library("enableFeatureAs")
def enable_feature_as(ev: Evaluator, enable: Lazy, feature: Lazy, value: Lazy) -> Value:
    return _with_value(ev, enable_feature(ev, enable, feature), enable, value)


def _with_value(ev: Evaluator, flag: Value, enable: Lazy, value: Lazy) -> Value:
    if not ev.boolean(enable):
        return flag
    return operations.add(ev, flag, operations.concatenate(ev, (String("="), text_of(ev, value)), None), None)


@library("withFeature")
def with_feature(ev: Evaluator, enable: Lazy, feature: Lazy) -> Value:
    name = _text(ev, feature)
    return operations.concatenate(ev, (String("--with-" if ev.boolean(enable) else "--without-"), name), None)


@library("withFeatureAs")
def with_feature_as(ev: Evaluator, enable: Lazy, feature: Lazy, value: Lazy) -> Value:
    return _with_value(ev, with_feature(ev, enable, feature), enable, value)


@library("mesonOption")
def meson_option(ev: Evaluator, feature: Lazy, value: Lazy) -> Value:
    return _flag(ev, "-D", feature, "=", value)


@library("mesonBool")
def meson_bool(ev: Evaluator, feature: Lazy, value: Lazy) -> Value:
    return _flag(ev, "-D", feature, "=true" if _truth(ev, value) else "=false")


@library("mesonEnable")
def meson_enable(ev: Evaluator, feature: Lazy, value: Lazy) -> Value:
    return _flag(ev, "-D", feature, "=enabled" if _truth(ev, value) else "=disabled")


@library("cmakeOptionType")
def cmake_option_type(ev: Evaluator, kind: Lazy, feature: Lazy, value: Lazy) -> Value:
    name = ev.text(kind).upper()
    if name not in ("BOOL", "FILEPATH", "PATH", "STRING", "INTERNAL", "LIST"):
        raise Failure(Kind.ERROR, f"cmakeOptionType: {name} is no type of a CMake cache entry", catchable=True)
    return _flag(ev, "-D", feature, f":{name}=", value)


@library("cmakeBool")
def cmake_bool(ev: Evaluator, feature: Lazy, value: Lazy) -> Value:
    return _flag(ev, "-D", feature, ":BOOL=TRUE" if _truth(ev, value) else ":BOOL=FALSE")


@library("cmakeFeature")
def cmake_feature(ev: Evaluator, feature: Lazy, value: Lazy) -> Value:
    return _flag(ev, "-D", feature, ":STRING=", value)


@library("makeSearchPath")
def make_search_path(ev: Evaluator, directory: Lazy, packages: Lazy) -> Value:
    """Null stands for no package."""
    given = ev.list(packages)
    ev.spend(len(given.items) * budget.THUNK)
    inner = text_of(ev, directory) if given.items else String("")
    present = [item for item in given.items if not isinstance(item.force(), Null)]
    made: list[String | Unknown] = [
        operations.concatenate(ev, (text_of(ev, item), String("/"), inner), None) for item in present
    ]
    return with_rest(ev, given, String(":"), made)


@library("makeSearchPathOutput")
def make_search_path_output(ev: Evaluator, output: Lazy, directory: Lazy, packages: Lazy) -> Value:
    """The given output of each package; what is no package counts as it is."""

    def chosen(item: Lazy) -> Value:
        return get_output(ev, output, item) if isinstance(item.force(), Attrs) else item.force()

    given = ev.list(packages)
    ev.spend(len(given.items) * budget.THUNK)
    outputs = List([Lazy(chosen, item) for item in given.items], given.span, given.rest)
    return make_search_path(ev, directory, Lazy.done(outputs))


def _searching(output: str, directory: str) -> object:
    def make(ev: Evaluator, packages: Lazy) -> Value:
        return make_search_path_output(ev, constant(output), constant(directory), packages)

    return make


for _name, _output, _directory in (
    ("makeBinPath", "bin", "bin"),
    ("makeLibraryPath", "lib", "lib"),
    ("makeIncludePath", "dev", "include"),
):
    library.calling(_name, 1, _searching(_output, _directory))  # type: ignore[arg-type]
