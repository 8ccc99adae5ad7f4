"""A finding a line: `path:line:column: severity: message [rule]`, the severity as `possible error` where it depends on something; then
what could not be evaluated, in the same form.
"""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.reported import reported
from hslint.reporters.terminal import path_from_here


def report(checked: Checked) -> Iterator[str]:
    for each in reported(checked):
        if each.name != "internal-error":  # which is on standard error
            line, column = each.start
            path = path_from_here(checked.inspection.project, each.path)
            yield f"{path}:{line + 1}:{column + 1}: {each.graded}: {each.message} [{each.name}]"
