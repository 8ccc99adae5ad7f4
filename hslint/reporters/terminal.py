"""What a terminal needs: text that does not steer it, columns as it counts them, paths as its user would type them."""

from __future__ import annotations

import os
import unicodedata

from hslint.source import Project


def printable(text: str) -> str:
    """Text on one line that does not steer the terminal: names come from files that anybody may have written."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def cells(text: str) -> int:
    """Columns of a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


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
