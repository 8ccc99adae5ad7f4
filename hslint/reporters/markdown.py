"""Text in Markdown that nobody wrote as Markdown: names, values and messages stay what they are."""

from __future__ import annotations

import re

from hslint.reporters.terminal import printable

_MEANINGFUL = re.compile(r"([\\`*_\[\]<>#|])")


def plainly(text: str) -> str:
    """Text that no Markdown renderer makes anything of, on one line."""
    return _MEANINGFUL.sub(r"\\\1", printable(text))


def code(text: str) -> str:
    """Code on one line, whatever backticks are in it."""
    text = printable(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
