"""A finding a line: `path:line:column: severity: message [rule]`, the severity as `possible error` where it hangs on something; then
what could not be evaluated, in the same form.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.terminal import path_from_here, printable

_LINE_ENDS = {ord(c): "\ufffd" for c in "\n\r\x1b"}


def report(checked: Checked) -> Iterator[str]:
    for finding in checked.findings:
        at = finding.problem.at
        start = at.file.position(at.start)
        path = path_from_here(checked.inspection.project, at.file.path)
        yield f"{path.translate(_LINE_ENDS)}:{start.line + 1}:{start.column + 1}: {finding.graded}: {printable(finding.problem.message)} [{finding.rule.name}]"
    inspection = checked.inspection
    for skipped in inspection.skipped:
        span = skipped.at
        line, column = span.file.position(span.start) if span is not None else (0, 0)
        named = span.file.path if span is not None else skipped.file or inspection.project.root
        path = path_from_here(inspection.project, named).translate(_LINE_ENDS)
        yield f"{path}:{line + 1}:{column + 1}: warning: {printable(inspection.describe(skipped))} [not-evaluated]"
    for path, why in checked.unread:
        yield f"{printable(path_from_here(inspection.project, os.path.join(inspection.project.root, path)))}:1:1: warning: {printable(path)} {why} [not-read]"
