"""A finding a line: `path:line:column: severity: message [rule]`, the severity as `possible error` where it hangs on something."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.terminal import path_from_here


def report(checked: Checked) -> Iterator[str]:
    for finding in checked.findings:
        at = finding.problem.at
        start = at.file.position(at.start)
        path = path_from_here(checked.inspection.project, at.file.path)
        yield f"{path}:{start.line + 1}:{start.column + 1}: {finding.graded}: {finding.problem.message} [{finding.rule.name}]"
