"""Findings as types of the Language Server Protocol: diagnostics, edits, actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lsprotocol import types as lsp

from hslint.edits import Edit
from hslint.finding import Finding
from hslint.fixes import edits_by_file
from hslint.problem import Effect, Fix, Severity
from hslint.reporters.terminal import printable
from hslint.source import Encoding, Position, SourceFile, Span
from hslint.syntax.comments import Ignore, suppressions

SOURCE = "hslint"

#: How a file is addressed: an open one exactly as its editor does, or the editor takes it for another file.
Address = Callable[[str], str]

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.NOTE: lsp.DiagnosticSeverity.Information,
}

#: How the names of rules begin that speak of what was once read, or is read under another name now.
_OUTDATED = ("removed-", "renamed-")


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


def location(span: Span, encoding: Encoding, address: Address) -> lsp.Location:
    return lsp.Location(address(span.file.path), lsp_range(span, encoding))


def byte_offset(file: SourceFile, at: lsp.Position, encoding: Encoding) -> int:
    return file.offset(Position(at.line, at.character), encoding)


def diagnostic(finding: Finding, encoding: Encoding, address: Address) -> lsp.Diagnostic:
    problem = finding.problem
    message = problem.message
    if finding.condition:
        message += f" ({finding.condition})"
    if len(finding.hosts) > 1:
        message += f" [hosts: {', '.join(finding.hosts)}]"
    return lsp.Diagnostic(
        range=lsp_range(problem.at, encoding),
        message=printable(message),
        severity=lsp.DiagnosticSeverity.Information if finding.depends_on else _SEVERITY[finding.severity],
        code=finding.rule.name,
        code_description=lsp.CodeDescription(href=finding.rule.url),
        source=SOURCE,
        related_information=[
            lsp.DiagnosticRelatedInformation(
                lsp.Location(address(note.at.file.path), lsp_range(note.at, encoding)), printable(note.message)
            )
            for note in problem.notes
            if note.at.file.path.startswith("/")
        ]
        or None,
        tags=_tags(finding),
    )


def _tags(finding: Finding) -> list[lsp.DiagnosticTag] | None:
    if finding.rule.name.startswith(_OUTDATED):
        return [lsp.DiagnosticTag.Deprecated]
    return [lsp.DiagnosticTag.Unnecessary] if finding.effect is Effect.IGNORED else None


def workspace_edit(
    fixes: Iterable[Fix], encoding: Encoding, address: Address, versions: Callable[[str], int | None] | None
) -> lsp.WorkspaceEdit:
    """The edits of several fixes; one that overlaps an earlier one is left out.

    `versions`: the version of an open document, by address; None for editors that know no versions in edits.
    """
    changes = {
        address(path): [lsp.TextEdit(lsp_range(edit.span, encoding), edit.replacement) for edit in edits]
        for path, edits in edits_by_file(fixes).items()
    }
    if versions is None:
        return lsp.WorkspaceEdit(changes=changes)
    return lsp.WorkspaceEdit(
        document_changes=[
            lsp.TextDocumentEdit(lsp.OptionalVersionedTextDocumentIdentifier(uri, versions(uri)), [*edits])
            for uri, edits in changes.items()
        ]
    )


def suppression(finding: Finding) -> Fix:
    """A comment above the line; the reason is the user's to write.

    Where such a comment would become part of a string it goes to the top and speaks of the whole file.
    """
    file, name = finding.problem.at.file, finding.rule.name
    ending = "\r\n" if b"\r\n" in file.text else "\n"
    line = file.position(finding.problem.at.start).line
    start = file.offset(Position(line, 0))
    text = file.line(line)
    indent = text[: len(text) - len(text.lstrip())]
    here = f"{indent}# hslint: ignore[{name}] -- reason{ending}"
    edited = SourceFile(file.path, file.text[:start] + here.encode() + file.text[start:])
    for found in suppressions(edited):
        if isinstance(found, Ignore) and found.line == line + 1 and edited.position(found.span.start).line == line:
            return Fix(f"Suppress {name} here", (Edit(file.span(start, start), here),))
    top = f"# hslint: ignore-file[{name}] -- reason{ending}"
    return Fix(f"Suppress {name} in this file", (Edit(file.span(0, 0), top),))
