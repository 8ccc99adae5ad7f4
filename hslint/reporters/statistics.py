"""How often each rule reports something, instead of what it reports."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.finding import Finding
from hslint.problem import Severity
from hslint.record import Record
from hslint.reporters.json import dumped
from hslint.reporters.terminal import Safe, safe

#: The formats in which there are statistics.
FORMATS = ("text", "json")

#: Raised when a field changes its meaning or goes; new fields alone do not raise it.
VERSION = 1


class _Row(Record):
    rule: str
    severity: Severity
    count: int
    fixable: int


def report(form: str, checked: Checked) -> Iterator[Safe]:
    """The lines of the table in one of FORMATS, the most frequent rules first."""
    rows = sorted(_rows(checked), key=lambda row: (-row.count, row.severity.rank, row.rule))
    if form == "json":
        listed = [
            {"rule": row.rule, "severity": row.severity.value, "count": row.count, "fixable": row.fixable}
            for row in rows
        ]
        yield dumped({"version": VERSION, "statistics": listed}, checked.inspection.secrets)
        return
    width = max((len(str(row.count)) for row in rows), default=0)
    for row in rows:
        fixable = f" ({row.fixable} fixable)" if row.fixable else ""
        yield safe(f"{row.count:>{width}}  {row.severity.value:<7}  {row.rule}{fixable}")


def _rows(checked: Checked) -> Iterator[_Row]:
    by_rule: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in checked.shown:
        by_rule.setdefault((finding.rule.name, finding.severity), []).append(finding)
    for (rule, severity), findings in by_rule.items():
        yield _Row(rule, severity, len(findings), sum(each.problem.fix is not None for each in findings))
