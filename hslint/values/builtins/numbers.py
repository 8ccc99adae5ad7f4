"""The builtins about numbers. Integers have 64 bits and overflow is an error (Nix 2.25 and later)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.primitive import Registry
from hslint.values.value import Bool, Failure, Float, Int, Kind, Lazy, NotKnown, Unknown, Value, type_name

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

builtin = Registry()


def number(ev: Evaluator, lazy: Lazy) -> Int | Float:
    value = ev.known(lazy)
    if not isinstance(value, Int | Float):
        raise Failure(Kind.TYPE, f"value is {type_name(value)} while an integer was expected", value.span)
    return value


@builtin("add")
def add(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return operations.add(ev, number(ev, left), number(ev, right), None)


@builtin("sub")
def sub(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return operations.arithmetic("-", number(ev, left), number(ev, right), None)


@builtin("mul")
def mul(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return operations.arithmetic("*", number(ev, left), number(ev, right), None)


@builtin("div")
def div(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    first, second = number(ev, left), number(ev, right)
    return operations.arithmetic("/", first, second, None)


@builtin("lessThan")
def less_than(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    answer = operations.less(ev, left.force(), right.force(), None)
    if isinstance(answer, Unknown):
        raise NotKnown(answer)
    return Bool(answer)


@builtin("bitAnd")
def bit_and(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return Int(ev.integer(left) & ev.integer(right))


@builtin("bitOr")
def bit_or(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return Int(ev.integer(left) | ev.integer(right))


@builtin("bitXor")
def bit_xor(ev: Evaluator, left: Lazy, right: Lazy) -> Value:
    return Int(ev.integer(left) ^ ev.integer(right))


@builtin("ceil")
def ceil(ev: Evaluator, value: Lazy) -> Value:
    return _rounded(ev, value, math.ceil)


@builtin("floor")
def floor(ev: Evaluator, value: Lazy) -> Value:
    return _rounded(ev, value, math.floor)


def _rounded(ev: Evaluator, lazy: Lazy, how: Callable[[float], int]) -> Value:
    value = number(ev, lazy)
    if isinstance(value, Int):
        return value
    if not math.isfinite(value.value):
        raise Failure(Kind.ERROR, f"{value.value} cannot be converted to an integer", value.span)
    return operations.integer(how(value.value), None)
