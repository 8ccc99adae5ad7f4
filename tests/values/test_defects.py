"""An exception of a function written in Python becomes an unknown value in one place, and is remembered as hslint's fault."""

from __future__ import annotations

import pytest
from evaluated import evaluator, value_of

from hslint.values.evaluator import Evaluator
from hslint.values.value import Attrs, Bool, Lazy, Primitive, Unknown, Value, Why


def _raising(error: Exception) -> Value:
    def run(ev: Evaluator, value: Lazy) -> Value:
        raise error

    return Primitive("broken", 1, run)


@pytest.mark.parametrize(
    "error", [ValueError("digits"), OverflowError(), UnicodeEncodeError("utf-8", "x", 0, 1, "no"), KeyError("a")]
)
def test_what_a_function_raises_is_unknown_and_kept(error: Exception) -> None:
    """The value is unknown, and says so, by the function's name."""
    ev = evaluator()
    value = value_of(ev, "broken 1", {"broken": _raising(error)})
    assert isinstance(value, Unknown) and (value.why, value.detail) == (Why.FUNCTION, "broken")
    assert [(defect.function, defect.error) for defect in ev.defects] == [("broken", error)]


def test_only_the_innermost_application_is_unknown() -> None:
    """What does not depend on it keeps its value."""
    ev = evaluator()
    text = 'builtins.mapAttrs (n: v: if n == "a" then broken v else v) { a = 1; b = true; }'
    value = value_of(ev, text, {"broken": _raising(ValueError())})
    assert isinstance(value, Attrs)
    assert isinstance(value.items["a"].force(), Unknown)
    assert isinstance(value.items["b"].force(), Bool)


def test_a_lack_of_memory_is_no_fault_of_the_function() -> None:
    ev = evaluator()
    value = value_of(ev, "broken 1", {"broken": _raising(MemoryError())})
    assert isinstance(value, Unknown) and value.why is Why.BUDGET
    assert ev.defects == []


def test_a_fuzzer_sees_the_exception_itself() -> None:
    ev = evaluator()
    ev.raises_defects = True
    with pytest.raises(ValueError, match="digits"):
        value_of(ev, "broken 1", {"broken": _raising(ValueError("digits"))})
