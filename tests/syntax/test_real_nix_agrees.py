"""Real Nix reads the same tree from the same bytes, and refuses what hslint refuses."""

from pathlib import Path

import pytest
from real_nix import RealNix
from syntax.nix_ast import canonical, read_print

from hslint.source import SourceFile
from hslint.syntax.parse import parse

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "nix" / "syntax"


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.nix")), ids=lambda path: path.stem)
def test_the_tree_is_that_of_real_nix(nix: RealNix, path: Path) -> None:
    """As `nix-instantiate --parse` prints it."""
    parsed = parse(SourceFile(str(path), path.read_bytes()))
    assert parsed.problems == ()
    printed = read_print(nix.parsed(path), str(path.parent))
    assert canonical(parsed.expression, str(path.parent)) == printed


#: What Nix 2.8 takes for an error and newer releases, and hslint, do not.
NEWER = ["f: 1 |> f", "f: f <| 1", "{ a = { b = 1; }; a = { c.d = 1; }; a.c.e = 2; }"]

TAKEN = [
    "{ a.b = 1; a = { c = 2; }; a.d.e = 3; }",
    'let ${"a"} = 1; "b" = 2; in a + b',
    'x: { inherit (x) "a" ${"b"}; }',
    'x: { ${x} = 1; ${x} = 2; "${x}" = 3; }',
    "{ a = 1; }.a or { b = 1; }.b or 3",
    "a: a ? b ? c",
    "a: a//a",
    "{ a, }: a",
    "9223372036854775807",
    "let { body = 1; }",
    "x:x",
    "{ inherit; }",
    "# a\r1",
    "a: a < a == a > a",
    "rec { inherit (a) b; a = { b = 1; }; }",
]

REFUSED = [
    "",
    "# only a comment",
    "{ a = 1; a = 2; }",
    "{ a = 1; a.b = 2; }",
    "a: { a = { b = 1; }; a = { b = 2; }; }",
    "a: { inherit a; a = 1; }",
    "a: { inherit a; inherit (a) a; }",
    "let a = 1; a = 2; in a",
    "{ a, a }: a",
    "a@{ a }: a",
    "{ a }@a: a",
    "x: let ${x} = 1; in 2",
    "x: { inherit ${x}; }",
    'x: { inherit "${x}"; }',
    "9223372036854775808",
    "1.0e999",
    "1 == 1 == 1",
    "1 < 2 < 3",
    "a: a.if",
    "or",
    "[ or ]",
    "/a//b",
    "./a/",
    "~/",
    "\ufeff1",
    "1\f",
    "1 +\u00a01",
    "a",
    "{ a = 1; b = a; }",
    "rec { inherit x; a = x; }",
    "with x; 1",
    "{ ..., a }: 1",
    "{ , }: 1",
    "let a = 1; a",
    "if 1 then 2",
    "[ a: a ]",
    "a: b: c@d: 1",
    "{ a = 1 }",
    "1 + if true then 1 else 2 +",
    "''${''",
    '"\\',
]


@pytest.mark.parametrize("text", [*TAKEN, *NEWER])
def test_what_is_taken_for_nix_is_nix(nix: RealNix, tmp_path: Path, text: str) -> None:
    """Nix's own answer to the same bytes, except where the installed release is older than the language."""
    path = tmp_path / "a.nix"
    path.write_bytes(text.encode())
    parsed = parse(SourceFile(str(path), path.read_bytes()))
    assert (parsed.problems, parsed.undefined_variables()) == ((), ())
    assert text in NEWER or nix.parses(path)


@pytest.mark.parametrize("text", REFUSED)
def test_what_nix_refuses_is_refused(nix: RealNix, tmp_path: Path, text: str) -> None:
    """With at least one problem, and not more than a user can read."""
    path = tmp_path / "a.nix"
    path.write_bytes(text.encode())
    parsed = parse(SourceFile(str(path), path.read_bytes()))
    assert 1 <= len((*parsed.problems, *parsed.undefined_variables())) <= 2
    assert not nix.parses(path)
