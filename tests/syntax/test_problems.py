"""What Nix refuses is reported once, at Nix's own place, with what was found and what was expected there."""

import pytest
from syntax.reading import problems, read

from hslint.syntax.problems import ProblemKind

SYNTAX_ERRORS = {
    "a missing semicolon": (
        "{\n  a = 1\n  b.c = 2;\n}",
        "3:7 '=' unexpected '=', expected ';' (a ';' may be missing here: 2:8 '')",
    ),
    "a missing semicolon before a brace": (
        "{ a = 1 }",
        "1:9 '}' unexpected '}', expected ';' (a ';' may be missing here: 1:8 '')",
    ),
    "a missing semicolon before in": (
        "let a = 1 in a",
        "1:11 'in' unexpected keyword 'in', expected ';' (a ';' may be missing here: 1:10 '')",
    ),
    "a missing brace": (
        "{ a = {\n b = 1;",
        "2:8 '' unexpected end of file, expected an attribute or '}' (opened here: 1:7 '{')",
    ),
    "a missing bracket": ("{ a = [ 1 ; }", "1:11 ';' unexpected ';', expected ']'"),
    "a missing parenthesis": ("{ a = (1 ; }", "1:10 ';' unexpected ';', expected ')'"),
    "one bracket too many": ("{ a = 1; } }", "1:12 '}' unexpected '}', expected the end of the file"),
    "an open string": (
        '{ a = "b; }',
        "1:12 '' unexpected end of file, expected the end of the string (opened here: 1:7 '\"')",
    ),
    "an open indented string": (
        "{ a = ''b'; }",
        "1:14 '' unexpected end of file, expected the end of the indented string (opened here: 1:7 \"''\")",
    ),
    "an open interpolation": (
        '"${a"',
        "1:6 '' unexpected end of file, expected the end of the string (opened here: 1:5 '\"')",
    ),
    "an open comment": ("1 /* 2", "1:3 '/*' comment is never closed"),
    "a comma in a list": ("[ 1, 2 ]", "1:4 ',' unexpected ',', expected ']'"),
    "a colon for an equals sign": ("{ a: 1; }", "1:4 ':' unexpected ':', expected '.' or '='"),
    "two equals signs": ("{ a == 1; }", "1:5 '==' unexpected '==', expected '.' or '='"),
    "no value": ("{ a = ; }", "1:7 ';' unexpected ';', expected an expression"),
    "a number as a name": ("{ a.1 = 2; }", "1:4 '.1' unexpected floating-point number '.1', expected '.' or '='"),
    "a keyword as a name": ("a: a.if", "1:6 'if' unexpected keyword 'if', expected an attribute name"),
    "a keyword as an attribute": (
        "{ then = 1; }",
        "1:3 'then' unexpected keyword 'then', expected an attribute or '}'",
    ),
    "or as a variable": ("or", "1:1 'or' unexpected keyword 'or', expected an expression"),
    "or as a formal": ("{ or }: 1", "1:6 '}' unexpected '}', expected '.' or '='"),
    "or as a parameter": ("a@{ b, or }: 1", "1:8 'or' unexpected keyword 'or', expected a name, '...' or '}'"),
    "chained equality": ("1 == 1 == 1", "1:8 '==' unexpected '==': comparisons cannot be chained"),
    "chained comparison": ("1 < 2 <= 3", "1:7 '<=' unexpected '<=': comparisons cannot be chained"),
    "no else": ("if true then 1", "1:15 '' unexpected end of file, expected 'else'"),
    "no in": ("let a = 1; a", "1:13 '' unexpected end of file, expected '.' or '='"),
    "braces around a name": ("{ a }", "1:6 '' unexpected end of file, expected ':' or '@'"),
    "a leading comma": ("{ , a }: a", "1:3 ',' unexpected ',', expected an attribute or '}'"),
    "something after the dots": ("{ ..., a }: a", "1:6 ',' unexpected ',', expected '}'"),
    "a path with two slashes": ("/a//b", "1:4 '/b' unexpected second slash in a path"),
    "a path that ends in a slash": ("[ ./a/ ]", "1:6 '/' path has a trailing slash"),
    "an empty file": ("", "1:1 '' the file holds no expression"),
    "only a comment": ("# nothing\n", "2:1 '' the file holds no expression"),
    "a character of no token": ("{ a = %; }", "1:7 '%' unexpected character '%', expected an expression"),
    "a typographic quote": ("{ a = “b”; }", "1:7 '“' unexpected character '“', expected an expression"),
    "a no-break space": ("{ a =\u00a01; }", "1:6 '\\xa0' unexpected character U+00A0, expected an expression"),
    "a byte order mark": (
        "\ufeff{ }",
        "1:1 '\\ufeff' unexpected byte order mark (save the file as UTF-8 without one), expected an expression",
    ),
    "a form feed": ("1 +\f2", "1:4 '\\x0c' unexpected character U+000C, expected an expression"),
    "a NUL in a string": ('"a\0b"', "1:3 '\\x00' a NUL byte in a string"),
    "mixed pipes": ("a: a |> a <| a", "1:11 '<|' unexpected '<|'"),
}


@pytest.mark.parametrize(("text", "expected"), SYNTAX_ERRORS.values(), ids=SYNTAX_ERRORS)
def test_one_error_gives_one_report_at_its_place(text: str, expected: str) -> None:
    """However much of the file the error confuses."""
    assert problems(text) == [expected]


def test_a_second_error_waits_until_the_first_is_fixed() -> None:
    """As with Nix: what follows an error may only seem wrong."""
    assert problems("{ a = 1; a = 2; b = ; x = [ , ]; }") == ["1:21 ';' unexpected ';', expected an expression"]


