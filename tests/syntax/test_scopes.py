"""Names that nothing binds are found without evaluating, and no bound one is called unbound."""

import pytest
from syntax.reading import problems, read

UNDEFINED = {
    "alone": ("x", ["1:1 'x' undefined variable 'x'"]),
    "outside its function": ("(x: x) x", ["1:8 'x' undefined variable 'x'"]),
    "outside its let": ("[ (let x = 1; in x) x ]", ["1:21 'x' undefined variable 'x'"]),
    "in a set without rec": ("{ a = 1; b = a; }", ["1:14 'a' undefined variable 'a'"]),
    "inherited": ("{ inherit x; }", ["1:11 'x' undefined variable 'x'"]),
    "inherited into a rec from outside": ("rec { inherit x; a = x; }", ["1:15 'x' undefined variable 'x'"]),
    "in the namespace of its own with": ("with x; y", ["1:6 'x' undefined variable 'x'"]),
    "in strings, paths and names": (
        '{ a = "${b}"; c = ./${d}; ${e} = 1; f = 1 ? ${g}; }',
        [
            f"1:{column} '{name}' undefined variable '{name}'"
            for column, name in ((10, "b"), (23, "d"), (29, "e"), (47, "g"))
        ],
    ),
    "in a default": ("{ a ? b, c }: c", ["1:7 'b' undefined variable 'b'"]),
    "in a merged set that is not rec": (
        "{ a = { b = 1; }; a = rec { c = b; }; }",
        ["1:33 'b' undefined variable 'b'"],
    ),
}

DEFINED = [
    "x: x",
    "{ a, b ? a }@c: [ a b c ]",
    "let a = b; b = 1; in a",
    "rec { a = b; b = 1; }",
    "let x = { y = 1; }; in let inherit (x) y; in y",
    "let inherit (a) b; a = { b = 1; }; in b",
    "rec { inherit (a) b; a = { b = 1; }; }",
    'rec { ${a} = a; a = "b"; }',
    "x: with x; [ y z (with x; q) ]",
    "x: with x; let a = y; in rec { inherit z; b = a; }",
    "let { a = 1; body = a; }",
    "{ a = rec { b = 1; }; a.c = b: b; a.d = 2; }",
    "map toString (builtins.attrNames (removeAttrs { } [ ]))",
    "[ true false null import throw abort derivation fetchTarball fetchGit isNull placeholder __currentSystem __curPos ]",
    "x: x.a.b.c",
]


@pytest.mark.parametrize(("text", "expected"), UNDEFINED.values(), ids=UNDEFINED)
def test_an_undefined_variable_is_named_where_it_stands(text: str, expected: list[str]) -> None:
    """Every one of them, in the order of the text."""
    assert problems(text) == expected


@pytest.mark.parametrize("text", DEFINED)
def test_a_bound_name_is_no_problem(text: str) -> None:
    """However it is bound; below a `with`, any name may be."""
    assert problems(text) == []


def test_a_caller_may_know_more_names() -> None:
    """As `scopedImport` gives them to a file."""
    assert read("pkgs").undefined_variables(frozenset({"pkgs"})) == ()
    assert len(read("true").undefined_variables(frozenset())) == 1


def test_ten_thousand_scopes_are_walked_without_recursion() -> None:
    """A chain of operators is as long as people make it."""
    assert problems("a: " + "a + " * 10_000 + "a") == []
