"""Undecided conditions as clauses, and definitions with their priorities as Nix writes them."""

import pytest

from hslint.modules.properties import make
from hslint.reporters.conditions import clause, clauses
from hslint.reporters.values import one_line
from hslint.spelling import nearest, nearest_few
from hslint.values.conditions import Atom, Both, Condition, Either, Not
from hslint.values.value import Bool, Int, Lazy, List, String, Unknown, Why

A, B, C = Atom("a.enable"), Atom("b.enable"), Atom("x == 1", is_expression=True)


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (A, "`a.enable` is true"),
        (Not(A), "`a.enable` is false"),
        (Not(C), "`x == 1` does not hold"),
        (Both(A, Not(B)), "`a.enable` is true and `b.enable` is false"),
        (Not(Both(A, B)), "`a.enable` is false or `b.enable` is false"),
        (Both(A, Either(B, C)), "`a.enable` is true and (`b.enable` is true or `x == 1` holds)"),
    ],
    ids=str,
)
def test_a_formula_is_said_as_when_it_holds(formula: Condition, said: str) -> None:
    assert clause(Unknown(Why.CONDITION, term=formula)) == said


def test_a_condition_that_cannot_be_read_has_its_reason() -> None:
    """Nothing is made up of broken text; the same condition is said once."""
    assert clause(Unknown(Why.SYNTAX)) == "could not be parsed"
    argument = Unknown(Why.ARGUMENT, "vpn")
    assert clauses([argument, argument]) == "`vpn` is true"


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("override", 50, "mkForce 1"),
        ("override", 7, "mkOverride 7 1"),
        ("order", 500, "mkBefore 1"),
        ("order", 9, "mkOrder 9 1"),
    ],
)
def test_priorities_and_orders_are_calls(kind: str, number: int, said: str) -> None:
    value = make(kind, priority=Lazy.done(Int(number)), content=Lazy.done(Int(1)))
    assert one_line(value, ()) == said


def test_conditions_and_merges_are_calls() -> None:
    """An undecided condition is left out: it may be long, and is said beside the definition."""
    content = Lazy.done(String("x"))
    assert one_line(make("if", condition=Lazy.done(Bool(False)), content=content), ()) == 'mkIf false "x"'
    assert one_line(make("if", condition=Lazy.done(Unknown(Why.OPEN)), content=content), ()) == 'mkIf (…) "x"'
    assert one_line(make("merge", contents=Lazy.done(List([content]))), ()) == 'mkMerge [ "x" ]'


def test_suggestions_differ_from_the_name_and_from_each_other() -> None:
    assert nearest_few("port", ["port", "prot", "prot", "ports"], 3) == ["ports", "prot"]
    assert nearest("port", ["port"]) is None
