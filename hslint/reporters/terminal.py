"""Text for terminals: without control sequences, with colours, measured in columns, with paths as its user would type them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hslint.source import Project

if TYPE_CHECKING:
    from rich.text import Text

#: Characters that Python calls printable and that are invisible: fillers, joiners and variation selectors.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")

#: Orders to GitHub Actions: a line that begins with `::error::`, and one with `##[error]` anywhere in it; Azure's have `##vso[`.
_COMMAND = re.compile(r"^(\s*):(?=:)")
_OLD_COMMAND = re.compile(r"##(?=(?:vso)?\[)", re.IGNORECASE)


class Safe(str):
    """A line that may go out as it is: made by `printable`, by a format with escapes of its own, or of pieces that are safe."""

    __slots__ = ()


def printable(text: str) -> str:
    """Text on one line that does not steer the terminal: names come from files that anybody may have written.

    No control characters, line ends, marks that turn the direction of writing, or halves of characters.
    """
    if isinstance(text, Safe) or (text.isascii() and text.isprintable()):
        return text
    return _INVISIBLE.sub("\ufffd", "".join(c if c.isprintable() else "\ufffd" for c in text))


def safe(line: str) -> Safe:
    """A line as it goes out: it steers neither the terminal nor the machinery that reads the log of a workflow."""
    if isinstance(line, Safe):
        return line
    return Safe(_COMMAND.sub("\\1\ufffd", without_orders(line)))


def without_orders(text: str) -> str:
    """Printable text that is no order to GitHub Actions or Azure Pipelines wherever it stands in a line."""
    return _OLD_COMMAND.sub("#\ufffd", printable(text))


class Style:
    """The style of text: colours, and the width at which lines are wrapped; plain, and as long as they are, when the output is no terminal."""

    def __init__(
        self, *, colour: bool = False, links: bool = False, width: int | None = None, unicode: bool = True
    ) -> None:
        self.colour = colour
        self.links = links
        #: Columns in which lines are wrapped; None for no limit.
        self.width = width
        self.unicode = unicode

    def paint(self, text: str, code: str) -> Safe:
        text = printable(text)
        return Safe(f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text)

    def link(self, text: str, address: str) -> Safe:
        text, address = printable(text), printable(address)
        return Safe(f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.links else text)

    def line(self, *pieces: str) -> Safe:
        """A line of painted pieces and of text from anywhere."""
        if not self.unicode:
            pieces = tuple(Safe(_in_ascii(each)) if isinstance(each, Safe) else _in_ascii(each) for each in pieces)
        if not self.colour and not self.links:
            return safe("".join(map(str, pieces)))
        return Safe("".join(map(without_orders, pieces)))

    def lines(self, *pieces: str, indent: int = 0) -> Iterator[Safe]:
        """The same, wrapped between words where it is longer than the terminal is wide; what goes on is indented."""
        line = self.line(*pieces)
        if self.width is None or cells(_ESCAPES.sub("", line)) <= self.width:
            yield line
        else:
            yield from _wrapped(line, self.width, indent)

    def source(self, text: str) -> str:
        """Text of a file, each character of which takes the columns that `cells` says."""
        if self.unicode or text.isascii():
            return text
        return "".join(c if c.isascii() else "?" * _cell(c) for c in text)

    @property
    def ellipsis(self) -> str:
        """The sign for a part that was left out."""
        return "…" if self.unicode else "..."


#: What hslint itself puts around text: colours and links.
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\")

_PUNCTUATION = str.maketrans({"…": "...", "–": "-", "→": "->", "«": '"', "»": '"', "“": '"', "”": '"', "’": "'"})


def _in_ascii(text: str) -> str:
    """Text with the punctuation that every terminal has."""
    return text.translate(_PUNCTUATION)


def _wrapped(line: Safe, width: int, indent: int) -> Iterator[Safe]:
    """A line of painted words in as many as it takes. A word that is too long for any stays whole: it may be one to copy."""
    from rich.text import Text  # late: only on a terminal that is too narrow

    text = Text.from_ansi(line)
    first, *rest = text.divide(_breaks(text.plain, width, indent))
    yield _painted(first)
    for each in rest:
        yield Safe(" " * indent + _painted(each))


def _breaks(text: str, width: int, indent: int) -> list[int]:
    """Where words begin that go to the next line."""
    found: list[int] = []
    used = 0
    for word in re.finditer(r"\s*\S+", text):
        length = cells(word[0])
        if used and used + length > width:
            blanks = len(word[0]) - len(word[0].lstrip())
            found.append(word.start() + blanks)
            used, length = indent, length - blanks
        used += length
    return found


def _painted(text: Text) -> Safe:
    """A piece of a line with hslint's own escapes, as rich keeps them."""
    from rich import get_console  # late: as above
    from rich.color import ColorSystem

    text.rstrip()
    segments = text.render(get_console(), end="")  # which only knows the names of styles here
    return Safe(
        "".join(
            part.text if part.style is None else part.style.render(part.text, color_system=ColorSystem.STANDARD)
            for part in segments
        )
    )


#: The least that is wrapped for; a narrower terminal wraps what is too long by itself.
NARROWEST = 40


def style_for(*, terminal: bool, when: str = "auto", width: int | None = None, unicode: bool = True) -> Style:
    """`--color always` and `never` go first. Then NO_COLOR takes colours away everywhere, and FORCE_COLOR and CLICOLOR_FORCE give them
    to pipes (no-color.org, force-color.org, bixense.com/clicolors).
    """
    wide = max(width, NARROWEST) if terminal and width is not None else None
    if when == "auto":
        forced = os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0")
        when = "never" if os.environ.get("NO_COLOR") else "always" if forced else "auto"
    colour = when == "always" or (when == "auto" and terminal and os.environ.get("TERM") != "dumb")
    return Style(colour=colour, links=colour and terminal, width=wide, unicode=unicode)


def cells(text: str) -> int:
    """Columns of a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def paths_from_here(project: Project, text: str) -> str:
    """A text with the paths of the project's files in it as they can be opened from the current directory."""
    root = project.root.rstrip("/")
    if not root or f"{root}/" not in text:
        return text
    return re.sub(rf"(?<![\w/.-]){re.escape(root)}/[\w/.+-]*", lambda found: path_from_here(project, found[0]), text)


def path_from_here(project: Project, path: str) -> str:
    """The path as it can be opened from the current directory: relative inside one tree with it, else in full."""
    if not path.startswith("/"):
        return path  # of a module that stands for one outside the project
    try:
        here = os.getcwd()
    except OSError:  # the directory is gone
        return path
    if project.contains(here) or path.startswith(here.rstrip("/") + "/"):
        return os.path.relpath(path, here)
    return path
