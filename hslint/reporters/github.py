"""Workflow commands that make GitHub Actions annotate the changed files."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hslint.checking import Checked
from hslint.rule import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def report(checked: Checked) -> Iterator[str]:
    for finding in checked.findings:
        at = finding.problem.at
        start, end = at.file.position(at.start), at.file.position(at.end)
        properties = {
            "file": os.path.relpath(
                at.file.path, os.environ.get("GITHUB_WORKSPACE") or checked.inspection.project.root
            ),
            "line": str(start.line + 1),
            "endLine": str(end.line + 1),
            "title": f"hslint {finding.rule.name}",
        }
        if start.line == end.line:
            properties |= {"col": str(start.column + 1), "endColumn": str(end.column + 1)}
        listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        notes = "".join(f"\n{note.message}" for note in finding.problem.notes)
        yield f"::{_COMMANDS[finding.severity]} {listed}::{_data(finding.problem.message + notes)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
