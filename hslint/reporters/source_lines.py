"""A line of a file with carets below what is meant; wrapped at the width of the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.hosts.secrets import Secrets
from hslint.record import Record
from hslint.reporters.terminal import Safe, Style, cells, printable
from hslint.source import Span

#: Columns of a source line that are shown without a terminal; the part with the carets is kept.
_WIDTH = 140

#: Rows that a line is wrapped into at most on a terminal.
_ROWS = 4


class _Row(Record):
    """A part of a line that fits into the width, and the columns of the line at which it begins and ends."""

    text: str
    start: int
    end: int


def source_lines(secrets: Secrets, span: Span, message: str, style: Style, colour: str) -> Iterator[Safe]:
    """The first line of a place with carets below it, and where a longer place ends. Secrets are masked."""
    start, end = span.file.position(span.start), span.file.position(span.end)
    line = secrets.line(span.file, start.line)
    marked = line[start.column :] if end.line > start.line else line[start.column : end.column]
    before, line, marked = (style.source(_shown(part)) for part in (line[: start.column], line, marked))
    gutter = str(start.line + 1)
    space = max(8, style.width - len(gutter) - 4) if style.width is not None else None
    limit = _WIDTH if space is None else space * _ROWS if cells(line) > space else _WIDTH
    before, line = _cut(before, line, limit, style.ellipsis)
    first = cells(before)
    last = first + max(1, min(cells(marked.rstrip()), limit - first))
    more = f"{style.ellipsis} to line {end.line + 1}" if end.line > start.line else ""
    words = " ".join(filter(None, (more, message)))
    head = (" ", style.paint(gutter, "34"), " ", style.paint("|", "34"), " ")
    margin = (" " * (len(gutter) + 2), style.paint("|", "34"), " ")
    rows = _rows(line, space)
    for number, row in enumerate(rows):
        yield style.line(*(head if number == 0 else margin), row.text)
        from_here = max(first, row.start)
        to_here = last if number == len(rows) - 1 else min(last, row.end)
        if from_here >= to_here:
            continue
        carets = "^" * (to_here - from_here)
        pieces = (*margin, " " * (from_here - row.start), style.paint(carets, colour))
        if not words or (number < len(rows) - 1 and last > row.end):
            yield style.line(*pieces)
        elif space is None or from_here - row.start + len(carets) + 1 + cells(words) <= space:
            yield style.line(*pieces, f" {words}")
        else:
            yield style.line(*pieces)
            yield from style.lines(*margin, words, indent=len(gutter) + 4)


def _shown(text: str) -> str:
    """Text in one line; a tab is one blank."""
    return printable(text.replace("\t", " "))


def _cut(before: str, line: str, limit: int, ellipsis: str) -> tuple[str, str]:
    """The part before the place and the line, without what lies too far from it."""
    if cells(line) <= limit:
        return before, line
    if len(before) < limit // 2:
        return before, line[: limit - len(ellipsis)] + ellipsis if limit != _WIDTH else line[:limit] + ellipsis
    dropped = len(before) - limit // 4
    more = ellipsis if len(line) > dropped + limit else ""
    return ellipsis + before[dropped:], ellipsis + line[dropped : dropped + limit] + more


def _rows(line: str, space: int | None) -> list[_Row]:
    """The line in pieces of at most so many columns; whole where there is no limit."""
    if space is None or cells(line) <= space:
        return [_Row(line, 0, cells(line))]
    rows: list[_Row] = []
    start, at, text = 0, 0, ""
    for character in line:
        width = cells(character)
        if at + width - start > space:
            # Between words, where that leaves no row half empty.
            kept = text.rfind(" ") + 1
            if kept <= len(text) // 2 or not text[:kept].strip():
                kept = len(text)
            end = start + cells(text[:kept])
            rows.append(_Row(text[:kept], start, end))
            start, text = end, text[kept:]
        text += character
        at += width
    return [*rows, _Row(text, start, at)]
