"""Reviewdog's diagnostics: columns in bytes of UTF-8, from 1, and fixes as suggestions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hslint.checking import Checked
from hslint.problem import Severity
from hslint.reporters.json import dumped
from hslint.reporters.reported import Reported, bytes_of, reported
from hslint.reporters.terminal import Safe, path_from_here, printable
from hslint.source import Position, Span

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def report(checked: Checked) -> Iterator[Safe]:
    source = {"name": "hslint", "url": "https://github.com/hslint/hslint"}
    diagnostics = [_diagnostic(checked, each) for each in reported(checked)]
    yield dumped({"source": source, "diagnostics": diagnostics}, checked.inspection.secrets)


def _diagnostic(checked: Checked, each: Reported) -> dict[str, Any]:
    finding = each.finding
    found: dict[str, Any] = {
        "message": printable("; ".join((each.message, *each.more))),
        "location": _location(checked, each.path, each.in_bytes() if each.at is not None else None),
        "severity": _SEVERITIES[each.severity],
        "code": {"value": each.name, **({"url": finding.rule.url} if finding is not None else {})},
    }
    if finding is None:
        return found
    if finding.problem.notes:
        found["relatedLocations"] = [
            {
                "message": printable(note.message),
                "location": _location(
                    checked, note.at.file.path, (bytes_of(note.at, note.at.start), bytes_of(note.at, note.at.end))
                ),
            }
            for note in finding.problem.notes
        ]
    suggestions = [*_suggestions(checked, each)]
    return {**found, **({"suggestions": suggestions} if suggestions else {})}


def _suggestions(checked: Checked, each: Reported) -> Iterator[dict[str, Any]]:
    """The edits of a fix, where all of them are in the file of the finding and none writes a secret."""
    fix = each.finding.problem.fix if each.finding is not None else None
    if fix is None or any(edit.span.file.path != each.path for edit in fix.edits):
        return
    if any(checked.inspection.secrets.written_in(edit.replacement) for edit in fix.edits):
        return
    for edit in fix.edits:
        yield {"range": _of_span(edit.span), "text": edit.replacement}


def _location(checked: Checked, path: str, places: tuple[Position, Position] | None) -> dict[str, Any]:
    location: dict[str, Any] = {"path": printable(path_from_here(checked.inspection.project, path))}
    return location if places is None else {**location, "range": _range(*places)}


def _of_span(span: Span) -> dict[str, Any]:
    return _range(bytes_of(span, span.start), bytes_of(span, span.end))


def _range(start: Position, end: Position) -> dict[str, Any]:
    return {
        "start": {"line": start.line + 1, "column": start.column + 1},
        "end": {"line": end.line + 1, "column": end.column + 1},
    }
