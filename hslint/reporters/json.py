"""Findings as JSON, for programs; documented in docs/json.md, and versioned."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hslint.checking import Checked
from hslint.finding import Finding
from hslint.hosts import Inspection
from hslint.hosts.host import Host
from hslint.hosts.secrets import Secrets
from hslint.problem import Fix, Severity
from hslint.reporters.terminal import Safe
from hslint.source import Project, Span
from hslint.values.value import Unknown

#: Raised when a field changes its meaning or goes; new fields alone do not raise it.
VERSION = 1


def report(checked: Checked) -> Iterator[Safe]:
    yield dumped(document(checked), checked.inspection.secrets)


#: What would be an order in the log of a workflow.
_ORDER = re.compile(r"##(?=(?:vso)?\[)", re.IGNORECASE)

#: Members of reports that say where something is.
ADDRESSES = frozenset(("$schema", "helpUri", "path", "root", "uri", "url"))


def dumped(document: Any, secrets: Secrets, keep: frozenset[str] = ADDRESSES, *, indent: int | None = 2) -> Safe:
    """A document as text, in ASCII: what is no printable character, or would be an order in a log, is escaped."""
    return Safe(_ORDER.sub(r"#\\u0023", json.dumps(secrets.document(document, keep=keep), indent=indent)))


def document(checked: Checked) -> dict[str, Any]:
    project = checked.inspection.project
    counts = Counter(finding.severity for finding in checked.findings)
    return {
        "version": VERSION,
        "root": project.root,
        "findings": [_finding(checked.inspection, finding) for finding in checked.findings],
        "hosts": [*map(_host, checked.inspection.hosts), *_skipped(checked.inspection)],
        "summary": {
            **{severity.value + "s": counts[severity] for severity in Severity},
            "files": len({finding.problem.at.file.path for finding in checked.findings}),
            "hosts": len(checked.inspection.hosts),
            "skipped": sum(len(each.names) or 1 for each in checked.inspection.skipped),
            "remarks": list(checked.inspection.remarks),
            "unread": [{"path": path, "reason": why} for path, why in checked.unread],
            "baselined": len(checked.known),
            "fixable": sum(finding.problem.fix is not None for finding in checked.findings),
            "crashes": [{"rule": c.rule.name, "host": c.host, "error": c.error} for c in checked.crashes],
        },
    }


def _finding(inspection: Inspection, finding: Finding) -> dict[str, Any]:
    project = inspection.project
    problem = finding.problem
    return {
        "rule": finding.rule.name,
        "effect": finding.effect.value,
        "severity": finding.severity.value,
        "certainty": finding.certainty.value,
        "message": problem.message,
        **place(project, problem.at),
        "hosts": list(finding.hosts),
        "where": list(finding.where),
        "depends_on": list(finding.depends_on),
        "releases": [release.series for release in finding.holds.releases] if finding.holds is not None else None,
        "notes": [{"message": note.message, **place(project, note.at)} for note in problem.notes],
        "fix": _fix(inspection, problem.fix) if problem.fix is not None else None,
        "url": finding.rule.url,
        **({"advisories": list(problem.advisories)} if problem.advisories else {}),
    }


def place(project: Project, span: Span) -> dict[str, Any]:
    """A range: lines and columns from 1, columns in characters, the end exclusive; and the same in bytes from 0."""
    start, end = span.file.position(span.start), span.file.position(span.end)
    return {
        "path": project.relative(span.file.path),
        "start": {"line": start.line + 1, "column": start.column + 1},
        "end": {"line": end.line + 1, "column": end.column + 1},
        "bytes": [span.start, span.end],
    }


def _fix(inspection: Inspection, fix: Fix) -> dict[str, Any]:
    """A fix with its edits; without them where a text to insert holds a secret, which only --fix writes."""
    shown = () if any(inspection.secrets.written_in(edit.replacement) for edit in fix.edits) else fix.edits
    edits = [{**place(inspection.project, edit.span), "replacement": edit.replacement} for edit in shown]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _host(host: Host) -> dict[str, Any]:
    known = unknown = 0
    for setting in host.defined(""):
        if isinstance(setting.value, Unknown):
            unknown += 1
        else:
            known += 1
    return {
        "name": host.name,
        "release": host.runs.release_name,
        "release_checked_as": str(host.release),
        "release_from": host.runs.release.because,
        "release_among": [release.series for release in host.runs.release.among],
        "module": host.module.name,
        "module_from": host.runs.module.because,
        "open": [opening.unknown.reason for opening in host.unresolved_imports],
        "known": known,
        "unknown": unknown,
        "error": host.project.shortened(host.failure.message) if host.failure is not None else None,
    }


def _skipped(inspection: Inspection) -> Iterator[dict[str, Any]]:
    """The hosts that could not be evaluated, with the members of others as far as they make sense."""
    nothing = dict.fromkeys(("release", "release_checked_as", "release_from", "module", "module_from"))
    for skipped in inspection.skipped:
        for name in skipped.names or (None,):
            at = place(inspection.project, skipped.at) if skipped.at is not None else None
            yield {"name": name, **nothing, "open": [], "known": 0, "unknown": 0, "error": skipped.reason, "at": at}
