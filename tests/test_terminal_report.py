"""The report as a terminal shows it: wrapped between words, carets below what they mean, colours and links, ASCII where there is no more."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from hslint.checking import Checked, Request, check
from hslint.cli import main
from hslint.finding import Finding
from hslint.hosts import Inspection
from hslint.problem import Effect, PlacedNote, PlacedProblem, Rule
from hslint.reporters.terminal import Safe, Style, cells, style_for
from hslint.reporters.text import report
from hslint.settings import Settings
from hslint.source import Project, SourceFile, Span

ROOT = Path(__file__).resolve().parent.parent
SHOWCASE = ROOT / "examples" / "showcase"

WIDTHS = [60, 80, 120, 200]

RULE = Rule("a-rule-with-a-long-name", "dns", Effect.FAILS, "One sentence.", lambda host: iter(()))

ESCAPE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")


@pytest.fixture(scope="module")
def showcase() -> Checked:
    return check([str(SHOWCASE)], Request())


def plain(lines: list[Safe]) -> list[str]:
    return [ESCAPE.sub("", line) for line in lines]


def words(lines: list[str]) -> list[str]:
    """The words of a report, but for excerpts, whose lines have a bar."""
    return [word for line in lines if " | " not in line for word in line.split()]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("colour", [True, False], ids=["colour", "plain"])
def test_no_line_is_wider_than_the_terminal(showcase: Checked, width: int, colour: bool) -> None:
    """And every word is whole; only a place, which is one word, may be longer."""
    shown = plain([*report(showcase, Style(colour=colour, links=colour, width=width))])
    assert [line for line in shown if cells(line) > width and not line.startswith("  --> ")] == []
    whole = {word for line in plain([*report(showcase, Style())]) for word in line.split()}
    assert set(words(shown)) <= whole


@pytest.mark.parametrize("width", WIDTHS)
def test_wrapping_loses_no_colour_and_no_link(showcase: Checked, width: int) -> None:
    """What is bold stays bold on the next line; each escape is closed where its line ends."""
    for line in report(showcase, Style(colour=True, links=True, width=width)):
        assert len(re.findall(r"\x1b\[[1-9][0-9;]*m", line)) == line.count("\x1b[0m")
        assert len(re.findall(r"\x1b\]8;[^;]*;[^\x1b]", line)) == line.count("\x1b]8;;\x1b\\")


def finding(text: str, marked: str, message: str = "here") -> Finding:
    file = SourceFile("/p/a.nix", text.encode())
    start = file.text.index(marked.encode())
    span = Span(file, start, start + len(marked.encode()))
    return Finding(
        RULE, PlacedProblem("found", SourceFile("/p/b.nix", b"x").span(0, 1), (PlacedNote(message, span),)), ()
    )


def excerpt(text: str, marked: str, style: Style, message: str = "here") -> list[str]:
    checked = Checked(Inspection(Project("/p"), []), (finding(text, marked, message),), (), Settings())
    shown = plain([*report(checked, style)])
    start = shown.index("  --> /p/a.nix:1:" + str(text.index(marked) + 1)) + 1
    end = next(number for number in range(start, len(shown)) if shown[number].startswith("   ="))
    return shown[start:end]


def marked_by(lines: list[str]) -> str:
    """What the carets stand below, in the columns of a terminal."""
    found = ""
    for above, line in pairwise(lines):
        for match in re.finditer(r"(?<= )\^+(?= |$)", line):
            column = 0
            for character in above:
                if match.start() <= column < match.end():
                    found += character
                column += cells(character)
    return found


LONG = (
    "  services.headscale.settings.dns.nameservers.split = { "
    + " ".join(f'"a{number}.example.org" = [ "9.9.9.{number}" ];' for number in range(30))
    + " };\n"
)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "marked",
    [
        "services.headscale",
        '"a1.example.org"',
        '"9.9.9.3" ]; "a4.example.org" = [ "9.9.9.4"',
        '"a29.example.org"',
        "};",
    ],
)
def test_carets_stand_below_what_they_mean_in_wrapped_lines(width: int, marked: str) -> None:
    """Wherever that is in a line that is much longer than the terminal is wide."""
    lines = excerpt(LONG, marked, Style(width=width))
    assert marked_by(lines).replace(" ", "") == marked.replace(" ", "")
    assert max(map(cells, lines)) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_wide_characters_take_two_columns_in_wrapped_lines_too(width: int) -> None:
    text = f'  a = "{"港" * 70}"; b = "ä港x"; c = 1;\n'
    lines = excerpt(text, '"ä港x"', Style(width=width))
    assert marked_by(lines) == '"ä港x"'
    assert max(map(cells, lines)) <= width


def test_what_is_said_of_a_place_goes_below_the_carets_where_there_is_no_space() -> None:
    assert excerpt('  a = "b";\n', '"b"', Style(width=40), "a sentence that is longer than the terminal") == [
        ' 1 |   a = "b";',
        "   |       ^^^",
        "   | a sentence that is longer than the",
        "     terminal",
    ]


@pytest.mark.parametrize("width", [None, 60])
def test_where_there_is_no_unicode_there_is_ascii(showcase: Checked, width: int | None) -> None:
    """In excerpts a question mark for each column, so that carets stay true."""
    style = Style(width=width, unicode=False)
    lines = excerpt('  a = "ü港"; b = "x";\n', '"x"', style)
    assert lines[0] == ' 1 |   a = "???"; b = "x";'
    assert marked_by(lines) == '"x"'
    assert all(line.isascii() for line in plain([*report(showcase, style)]))
    assert excerpt("  a = {\n  };\n", "{\n  }", style)[1].endswith("^ ... to line 2 here")


# -- when there are colours ----------------------------------------------------------------------------------------------

NONE = dict.fromkeys(("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"), None)


@pytest.mark.parametrize(
    ("variables", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ],
)
def test_variables_say_when_there_are_colours(
    variables: dict[str, str], terminal: bool, pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By no-color.org, force-color.org and bixense.com/clicolors; what the command line says goes first."""
    for name in NONE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (style_for(terminal=True).colour, style_for(terminal=False).colour) == (terminal, pipe)
    assert style_for(terminal=False, when="always").colour
    assert not style_for(terminal=True, when="never").colour


