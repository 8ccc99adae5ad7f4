"""A report as a flat list, for formats that know nothing of hosts: the findings, then what kept the check from being complete."""

from __future__ import annotations

import os
from collections.abc import Iterator

from hslint.checking import Checked
from hslint.finding import Finding
from hslint.problem import Severity
from hslint.record import Record
from hslint.source import Encoding, Position, Span


class Reported(Record):
    """An entry of a report: a finding, or what could not be evaluated or read, with its place."""

    #: The rule; `not-evaluated`, `not-read`, `internal-error` or `release` where no rule says it.
    name: str
    severity: Severity
    message: str
    #: The absolute path of the file, or the directory, that it is about.
    path: str
    at: Span | None = None
    #: Further sentences about the same thing.
    more: tuple[str, ...] = ()
    finding: Finding | None = None

    @property
    def graded(self) -> str:
        """The severity as text."""
        return self.severity.value if self.finding is None else self.finding.graded

    @property
    def start(self) -> Position:
        """The first line and column, from 0."""
        return Position(0, 0) if self.at is None else self.at.file.position(self.at.start)

    @property
    def end(self) -> Position:
        """The place behind the last character."""
        return Position(0, 0) if self.at is None else self.at.file.position(self.at.end)

    def in_bytes(self) -> tuple[Position, Position]:
        """Start and end with columns in bytes of UTF-8."""
        if self.at is None:
            return Position(0, 0), Position(0, 0)
        return bytes_of(self.at, self.at.start), bytes_of(self.at, self.at.end)


def bytes_of(span: Span, offset: int) -> Position:
    """The position of an offset of a span's file, its column in bytes of UTF-8."""
    return span.file.position(offset, Encoding.UTF8)


def reported(checked: Checked) -> Iterator[Reported]:
    """All entries of the report, in its order."""
    inspection = checked.inspection
    root, said = inspection.project.root, inspection.secrets.text
    for finding in checked.shown:
        problem = finding.problem
        condition = f" ({finding.condition})" if finding.condition else ""
        notes = tuple(note.message for note in problem.notes)
        message = f"{problem.message}{condition}"
        yield Reported(
            finding.rule.name, finding.severity, message, problem.at.file.path, problem.at, notes, finding=finding
        )
    for skipped in inspection.skipped:
        path = skipped.at.file.path if skipped.at is not None else skipped.file or root
        yield Reported("not-evaluated", Severity.WARNING, said(inspection.describe(skipped)), path, skipped.at)
    for remark in inspection.remarks:
        yield Reported("release", Severity.NOTE, said(remark), root)
    for unread, why in checked.unread:
        yield Reported("not-read", Severity.WARNING, said(f"{unread} {why}"), os.path.join(root, unread))
    for crash in checked.crashes:
        message = f"the rule {crash.rule.name} failed on {crash.host}: {crash.error}"
        yield Reported("internal-error", Severity.ERROR, said(message), root)


def path_in_repository(checked: Checked, path: str, variable: str) -> str:
    """The path as a forge knows it: from the directory that its runner names in an environment variable, else from the project's root."""
    return os.path.relpath(path, os.environ.get(variable) or checked.inspection.project.root)
