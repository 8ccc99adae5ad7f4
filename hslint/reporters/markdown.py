"""Plain text escaped for Markdown: names, values and messages."""

from __future__ import annotations

import re

from hslint.reporters.terminal import printable

_MEANINGFUL = re.compile(r"([\\`*_\[\]<>#|])")


def plainly(text: str) -> str:
    """Text escaped for Markdown, on one line."""
    return _MEANINGFUL.sub(r"\\\1", printable(text))


def code(text: str) -> str:
    """Code on one line, whatever backticks are in it."""
    text = printable(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
