"""Workflow commands that make GitHub Actions annotate the changed files."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hslint.checking import Checked
from hslint.hosts import Inspection
from hslint.problem import Severity
from hslint.reporters.terminal import Safe, without_orders
from hslint.source import Span

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def report(checked: Checked) -> Iterator[Safe]:
    inspection = checked.inspection
    for finding in checked.shown:
        problem = finding.problem
        title = f"hslint {finding.rule.name}"
        condition = [finding.condition] if finding.condition else []
        said = [problem.message, *condition, *(note.message for note in problem.notes)]
        yield _command(_COMMANDS[finding.severity], inspection, problem.at, title, *said)
    for skipped in inspection.skipped:
        said = [inspection.secrets.text(inspection.describe(skipped))]
        yield _command("warning", inspection, skipped.at, "hslint", *said)
    for remark in inspection.remarks:
        yield _command("notice", inspection, None, "hslint", inspection.secrets.text(remark))
    for path, why in checked.unread:
        yield _command("warning", inspection, None, "hslint", f"{path} {why}")


def _command(command: str, inspection: Inspection, at: Span | None, title: str, *lines: str) -> Safe:
    properties = {} if at is None else _place(inspection, at)
    properties["title"] = title
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return Safe(f"::{command} {listed}::{'%0A'.join(map(_data, lines))}")


def _place(inspection: Inspection, at: Span) -> dict[str, str]:
    start, end = at.file.position(at.start), at.file.position(at.end)
    top = os.environ.get("GITHUB_WORKSPACE") or inspection.project.root
    place = {"file": os.path.relpath(at.file.path, top), "line": str(start.line + 1), "endLine": str(end.line + 1)}
    if start.line == end.line:  # GitHub takes columns for places in one line only
        place |= {"col": str(start.column + 1), "endColumn": str(end.column + 1)}
    return place


def _data(text: str) -> str:
    """Text as a command carries it, and as it may stand in a log: line ends are escaped, what steers a terminal is gone."""
    return without_orders(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
