"""lib.debug: functions that only print give back what they are given; `runTests` compares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.control import force_deeply
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Lazy, List, NotKnown, String, Unknown, Value

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

library = Registry()


@library("traceVal", "traceValSeq")
def trace_val(ev: Evaluator, value: Lazy) -> Value:
    return value.force()


@library("traceValFn", "traceValSeqFn", "traceValSeqN")
def trace_val_fn(ev: Evaluator, shown: Lazy, value: Lazy) -> Value:
    return value.force()


@library("traceIf", "traceSeqN", "traceValSeqNFn", "traceFnSeqN")
def trace_if(ev: Evaluator, condition: Lazy, message: Lazy, value: Lazy) -> Value:
    return value.force()


@library("traceSeq")
def trace_seq(ev: Evaluator, message: Lazy, value: Lazy) -> Value:
    force_deeply(ev, message.force())
    return value.force()


@library("testAllTrue")
def test_all_true(ev: Evaluator, expression: Lazy) -> Value:
    """A test that a list holds nothing but true."""
    given = ev.closed_list(expression)
    ev.spend(len(given.items))
    return Attrs({"expr": expression, "expected": Lazy.done(List([Lazy.done(Bool(True))] * len(given.items)))})


@library("runTests")
def run_tests(ev: Evaluator, tests: Lazy) -> Value:
    """The tests whose `expr` is not their `expected`."""
    given = ev.closed_attrs(tests)
    ev.spend(4 * len(given.items))
    only = given.get("tests")
    chosen = [ev.text(name) for name in ev.closed_list(only).items] if only is not None else []
    failed: list[Lazy] = []
    for name in sorted(given.items, key=operations.encoded):
        if not (name in chosen or (not chosen and name.startswith("test") and name != "tests")):
            continue
        test = ev.attrs(given.items[name])
        result, expected = ev.select(test, "expr"), ev.select(test, "expected")
        same = operations.equal(ev, result, expected)
        if isinstance(same, Unknown):
            raise NotKnown(same)
        if not same:
            failed.append(
                Lazy.done(
                    Attrs(
                        {"name": Lazy.done(String(name)), "expected": Lazy.done(expected), "result": Lazy.done(result)}
                    )
                )
            )
    return List(failed)
