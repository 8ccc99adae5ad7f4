"""`lib` gives what nixpkgs' own gives: expectations were made by real Nix and are compared with it where nixpkgs is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sources import source

from hslint.modules import library_extra
from hslint.source import Project, SourceFile
from hslint.syntax.parse import parse
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.nixpkgs_lib import library
from hslint.values.packages import GeneratedFile, Package, package_set
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Float,
    Int,
    Lazy,
    List,
    Null,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from real_nix import RealNix

FIXTURE = Path(__file__).parents[1] / "fixtures" / "nixpkgs_lib" / "values.json"
TABLE = [(row["expr"], row["value"]) for row in json.loads(FIXTURE.read_text())]

# Functions inside a result have no JSON.
PLAIN = """
plain = v:
  if builtins.isAttrs v then
    builtins.mapAttrs (n: plain) (removeAttrs v (builtins.filter (n: lib.isFunction v.${n}) (builtins.attrNames v)))
  else if builtins.isList v then map plain v else v;
"""


def evaluated(expression: str) -> Value:
    """The value, with hslint's `lib` and `pkgs` in scope; `input` is unknown."""
    ev = NixEvaluator(Project("/project"), parse)
    lib = library(ev, library_extra(ev))
    unknown = Unknown(Why.INPUT, "inputs.other")
    names: dict[str, Value] = {"lib": lib, "pkgs": package_set(ev, "x86_64-linux", Lazy.done(lib)), "input": unknown}
    parsed = parse(SourceFile("/project/test.nix", expression.encode()))
    given = {name: Lazy.done(value) for name, value in names.items()}
    return with_deep_stack(lambda: Lazy(lambda _: ev.evaluate(parsed.expression, given)).force())


def plain(value: Value) -> object:
    """What is known, as JSON; `...` for what may be there, `?` for what is unknown."""
    match value:
        case Null():
            return None
        case Bool() | Int() | Float():
            return value.value
        case String():
            return "".join(part if isinstance(part, str) else "?" for part in value.parts)
        case List():
            return [plain(item.force()) for item in value.items] + (["..."] if value.rest is not None else [])
        case Attrs():
            known = {
                f"{name}?" if name in value.maybe else name: plain(inner)
                for name, lazy in sorted(value.items.items())
                if not isinstance(inner := lazy.force(), Closure | Primitive)
                and not (isinstance(inner, Attrs) and inner.get("__functor"))
            }
            return known | ({"...": True} if value.rest is not None else {})
        case _:
            return "?"


@pytest.mark.parametrize(("expression", "expected"), TABLE, ids=[expression for expression, _ in TABLE])
def test_a_function_gives_what_nixpkgs_gives(expression: str, expected: object) -> None:
    """Every expression has the value that real Nix gave it."""
    assert with_deep_stack(lambda: plain(evaluated(expression))) == expected


def test_expectations_are_what_real_nix_says(nix: RealNix) -> None:
    """With HSLINT_NIXPKGS_LIB (the lib directory of nixpkgs) the expectations themselves are checked."""
    path = source("HSLINT_NIXPKGS_LIB")
    items = " ".join(f"({expression})" for expression, _ in TABLE)
    assert nix.json(f"let lib = import {path}; {PLAIN} in map plain [ {items} ]") == [value for _, value in TABLE]


UNDECIDED: dict[str, object] = {
    # An undecided condition makes what depends on it unknown, and nothing else.
    "lib.optionals input [ 1 ] ++ [ 2 ]": [2, "..."],
    "lib.optional input 1": ["..."],
    "lib.optionalAttrs input { a = 1; } // { b = 2; }": {"a?": 1, "b": 2},
    '"a${lib.optionalString input "x"}b"': "a?b",
    "lib.filterAttrs (n: v: input) { a = 1; }": {"a?": 1},
    "lib.filter (x: x == input || x == 1) [ 1 ]": [1],
    'lib.unique [ "a" "a" input "b" ]': ["a", "b", "..."],
    "lib.remove 1 [ 2 input ]": [2, "..."],
    # Open sets and lists stay open.
    "lib.mapAttrs (n: v: v + 1) ({ a = 1; } // lib.optionalAttrs input { b = 2; })": {"a": 2, "b?": 3},
    'lib.mapAttrs\' (n: v: lib.nameValuePair "x-${n}" v) (lib.optionalAttrs input { a = 1; })': {"x-a?": 1},
    "lib.mapAttrs' (n: v: lib.nameValuePair input v) { a = 1; }": {"...": True},
    "lib.mapAttrsToList (n: v: v) ({ a = 1; } // lib.optionalAttrs input { b = 2; })": [1, "..."],
    'lib.genAttrs [ "a" input ] (n: 1)': {"a": 1, "...": True},
    "lib.recursiveUpdate input { a.b = 1; c = [ 1 ]; }": {"a": {"b": 1, "...": True}, "c": [1], "...": True},
    "lib.recursiveUpdate { a.b = 1; } { a.c = input; }": {"a": {"b": 1, "c": "?"}},
    "lib.flatten [ 1 input [ 2 ] ]": [1, 2, "..."],
    "lib.toList input": ["..."],
    'lib.attrByPath [ "a" ] 5 (lib.optionalAttrs input { a = 1; })': "?",
    # What an open list holds may stand anywhere in it.
    'lib.concatStringsSep "," ([ "a" ] ++ input)': "?a?",
    "lib.findFirst (x: x == 1) 0 ([ 1 ] ++ input)": "?",
    # Half-known strings answer what their known parts are enough for.
    'lib.hasPrefix "https" "https://${input}"': True,
    'lib.hasPrefix "https://a" "https://${input}"': "?",
    'lib.hasSuffix "x" "${input}y"': False,
    'lib.hasInfix "://" "https://${input}"': True,
    'lib.removePrefix "https://" "https://${input}/x"': "?/x",
    'lib.splitString ":" "a:b${input}:c"': ["a", "c", "..."],
    'lib.escapeShellArg "a b ${input}"': "'a b ?'",
    'lib.escapeShellArg "a${input}"': "?a??",
    'lib.concatMapStringsSep "," (x: "<${x}>") [ "a" input ]': "<a>,<?>",
    "lib.generators.toKeyValue { } { a = input; b = 1; }": "a=?\nb=1\n",
    # What depends on the nixpkgs in use, or is not modelled, is unknown by its name.
    'lib.versionAtLeast lib.version "24.05"': "?",
    "lib.fileset.gitTracked ./.": "?",
    "lib.no-such-function 1": "?",
    # A working configuration's assertions hold.
    'lib.assertMsg input "no"': True,
    'lib.throwIf input "no" 1': 1,
}


