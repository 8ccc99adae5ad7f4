"""lib.asserts. An undecided assertion holds in every configuration that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.primitive import Registry
from hslint.values.value import Bool, Failure, Kind, Lazy, Unknown, Value, presume

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


@library("assertMsg")
def assert_msg(ev: Evaluator, condition: Lazy, message: Lazy) -> Value:
    if not ev.holds(condition.force(), None):
        raise Failure(Kind.ERROR, ev.text(message), catchable=True)
    return Bool(True)


@library("assertOneOf")
def assert_one_of(ev: Evaluator, name: Lazy, value: Lazy, allowed: Lazy) -> Value:
    given = ev.list(allowed)
    ev.spend(2 * len(given.items))
    undecided = given.rest
    for item in given.items:
        same = operations.equal(ev, item.force(), value.force())
        if same is True:
            return Bool(True)
        undecided = undecided or (same if isinstance(same, Unknown) else None)
    if undecided is not None:
        presume(undecided)
        return Bool(True)
    raise Failure(Kind.ERROR, f"{ev.text(name)} is not one of the allowed values", catchable=True)


@library("assertEachOneOf")
def assert_each_one_of(ev: Evaluator, name: Lazy, values: Lazy, allowed: Lazy) -> Value:
    for item in ev.list(values).items:
        assert_one_of(ev, name, item, allowed)
    return Bool(True)


@library("checkAssertWarn")
def check_assert_warn(ev: Evaluator, assertions: Lazy, warnings: Lazy, value: Lazy) -> Value:
    for item in ev.list(assertions).items:
        one = ev.attrs(item)
        if not ev.holds(ev.select(one, "assertion"), None):
            raise Failure(
                Kind.ERROR, f"Failed assertions: - {ev.text(Lazy.done(ev.select(one, 'message')))}", catchable=True
            )
    return value.force()
