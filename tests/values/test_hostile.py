"""Expressions made to hang or crash: each ends soon, with a value, a failure or an honest shrug."""

from __future__ import annotations

import pytest
from evaluated import Refused, Untold, outcome

from hslint.values.value import Why

pytestmark = pytest.mark.slow  # what is made to take long

#: Enough for every honest expression here, and soon spent.
CALLS = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "let f = n: if n == 0 then 1 else f (n - 1) + f (n - 1); in f 60",
        "let f = n: if n == 0 then [ 1 ] else f (n - 1) ++ f (n - 1); in f 60",
        'let f = s: n: if n == 0 then s else f (s + s) (n - 1); in f "x" 100',
        "let g = n: l: if n == 0 then l else g (n - 1) (l ++ l); in builtins.length (g 60 [ 1 ])",
        "builtins.genList (x: x) 1000000000000",
        "builtins.concatMap (x: builtins.genList (y: y) 10000) (builtins.genList (x: x) 10000)",
        "builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: [ { key = x.key + 1; } ]; }",
        "let f = x: y: { inherit x y; z = f (x + 1) (y + 1); }; in builtins.deepSeq (f 1 2) 1",
        "let f = n: { a = f (n + 1); }; in f 0",
        "toString (builtins.genList (x: builtins.genList (y: y) 2000) 2000)",
        "builtins.foldl' (a: b: a // { ${toString b} = b; }) { } (builtins.genList (x: x) 20000)",
        'builtins.split "(a*)*b" (builtins.concatStringsSep "" (builtins.genList (x: "a") 20000))',
    ],
)
def test_what_grows_without_end_takes_more_work_than_is_spent(text: str) -> None:
    """Past a budget a value is unknown."""
    found = outcome(text, calls=CALLS)
    assert isinstance(found, Untold) and found.why is Why.BUDGET


@pytest.mark.parametrize(
    "text",
    [
        "let x = x; in x",
        "let a = b + 1; b = c + 1; c = a + 1; in a",
        "let f = x: f x; in f 1",
        "(x: x x) (x: x x)",
        "let f = x: g x + 1; g = x: f x + 1; in f 1",
        "let x = { a = x; b = x; }; in builtins.toJSON x",
    ],
)
def test_a_value_that_needs_itself_is_infinite_recursion(text: str) -> None:
    """Recursion without end is an error of the configuration, as Nix has it."""
    found = outcome(text, calls=CALLS)
    assert isinstance(found, Refused)
    assert "recursion" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "let f = n: f (n + 1) ++ f (n + 1); in f 0",
        "let f = { __functor = self: x: self x; }; in f 1",
        'let s = { __toString = self: "${self}"; }; in "${s}"',
        "builtins.toJSON (builtins.foldl' (a: b: [ a ]) 1 (builtins.genList (x: x) 20000))",
        "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 20000",
        "[" * 5000 + "]" * 5000,
    ],
)
def test_what_nests_past_a_limit_is_unknown(text: str) -> None:
    """How deep Nix goes depends on its release and its settings: a limit of hslint's is no refusal of Nix's."""
    found = outcome(text, calls=CALLS)
    assert isinstance(found, Untold) and found.why is Why.BUDGET


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('builtins.match "((a*)*)*b(x|y)" (builtins.concatStringsSep "" (builtins.genList (x: "a") 1000))', "null"),
        (
            'builtins.match "(.*)(.*)(.*)(.*)(.*)x" (builtins.concatStringsSep "" (builtins.genList (x: "a") 500))',
            "null",
        ),
        ("builtins.deepSeq (builtins.foldl' (a: b: [ a ]) 1 (builtins.genList (x: x) 20000)) 1", "1"),
        ("let l = [ l ]; in l == [ l ]", "true"),
    ],
)
def test_what_looks_endless_but_is_not_is_known(text: str, expected: str) -> None:
    """Regular expressions do not backtrack for ever, and depth alone is no reason to give up."""
    assert outcome(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "let d = builtins.foldl' (a: b: [ a ]) 1 (builtins.genList (x: x) 50000); in d == [ d ]",
        "let a = { x = a; }; b = { x = b; }; in a == b",
        'let o = { outPath = o; }; in "${o}"',
        "builtins.toJSON (builtins.foldl' (a: b: [ a ]) 1 (builtins.genList (x: x) 50000))",
        'builtins.fromJSON (builtins.concatStringsSep "" (builtins.genList (x: "[") 50000))',
        'builtins.fromTOML ("x = " + builtins.concatStringsSep "" (builtins.genList (x: "[") 50000))',
    ],
)
def test_deep_nesting_ends_without_a_crash(text: str) -> None:
    """Whatever it is, it is no traceback."""
    assert outcome(text) is not None
