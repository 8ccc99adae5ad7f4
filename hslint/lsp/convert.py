"""Findings in the words of the Language Server Protocol."""

from __future__ import annotations

from lsprotocol import types as lsp
from pygls import uris

from hslint.finding import Certainty, Finding
from hslint.rule import Effect, Fix, Severity
from hslint.source import Encoding, Position, SourceFile, Span

SOURCE = "hslint"

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}


def encoding_of(kind: lsp.PositionEncodingKind | str | None) -> Encoding:
    """The unit of columns that client and server agreed on; UTF-16 unless they said otherwise."""
    match kind:
        case lsp.PositionEncodingKind.Utf8 | "utf-8":
            return Encoding.UTF8
        case lsp.PositionEncodingKind.Utf32 | "utf-32":
            return Encoding.UTF32
        case _:
            return Encoding.UTF16


def lsp_range(span: Span, encoding: Encoding) -> lsp.Range:
    start, end = span.file.position(span.start, encoding), span.file.position(span.end, encoding)
    return lsp.Range(lsp.Position(start.line, start.column), lsp.Position(end.line, end.column))


def byte_offset(file: SourceFile, at: lsp.Position, encoding: Encoding) -> int:
    return file.offset(Position(at.line, at.character), encoding)


def uri(path: str) -> str:
    return uris.from_fs_path(path) or path


def diagnostic(finding: Finding, encoding: Encoding) -> lsp.Diagnostic:
    problem = finding.problem
    message = problem.message
    if finding.certainty is Certainty.POSSIBLE and problem.hangs_on is not None:
        message += f" (possible: {problem.hangs_on.reason})"
    if len(finding.hosts) > 1:
        message += f" [hosts: {', '.join(finding.hosts)}]"
    return lsp.Diagnostic(
        range=lsp_range(problem.at, encoding),
        message=message,
        severity=_SEVERITY[finding.severity],
        code=finding.rule.name,
        code_description=lsp.CodeDescription(href=finding.rule.url),
        source=SOURCE,
        related_information=[
            lsp.DiagnosticRelatedInformation(
                lsp.Location(uri(note.at.file.path), lsp_range(note.at, encoding)), note.message
            )
            for note in problem.notes
        ]
        or None,
        tags=[lsp.DiagnosticTag.Unnecessary] if finding.effect is Effect.IGNORED else None,
    )


def workspace_edit(fixes: list[Fix], encoding: Encoding) -> lsp.WorkspaceEdit:
    """The edits of several fixes; one that overlaps an earlier one is left out."""
    changes: dict[str, list[lsp.TextEdit]] = {}
    taken: list[Span] = []
    for fix in fixes:
        if any(_overlap(edit.span, other) for edit in fix.edits for other in taken):
            continue
        for edit in fix.edits:
            taken.append(edit.span)
            changes.setdefault(uri(edit.span.file.path), []).append(
                lsp.TextEdit(lsp_range(edit.span, encoding), edit.replacement)
            )
    return lsp.WorkspaceEdit(changes=changes)


def _overlap(one: Span, other: Span) -> bool:
    if one.file.path != other.file.path:
        return False
    return (one.start < other.end and other.start < one.end) or (one.start, one.end) == (other.start, other.end)