REFUSED = {
    "the same attribute": (
        "{ a = 1; a = 2; }",
        ["1:10 'a' attribute 'a' is already defined (first defined here: 1:3 'a')"],
    ),
    "the same path": (
        "{\n  s.p.q = 1;\n  s.p.q = 2;\n}",
        ["3:7 'q' attribute 's.p.q' is already defined (first defined here: 2:7 'q')"],
    ),
    "a path through a value": (
        "{ a = 1; a.b = 2; }",
        ["1:10 'a' attribute 'a' is already defined (first defined here: 1:3 'a')"],
    ),
    "a set over a value": (
        "{ a.b = 1; a = { b = 2; c = 3; }; }",
        ["1:18 'b' attribute 'a.b' is already defined (first defined here: 1:5 'b')"],
    ),
    "a set that is computed": (
        "{ a.b = 1; a = { } // { }; }",
        ["1:12 'a' attribute 'a' is already defined (first defined here: 1:3 'a')"],
    ),
    "an inherited name": (
        "a: { a = 1; inherit a; }",
        ["1:21 'a' attribute 'a' is already defined (first defined here: 1:6 'a')"],
    ),
    "a name inherited twice": (
        "a: { inherit a; inherit (a) a; }",
        ["1:29 'a' attribute 'a' is already defined (first defined here: 1:14 'a')"],
    ),
    "a name in quotes": (
        '{ a = 1; "a" = 2; ${"a"} = 3; }',
        [
            "1:10 '\"a\"' attribute 'a' is already defined (first defined here: 1:3 'a')",
            "1:19 '${\"a\"}' attribute 'a' is already defined (first defined here: 1:3 'a')",
        ],
    ),
    "a let": (
        "let a = 1; a = 2; in a",
        ["1:12 'a' attribute 'a' is already defined (first defined here: 1:5 'a')"],
    ),
    "a formal": ("{ a, a }: a", ["1:6 'a' duplicate function argument 'a' (first named here: 1:3 'a')"]),
    "a formal named like the whole": (
        "a@{ b, a }: a",
        ["1:8 'a' duplicate function argument 'a' (first named here: 1:1 'a')"],
    ),
    "a whole named like a formal": (
        "{ b, a }@a: a",
        ["1:10 'a' duplicate function argument 'a' (first named here: 1:6 'a')"],
    ),
    "a dynamic name in let": ("x: let ${x} = 1; in 2", ["1:8 '${x}' dynamic attributes are not allowed in let"]),
    "a dynamic name in inherit": (
        "x: { inherit ${x}; }",
        ["1:14 '${x}' dynamic attributes are not allowed in inherit"],
    ),
    "a large integer": (
        "9223372036854775808",
        ["1:1 '9223372036854775808' integer is larger than 9223372036854775807"],
    ),
    "a larger float": ("[ 1.0e999 ]", ["1:3 '1.0e999' number is too large for a float"]),
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_the_grammar_takes_and_nix_refuses_is_reported(text: str, expected: list[str]) -> None:
    """Each at its second place, with the first one named."""
    assert problems(text) == expected


ACCEPTED = [
    "{ lib, pkgs, }: 1",
    "{ lib, }: 1",
    "{ lib, # why\n}: 1",
    "{ lib, # a, b\n /* c */ # d\n}: 1",
    "{ lib ? [ ({ a, }: 1) ], }@args: 1",
    'x: "{ a, }: ${x}"',
    "x: x |> x |> x",
    "x: x <| x <| x",
    "{ inherit; }",
    "x: { inherit (x); }",
    "x: ~/${x}",
    "# a comment\r1",
    "/* NUL \0 */ 1 # NUL \0 again",
    "1 \0 what follows a NUL is not there for Nix {{{",
    "a: b: a//b",
    "a: b: a //b",
    "a: b: [ (a//b) (a//b//a) ]",
    "a: a ? b ? c",
    "a: a.or or a",
    "{ or = 1; }",
    "map: let or = 1; in map or [ ]",
    "x: ./a//${x}",
    "{ a.b = 1; a = { c = 2; }; a.d.e = 3; }",
    'x: { ${x} = 1; "${x}" = 2; }',
    'let ${"a"} = 1; "b" = 2; in a + b',
    'x: { inherit (x) "a" ${"b"}; }',
    "9223372036854775807",
    "007",
    "0000000000000000000000000001",
    "http://example.org/a,b",
    "{ a = 1;\r\n  b = 2;\r\n}\r\n",
    "let { body = 1; }",
    "x:y",
    "{}",
    "{ }: { }",
    "a: -a - -a",
    '"\\${a} $${b} $"',
    "''''${a} $${b} ''$ ''\\n ''",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_nix_accepts_is_no_problem(text: str) -> None:
    """Also where the grammar stumbles."""
    assert problems(text) == []


def test_an_encrypted_file_is_called_by_its_name() -> None:
    """Most of what looks like a syntax error in public repositories is git-crypt."""
    parsed = read(b"\0GITCRYPT\0\x01\x02\x03 { } ( ;")
    assert [(problem.kind, problem.message) for problem in parsed.problems] == [
        (ProblemKind.UNREADABLE, "encrypted by git-crypt: unlock the repository to have this file checked")
    ]


def test_a_binary_file_is_called_one() -> None:
    """Not a hundred syntax errors."""
    parsed = read(bytes(range(256)) * 100 + b"\0" * 100)
    assert [problem.message for problem in parsed.problems] == ["a binary file"]


def test_a_kind_distinguishes_undefined_variables_from_syntax() -> None:
    """A caller may know more names, or care about one of the two only."""
    parsed = read("[ a ]")
    assert parsed.problems == ()
    assert [problem.kind for problem in parsed.undefined_variables()] == [ProblemKind.UNDEFINED_VARIABLE]
