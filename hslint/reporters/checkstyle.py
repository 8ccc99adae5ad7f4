"""Checkstyle's XML: the problems of each file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from hslint import __version__
from hslint.checking import Checked
from hslint.problem import Severity
from hslint.reporters.reported import reported
from hslint.reporters.terminal import path_from_here
from hslint.reporters.xml import DECLARATION, element, opening

_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


def report(checked: Checked) -> Iterator[str]:
    yield DECLARATION
    yield opening("checkstyle", {"version": __version__})
    found = sorted(reported(checked), key=lambda each: each.path)
    for path, group in groupby(found, key=lambda each: each.path):
        yield f"  {opening('file', {'name': path_from_here(checked.inspection.project, path)})}"
        for each in group:
            attributes = {
                "line": each.start.line + 1,
                "column": each.start.column + 1,
                "severity": _SEVERITIES[each.severity],
                "message": "; ".join((each.message, *each.more)),
                "source": f"hslint.{each.name}",
            }
            yield f"    {element('error', attributes)}"
        yield "  </file>"
    yield "</checkstyle>"
