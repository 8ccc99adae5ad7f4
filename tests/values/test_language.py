"""The language and its builtins, compared with real Nix expression by expression."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluated import Refused, outcome
from real_nix import NixRefused, RealNix

LANGUAGE = r"""
1 + 2 * 3 - 4 / 2
7 / 2
-7 / 2
1.5 + 1
1 / 2.0
-(-3)
!true || true && false
false -> throw "unused"
true -> 1 == 1
1 == 1.0
1 < 1.5
"a" < "b"
[ 1 2 ] < [ 1 3 ]
[ 1 ] < [ 1 0 ]
[ 1 2 ] == [ 1 2 ]
{ a = 1; } == { a = 1; b = 2; }
(x: x) == (x: x)
let f = x: x; in [ f ] == [ f ]
let f = x: x; in { a = f; } == { a = f; }
null == false
./a == ./a
{ a = 1; } // { b = 2; } // { a = 3; }
{ a.b = 1; a.c = 2; a."d e" = 3; }
{ a.b = 1; } // { a.c = 2; }
rec { a = b; b = c + 1; c = 1; }
let a = 1; b = a + c; c = 2; in b
let a = 1; in let a = 2; b = a; in b
let a = 1; in { inherit a; b = a; }
let s = { a = 1; b = 2; }; in { inherit (s) a b; }
let s = { a = 1; }; in rec { inherit (s) a; b = a; }
with { a = 1; }; a
let a = 1; in with { a = 2; }; a
with { a = 1; }; with { a = 2; }; a
with { a = 1; }; with { b = 2; }; a
with { a = 1; }; let a = 3; in a
(x: y: x - y) 5 3
({ a, b ? a + 1 }: a + b) { a = 1; }
({ a, ... }@args: args.b) { a = 1; b = 2; }
(args@{ a ? 5, ... }: args) { }
({ a ? 1 }: a) { }
({ a ? b, b ? 1 }: a) { }
let f = { x, y ? x }: x + y; in f { x = 1; y = 10; }
{ __functor = self: x: self.n + x; n = 10; } 5
{ a.b.c = 1; }.a.b.c
{ a = 1; }.b or 2
{ a = 1; }.a.b.c or 2
{ a.b = 1; }.a.b or 2
{ a.b = 1; } ? a.b
{ a.b = 1; } ? a.c
{ a = 1; } ? a.b
1 ? a
if 1 < 2 then "yes" else throw "no"
assert true; 1
(builtins.tryEval (assert false; 1)).success
let x = "y"; in { ${x} = 1; }
{ ${null} = 1; a = 2; }
{ "a b" = 1; "if" = 2; a' = 3; a-b = 4; }
"a${"b"}c${toString 1}"
"$${a} $$ \${x} \n \t \\ \""
"$a"
''
  a
    b
  c''
''
    x
  ${"y"}
      z
''
''a''${b} ''$ ''' ''\n''
''

  leading
''
./. + "/x"
./a/../b
/. + "etc/../x"
./${"a" + "b"}.nix
[ 1 (x: x) map (map 1) ]
{ outPath = "x"; } + "y"
"${{ __toString = self: "s" + self.v; v = "1"; }}"
let x = throw "lazy"; in 1
let x = [ (throw "lazy") 1 ]; in builtins.elemAt x 1
builtins.length [ (throw "a") (throw "b") ]
let inherit (builtins) map; in map (x: x + 1) [ 1 2 3 ]
let { x = 1; body = x; }
rec { x = 1; __overrides = { x = 2; }; y = x; }
let __findFile = p: n: n; __nixPath = 1; in <foo/bar>
[ 1 ] ++ [ 2 ] ++ [ ]
(x: x.a or "none") { }
http://example.org/x
1.0
0.1 + 0.2
1000000.0
12345678.9
1.0e-10
.5e1
let a = { b = { c = 1; }; }; in a // { b = a.b // { d = 2; }; }
let l = [ 1 2 3 ]; in [ l l ]
let s = { a = 1; }; in [ s s { } { } [ ] [ ] ]
let x = [ x ]; in x
let x = { a = x; }; in x
let inherit ({ a = 1; b = a2; a2 = 3; }) a; a2 = 2; in a
"${"\${"}"
{ a = "\${x}"; b = "\r"; }
builtins.foldl' (a: b: a * 10 + b) 0 [ 1 2 3 ]
__curPos.line
builtins.unsafeGetAttrPos "a" { a = 1; } != null
"\x"
"""

BUILTINS = r"""
map (x: x * 2) [ 1 2 ]
builtins.filter (x: x > 1) [ 1 2 3 ]
builtins.sort (a: b: a < b) [ 3 1 2 ]
builtins.sort builtins.lessThan [ "b" "a" "B" ]
builtins.partition (x: x > 1) [ 1 2 3 ]
builtins.groupBy (x: if x > 1 then "big" else "small") [ 1 2 3 ]
builtins.concatMap (x: [ x x ]) [ 1 2 ]
builtins.concatLists [ [ 1 ] [ ] [ 2 ] ]
builtins.genList (x: x * x) 4
builtins.elem 2 [ 1 2 ]
builtins.elem 2.0 [ 1 2 ]
builtins.any (x: x == 1) [ 1 (throw "x") ]
builtins.all (x: x == 1) [ 2 (throw "x") ]
builtins.tail [ 1 2 ]
builtins.head [ 1 2 ]
builtins.attrNames { b = 1; a = 2; B = 3; }
builtins.attrValues { b = 1; a = 2; }
builtins.mapAttrs (n: v: n + toString v) { a = 1; }
builtins.listToAttrs [ { name = "a"; value = 1; } { name = "a"; value = 2; } ]
builtins.intersectAttrs { a = 1; b = 2; } { b = 3; c = 4; }
builtins.catAttrs "a" [ { a = 1; } { b = 2; } { a = 3; } ]
builtins.zipAttrsWith (n: vs: vs) [ { a = 1; } { a = 2; b = 3; } ]
removeAttrs { a = 1; b = 2; } [ "a" "z" ]
builtins.functionArgs ({ a, b ? 1, ... }: a)
builtins.functionArgs (x: x)
builtins.hasAttr "a" { a = 1; }
builtins.getAttr "a" { a = 1; }
builtins.stringLength "aöü"
builtins.substring 1 2 "abcdef"
builtins.substring 1 (-1) "abcdef"
builtins.substring 10 2 "abc"
builtins.concatStringsSep ", " [ "a" "b" ]
builtins.replaceStrings [ "a" "b" ] [ "b" "a" ] "aabb"
builtins.replaceStrings [ "" ] [ "-" ] "abc"
builtins.replaceStrings [ "ab" "a" ] [ "1" "2" ] "aab"
builtins.match "a(b?)(c)?" "a"
builtins.match "([[:alpha:]]+)-([0-9.]+)" "hello-1.2.3"
builtins.match "[^/]*" "a/b"
builtins.match "a|ab|abc" "abc"
builtins.match ".*\\.nix" "foo.nix"
builtins.match "[]a]+" "]a]"
builtins.match "[a-c]{2,3}" "abc"
builtins.match "(.*)\n(.*)" "a\nb"
builtins.match "" ""
builtins.match "((a)|b)*" "ab"
builtins.match "^a$" "a"
builtins.split "," "a,b,,c"
builtins.split "(,)|(;)" "a,b;c"
builtins.split "a*" "baac"
builtins.split "(a|ab)" "xxabyy"
builtins.split "x" ""
builtins.split "[[:space:]]+" " a  b "
builtins.splitVersion "1.2.3pre4-a"
builtins.compareVersions "1.0" "1.0pre1"
builtins.compareVersions "2.3.1" "2.3"
builtins.compareVersions "1.a" "1.10"
map (v: builtins.compareVersions "1.2" v) [ "1.2" "1.10" "1.2.1" "1.2a" "1.2pre" "" ]
builtins.parseDrvName "nix-js-0.12pre1"
builtins.parseDrvName "hello"
baseNameOf "/a/b/"
baseNameOf ./x.nix
dirOf "/a/b"
dirOf "a"
dirOf /a/b
builtins.toJSON { b = [ 1 1.5 null true "a\"\n" ]; a = { }; }
builtins.toJSON 1.0e20
builtins.fromJSON "{\"a\": [1, 2.5, null, true, \"x\\u00e9\"]}"
builtins.fromTOML "a = 1\n[b]\nc = [ 1.5, 2.0 ]\nd.e = 'x'"
builtins.toXML { a = 1; b = [ "<&\"" null 1.5 ]; c = { x, y ? 1, ... }@z: x; d = x: x; }
builtins.hashString "sha256" "abc"
builtins.hashString "md5" ""
builtins.hashString "sha512" "x"
builtins.placeholder "out"
builtins.toFile "a.txt" "content"
builtins.typeOf (x: x)
map builtins.typeOf [ 1 1.0 "a" ./a null true [ ] { } map ]
builtins.isFunction map
toString [ 1 [ 2 "a" [ ] ] true null false 1.5 ./x ]
toString { outPath = "/x"; }
builtins.bitAnd 12 10
builtins.bitOr 12 10
builtins.bitXor 12 (-10)
builtins.ceil 1.2
builtins.floor (-1.2)
builtins.add 1 2.5
builtins.div (-7) 2
builtins.tryEval (throw "x")
builtins.tryEval 1
builtins.seq 1 2
builtins.deepSeq [ 1 { a = 2; } ] 3
(builtins.tryEval (builtins.deepSeq [ (throw "x") ] 3)).success
builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: if x.key > 3 then [ ] else [ { key = x.key + 1; } { key = 1; } ]; }
builtins.isString "a"
builtins.lessThan 1 2
builtins.elemAt [ 1 2 ] 1
builtins.hasContext "a"
builtins.hasContext (builtins.toFile "a" "b")
builtins.getContext (builtins.toFile "a" "b")
builtins.unsafeDiscardStringContext (builtins.toFile "a" "b")
(derivation { name = "a"; builder = "/bin/sh"; system = "x"; }).outPath
(derivation { name = "a"; builder = "/bin/sh"; system = "x"; outputs = [ "out" "dev" ]; a = "x"; }).dev.drvPath
(derivation { name = "a"; builder = "/bin/sh"; system = "x"; }).type
builtins.langVersion
builtins.storeDir
builtins ? map
builtins ? mapp
builtins.builtins ? map
isNull null
"""

#: What Nix stops with, and what tryEval cannot catch.
REFUSED = r"""
1 + "a"
{ } + 1
[ 1 ] ++ 1
{ a = 1; }.b
undefined
throw "x"
abort "x"
assert false; 1
(x: x) 1 2
({ a }: a) { }
({ a }: a) { a = 1; b = 2; }
1 / 0
let x = x; in x
let a = b; b = a; in a
rec { a = b; b = a; }.a
if 1 then 2 else 3
!1
"${1}"
"${[ ]}"
builtins.head [ ]
builtins.elemAt [ 1 ] 1
builtins.substring (-1) 1 "a"
builtins.fromJSON "{"
builtins.match "(" "a"
builtins.genList (x: x) (-1)
toString (x: x)
builtins.toJSON (x: x)
{ a = 1; a = 2; }
{ a }: a b:
with 1; a
builtins.tryEval (abort "x")
builtins.tryEval (1 + "a")
builtins.removeAttrs 1 [ ]
import /nonexistent-directory/x.nix
builtins.readFile /nonexistent-directory/x
1 < "a"
true < false
derivation { }.drvPath
(derivation { name = "a"; builder = "x"; }).outPath
(f: f f) (f: f f)
"a" - 1
builtins.stringLength 1
builtins.attrNames [ ]
let y = { inherit (x) a; x = 1; }; in y.a
{ x = 1; __toString = 1; } + ""
builtins.getAttr "a" { }
builtins.foldl' 1 2 [ 3 ]
"""


def _told(nix: RealNix, text: str, directory: Path) -> str:
    try:
        return nix.text(text, cwd=directory)
    except NixRefused as refused:
        return f"refused: {refused}"


def expressions(table: str) -> list[str]:
    """The table's expressions: a new one starts where the last one could end."""
    found: list[str] = []
    pending: list[str] = []
    for line in table.strip("\n").split("\n"):
        pending.append(line)
        text = "\n".join(pending)
        # An open indented string or a quote goes on.
        if text.replace("'''", "").replace("''$", "").replace("''\\", "").count("''") % 2 == 0 and (
            text.replace('\\"', "").count('"') % 2 == 0 or "''" in text
        ):
            found.append(text)
            pending = []
    assert not pending
    return found


