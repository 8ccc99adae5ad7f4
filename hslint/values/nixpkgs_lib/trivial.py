"""lib.trivial."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.control import message, warn
from hslint.values.builtins.lists import applied
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib.lists import among
from hslint.values.nixpkgs_lib.strings import LOWER
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
    Primitive,
    String,
    Unknown,
    Value,
    Why,
    presume,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


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
        current = Lazy.done(ev.apply(function.force(), current))
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
    return _chosen(ev, operations.less(ev, first.force(), second.force(), None), first, second)


@library("max")
def max_(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return _chosen(ev, operations.less(ev, second.force(), first.force(), None), first, second)


def _chosen(ev: Evaluator, takes_first: bool | Unknown, first: Lazy, second: Lazy) -> Value:
    if isinstance(takes_first, Unknown):
        return ev.either(takes_first, (first, second), None)
    return first.force() if takes_first else second.force()


@library("mod")
def mod(ev: Evaluator, base: Lazy, number: Lazy) -> Value:
    one, other = base.force(), number.force()
    quotient = operations.arithmetic("/", one, other, None)
    return operations.arithmetic("-", one, operations.arithmetic("*", other, quotient, None), None)


@library("compare")
def compare(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    less = operations.less(ev, first.force(), second.force(), None)
    more = operations.less(ev, second.force(), first.force(), None)
    if isinstance(less, Unknown) or isinstance(more, Unknown):
        return less if isinstance(less, Unknown) else more if isinstance(more, Unknown) else Null()
    return Int(-1 if less else 1 if more else 0)


@library("splitByAndCompare")
def split_by_and_compare(ev: Evaluator, predicate: Lazy, yes: Lazy, no: Lazy, first: Lazy, second: Lazy) -> Value:
    """A comparison by which elements that match the predicate come first."""
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


def _imported(ev: Evaluator, path: Lazy, reader: str) -> Value:
    return ev.apply(ev.builtin(reader), applied(ev, Lazy.done(ev.builtin("readFile")), path))


@library("info")
def info(ev: Evaluator, text: Lazy, value: Lazy) -> Value:
    shown = operations.coerce(ev, text.force())
    if isinstance(shown, Unknown):
        presume(shown)
    return value.force()


_IDENTITY = Lazy.done(library.functions["id"])


@library("warnIf")
def warn_if(ev: Evaluator, condition: Lazy, text: Lazy) -> Value:
    return _warning_where(ev, condition, text, wanted=True)


@library("warnIfNot")
def warn_if_not(ev: Evaluator, condition: Lazy, text: Lazy) -> Value:
    return _warning_where(ev, condition, text, wanted=False)


def _warning_where(ev: Evaluator, condition: Lazy, text: Lazy, *, wanted: bool) -> Value:
    """`warn` with its message, or what gives back its argument: like it, as far as values go, if it is undecided which."""
    decision = ev.decide(condition.force(), None)
    if isinstance(decision, Unknown):
        presume(decision)
    elif decision is wanted:
        return ev.apply(ev.builtin("warn"), text)
    return _IDENTITY.force()


@library("showWarnings")
def show_warnings(ev: Evaluator, messages: Lazy, value: Lazy) -> Value:
    given = ev.list(messages)
    for text in given.items:
        warn(ev, text, _NOTHING)
    if given.rest is not None:
        presume(given.rest)
    return value.force()


_NOTHING = constant(None)


@library("throwIf")
def throw_if(ev: Evaluator, condition: Lazy, text: Lazy) -> Value:
    return _throwing_where(ev, condition, text, wanted=True)


@library("throwIfNot")
def throw_if_not(ev: Evaluator, condition: Lazy, text: Lazy) -> Value:
    return _throwing_where(ev, condition, text, wanted=False)


def _throwing_where(ev: Evaluator, condition: Lazy, text: Lazy, *, wanted: bool) -> Value:
    """A failure, or what gives back its argument."""
    decision = ev.decide(condition.force(), None)
    if isinstance(decision, Unknown):
        presume(decision)
    elif decision is wanted:
        raise Failure(Kind.ERROR, message(ev, text), catchable=True)
    return _IDENTITY.force()


@library("checkListOfEnum")
def check_list_of_enum(ev: Evaluator, text: Lazy, valid: Lazy, given: Lazy) -> Value:
    allowed = ev.closed_list(valid).items
    for item in ev.closed_list(given).items:
        if not among(ev, item, allowed):
            unexpected = message(ev, applied(ev, Lazy.done(ev.builtin("toString")), item))
            raise Failure(Kind.ERROR, f"{message(ev, text)}: {unexpected} unexpected", catchable=True)
    return _IDENTITY.force()


@library("setFunctionArgs")
def set_function_args(ev: Evaluator, function: Lazy, arguments: Lazy) -> Value:
    call = Primitive("__functor", 1, lambda ev, self: function.force())
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
    return ev.apply(ev.builtin("functionArgs"), function)


@library("isFunction")
def is_function(ev: Evaluator, value: Lazy) -> Value:
    found = ev.known(value)
    if isinstance(found, Attrs):
        functor = found.get("__functor")
        return Bool(False) if functor is None else is_function(ev, applied(ev, functor, value))
    return Bool(isinstance(found, Closure | Primitive))


@library("mirrorFunctionArgs")
def mirror_function_args(ev: Evaluator, model: Lazy, function: Lazy) -> Value:
    return set_function_args(ev, function, Lazy(lambda _: function_args(ev, model)))


@library("toFunction")
def to_function(ev: Evaluator, value: Lazy) -> Value:
    if ev.boolean(Lazy.done(is_function(ev, value))):
        return value.force()
    return Primitive("toFunction", 1, lambda ev, ignored: value.force())


@library("fromHexString")
def from_hex_string(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    found = re.fullmatch("(0x)?([0-7]?[0-9A-Fa-f]{1,15})", given)
    digits = found[2] if found else given.translate(LOWER).removeprefix("0x")
    return ev.select(ev.apply(ev.builtin("fromTOML"), constant(f"v=0x{digits}")), "v")


@library("toHexString")
def to_hex_string(ev: Evaluator, number: Lazy) -> Value:
    return String("".join(f"{digit:X}" for digit in _digits(ev, 16, number)))


@library("toBaseDigits")
def to_base_digits(ev: Evaluator, base: Lazy, number: Lazy) -> Value:
    of = ev.known(base)
    if not isinstance(of, Int):
        raise _not_asserted("(isInt base)")
    return List([constant(digit) for digit in _digits(ev, of.value, number)])


def _not_asserted(text: str) -> Failure:
    return Failure(Kind.ERROR, f"assertion '{text}' failed", catchable=True)


def _digits(ev: Evaluator, base: int, number: Lazy) -> list[int]:
    given = ev.known(number)
    if not isinstance(given, Int):
        raise _not_asserted("(isInt i)")
    if base < 2 or given.value < 0:
        raise _not_asserted("(base >= 2)" if base < 2 else "(i >= 0)")
    digits = [given.value % base]
    while given.value >= base ** len(digits):
        digits.append(given.value // base ** len(digits) % base)
    return digits[::-1]


@library("bitNot")
def bit_not(ev: Evaluator, number: Lazy) -> Value:
    return operations.arithmetic("-", Int(-1), ev.known(number), None)


@library("oldestSupportedReleaseIsAtLeast", "isInOldestRelease")
def oldest_supported_release_is_at_least(ev: Evaluator, release: Lazy) -> Value:
    return Unknown(Why.INPUT, "lib.trivial.oldestSupportedRelease")


@library("revisionWithDefault")
def revision_with_default(ev: Evaluator, default: Lazy) -> Value:
    return Unknown(Why.INPUT, "lib.trivial.revisionWithDefault", None, (default,))
