"""lib.trivial."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.lists import applied
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
)

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

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
    given = ev.closed_list(functions).items
    ev.spend(len(given) * budget.THUNK)
    for function in given:
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
    """What the predicate holds for comes first."""
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


@library("warn")
def warn(ev: Evaluator, message: Lazy, value: Lazy) -> Value:
    return value.force()


@library("info")
def info(ev: Evaluator, message: Lazy, value: Lazy) -> Value:
    return value.force()


@library("warnIf", "warnIfNot")
def warn_if(ev: Evaluator, condition: Lazy, message: Lazy, value: Lazy) -> Value:
    condition.force()
    return value.force()


@library("showWarnings")
def show_warnings(ev: Evaluator, messages: Lazy, value: Lazy) -> Value:
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
    ev.spend(2 * (len(ev.closed_list(valid).items) + len(ev.closed_list(given).items)))
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
    digits = ev.text(text).removeprefix("0x")
    if not re.fullmatch("[0-9a-fA-F]+", digits):
        raise Failure(Kind.ERROR, f"fromHexString: {digits} is no hexadecimal number", catchable=True)
    return operations.integer(int(digits, 16), None)


@library("toHexString")
def to_hex_string(ev: Evaluator, number: Lazy) -> Value:
    return String(f"{ev.integer(number):X}")


@library("toBaseDigits")
def to_base_digits(ev: Evaluator, base: Lazy, number: Lazy) -> Value:
    digits: list[int] = []
    of, left = ev.integer(base), ev.integer(number)
    if of < 2 or left < 0:
        held = "(base >= 2)" if of < 2 else "(i >= 0)"
        raise Failure(Kind.ERROR, f"assertion '{held}' failed", catchable=True)
    while True:
        digits.append(left % of)
        left //= of
        if not left:
            return List([Lazy.done(Int(digit)) for digit in reversed(digits)])


@library("bitNot")
def bit_not(ev: Evaluator, number: Lazy) -> Value:
    return Int(-1 - ev.integer(number))


@library("oldestSupportedReleaseIsAtLeast", "isInOldestRelease")
def oldest_supported_release_is_at_least(ev: Evaluator, release: Lazy) -> Value:
    return Unknown(Why.INPUT, "lib.trivial.oldestSupportedRelease")


@library("revisionWithDefault")
def revision_with_default(ev: Evaluator, default: Lazy) -> Value:
    return Unknown(Why.INPUT, "lib.trivial.revisionWithDefault", None, (default,))
