"""Expressions of Nix at random, closed or with values that depend on the environment."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzers.choices import Choices

NAMES = ("a", "b", "c", "x", "y")
Type = str  # int, str, bool, list (of integers), set (of NAMES to integers), path

#: What the environment decides, by type: hslint knows nothing of it, Nix is asked with several values of `A` and `B`.
UNKNOWN = {
    "int": (
        '(if builtins.getEnv "A" == "1" then 1 else 2)',
        '(builtins.stringLength (builtins.getEnv "B"))',
        '(if builtins.getEnv "A" == "" then throw "no" else 3)',
    ),
    "str": ('(builtins.getEnv "A")', '(builtins.getEnv "B")', '"p${builtins.getEnv "A"}-q"'),
    "bool": ('(builtins.getEnv "A" == "1")', '(builtins.getEnv "B" != "")'),
    "list": (
        '(if builtins.getEnv "A" == "1" then [ 1 2 ] else [ 2 ])',
        '(if builtins.getEnv "B" == "" then throw "no" else [ 5 1 ])',
        '(map builtins.stringLength [ (builtins.getEnv "A") ])',
    ),
    "set": (
        '(if builtins.getEnv "A" == "1" then { a = 1; } else { a = 2; b = 3; })',
        '({ a = 5; } // (if builtins.getEnv "A" == "" then { b = 1; } else { }))',
        '{ ${if builtins.getEnv "A" == "x" then "a" else "b"} = 7; }',
        '{ a = builtins.stringLength (builtins.getEnv "B"); c = 1; }',
    ),
    "path": ('(/. + builtins.getEnv "A")', '(if builtins.getEnv "B" == "1" then /a else /b)'),
}

#: Functions that may see an unknown element, or an unknown name, before a known one.
UNKNOWN_SET_FORMS = (
    '(builtins.listToAttrs [ {{ name = if {bool} then "a" else "b"; value = {int}; }} {{ name = "a"; value = {int}; }} ])',
    "(if {bool} then {set} else {set})",
    "({set} // (if {bool} then {set} else {{ }}))",
    "(builtins.mapAttrs (p: q: if {bool} then q else q + 1) {set})",
    "(removeAttrs {set} [ {str} ])",
    "{{ inherit (builtins.tryEval {int}) success; }}",
    "{{ inherit (builtins.tryEval (builtins.deepSeq {set} {int})) success value; }}",
    "(builtins.zipAttrsWith (n: vs: builtins.length vs) [ {set} {set} ])",
    "(builtins.intersectAttrs {set} {set})",
    '(builtins.groupBy (p: if {bool} then "a" else "b") {list})',
)
UNKNOWN_BOOL_FORMS = (
    "(builtins.tryEval (assert {bool}; {int})).success",
    '(builtins.tryEval (if {bool} then throw "no" else {int})).success',
    "(builtins.tryEval (builtins.seq {int} {bool})).success",
    "(let x = assert {bool}; {int}; in (builtins.tryEval x).success)",
    "(builtins.tryEval ({bool} && {bool})).success",
    "({set} ? ${{{str}}})",
    "(builtins.elem {int} {list})",
    "(builtins.any (p: p == {int}) {list})",
    "(builtins.hasAttr {str} {set})",
)


#: In which order Nix looks at attributes depends on what it has read before: which of two failures comes first, or whether one
#: comes before a difference, is no question for Nix.
_EQUAL_SETS = "(let l = {set}; r = {set}; in builtins.deepSeq l (builtins.deepSeq r (l == r)))"


class Writer:
    """Writes an expression of a wanted type; names in scope have a type, and now and then the type is another one."""

    def __init__(self, choices: Choices, *, unknown: bool = False) -> None:
        self.choices = choices
        self.unknown = unknown

    def pick(self, *choices: str) -> str:
        return self.choices.pick(choices)

    def expression(self, depth: int = 4) -> str:
        return self.write(self.pick("int", "str", "bool", "list", "set"), {}, depth)

    def write(self, kind: Type, scope: dict[str, Type], depth: int) -> str:
        if self.choices.below(12) == 0:
            return self.leaf(kind)
        if self.choices.chance(60):
            kind = self.pick("int", "str", "bool", "list", "set")
        if self.unknown and self.choices.chance(6):
            return self.pick(*UNKNOWN[kind])
        named = [name for name, its in scope.items() if its == kind]
        if depth <= 0:
            if named and self.choices.below(2):
                return self.pick(*named)
            return self.leaf(kind)
        if named and self.choices.chance(4):
            return self.pick(*named)
        if self.choices.below(2):
            return self.wrapped(kind, scope, depth)
        return str(getattr(self, f"write_{kind}")(scope, depth - 1))

    def leaf(self, kind: Type) -> str:
        match kind:
            case "int":
                return self.pick("0", "1", "2", "7", "(-3)", '(throw "lazy")', "9007199254740993")
            case "str":
                return self.pick('""', '"a"', '"a b"', "''\n  x\n    y\n''", '"\\${b}"', "''a''${b}''", '"1.2²"', '"é"')
            case "bool":
                return self.pick("true", "false")
            case "list":
                return self.pick("[ ]", "[ 1 2 ]", '[ 3 (throw "lazy") ]', "[ 2 1 2 ]")
            case "path":
                return self.pick("/a", "/a/../b", "/a/b.nix")
            case _:
                return self.pick("{ }", "{ a = 1; }", "rec { a = b; b = 2; }", '{ b = throw "lazy"; c = 3; }')

    def bindings(self, scope: dict[str, Type], depth: int, inner: dict[str, Type]) -> str:
        return " ".join(f"{name} = {self.write(kind, scope, depth)};" for name, kind in inner.items())

    def some(self) -> dict[str, Type]:
        first, count = self.choices.below(len(NAMES)), 1 + self.choices.below(3)
        names = [NAMES[(first + number) % len(NAMES)] for number in range(count)]
        return {name: self.pick("int", "str", "bool", "list", "set") for name in names}

    def wrapped(self, kind: Type, scope: dict[str, Type], depth: int) -> str:
        """Something that any type can be inside."""
        less = depth - 1
        match self.pick(
            "select", "let", "with", "call", "formals", "if", "or", "inherit", "try", "dynamic", "assert", "has", "seq"
        ):
            case "let":
                inner = self.some()
                both = scope | inner
                recursive = both if self.choices.chance(5) else scope
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
                number = self.choices.below(len(NAMES))
                first, second = NAMES[number], NAMES[number - 1]
                inner = {first: "int", second: "int"}
                default = self.write("int", scope | {first: "int"}, less)
                body = self.write(kind, scope | inner | {"z": "set"}, less)
                given_second = f"{second} = {self.write('int', scope, 0)};" if self.choices.below(2) else ""
                argument = f"{{ {first} = {self.write('int', scope, less)}; {given_second} }}"
                return f"((z@{{ {first}, {second} ? {default}, ... }}: {body}) {argument})"
            case "if":
                condition = self.write("bool", scope, less)
                return f"(if {condition} then {self.write(kind, scope, less)} else {self.write(kind, scope, less)})"
            case "or":
                path = ".".join(self.pick(*NAMES, "${null}", '${"a"}') for _ in range(1 + self.choices.below(3)))
                if "." not in path and kind != "int":
                    path += ".q"
                return f"({self.write('set', scope, less)}.{path} or {self.write(kind, scope, less)})"
            case "inherit":
                name = self.pick(*NAMES)
                values = f"{name} = {self.write(kind, scope, less)};"
                return f"(let inherit ({{ {values} }}) {name}; in {self.write(kind, scope | {name: kind}, less)})"
            case "select":
                return f"{{ p.q = {self.write(kind, scope, less)}; p.r = 1; }}.p.q"
            case "try":
                tried = self.write(kind, scope, less)
                return f"(let t = builtins.tryEval {tried}; in if t.success then t.value else {self.leaf(kind)})"
            case "dynamic":
                name = self.pick('"p"', '"p" + ""')
                return f"{{ ${{{name}}} = {self.write(kind, scope, less)}; }}.p"
            case "has":
                condition = (
                    f"({self.write('set', scope, less)} ? {self.pick(*NAMES)}.${{{self.write('str', scope, 0)}}})"
                )
                return f"(if {condition} then {self.write(kind, scope, less)} else {self.write(kind, scope, less)})"
            case "seq":
                first = self.write(self.pick("int", "set", "list"), scope, less)
                return f"(builtins.{self.pick('seq', 'deepSeq')} {first} {self.write(kind, scope, less)})"
            case _:
                return f"(assert {self.write('bool', scope, less)}; {self.write(kind, scope, less)})"

    def write_int(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "({int} + {int})", "({int} - {int})", "({int} * {int})", "({int} / {int})", "(-{int})", "(builtins.length {list})",
            "(builtins.stringLength {str})", "(builtins.foldl' (p: q: p + q) 0 {list})", "({set}.a or {int})", "(builtins.head {list})",
            "(builtins.elemAt {list} 1)", "({set}.b)", "(builtins.compareVersions {str} {str})", "(builtins.bitXor {int} {int})",
            "(builtins.seq {str} {int})", "({{ __functor = p: q: q + 1; }} {int})", "(builtins.foldl' (p: q: q) {int} {list})",
            "(builtins.fromJSON (builtins.toJSON {int}))", "(builtins.length (builtins.attrNames {set}))",
            '(builtins.compareVersions "{digits}.{digits}" "{digits}.{str_text}")',
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_str(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "({str} + {str})", '"${{{str}}}-${{{str}}}"', "(toString {int})", "(toString {list})", "(builtins.substring 0 2 {str})",
            "(builtins.toJSON {set})", '(builtins.replaceStrings [ "a" "" ] [ "b" "-" ] {str})', "(builtins.typeOf {int})",
            "(builtins.concatStringsSep {str} [ {str} {str} ])", "''\n  k ${{{str}}}\n    l\n''", "(baseNameOf {path})",
            "({{ outPath = {str}; }} + {str})", "(toString {path})", "(toString {bool})", '(builtins.hashString "sha1" {str})',
            '"${{{{ __toString = p: p.v; v = {str}; }}}}"', "(builtins.substring {small} {small} {str})", "(builtins.toJSON {list})",
            "(builtins.unsafeDiscardStringContext {str})", "(builtins.toXML {set})",
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_bool(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "({int} < {int})", "({int} == {int})", "({str} == {str})", _EQUAL_SETS, "({list} == {list})", "(!{bool})",
            "({bool} && {bool})", "({bool} || {bool})", "({bool} -> {bool})", "({set} ? a)", "({set} ? a.b)", "({str} < {str})",
            "(builtins.elem {int} {list})", "({list} <= {list})", "(builtins.any (p: p == {int}) {list})", "({path} == {path})",
            '(builtins.match "(a|ab)(.*)" {str} != null)', "(({int} + 0.5) > {int})", "({int} != null)", "({int} == 9007199254740992.0)",
            "(9007199254740992.0 < {int})", "([ {int} ] == [ 9007199254740992.0 ])",
            "(builtins.all (p: p > {int}) {list})", "(builtins.isList {list})", *(UNKNOWN_BOOL_FORMS if self.unknown else ()),
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_list(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "[ {int} {int} ]", "({list} ++ {list})", "(map (p: p + {int}) {list})", "(builtins.filter (p: p > {int}) {list})",
            "(builtins.sort builtins.lessThan {list})", "(builtins.attrValues {set})", "(builtins.genList (p: p * 2) 3)",
            "(builtins.concatMap (p: [ p {int} ]) {list})", "(builtins.tail {list})", "(builtins.concatLists [ {list} {list} ])",
            "(builtins.partition (p: p > {int}) {list}).right", "(builtins.partition (p: {bool}) {list}).wrong",
            "(builtins.sort (p: q: p > q) {list})", '(builtins.catAttrs "a" [ {set} {set} ])',
            "(map (p: p.key) (builtins.genericClosure {{ startSet = [ {{ key = {small}; }} ]; operator = p: if p.key < 3 then"
            " [ {{ key = p.key + 1; }} ] else [ ]; }}))",
        )  # fmt: skip
        return self.fill(form, scope, depth)

    def write_set(self, scope: dict[str, Type], depth: int) -> str:
        form = self.pick(
            "{{ a = {int}; b = {int}; }}", "({set} // {set})", "({set} // {set} // {{ c = {int}; }})", '(removeAttrs {set} [ "a" ])',
            "(builtins.mapAttrs (p: q: q + 1) {set})", "(builtins.intersectAttrs {set} {set})", "rec {{ x = {int}; y = x + 1; }}",
            '(builtins.listToAttrs [ {{ name = "a"; value = {int}; }} {{ name = "a"; value = 0; }} ])', "{{ ${{null}} = 1; c = {int}; }}",
            "({{ inherit ({set}) a; }})", '(builtins.groupBy (p: "g") {list})', "{{ ${{{str}}} = {int}; }}",
            "(builtins.zipAttrsWith (n: vs: builtins.head vs) [ {set} {set} ])", "(builtins.tryEval {int})",
            *(UNKNOWN_SET_FORMS if self.unknown else ()),
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
            if kind == "digits":
                found.append(self.pick("1", "010", "2147483647", "2147483648", "99999999999", "9"))
            elif kind == "small":
                found.append(self.pick("0", "1", "2", "(-1)", "7"))
            elif kind == "str_text":
                found.append(self.pick("pre", "a", "²", "3", "-rc1", ""))
            elif kind:
                found.append(self.write(kind, scope, depth))
        return "".join(found)
