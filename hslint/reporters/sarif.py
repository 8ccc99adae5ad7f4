"""SARIF 2.1.0, for code scanning. Fingerprints are made of what stands at a place, so that moved lines keep theirs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from hslint import __version__
from hslint.catalogue.advisories import advisory
from hslint.checking import Checked
from hslint.finding import Finding
from hslint.hosts import Inspection
from hslint.plugins import page
from hslint.problem import Fix, Rule, Severity
from hslint.reporters.fingerprint import fingerprint
from hslint.reporters.json import dumped
from hslint.reporters.terminal import Safe
from hslint.source import Project, Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def report(checked: Checked) -> Iterator[Safe]:
    yield dumped(document(checked), checked.inspection.secrets)


def document(checked: Checked) -> dict[str, Any]:
    found = (*checked.findings, *checked.known)
    rules = sorted({finding.rule.name: finding.rule for finding in found}.values(), key=lambda rule: rule.name)
    index = {rule.name: number for number, rule in enumerate(rules)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "hslint",
                        "semanticVersion": __version__,
                        "informationUri": "https://github.com/hslint/hslint",
                        "rules": [_rule(rule, found) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"ROOT": {"description": {"text": "the root of the project"}}},
                "results": [*_results(checked, index)],
                "invocations": [
                    {
                        "executionSuccessful": not checked.could_not_run,
                        "toolExecutionNotifications": [*_notifications(checked)],
                    }
                ],
            }
        ],
    }


def _results(checked: Checked, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The findings; those that a baseline has are marked, so that code scanning does not open them."""
    seen: Counter[str] = Counter()
    state = {"baselineState": "new"} if checked.baselines else {}
    for finding in checked.findings:
        yield {**_result(checked.inspection, finding, index, seen), **state}
    for finding in checked.known:
        suppressed = {"suppressions": [{"kind": "external", "justification": "in the baseline"}]}
        yield {**_result(checked.inspection, finding, index, seen), "baselineState": "unchanged", **suppressed}


def _notifications(checked: Checked) -> Iterator[dict[str, Any]]:
    """What kept the run from being complete."""
    inspection = checked.inspection
    for crash in checked.crashes:
        yield {"level": "error", "message": {"text": f"{crash.rule.name} on {crash.host}: {crash.error}"}}
    for skipped in inspection.skipped:
        where = {"locations": [_location(inspection.project, skipped.at)]} if skipped.at is not None else {}
        yield {"level": "warning", "message": {"text": inspection.describe(skipped)}, **where}
    for remark in inspection.remarks:
        yield {"level": "note", "message": {"text": remark}}
    for path, why in checked.unread:
        location = {"physicalLocation": {"artifactLocation": _artifact(path)}}
        yield {"level": "warning", "message": {"text": f"{path} {why}"}, "locations": [location]}


def _rule(rule: Rule, findings: Iterable[Finding]) -> dict[str, Any]:
    """Code scanning takes the severity of what was found from the rule: that of the worst finding."""
    scores = [score for each in findings if each.rule is rule and (score := _score(each)) is not None]
    security = {"security-severity": f"{max(scores):.1f}"} if scores else {}
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "helpUri": rule.url,
        "help": {"text": rule.summary, "markdown": page(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.effect.severity]},
        "properties": {"tags": [rule.subject, rule.effect.value, *(["security"] if scores else [])], **security},
    }


def _result(inspection: Inspection, finding: Finding, index: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    project = inspection.project
    problem = finding.problem
    result: dict[str, Any] = {
        "ruleId": finding.rule.name,
        "ruleIndex": index[finding.rule.name],
        "level": "note" if finding.depends_on else _LEVELS[finding.severity],
        "message": {"text": problem.message},
        "locations": [_location(project, problem.at)],
        "partialFingerprints": {"hslint/v1": fingerprint(inspection, finding, seen)},
        "properties": {
            "certainty": finding.certainty.value,
            "where": list(finding.where),
            "depends_on": list(finding.depends_on),
            "hosts": list(finding.hosts),
        },
    }
    score = _score(finding)
    if score is not None:
        result["properties"] |= {"advisories": list(problem.advisories), "security-severity": f"{score:.1f}"}
    if problem.notes:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": note.message}, **_location(project, note.at)}
            for number, note in enumerate(problem.notes, 1)
        ]
    secrets = inspection.secrets
    if problem.fix is not None and not any(secrets.written_in(edit.replacement) for edit in problem.fix.edits):
        result["fixes"] = [_fix(project, problem.fix)]
    return result


def _score(finding: Finding) -> float | None:
    """The number of the worst advisory that a finding is about."""
    found = [advisory(name) for name in finding.problem.advisories]
    return max((each.score for each in found if each is not None), default=None)


def _location(project: Project, span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {"artifactLocation": _artifact(project.relative(span.file.path)), "region": _region(span)}
    }


def _artifact(path: str) -> dict[str, str]:
    if path.startswith("/"):  # of another project of the same run
        return {"uri": f"file://{quote(os.fsencode(path))}"}
    return {"uri": quote(os.fsencode(path)), "uriBaseId": "ROOT"}


def _region(span: Span) -> dict[str, Any]:
    start, end = span.file.position(span.start), span.file.position(span.end)
    return {
        "startLine": start.line + 1,
        "startColumn": start.column + 1,
        "endLine": end.line + 1,
        "endColumn": end.column + 1,
        "byteOffset": span.start,
        "byteLength": span.end - span.start,
    }


def _fix(project: Project, fix: Fix) -> dict[str, Any]:
    by_path: dict[str, list[dict[str, Any]]] = {}
    artifacts: dict[str, dict[str, str]] = {}
    for edit in fix.edits:
        path = edit.span.file.path
        artifacts[path] = _artifact(project.relative(path))
        by_path.setdefault(path, []).append(
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.replacement}}
        )
    changes = [{"artifactLocation": artifacts[path], "replacements": found} for path, found in by_path.items()]
    return {"description": {"text": fix.title}, "artifactChanges": changes}
