"""lib.debug: functions that only print give back what they are given; `runTests` compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.control import force_deeply
from hslint.values.builtins.lists import applied
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.text import encoded
from hslint.values.value import Attrs, Lazy, List, NotKnown, Unknown, Value, presume

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


def _told(message: Lazy) -> None:
    """Force what `builtins.trace` prints; an unknown value is taken to be no error."""
    value = message.force()
    if isinstance(value, Unknown):
        presume(value)


@library("traceVal")
def trace_val(ev: Evaluator, value: Lazy) -> Value:
    return value.force()


@library("traceValFn")
def trace_val_fn(ev: Evaluator, shown: Lazy, value: Lazy) -> Value:
    _told(applied(ev, shown, value))
    return value.force()


@library("traceIf")
def trace_if(ev: Evaluator, condition: Lazy, message: Lazy, value: Lazy) -> Value:
    decision = ev.decide(condition.force(), None)
    if isinstance(decision, Unknown):
        presume(decision)
    elif decision:
        _told(message)
    return value.force()


@library("traceSeq")
def trace_seq(ev: Evaluator, message: Lazy, value: Lazy) -> Value:
    force_deeply(ev, message.force())
    return value.force()


@library("traceValSeq")
def trace_val_seq(ev: Evaluator, value: Lazy) -> Value:
    return trace_seq(ev, value, value)


@library("traceValSeqFn")
def trace_val_seq_fn(ev: Evaluator, shown: Lazy, value: Lazy) -> Value:
    force_deeply(ev, value.force())
    return trace_val_fn(ev, shown, value)


@library("traceSeqN")
def trace_seq_n(ev: Evaluator, depth: Lazy, message: Lazy, value: Lazy) -> Value:
    _force_to(ev, ev.integer(depth), message)
    return value.force()


@library("traceValSeqN")
def trace_val_seq_n(ev: Evaluator, depth: Lazy, value: Lazy) -> Value:
    return trace_seq_n(ev, depth, value, value)


@library("traceValSeqNFn")
def trace_val_seq_n_fn(ev: Evaluator, shown: Lazy, depth: Lazy, value: Lazy) -> Value:
    return trace_seq_n(ev, depth, applied(ev, shown, value), value)


@library("traceFnSeqN")
def trace_fn_seq_n(ev: Evaluator, depth: Lazy, name: Lazy, function: Lazy, value: Lazy) -> Value:
    result = applied(ev, function, value)
    for printed in (value, name, result):
        _force_to(ev, ev.integer(depth), printed)
    return result.force()


def _force_to(ev: Evaluator, depth: int, lazy: Lazy) -> None:
    """Force a value and what is in it, as many sets and lists deep as `depth` says."""
    value = lazy.force()
    if isinstance(value, Unknown):
        presume(value)
    elif depth != 0 and isinstance(value, List | Attrs):
        items = value.items if isinstance(value, List) else value.items.values()
        ev.spend(budget.ELEMENTS * 2 + len(items))
        for inner in items:
            _force_to(ev, depth - 1, inner)


@library("testAllTrue")
def test_all_true(ev: Evaluator, expression: Lazy) -> Value:
    """A test that a list holds nothing but true."""
    given = ev.closed_list(expression)
    ev.spend(len(given.items))
    return Attrs({"expr": expression, "expected": Lazy.done(List([constant(True)] * len(given.items)))})


@library("runTests")
def run_tests(ev: Evaluator, tests: Lazy) -> Value:
    """The tests whose `expr` is not their `expected`."""
    given = ev.closed_attrs(tests)
    ev.spend(4 * len(given.items))
    only = given.get("tests")
    chosen = [ev.text(name) for name in ev.closed_list(only).items] if only is not None else []
    failed: list[Lazy] = []
    for name in sorted(given.items, key=encoded):
        if not (name in chosen or (not chosen and name.startswith("test") and name != "tests")):
            continue
        test = ev.attrs(given.items[name])
        result, expected = ev.select(test, "expr"), ev.select(test, "expected")
        same = operations.equal(ev, result, expected)
        if isinstance(same, Unknown):
            raise NotKnown(same)
        if not same:
            failed.append(
                Lazy.done(Attrs({"name": constant(name), "expected": Lazy.done(expected), "result": Lazy.done(result)}))
            )
    return List(failed)
