"""Values made to break functions, and every function that there is, for tests that apply the ones to the others."""

from __future__ import annotations

from evaluated import evaluator, value_of

from hslint.values import builtins, nixpkgs_lib
from hslint.values.evaluator import Evaluator
from hslint.values.value import Attrs, Lazy, List, Primitive, String, Unknown, Value, Why

#: Expressions; each is small to write and awkward to handle.
TEXTS = (
    "null",
    "true",
    "0",
    "1",
    "-1",
    "3000000000",
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "0.0",
    "0.5",
    "1.0e308 * 10",
    "(1.0e308 * 10) - (1.0e308 * 10)",
    '""',
    '"a"',
    '"/"',
    '"1.²"',
    '"٣"',
    '"99999999999999999999999.1"',
    '"-"',
    '"[x"',
    '"(a*)*b"',
    r'"\\"',
    '"{\\"a\\": 1e999}"',
    '"é"',
    '"[[[["',
    "/nowhere/x",
    "[ ]",
    "[ 1 ]",
    '[ "a" "b" ]',
    "[ [ ] [ 1 ] ]",
    "[ null (x: x) ]",
    "(let l = [ l ]; in l)",
    "(let l = [ l 1 l ]; in l)",
    "{ }",
    "{ a = 1; }",
    '{ name = "a"; value = 1; }',
    '{ type = "derivation"; name = "x"; outPath = "/nix/store/x"; }',
    "{ outPath = null; }",
    "(let o = { outPath = o; }; in o)",
    "{ __toString = self: 1; }",
    "{ __functor = self: x: x; }",
    "{ __functor = 1; }",
    "(let s = { a = s; b = [ s ]; }; in s)",
    '{ a = throw "no"; }',
    "(x: x)",
    "(x: y: x)",
    "({ a, b ? 1 }: a)",
    "builtins.add",
    "(builtins.add 1)",
    "builtins",
    "(builtins.genList (x: x) 3000)",
    '(builtins.concatStringsSep "" (builtins.genList (x: "a/") 5000))',
    '(builtins.concatStringsSep "" (builtins.genList (x: "9") 5000))',
)


def values(ev: Evaluator) -> list[Lazy]:
    made: list[Value] = [value_of(ev, text) for text in TEXTS]
    unknown = Unknown(Why.INPUT, "somewhere")
    made += [
        unknown,
        String.of(("a", unknown, "b")),
        String("\udcff"),
        List([Lazy.done(String("a"))], rest=unknown),
        Attrs({"a": Lazy.done(String("a"))}, rest=unknown),
        Attrs({"a": Lazy.done(String("a"))}, maybe=frozenset(("a",))),
    ]
    return [Lazy.done(value) for value in made]


def functions() -> dict[str, Primitive]:
    """Every function written in Python, by its full name."""
    found = {f"builtins.{name}": function for name, function in builtins.FUNCTIONS.items()}
    for outer, items in nixpkgs_lib._NATIVE.items():
        for name, lazy in items.items():
            value = lazy.force()
            if isinstance(value, Primitive):
                found[f"lib.{outer}.{name}"] = value
    return found


def hostile_evaluator(calls: int) -> Evaluator:
    """One with little to spend, in which a function's defect is raised as it is."""
    ev = evaluator(calls=calls)
    nixpkgs_lib.library(ev)
    ev.raises_defects = True
    return ev
