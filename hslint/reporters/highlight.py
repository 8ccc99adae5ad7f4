"""Colours for reports that are lines of text: what stands out, by the form of the line; and wrapping on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hslint.reporters.terminal import Safe, Style, cells

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}

#: For each command the forms of its lines, each with groups called like what is made of them; the first that fits counts.
_FORMS = {
    "show": (
        r"(?P<bold># [^:]+: Headscale .*)",
        r"(?P<red># Nix refuses .*|# hosts? .* could not be evaluated.*|# possible only.*)",
        r"(?P<dim>\s+# .*)",
        r"(?P<blue>\s*(?:# )?[\w.\"-]+:)(?:.*?)(?P<dim>\s+# [^#\"]*)?",
    ),
    "why": (
        r"(?P<bold>\S[^=]*)(?: = .*)?",
        r"  (?P<green>wins )\s*(?P<blue>\S+).*",
        r"  (?P<yellow>loses|unmet)\s+(?P<blue>\S+).*",
        r"  (?P<cyan>default|declared|possible).*",
    ),
    "upgrade": (
        r"(?P<bold>\d+\. .*)",
        r"\s+(?P<red>breaks): (?P<blue>\S+:) .*?(?P<dim> \[[\w-]+\])?",
        r"\s+(?P<yellow>silent|default|rename|advice): (?P<blue>\S+:) .*?(?P<dim> \[[\w-]+\])?",
        r"\s+(?P<green>fix): .*",
    ),
    "diff": (
        r"(?P<bold>(?:---|\+\+\+) .*)",
        r"(?P<cyan>@@ .*)",
        r"(?P<green>\+.*)",
        r"(?P<red>-.*)",
    ),
}


def highlighted(command: str, lines: Iterable[str], style: Style) -> Iterator[str]:
    """The lines of a report of a command, without secrets already, coloured; as they are without a terminal."""
    if not style.colour and style.width is None and style.unicode:
        yield from lines
        return
    forms = [re.compile(form) for form in _FORMS[command]]
    for line in _narrowed(lines, style.width) if command == "show" else lines:
        indent = len(line) - len(line.lstrip())
        pieces = _pieces(forms, line, style)
        if command == "diff":  # whose lines are those of a file
            yield style.line(*pieces)
        else:
            yield from style.lines(*pieces, indent=min(indent + 4, 12))


#: A setting, and where it comes from.
_ORIGIN = re.compile(r"(.*?\S)\s+(# [^#\"]*)")


def _narrowed(lines: Iterable[str], width: int | None) -> Iterator[str]:
    """Where a line does not fit, the origin stands right behind the value, or below it."""
    for line in lines:
        found = _ORIGIN.fullmatch(line) if width is not None and cells(line) > width else None
        if found is None or width is None:
            yield line
        elif cells(close := f"{found[1]}  {found[2]}") <= width:
            yield close
        else:
            indent = len(line) - len(line.lstrip())
            yield from (found[1], " " * (indent + 4) + found[2])


def _pieces(forms: Iterable[re.Pattern[str]], line: str, style: Style) -> list[str | Safe]:
    found = next((match for form in forms if (match := form.fullmatch(line)) is not None), None)
    if found is None:
        return [line]
    pieces: list[str | Safe] = []
    at = 0
    for name in found.re.groupindex:
        start, end = found.span(name)
        if start >= 0:
            pieces += [line[at:start], style.paint(line[start:end], _CODES[name])]
            at = end
    return [*pieces, line[at:]]
