"""Work is counted before it is done: what takes more than the budget is unknown, whichever function it is asked of."""

from __future__ import annotations

import pytest
from evaluated import Refused, Untold, evaluator, outcome, value_of

from hslint.values import budget, nixpkgs_lib
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.value import Attrs, Failure, Lazy, List, NotKnown, String, Unknown, Value, Why

#: Far less than any of the expressions below needs.
CALLS = 10_000

#: Names in scope: values that are large before anything is done with them, made without spending anything.
_MANY = 200_000
_TEXT = 4_000_000


def _large() -> dict[str, Value]:
    numbers = [Lazy.done(value) for value in _numbers(_MANY)]
    texts = [Lazy.done(String(f"{n}x")) for n in range(_MANY)]
    return {
        "numbers": List(numbers),
        "texts": List(texts),
        "lists": List([Lazy.done(List(numbers[:10]))] * _MANY),
        "sets": List([Lazy.done(Attrs({f"n{n}": numbers[n]})) for n in range(_MANY)]),
        "set": Attrs({f"n{n:06}": numbers[n] for n in range(_MANY)}),
        "texts_by_name": Attrs({f"n{n:06}": texts[n] for n in range(_MANY)}),
        "text": String("ab/c-1." * (_TEXT // 7)),
        "json": String("[" + "1," * _MANY + "1]"),
        "toml": String("".join(f"a{n} = 1\n" for n in range(_MANY))),
    }


def _numbers(count: int) -> list[Value]:
    from hslint.values.value import Int

    return [Int(number) for number in range(count)]


@pytest.fixture(scope="module")
def large() -> dict[str, Value]:
    return _large()


@pytest.mark.parametrize(
    "text",
    [
        # lists
        "map (x: x) numbers",
        "builtins.filter (x: true) numbers",
        "builtins.elem (-1) numbers",
        "builtins.concatLists lists",
        "builtins.sort builtins.lessThan numbers",
        "builtins.sort (a: b: a > b) numbers",
        "builtins.genList (x: x) 1000000",
        "builtins.genList (x: x) 3000000000",
        'builtins.groupBy (x: "a") numbers',
        "builtins.foldl' (a: b: a + b) 0 numbers",
        "numbers ++ numbers",
        "numbers == map (x: x) numbers",
        "numbers < map (x: x) numbers",
        "let f = l: if l == [ ] then 0 else f (builtins.tail l); in f numbers",
        "lib.unique numbers",
        "lib.allUnique numbers",
        "lib.intersectLists numbers numbers",
        "lib.subtractLists numbers numbers",
        "lib.mutuallyExclusive numbers [ (-1) ]",
        "lib.remove (-1) numbers",
        "lib.range 1 1000000",
        "lib.replicate 1000000 1",
        "lib.replicate 3000000000 1",
        "lib.reverseList (numbers ++ [ ])",
        "lib.imap0 (i: x: x) numbers",
        "lib.forEach numbers (x: x)",
        "lib.zipLists numbers numbers",
        "lib.foldr (a: b: a + b) 0 numbers",
        "lib.foldl (a: b: a + b) 0 numbers",
        "lib.flatten lists",
        "lib.crossLists (a: b: a) [ numbers numbers ]",
        "lib.crossLists (a: b: c: d: a) [ (lib.take 30 numbers) (lib.take 30 numbers) (lib.take 30 numbers) (lib.take 30 numbers) ]",
        "lib.naturalSort texts",
        "lib.lists.uniqueStrings texts",
        "lib.lists.commonPrefix numbers numbers",
        "lib.intersperse 1 numbers",
        "lib.pipe 1 (lib.replicate 100000 (x: x))",
        # sets
        "set // set",
        "builtins.attrNames set",
        "builtins.attrValues set",
        "builtins.mapAttrs (n: v: v) set",
        'builtins.removeAttrs set [ "a" ]',
        "builtins.intersectAttrs set set",
        "builtins.listToAttrs (builtins.map (x: { name = x; value = 1; }) texts)",
        'builtins.catAttrs "a" sets',
        "builtins.zipAttrsWith (n: v: v) sets",
        "builtins.concatMap builtins.attrNames sets",
        "set == builtins.mapAttrs (n: v: v) set",
        "lib.mapAttrs' lib.nameValuePair set",
        "lib.mapAttrsToList (n: v: v) set",
        "lib.attrsToList set",
        "lib.filterAttrs (n: v: true) set",
        "lib.mapAttrsRecursive (p: v: v) set",
        "lib.collect builtins.isInt set",
        "lib.genAttrs texts (x: x)",
        "lib.foldAttrs (a: b: a) 0 sets",
        "lib.mergeAttrsList sets",
        "lib.recursiveUpdate set set",
        "lib.cartesianProduct { a = numbers; b = numbers; }",
        "lib.mapCartesianProduct (x: x) { a = lib.range 1 500; b = lib.range 1 500; }",
        "lib.getAttrs (builtins.attrNames set) set",
        "lib.setAttrByPath texts 1",
        "lib.updateManyAttrsByPath (map (x: { path = [ x ]; update = y: 1; }) texts) { }",
        # strings
        "lib.concatStrings texts",
        "lib.concatMapStrings (x: x) texts",
        'lib.concatStringsSep ", " texts',
        "toString numbers",
        "lib.stringToCharacters text",
        'lib.splitString "/" text',
        'lib.splitString "" text',
        "lib.toUpper text + lib.toUpper text",
        "lib.strings.levenshtein (builtins.substring 0 3000 text) (builtins.substring 0 3000 text)",
        "lib.strings.levenshteinAtMost 2 (builtins.substring 0 3000 text) (builtins.substring 0 3000 text)",
        'lib.fixedWidthString 3000000000 "0" "1"',
        "lib.fixedWidthNumber 3000000000 1",
        'lib.strings.replicate 30000000 "a"',
        'lib.versions.pad 3000000000 "1.2"',
        'lib.versions.pad 1000000 "1.2"',
        "lib.escapeRegex text",
        "lib.escapeURL text",
        "lib.escapeXML text",
        "lib.strings.splitStringBy (a: b: false) true text",
        'builtins.replaceStrings [ "" ] [ "-" ] text',
        'builtins.replaceStrings [ "a" ] [ "-" ] text',
        'builtins.split "" text',
        'builtins.split "[a-z]*x" text',
        'builtins.split "(/)|(a)" text',
        'builtins.match "(([a-z0-9/.-]*)*)*x" (builtins.substring 0 100000 text)',
        "builtins.splitVersion text",
        "builtins.compareVersions text text",
        'let f = s: n: if n == 0 then s else f (s + s) (n - 1); in f "abcdefgh" 40',
        # documents
        "builtins.fromJSON json",
        "builtins.fromTOML toml",
        "builtins.toJSON numbers",
        "builtins.toJSON set",
        "builtins.toXML numbers",
        "builtins.deepSeq lists 1",
        "lib.generators.toINI { } { a = set; }",
        "lib.generators.toKeyValue { } set",
        "lib.generators.toPretty { } set",
        "lib.cli.toGNUCommandLine { } set",
        "lib.escapeShellArgs texts",
        "lib.toShellVars texts_by_name",
    ],
)
def test_what_takes_more_work_than_there_is_to_spend_is_unknown(text: str, large: dict[str, Value]) -> None:
    """However much is asked for, no more is done than was counted."""
    found = _outcome(text, large)
    assert isinstance(found, Unknown) and found.why is Why.BUDGET, text


def _outcome(text: str, names: dict[str, Value]) -> Value | Failure:
    def run() -> Value | Failure:
        ev = evaluator(calls=CALLS)
        try:
            return value_of(ev, text, {"lib": nixpkgs_lib.library(ev), **names})
        except NotKnown as unknown:
            return unknown.unknown
        except Failure as failure:
            return failure

    return with_deep_stack(run)


@pytest.mark.parametrize(
    "text",
    [
        "toString (let l = [ l ]; in l)",
        "builtins.toJSON (let l = [ 1 l ]; in l)",
        "builtins.toXML (let s = { a = s; }; in s)",
        "lib.flatten (let l = [ l ]; in l)",
        "lib.collect (x: false) (let s = { a = s; }; in s)",
        "lib.mapAttrsToListRecursive (p: v: v) (let s = { a = s; }; in s)",
        "lib.generators.toPretty { } (let s = { a = [ s ]; }; in s)",
        "lib.matchAttrs (let s = { a = s; }; in s) (let s = { a = s; }; in s)",
        "lib.strings.isConvertibleWithToString (let l = [ l ]; in l)",
        "(let a = { x = a; }; b = { x = b; }; in a == b)",
        "(let a = [ a ]; b = [ b ]; in a < b)",
        "builtins.elem (let a = [ a ]; in a) [ (let a = [ a ]; in a) ]",
        'let o = { outPath = o; }; in "${o}"',
        "let l = [ l ]; in builtins.genericClosure { startSet = [ { key = l; } ]; operator = x: [ ]; }",
    ],
)
def test_going_through_a_value_that_contains_itself_is_infinite_recursion(text: str) -> None:
    """Nix does not come to an end there either, so it is an error of the configuration, and found at once."""
    ev_calls = 5_000
    found = outcome(f"let lib = theLibrary; in {text}", names={"theLibrary": _library()}, calls=ev_calls)
    assert isinstance(found, Refused) and "recursion" in found.message


def _library() -> Value:
    return nixpkgs_lib.library(evaluator())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("let s = { a = s; }; in s", "{ a = { a = «repeated»; }; }"),
        ("let l = [ l l l ]; in l", "[ [ «repeated» «repeated» «repeated» ] ]"),
    ],
)
def test_what_contains_itself_is_printed_as_repeated(text: str, expected: str) -> None:
    found = outcome(text)
    assert isinstance(found, str) and "«repeated»" in found