def test_color_is_an_option(tmp_path: Path) -> None:
    (tmp_path / "configuration.nix").write_text(
        "{ services.headscale.enable = true; services.headscale.settings.a = 1; }\n"
    )

    def output(*arguments: str) -> str:
        return CliRunner().invoke(main, ["check", str(tmp_path), *arguments], env=NONE).stdout

    assert "\x1b[" in output("--color", "always")
    assert "\x1b" not in output("--color", "never") + output()
    assert ESCAPE.sub("", output("--color", "always")) == output()


def on_a_terminal(columns: int, **variables: str) -> str:
    """What somebody sees of a check of the showcase."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in (*NONE, "COLUMNS")}
    subprocess.run(["stty", "cols", str(columns)], stdin=theirs, check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "hslint", "check", "--quiet", str(SHOWCASE)],
        env={**environment, "TERM": "xterm", "PYTHONIOENCODING": "", **variables},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:
            break
        if not part:
            break
        seen += part
    os.close(ours)
    assert process.wait() == 1
    return seen.decode().replace("\r\n", "\n")


def test_a_real_terminal_gets_colours_links_and_its_own_width() -> None:
    seen = on_a_terminal(60)
    assert "\x1b[1;31merror\x1b[0m" in seen
    assert f"file://{SHOWCASE}/flake.nix#41:20\x1b\\" in seen
    shown = ESCAPE.sub("", seen).splitlines()
    assert max(cells(line) for line in shown if not line.startswith("  --> ")) <= 60


def test_a_terminal_whose_locale_is_c_gets_ascii() -> None:
    """Python would speak UTF-8 to it."""
    assert on_a_terminal(60, LC_ALL="C").isascii()
