"""No file crashes the reading of it or takes its time by the square of its length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax.reading import read

from hslint.syntax.nodes import Hole
from hslint.syntax.problems import ProblemKind

pytestmark = pytest.mark.slow  # what is made to take long

NESTED = [
    ("(", ")"),
    ("[", "]"),
    ("{a=", ";}"),
    ('"${', '}"'),
    ("''${", "}''"),
    ("rec{a=", ";}"),
    ('{"${', '}"=1;}'),
    ("{a.${", "}=1;}"),
    ("x: ", ""),
    ("with x; ", ""),
    ("if a then b else ", ""),
    ("! ", ""),
    ("- ", ""),
    ("let a=1;in ", ""),
    ("f(", ")"),
    ("{a?", "}:1"),
    ("./${", "}"),
    ("[] ++ ", ""),
]


@pytest.mark.parametrize(
    ("opening", "closing", "depth"),
    [(*pair, depth) for depth in (10_000, 100_000) for pair in NESTED[: 8 if depth > 10_000 else None]],
)
def test_nesting_without_end_is_one_problem(opening: str, closing: str, depth: int) -> None:
    """Closed or open: a hole where the limit is, and the rest of the file as usual."""
    for text in (opening * depth + "1" + closing * depth, opening * depth):
        parsed = read(text)
        assert len(parsed.problems) <= 1
        parsed.undefined_variables()


def test_depth_that_people_reach_is_no_problem() -> None:
    """Hundreds of levels."""
    for opening, closing in NESTED:
        if opening not in ("x: ", "with x; ", "if a then b else "):
            assert read(opening * 400 + "1" + closing * 400).problems == ()


def test_what_is_too_deep_is_of_its_own_kind() -> None:
    """It is hslint's limit, not an error in the file."""
    assert [(p.kind, p.message) for p in read("[" * 5000 + "]" * 5000).problems] == [
        (ProblemKind.TOO_DEEP, "nested too deeply to analyse")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "-" * 100_000 + "1",
        "a" + ".a" * 100_000,
        "1" + "+1" * 100_000,
        "/*" * 100_000,
        ",#" * 200_000,
        ",#\n" * 200_000,
        "#,\n" * 200_000 + "1",
        "{a=]" * 20_000,
        "{ a = b\n" * 10_000,
        '"' + "$" * 500_000 + '"',
        "''" + "' " * 300_000 + "''",
        '"' + "${a}" * 50_000 + '"',
        "{" + "a = b\n" * 30_000 + "}",
        "<a" * 50_000,
        "a.a" + " or a.a" * 50_000,
        "[" + "(x: { y = [ x ]; })\n" * 20_000 + "]",
    ],
    ids=lambda text: text[:8],
)
def test_length_costs_time_in_proportion(text: str) -> None:
    """Seconds are generous: by its square, each of these would take minutes."""
    begin = time.perf_counter()
    read(text).undefined_variables()
    assert time.perf_counter() - begin < 20


def test_a_run_that_would_cost_its_square_is_not_read() -> None:
    """Every byte of it could begin a path that goes on to its end; in a string it is harmless."""
    parsed = read("a" + ".a" * 5_000)
    assert isinstance(parsed.expression, Hole)
    assert [problem.kind for problem in parsed.problems] == [ProblemKind.TOO_DEEP]
    assert read('"' + "a" * 10_000 + '"').problems == ()


PIECES = st.sampled_from(
    [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ";",
        "=",
        ".",
        ",",
        ":",
        "@",
        "?",
        "...",
        "+",
        "++",
        "/",
        "//",
        "a",
        "b",
        "or",
        "rec",
        "let",
        "in",
        "with",
        "if",
        "then",
        "else",
        "inherit",
        "assert",
        '"',
        "''",
        "${",
        "$",
        "\\",
        "'",
        "#",
        "/*",
        "*/",
        "<a>",
        "./a",
        "~/",
        "1",
        "1.5",
        "|>",
        "\n",
        "\r",
        "\x00",
        "ß",
    ]
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.one_of(st.lists(PIECES, max_size=30).map(" ".join).map(str.encode), st.binary(max_size=60)))
def test_anything_is_read_without_an_exception(text: bytes) -> None:
    """And every place lies inside the file."""
    parsed = read(text)
    assert len(parsed.problems) < 20
    for problem in (*parsed.problems, *parsed.undefined_variables()):
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert len(problem.message) < 160
    assert parsed.comments is parsed.comments
    assert parsed.suppressions == ()
