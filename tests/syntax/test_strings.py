"""Strings say what real Nix says they say: escapes, line endings, the indentation of ''…''."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real_nix import RealNix
from syntax.reading import expression

from hslint.source import SourceFile
from hslint.syntax.nodes import Hole, Text, Variable
from hslint.syntax.parse import parse

#: What `x` is in the strings below.
X = "<x>"

COMMON = ["a", "b c", " ", "  ", "    ", "\n", "\n\n", "\t", "\r\n", "\r", "$", "$$", "{", "}", "${x}", "ß", "💣"]
QUOTED = st.lists(
    st.sampled_from([*COMMON, "\\n", "\\r", "\\t", "\\\\", '\\"', "\\$", "\\${", "\\q", "\\\n", "\\\r\n", "'", "''"])
)
INDENTED = st.lists(
    st.sampled_from(
        [*COMMON, "\n  ", "\n    ", "'", "''$", "'''", "''\\n", "''\\t", "''\\ ", "''\\$", "''\\\n", "\\", '"']
    )
)


def said(literal: str) -> str | None:
    """What hslint reads; None where the literal is no single string."""
    parsed = parse(SourceFile("/project/a.nix", literal.encode()))
    text = parsed.expression
    if parsed.problems or not isinstance(text, Text) or text.span.text != literal:
        return None
    assert not any(isinstance(part, Hole) for part in text.parts)
    return "".join(part if isinstance(part, str) else X for part in text.parts)


def agree(nix: RealNix, directory: Path, literals: list[str]) -> None:
    known = {literal: text for literal in literals if (text := said(literal)) is not None}
    path = directory / "strings.nix"
    listed = "\n".join(f"({literal})" for literal in known)
    path.write_bytes(f'let x = "{X}"; in [\n{listed}\n]'.encode())
    assert dict(zip(known, nix.json(path), strict=True)) == known  # type: ignore[call-overload]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(QUOTED.map("".join), min_size=40, max_size=80))
def test_quoted_strings_agree_with_real_nix(nix: RealNix, tmp_path: Path, bodies: list[str]) -> None:
    """Thousands of them, made of the corners."""
    agree(nix, tmp_path, [f'"{body}"' for body in bodies])


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(INDENTED.map("".join), min_size=40, max_size=80))
def test_indented_strings_agree_with_real_nix(nix: RealNix, tmp_path: Path, bodies: list[str]) -> None:
    """Thousands of them, made of the corners."""
    agree(nix, tmp_path, [f"''{body}''" for body in bodies])


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ('"a\\nb\\tc\\"d\\\\e\\q"', 'a\nb\tc"d\\eq'),
        ('"a\r\nb\rc"', "a\nb\nc"),
        ('"$ $${x} \\${x} $"', "$ $${x} ${x} $"),
        ("''\n  a\n    b\n  ''", "a\n  b\n"),
        ("''\n    a\n  ''", "a\n"),
        ("''  a\n  b''", "a\nb"),
        ("''\n\ta\n  b\n''", "\ta\n  b\n"),
        ("''\n  a\n\n \n  b\n''", "a\n\n\nb\n"),
        ("''\n  a ''${x} ''' ''\\n\n''", "a ${x} '' \n\n"),
        ("''\r\n  a\r\n''", "\r\n  a\r\n"),
        ("''''", ""),
        ("''   ''", ""),
        ("''\n''", ""),
    ],
)
def test_what_a_string_says(literal: str, text: str) -> None:
    """The corners that configurations meet."""
    assert said(literal) == text


def test_interpolations_take_part_in_the_indentation() -> None:
    """The spaces in front of one count, those behind it stay."""
    found = expression("x: ''\n    ${x}  a\n      b ${x}\n  ''")
    text = getattr(found, "body", None)
    assert isinstance(text, Text)
    assert [part if isinstance(part, str) else type(part) for part in text.parts] == [
        Variable,
        "  a\n  b ",
        Variable,
        "\n",
    ]


def test_bytes_that_are_not_utf8_stay_what_they_are() -> None:
    """As surrogates, so that they come out again unchanged."""
    found = parse(SourceFile("/project/a.nix", b'"a\xffb"')).expression
    assert isinstance(found, Text) and isinstance(found.parts[0], str)
    assert found.parts[0].encode("utf-8", "surrogateescape") == b"a\xffb"
