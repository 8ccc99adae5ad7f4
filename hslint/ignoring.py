"""Suppression comments for what is found: each on a line of its own before the finding's."""

from __future__ import annotations

from collections.abc import Sequence

from hslint import suppression
from hslint.checking import Checked, Request, check
from hslint.edits import Edit
from hslint.finding import Finding
from hslint.fixes import FixResult, apply
from hslint.problem import Fix
from hslint.record import Entity
from hslint.source import Position, Project, SourceFile, Span
from hslint.syntax.comments import POLICIES, Ignore, Suppression, suppressions


class Ignored(Entity):
    """The outcome of adding comments: the files before and after; `left` are findings that no comment can take away, `suppressed` the others."""

    project: Project
    changes: FixResult
    suppressed: tuple[Finding, ...]
    left: tuple[Finding, ...]


def add_ignores(paths: Sequence[str], request: Request, reason: str) -> Ignored:
    """Suppress everything that is shown, with a reason. The files themselves are not touched."""
    before = check(paths, request)
    inspection = before.inspection
    wanted = [finding for finding in before.shown if _can_be_ignored(before, finding)]
    originals = {finding.problem.at.file.path: finding.problem.at.file.text for finding in wanted}
    texts = apply(_comments(wanted, reason))
    remaining = (
        {_key(finding) for finding in check(paths, request, texts).shown} if texts else set(map(_key, before.shown))
    )
    trees = tuple(project.tree for project in inspection.projects)
    changes = FixResult(inspection.project.root, originals, texts, [], trees=trees, secrets=inspection.secrets)
    return Ignored(
        inspection.project,
        changes,
        tuple(finding for finding in before.shown if _key(finding) not in remaining),
        tuple(finding for finding in before.shown if _key(finding) in remaining),
    )


def _can_be_ignored(checked: Checked, finding: Finding) -> bool:
    """Whether it stands in a file of the project's own, and is about something else than comments."""
    at = finding.problem.at
    own = at.file.path.startswith("/") and checked.inspection.read(at.file.path, at.file)
    return own and finding.rule not in suppression.RULES


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule.name, finding.problem.at.file.path, finding.problem.message


def _comments(findings: Sequence[Finding], reason: str) -> list[Fix]:
    """A comment for each line, with the names of all rules that report something there."""
    by_line: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        at = finding.problem.at
        by_line.setdefault((at.file.path, at.file.position(at.start).line), []).append(finding)
    return [_comment(having[0].problem.at.file, line, having, reason) for (_, line), having in by_line.items()]


def _comment(file: SourceFile, line: int, findings: Sequence[Finding], reason: str) -> Fix:
    """The comment before a line, or at the top of the file where it would become part of a string before the line."""
    names = ", ".join(dict.fromkeys(finding.rule.name for finding in findings))
    sign = "//" if file.path.endswith(POLICIES) else "#"
    text = file.line(line)
    indent = text[: len(text) - len(text.lstrip())]
    start = file.offset(Position(line, 0))
    here = f"{indent}{sign} hslint: ignore[{names}] -- {reason}\n"
    edited = SourceFile(file.path, file.text[:start] + here.encode() + file.text[start:])
    if not any(_is_at(found, edited, line) for found in suppressions(edited)):
        start, here = 0, f"{sign} hslint: ignore-file[{names}] -- {reason}\n"
    return Fix("suppress it", (Edit(Span(file, start, start), here),))


def _is_at(found: Suppression, file: SourceFile, line: int) -> bool:
    """Whether a comment stands on a line and speaks of what follows."""
    return isinstance(found, Ignore) and file.position(found.span.start).line == line