@pytest.mark.parametrize(("expression", "expected"), UNDECIDED.items(), ids=UNDECIDED)
def test_what_is_unknown_stays_open(expression: str, expected: object) -> None:
    """An unknown argument never gives a wrong value, and never hides what is known beside it."""
    assert with_deep_stack(lambda: plain(evaluated(expression))) == expected


def test_a_function_that_is_not_modelled_is_unknown_by_its_name() -> None:
    """The reason of the Unknown is what the user wrote."""
    value = evaluated('lib.network.ipv6.fromString "::1"')
    assert isinstance(value, Unknown)
    assert (value.why, value.detail) == (Why.FUNCTION, "lib.network.ipv6.fromString")


@pytest.mark.parametrize(
    "order", ["with lib; with pkgs;", "with pkgs; with lib;", "with lib; with lib.strings; with pkgs;"]
)
def test_lib_and_pkgs_hide_nothing_of_each_other_inside_with(order: str) -> None:
    """Packages and functions of lib are distinguished by their names, whichever `with` is the inner one."""
    value = evaluated(f"{order} optionals true [ htop ]")
    assert isinstance(value, List)
    package = value.items[0].force()
    assert isinstance(package, Attrs)
    assert package.native == Package("htop")


PACKAGES: dict[str, object] = {
    "pkgs.headscale.type": "derivation",
    "pkgs.headscale.pname": "headscale",
    "pkgs.headscale.version": "?",
    '"${pkgs.headscale}/bin"': "/nix/store/?-headscale?/bin",
    "lib.getExe pkgs.headscale": "/nix/store/?-headscale?/bin/headscale",
    "lib.getExe pkgs.ripgrep": "/nix/store/?-ripgrep?/bin/?",
    'lib.getExe\' pkgs.sqlite "sqlite3"': "/nix/store/?-sqlite?/bin/sqlite3",
    'lib.getExe (pkgs.writeShellScriptBin "x" "true")': "/nix/store/?-x/bin/x",
    "pkgs.system": "x86_64-linux",
    "pkgs.stdenv.hostPlatform.isLinux": True,
    "pkgs.stdenv.isAarch64": False,
    "(pkgs.headscale.override { a = 1; }).pname": "headscale",
    "(pkgs.headscale.overrideAttrs (old: { })).pname": "headscale",
    "(pkgs.extend (final: prev: { mine = prev.hello; })).mine.pname": "hello",
    "pkgs.python3Packages.requests.pname": "requests",
    "(pkgs.callPackage ({ hello, x ? 1 }: { inherit x; y = hello.pname; }) { x = 2; })": {"x": 2, "y": "hello"},
    '(pkgs.buildGoModule { pname = "tool"; }).pname': "tool",
    '(pkgs.fetchFromGitHub { owner = "o"; repo = "r"; }).type': "derivation",
    "(pkgs.formats.yaml { }).type.description": "YAML 1.1 value",
    "pkgs.no-such-builder { }": "?",
}


@pytest.mark.parametrize(("expression", "expected"), PACKAGES.items(), ids=PACKAGES)
def test_of_a_package_its_name_is_known(expression: str, expected: object) -> None:
    """Names and the ends of paths are known; versions, hashes and most programs are not."""
    assert with_deep_stack(lambda: plain(evaluated(expression))) == expected


@pytest.mark.parametrize(
    ("expression", "name", "text"),
    [
        ('pkgs.writeText "a.txt" "hello"', "a.txt", "hello"),
        ('pkgs.writeTextDir "etc/a.txt" "hello"', "a.txt", "hello"),
        ('pkgs.writeTextFile { name = "a"; text = "hello ${input}"; }', "a", "hello ?"),
        ('pkgs.writeShellApplication { name = "run"; text = "true"; }', "run", "true"),
        ('(pkgs.formats.json { }).generate "a.json" { a = [ 1 ]; b = input; }', "a.json", '{"a":[1],"b":?}'),
    ],
)
def test_a_generated_file_has_its_text(expression: str, name: str, text: str) -> None:
    """What the configuration writes into a file can be read, as far as it is known."""
    value = evaluated(expression)
    assert isinstance(value, Attrs)
    assert isinstance(value.native, GeneratedFile)
    assert value.native.name == name
    assert plain(value.native.text.force()) == text


@pytest.mark.parametrize("expression", ["builtins.seq input 1", '"a${input}"', "lib.toInt input"])
def test_whether_try_eval_succeeds_depends_on_what_is_unknown(expression: str) -> None:
    """A value that is not known may be an error, which tryEval would catch."""
    assert plain(evaluated(f"(builtins.tryEval ({expression})).success")) == "?"
