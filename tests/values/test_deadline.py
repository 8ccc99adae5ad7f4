"""A deadline ends an evaluation between two slices of work, whatever is left of its budget."""

from __future__ import annotations

import pytest
from evaluated import evaluator, value_of

from hslint.source import Project
from hslint.syntax.parse import parse
from hslint.values import budget
from hslint.values.budget import Deadline, Interrupted, with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.value import Bool, Int

_ENDLESS = "let f = n: if n == 0 then 1 else f (n - 1) + f (n - 1); in f 60"


def test_a_cancelled_evaluation_is_interrupted() -> None:
    """It does not become a value, and no part of it is taken for evaluated: with more time the same thunk has its value."""
    ev = evaluator(calls=1_000_000)
    ev.deadline = Deadline()
    ev.deadline.cancel()
    with pytest.raises(Interrupted):
        with_deep_stack(value_of, ev, _ENDLESS)
    ev.deadline = None
    assert isinstance(value_of(ev, "1 + 1"), Int)


def test_a_deadline_that_has_passed_interrupts() -> None:
    """No time at all is enough for what needs no slice of work, and for nothing else."""
    ev = NixEvaluator(Project("/nowhere"), parse, deadline=Deadline(0))
    assert isinstance(value_of(ev, "true"), Bool)
    with pytest.raises(Interrupted):
        with_deep_stack(value_of, ev, _ENDLESS)


def test_interrupting_is_no_exception_that_a_rule_or_a_builtin_may_swallow() -> None:
    """`tryEval` does not catch it either."""
    assert not issubclass(Interrupted, Exception)
    ev = NixEvaluator(Project("/nowhere"), parse, deadline=Deadline(0))
    with pytest.raises(Interrupted):
        with_deep_stack(value_of, ev, f"builtins.tryEval ({_ENDLESS})")


def test_the_budget_is_what_was_asked_for_however_it_is_sliced() -> None:
    """A call costs as much as `budget.ELEMENTS` elements, and what was spent does not come back."""
    for calls in (1, 10, 3 * budget.SLICE // budget.ELEMENTS):
        ev = evaluator(calls=calls)
        ev.spend(1)
        assert ev.work_left + ev.work_reserved == calls * budget.ELEMENTS - 1
