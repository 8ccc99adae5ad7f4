"""Every function, given what it does not expect: a value, a failure of Nix or an unknown, and never an exception of Python."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hostile import functions, hostile_evaluator, values

from hslint.values.budget import with_deep_stack
from hslint.values.evaluator import Evaluator
from hslint.values.value import Attrs, Failure, Lazy, List, NotKnown, Primitive, Value

pytestmark = pytest.mark.slow  # each function on everything

FUNCTIONS = functions()

#: Calls for one application.
CALLS = 20_000

#: Applications to different values, beside those to one and the same.
MIXED = 40


def _arguments(name: str, arity: int, pool: list[Lazy]) -> Iterator[tuple[Lazy, ...]]:
    for value in pool:
        yield (value,) * arity
    if arity > 1:
        chance = random.Random(name)
        for _ in range(MIXED):
            yield tuple(chance.choices(pool, k=arity))


def _looked_at(value: Value) -> None:
    """One level of it is forced."""
    inside = value.items if isinstance(value, List) else value.items.values() if isinstance(value, Attrs) else ()
    for lazy in list(inside)[:50]:
        try:
            lazy.force()
        except (Failure, NotKnown, RecursionError):
            continue


def _apply(ev: Evaluator, name: str, function: Primitive) -> None:
    for arguments in _arguments(name, function.arity, values(ev)):
        ev.work_left, ev.work_reserved = 0, CALLS * 16
        try:
            _looked_at(ev.call(function, *arguments))
        except (Failure, NotKnown, RecursionError):
            continue
        except Exception as error:
            given = ", ".join(repr(argument.force())[:60] for argument in arguments)
            raise AssertionError(f"{name} {given}: {error!r}") from error


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_function_raises_an_exception_of_python(name: str) -> None:
    """What is wrong with an argument is a Failure, what is unknown an Unknown; anything else is a defect of hslint."""
    ev = hostile_evaluator(CALLS)
    ev.work_reserved = 1_000_000
    with_deep_stack(_apply, ev, name, FUNCTIONS[name])
