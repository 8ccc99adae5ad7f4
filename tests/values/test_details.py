"""What Nix forces, counts and refuses, where it is easily got wrong: each line is real Nix's own answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluated import Outcome, Refused, Untold, outcome
from real_nix import NixRefused, RealNix

from hslint.modules import library_extra
from hslint.source import Project, SourceFile
from hslint.syntax.parse import parse
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.nixpkgs_lib import library
from hslint.values.show import show
from hslint.values.value import Failure, Lazy, NotKnown, Why

#: What Nix stops with.
REFUSED = None

#: Values that Nix 2.8 gives as well as the newest release.
ALWAYS: dict[str, str | None] = {
    # A name in an attribute path is forced before what it is looked for in.
    "{ }.${null} or 1": REFUSED,
    "{ } ? ${null}": REFUSED,
    "1 ? ${null}": REFUSED,
    '{ a = throw "a"; }.a.${null} or 1': REFUSED,
    '(builtins.tryEval ({ a = throw "a"; }.a.b or 1)).success': "false",
    "{ } ? a.${null}": "false",
    "{ ${null} = 1; }": "{ }",
    '{ a = 1; }.${builtins.toFile "a" "b"} or 1': REFUSED,
    # Elements that a list function forces, and functions that it looks at although there is nothing to call them with.
    '(builtins.tryEval (builtins.partition (x: true) [ (throw "a") ]).right).success': "false",
    "(builtins.partition 1 [ ]).right": REFUSED,
    '(builtins.tryEval (builtins.sort (a: b: true) [ (throw "a") ])).success': "false",
    '(builtins.tryEval (builtins.filter (x: true) [ (throw "a") ])).success': "true",
    "builtins.all 1 [ ]": REFUSED,
    "builtins.any 1 [ ]": REFUSED,
    "builtins.foldl' 1 2 [ ]": REFUSED,
    "builtins.concatMap 1 [ ]": REFUSED,
    "builtins.groupBy 1 [ ]": REFUSED,
    "builtins.zipAttrsWith 1 [ ]": REFUSED,
    "map 1 [ ]": "[ ]",
    # An integer beside a float is rounded to 53 bits.
    "9007199254740993 == 9007199254740992.0": "true",
    "9007199254740992.0 < 9007199254740993": "false",
    "[ 9007199254740993 ] == [ 9007199254740992.0 ]": "true",
    "9007199254740993 == 9007199254740992": "false",
    # A component of a version is a number if it fits into a C int and has ASCII digits.
    'builtins.compareVersions "2147483648" "2147483647"': "-1",
    'builtins.compareVersions "10000000000" "9999999999"': "-1",
    'builtins.compareVersions "0002147483647" "2147483646"': "1",
    'builtins.compareVersions "1.²" "1.3"': "-1",
    'builtins.compareVersions "1.²" "1.a"': "1",
    # JSON.
    'builtins.fromJSON (builtins.fromJSON "\\"\\\\ufeff1\\"")': "1",
    'builtins.fromJSON "1e400"': REFUSED,
    'builtins.fromJSON (toString [ 1 (builtins.substring 0 0 "") ] + "0" + builtins.concatStringsSep "" (builtins.genList (x: "0") 400))': REFUSED,
    'builtins.fromJSON "1e4"': "10000",
    # A comment ends at a carriage return, as a line does.
    "1 # a\r + 1": "2",
    "# a\r\n1": "1",
    # A keyword is a name if a letter follows it.
    "let c = 1; in if { a = 1; } ? a thenc else 2": REFUSED,
    'let c = 1; in if { b = 1; } ? b then"x"else c': '"x"',
    "if { b = 1; } ? b then[ ]else(1)": "[ ]",
    # The left side of `+` is made a string before the right one is looked at, and only beside a string is a path copied.
    '(builtins.tryEval ({ } + throw "a")).success': REFUSED,
    '(builtins.tryEval ("" + throw "a")).success': "false",
    '{ outPath = "/x"; } + /a': '"/x/a"',
    '{ outPath = /a; } + "x"': '"/ax"',
    # `tryEval` of what is certain.
    '(builtins.tryEval (if true then 1 else throw "a")).success': "true",
    "(builtins.tryEval (assert true; 1)).value": "1",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ALWAYS.items(), ids=ALWAYS)
def test_a_detail_is_as_in_real_nix(text: str, expected: str | None, nix: RealNix, tmp_path: Path) -> None:
    """The same value, or both refuse."""
    found = outcome(text, tmp_path)
    assert isinstance(found, Refused) if expected is REFUSED else found == expected
    if expected is REFUSED:
        with pytest.raises(NixRefused):
            nix.text(text, cwd=tmp_path)
    else:
        assert nix.text(text, cwd=tmp_path) == expected


#: Values that Nix 2.8 does not give yet: 2.28's source says so (json.hpp's `dump_float`, `prim_map`, `prim_genList`).
SINCE: dict[str, str | None] = {
    "builtins.toJSON 1234567890123456.0": '"1.234567890123456e+15"',
    "builtins.toJSON 1234567890123456.5": '"1.2345678901234565e+15"',
    "builtins.toJSON (-9007199254740993.5)": '"-9.007199254740994e+15"',
    "builtins.toJSON 999999999999999.5": '"999999999999999.5"',
    "builtins.toJSON 1000000000000000.0": '"1e+15"',
    "builtins.toJSON 12345678901234567890.0": '"1.2345678901234567e+19"',
    "map 1 [ 2 ]": REFUSED,
    "builtins.genList 1 0": REFUSED,
}


@pytest.mark.parametrize(("text", "expected"), SINCE.items(), ids=SINCE)
def test_a_detail_is_as_in_newer_nix(text: str, expected: str | None) -> None:
    """Where the installed release is older than what people run."""
    found = outcome(text)
    assert isinstance(found, Refused) if expected is REFUSED else found == expected


#: Calls of nixpkgs' lib; real nixpkgs under Nix gave the values.
LIBRARY: dict[str, str | None] = {
    '(builtins.tryEval (lib.foldl\' (a: b: b) (throw "a") [ 1 ])).success': "false",
    "lib.foldl' (a: b: a + b) 1 [ 2 ]": "3",
    'lib.fixedWidthString 4 "0" "é"': '"00é"',
    'lib.fixedWidthString 2 (throw "a") "é"': '"é"',
    'lib.toInt "9223372036854775807"': "9223372036854775807",
    '(builtins.tryEval (lib.toInt "99999999999999999999")).success': "false",
    '(builtins.tryEval (lib.toIntBase10 "099999999999999999999")).success': "false",
    'lib.toIntBase10 "0-5"': "-5",
    'lib.toInt "-007"': REFUSED,
    '(builtins.tryEval (lib.warn (throw "a") 1)).success': "false",
    '(builtins.tryEval (lib.warnIf true (throw "a") 1)).success': "false",
    'lib.warnIf false (throw "a") 1': "1",
    '(builtins.tryEval (lib.traceIf true (throw "a") 1)).success': "false",
    'lib.traceIf false (throw "a") 1': "1",
    "lib.traceIf 1 2 3": REFUSED,
    '(builtins.tryEval (lib.traceSeqN 1 [ (throw "a") ] 1)).success': "false",
    'lib.traceSeqN 0 [ (throw "a") ] 1': "1",
    '(builtins.tryEval (lib.info (throw "a") 1)).success': "false",
    '(builtins.tryEval (lib.showWarnings [ (throw "a") ] 1)).success': "false",
    '(builtins.tryEval (lib.addContextFrom (throw "a") "b")).success': "false",
    'lib.addContextFrom 1 "b"': REFUSED,
    'lib.addContextFrom "a" 1': REFUSED,
    'lib.splitString 1 "a1b"': '[ "a" "b" ]',
    'builtins.length (lib.splitString " " [ 1 2 ])': "2",
    'lib.splitString " " [ 1 2 ]': REFUSED,
    '(builtins.tryEval (lib.splitString (throw "a") "b")).success': "false",
    '(builtins.tryEval (lib.pipe 1 [ (x: throw "a") (x: 2) ])).success': "false",
    'lib.fromHexString "0XfF"': "255",
    "(builtins.tryEval (lib.toHexString (-1))).success": "false",
    "lib.toBaseDigits 2 6": "[ 1 1 0 ]",
    "(builtins.tryEval (lib.toBaseDigits 1 5)).success": "false",
    '(builtins.tryEval (lib.cmakeFeature { } "")).success': "false",
    'lib.versions.pad 2 "2.0pre"': '"2.0"',
}  # fmt: skip


def of_library(text: str) -> Outcome:
    ev = NixEvaluator(Project("/nowhere"), parse, strict=True)
    lib = library(ev, library_extra(ev))
    parsed = parse(SourceFile("/nowhere/test.nix", text.encode()))
    try:
        return show(ev, ev.evaluate(parsed.expression, {"lib": Lazy.done(lib)}))
    except Failure as failure:
        return Refused(failure.message)
    except NotKnown as unknown:
        return Untold(unknown.unknown.why, unknown.unknown.detail)


@pytest.mark.parametrize(("text", "expected"), LIBRARY.items(), ids=LIBRARY)
def test_lib_forces_and_counts_as_nixpkgs(text: str, expected: str | None) -> None:
    """Which arguments a function forces, and bytes where Nix counts bytes."""
    found = with_deep_stack(of_library, text)
    assert isinstance(found, Refused) if expected is REFUSED else found == expected


A = 'builtins.getEnv "A"'
UNTOLD = [
    f'(builtins.tryEval (assert {A} == "1"; 1)).success',
    f'(builtins.tryEval (assert {A} == "1"; 1)).value',
    f'(builtins.tryEval (if {A} == "1" then throw "no" else 1)).success',
    f'let x = assert {A} == "1"; 1; in (builtins.tryEval x).success',
    # It makes no difference that the value is known already.
    f'let x = assert {A} == "1"; 1; y = builtins.tryEval x; in if x == 1 then y.success else 2',
    f'let s = {{ a = if {A} == "1" then throw "no" else 1; }}; in (builtins.tryEval (builtins.deepSeq s 1)).success',
    f'(builtins.tryEval (builtins.elem 1 [ (if {A} == "1" then throw "no" else 2) 1 ])).success',
    # What Nix stops at only if it comes so far.
    f'(builtins.tryEval ((if {A} == "1" then throw "no" else {{ }}).a)).success',
    f'builtins.elem 1 [ (builtins.stringLength ({A})) (throw "no") ]',
    f'builtins.any (x: x) [ ({A} == "1") (throw "no") ]',
    f'[ ({A}) (throw "no") ] == [ "1" 2 ]',
    # Behind an unknown name any value may have been given before.
    f'(builtins.listToAttrs [ {{ name = {A}; value = 1; }} {{ name = "a"; value = 2; }} ]).a',
    f'(if {A} == "1" then {{ a = 1; }} else {{ ${{{A}}} = 7; }}).a',
    f'({{ ${{{A}}} = 7; }} // (if {A} == "1" then {{ a = 1; }} else {{ }})).a',
    # What may be in a list in another order, or before what is known of it.
    f'builtins.head (if {A} == "1" then [ 1 2 ] else [ 2 1 ])',
    f'builtins.substring 0 2 (builtins.toJSON (if {A} == "1" then [ 1 2 ] else [ 2 ]))',
    # The store is no place to look into.
    'builtins.pathExists "/nix/store"',
    'builtins.pathExists (builtins.toFile "a" "b")',
]


@pytest.mark.parametrize("text", UNTOLD)
def test_what_depends_on_the_world_is_not_decided(text: str) -> None:
    """`getEnv` and the store are the machine's: Nix gives different answers on different ones."""
    assert isinstance(outcome(text), Untold)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'(builtins.tryEval (if {A} == "1" then abort "no" else 1)).success', "true"),
        (f'(builtins.tryEval (if {A} == "1" then 1 else 1)).success', "true"),
        (f'(builtins.tryEval (if {A} == "1" then throw "a" else throw "b")).success', "false"),
        (f'(builtins.tryEval (if {A} == "1" then abort "a" else throw "b")).success', "false"),
        (f'(builtins.listToAttrs [ {{ name = "a"; value = 2; }} {{ name = {A}; value = 1; }} ]).a', "2"),
        (f'(builtins.listToAttrs [ {{ name = "b-${{{A}}}"; value = 1; }} {{ name = "a"; value = 2; }} ]).a', "2"),
        (f'assert {A} == "1"; 1', "1"),
        (f'if {A} == "1" then throw "no" else 1', "1"),
    ],
)
def test_what_cannot_be_caught_or_collide_is_still_known(text: str, expected: str) -> None:
    """Configurations that fail as a whole are of no interest."""
    assert outcome(text) == expected


def test_nesting_past_a_limit_is_no_refusal() -> None:
    """Of the parser, of calls and of documents."""
    deep = "builtins.foldl' (a: b: [ a ]) 1 (builtins.genList (x: x) 12000)"
    for text in ("[" * 3000 + "]" * 3000, "let f = n: 1 + f (n - 1); in f 0", f"builtins.toJSON ({deep})"):
        found = outcome(text)
        assert isinstance(found, Untold)
        assert found.why is Why.BUDGET
