"""A finding a line: `path:line:column: severity: message [rule]`, the severity as `possible error` where it hangs on something; then
what could not be evaluated, in the same form.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.terminal import path_from_here


def report(checked: Checked) -> Iterator[str]:
    for finding in checked.shown:
        at = finding.problem.at
        start = at.file.position(at.start)
        path = path_from_here(checked.inspection.project, at.file.path)
        condition = f" ({finding.condition})" if finding.condition else ""
        yield f"{path}:{start.line + 1}:{start.column + 1}: {finding.graded}: {finding.problem.message}{condition} [{finding.rule.name}]"
    inspection = checked.inspection
    for skipped in inspection.skipped:
        span = skipped.at
        line, column = span.file.position(span.start) if span is not None else (0, 0)
        named = span.file.path if span is not None else skipped.file or inspection.project.root
        path = path_from_here(inspection.project, named)
        yield f"{path}:{line + 1}:{column + 1}: warning: {inspection.describe(skipped)} [not-evaluated]"
    for remark in inspection.remarks:
        yield f"{path_from_here(inspection.project, inspection.project.root)}:1:1: note: {remark} [release]"
    for unread, why in checked.unread:
        path = path_from_here(inspection.project, os.path.join(inspection.project.root, unread))
        yield f"{path}:1:1: warning: {unread} {why} [not-read]"
