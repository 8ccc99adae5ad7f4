"""A finding a line: `path:line:column: severity: message [rule]`."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked


def report(checked: Checked) -> Iterator[str]:
    for finding in checked.findings:
        at = finding.problem.at
        start = at.file.position(at.start)
        path = checked.inspection.project.relative(at.file.path)
        yield f"{path}:{start.line + 1}:{start.column + 1}: {finding.severity.value}: {finding.problem.message} [{finding.rule.name}]"
