"""Generated expressions have the value that real Nix gives them."""

from __future__ import annotations

import string
from pathlib import Path

import pytest  # noqa: TC002 - an annotation that pytest reads
from evaluated import Outcome, Refused, Untold, outcome
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from real_nix import NixRefused, RealNix

NAMES = ("a", "b", "c", "x", "y")
Type = str  # int, str, bool, list (of integers), set (of NAMES to integers), path


class Writer:
    """Writes an expression of a wanted type; names in scope have a type, and now and then the type is another one."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def pick(self, *choices: str) -> str:
        return self.draw(st.sampled_from(choices))

    def write(self, kind: Type, scope: dict[str, Type], depth: int) -> str:
        if self.draw(st.integers(0, 60)) == 60:
            kind = self.pick("int", "str", "bool", "list", "set")
        named = [name for name, its in scope.items() if its == kind]
        if depth <= 0:
            if named and self.pick("named", "leaf") == "named":
                return self.pick(*named)
            return self.leaf(kind)
        if named and self.draw(st.integers(0, 3)) == 0:
            return self.pick(*named)
        if self.draw(st.booleans()):
            return self.wrapped(kind, scope, depth)
        return str(getattr(self, f"write_{kind}")(scope, depth - 1))

    def leaf(self, kind: Type) -> str:
        match kind:
            case "int":
                return self.pick("0", "1", "2", "7", "(-3)", '(throw "lazy")', "9007199254740993")
            case "str":
                return self.pick('""', '"a"', '"a b"', "''\n  x\n    y\n''", '"\\${b}"', "''a''${b}''")
            case "bool":
                return self.pick("true", "false")
            case "list":
                return self.pick("[ ]", "[ 1 2 ]", '[ 3 (throw "lazy") ]')
            case "path":
                return self.pick("/a", "/a/../b", "/a/b.nix")
            case _:
                return self.pick("{ }", "{ a = 1; }", "rec { a = b; b = 2; }", '{ b = throw "lazy"; c = 3; }')

    def bindings(self, scope: dict[str, Type], depth: int, inner: dict[str, Type]) -> str:
        return " ".join(f"{name} = {self.write(kind, scope, depth)};" for name, kind in inner.items())

    def some(self) -> dict[str, Type]:
        names = self.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
        return {name: self.pick("int", "str", "bool", "list", "set") for name in names}

    def wrapped(self, kind: Type, scope: dict[str, Type], depth: int) -> str:
        """Something that any type can be inside."""
        less = depth - 1
        match self.pick("let", "with", "call", "formals", "if", "or", "inherit", "select", "try", "dynamic", "assert"):
            case "let":
                inner = self.some()
                both = scope | inner
                recursive = both if self.draw(st.integers(0, 4)) == 0 else scope
                values = self.bindings(
                    {k: v for k, v in recursive.items() if k not in inner or recursive is both}, less, inner
                )
                return f"(let {values} in {self.write(kind, both, less)})"
            case "with":
                inner = self.some()
                # What is bound around a `with` is stronger than it.
                values = self.bindings(scope, less, inner)
                return f"(with {{ {values} }}; {self.write(kind, inner | scope, less)})"
            case "call":
                name, of = self.pick(*NAMES), self.pick("int", "set", "str")
                body = self.write(kind, scope | {name: of}, less)
                return f"(({name}: {body}) {self.write(of, scope, less)})"
            case "formals":
                first, second = self.draw(st.permutations(NAMES))[:2]
                inner = {first: "int", second: "int"}
                default = self.write("int", scope | {first: "int"}, less)
                body = self.write(kind, scope | inner | {"z": "set"}, less)
                given_second = f"{second} = {self.write('int', scope, 0)};" if self.draw(st.booleans()) else ""
                argument = f"{{ {first} = {self.write('int', scope, less)}; {given_second} }}"
                return f"((z@{{ {first}, {second} ? {default}, ... }}: {body}) {argument})"
            case "if":
                condition = self.write("bool", scope, less)
                return f"(if {condition} then {self.write(kind, scope, less)} else {self.write(kind, scope, less)})"
            case "or":
                path = ".".join(self.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3)))
                if len(path) == 1 and kind != "int":
                    path += ".q"
                return f"({self.write('set', scope, less)}.{path} or {self.write(kind, scope, less)})"
            case "inherit":
                name = self.pick(*NAMES)
                values = f"{name} = {self.write(kind, scope, less)};"
                return f"(let inherit ({{ {values} }}) {name}; in {self.write(kind, scope | {name: kind}, less)})"
            case "select":
                return f"{{ p.q = {self.write(kind, scope, less)}; p.r = 1; }}.p.q"
            case "try":
                return f"(let t = builtins.tryEval {self.write(kind, scope, less)}; in if t.success then t.value else {self.leaf(kind)})"
            case "dynamic":
                name = self.pick('"p"', '"p" + ""')
                return f"{{ ${{{name}}} = {self.write(kind, scope, less)}; }}.p"
            case _:
                return f"(assert {self.write('bool', scope, less)}; {self.write(kind, scope, less)})"

    def write_int(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "({int} + {int})", "({int} - {int})", "({int} * {int})", "({int} / {int})", "(-{int})", "(builtins.length {list})",
            "(builtins.stringLength {str})", "(builtins.foldl' (p: q: p + q) 0 {list})", "({set}.a or {int})", "(builtins.head {list})",
            "(builtins.elemAt {list} 1)", "({set}.b)", "(builtins.compareVersions {str} {str})", "(builtins.bitXor {int} {int})",
            "(builtins.seq {str} {int})", "({{ __functor = p: q: q + 1; }} {int})",
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_str(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "({str} + {str})", '"${{{str}}}-${{{str}}}"', "(toString {int})", "(toString {list})", "(builtins.substring 0 2 {str})",
            "(builtins.toJSON {set})", '(builtins.replaceStrings [ "a" "" ] [ "b" "-" ] {str})', "(builtins.typeOf {int})",
            "(builtins.concatStringsSep {str} [ {str} {str} ])", "''\n  k ${{{str}}}\n    l\n''", "(baseNameOf {path})",
            "({{ outPath = {str}; }} + {str})", "(toString {path})", "(toString {bool})", '(builtins.hashString "sha1" {str})',
            '"${{{{ __toString = p: p.v; v = {str}; }}}}"',
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_bool(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "({int} < {int})", "({int} == {int})", "({str} == {str})", "({set} == {set})", "({list} == {list})", "(!{bool})",
            "({bool} && {bool})", "({bool} || {bool})", "({bool} -> {bool})", "({set} ? a)", "({set} ? a.b)", "({str} < {str})",
            "(builtins.elem {int} {list})", "({list} <= {list})", "(builtins.any (p: p == {int}) {list})", "({path} == {path})",
            '(builtins.match "(a|ab)(.*)" {str} != null)', "(({int} + 0.5) > {int})", "({int} != null)",
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_list(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "[ {int} {int} ]", "({list} ++ {list})", "(map (p: p + {int}) {list})", "(builtins.filter (p: p > {int}) {list})",
            "(builtins.sort builtins.lessThan {list})", "(builtins.attrValues {set})", "(builtins.genList (p: p * 2) 3)",
            "(builtins.concatMap (p: [ p {int} ]) {list})", "(builtins.tail {list})", "(builtins.concatLists [ {list} {list} ])",
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_set(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "{{ a = {int}; b = {int}; }}", "({set} // {set})", "({set} // {set} // {{ c = {int}; }})", '(removeAttrs {set} [ "a" ])',
            "(builtins.mapAttrs (p: q: q + 1) {set})", "(builtins.intersectAttrs {set} {set})", "rec {{ x = {int}; y = x + 1; }}",
            '(builtins.listToAttrs [ {{ name = "a"; value = {int}; }} {{ name = "a"; value = 0; }} ])', "{{ ${{null}} = 1; c = {int}; }}",
            "({{ inherit ({set}) a; }})", '(builtins.groupBy (p: "g") {list})',
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_path(self, scope: dict[str, Type], depth: int) -> str:
        return self.fill(
            self.pick('({path} + "/x")', '(/. + "/y/../z")', "/p/${{toString {int}}}/q", "(dirOf {path})"), scope, depth
        )

    def fill(self, form: str, scope: dict[str, Type], depth: int) -> str:
        """The form with expressions for its holes, as `str.format` spells holes."""
        found = []
        for text, kind, _, _ in string.Formatter().parse(form):
            found.append(text)
            if kind:
                found.append(self.write(kind, scope, depth))
        return "".join(found)


@st.composite
def expressions(draw: st.DrawFn) -> str:
    writer = Writer(draw)
    return writer.write(draw(st.sampled_from(("int", "str", "bool", "list", "set"))), {}, 4)


def compare(nix: RealNix, texts: list[str], directory: Path) -> list[tuple[str, str | None, Outcome]]:
    """The expressions on which the two disagree. All together if Nix refuses none of them, else in halves."""
    together = "[\n" + "\n".join(f"(builtins.toJSON (let in {text}))" for text in texts) + "\n]"
    found = outcome(together, directory)
    try:
        expected: str | None = nix.text(together, cwd=directory)
    except NixRefused:
        expected = None
    if found == expected or (
        len(texts) == 1 and (isinstance(found, Untold) or (expected is None and isinstance(found, Refused)))
    ):
        return []
    if len(texts) > 1:
        middle = len(texts) // 2
        return compare(nix, texts[:middle], directory) + compare(nix, texts[middle:], directory)
    if found == Refused("integer overflow"):
        return []  # an error since Nix 2.25
    return [(texts[0], expected, found)]


@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(texts=st.lists(expressions(), min_size=12, max_size=12))
def test_generated_expressions_have_the_values_of_real_nix(
    nix: RealNix, tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """What hslint tells is what Nix tells: the same value, or both refuse."""
    assert compare(nix, texts, tmp_path_factory.getbasetemp()) == []