@pytest.mark.parametrize("table", [LANGUAGE, BUILTINS], ids=["language", "builtins"])
def test_values_are_those_of_real_nix(nix: RealNix, tmp_path: Path, table: str) -> None:
    """Every expression of the table prints as Nix prints it."""
    texts = expressions(table)
    assert len(texts) > 80
    wrong = []
    for chunk in (texts[at : at + 20] for at in range(0, len(texts), 20)):
        # Positions and identities must not leak from one expression into another: each is a let of its own.
        together = "[\n" + "\n".join(f"(let in\n{text}\n)" for text in chunk) + "\n]"
        if outcome(together, tmp_path) == _told(nix, together, tmp_path):
            continue
        for text in chunk:
            expected = _told(nix, text, tmp_path)
            found = outcome(text, tmp_path)
            if found != expected:
                wrong.append((text, expected, found))
    assert wrong == []


@pytest.mark.parametrize("text", expressions(REFUSED))
def test_what_real_nix_refuses_is_refused(nix: RealNix, tmp_path: Path, text: str) -> None:
    """An expression that Nix stops at gives a failure, neither a value nor a shrug."""
    with pytest.raises(NixRefused):
        nix.text(text, cwd=tmp_path)
    assert isinstance(outcome(text, tmp_path if "nonexistent" not in text else "/"), Refused)