@pytest.mark.parametrize("function", ["builtins.toJSON", "toString", "builtins.toXML", "lib.generators.toPretty { }"])
def test_shared_structure_is_bounded_by_the_budget(function: str) -> None:
    """Forty levels, each with two names for the one below: small to hold and too large to write."""
    shared = "builtins.foldl' (a: b: [ a a ]) [ 1 ] (builtins.genList (x: x) 40)"
    found = outcome(f"let lib = theLibrary; in {function} ({shared})", names={"theLibrary": _library()}, calls=50_000)
    assert isinstance(found, Untold) and found.why is Why.BUDGET


@pytest.mark.parametrize("text", ["lib.toBaseDigits 1 5", "lib.toBaseDigits 0 5", "lib.toBaseDigits 10 (-1)"])
def test_digits_to_an_impossible_base_fail_as_in_nixpkgs(text: str) -> None:
    """The library asserts a base of at least two, and a number that is not negative."""
    found = outcome(f"let lib = theLibrary; in {text}", names={"theLibrary": _library()})
    assert isinstance(found, Refused) and found.message.startswith("assertion '(")


def test_a_pattern_does_not_hold_on_to_the_evaluation_that_used_it() -> None:
    """Patterns are kept for the whole process."""
    from hslint.values.builtins.regex import _free, compiled

    ev = evaluator()
    value_of(ev, 'builtins.match "(a|b)*c" "ababc"')
    assert compiled("(a|b)*c")._spend is _free


def test_a_budget_that_was_used_up_is_given_anew_only_so_often() -> None:
    """Each host has its own, but a run does not take ten times as long because ten hosts are endless."""
    ev = NixEvaluator(evaluator().project, evaluator().parse, calls=100)
    given = 0
    for _ in range(10):
        ev.renew()
        given += ev.work_left + ev.work_reserved > 0
        with pytest.raises(NotKnown):
            ev.spend(200 * budget.ELEMENTS)
    assert given == budget.EXHAUSTED
