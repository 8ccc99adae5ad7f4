"""What a terminal needs: text that does not steer it, colours, columns as it counts them, paths as its user would type them."""

from __future__ import annotations

import os
import re
import unicodedata

from hslint.source import Project

#: Characters that Python calls printable and nobody sees: fillers, joiners and variation selectors.
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
    """How words are made to stand out; plain when the output is no terminal."""

    def __init__(self, *, colour: bool = False, links: bool = False) -> None:
        self.colour = colour
        self.links = links

    def paint(self, text: str, code: str) -> Safe:
        text = printable(text)
        return Safe(f"\x1b[{code}m{text}\x1b[0m" if self.colour and text else text)

    def link(self, text: str, address: str) -> Safe:
        text, address = printable(text), printable(address)
        return Safe(f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.links else text)

    def line(self, *pieces: str) -> Safe:
        """A line of painted pieces and of text from anywhere."""
        if not self.colour and not self.links:
            return safe("".join(map(str, pieces)))
        return Safe("".join(map(without_orders, pieces)))


def style_for(*, terminal: bool) -> Style:
    """NO_COLOR takes colours away everywhere, FORCE_COLOR gives them to pipes (no-color.org, force-color.org)."""
    if os.environ.get("NO_COLOR"):
        return Style()
    if os.environ.get("FORCE_COLOR"):
        return Style(colour=True, links=terminal)
    colour = terminal and os.environ.get("TERM") != "dumb"
    return Style(colour=colour, links=colour)


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
