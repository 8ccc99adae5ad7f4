"""A finding a line: `path:line:column: severity: message [rule]`, the severity as `possible error` where it hangs on something."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.terminal import path_from_here, printable

_LINE_ENDS = {ord(c): "\ufffd" for c in "\n\r\x1b"}


def report(checked: Checked) -> Iterator[str]:
    for finding in checked.shown:
        at = finding.problem.at
        start = at.file.position(at.start)
        path = path_from_here(checked.inspection.project, at.file.path)
        condition = f" ({printable(finding.condition)})" if finding.condition else ""
        yield f"{path.translate(_LINE_ENDS)}:{start.line + 1}:{start.column + 1}: {finding.graded}: {printable(finding.problem.message)}{condition} [{finding.rule.name}]"
