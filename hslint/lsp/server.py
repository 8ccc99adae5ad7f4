"""The server: buffers in, diagnostics out. Analysis runs beside the conversation; an outcome that is no longer asked for is dropped."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import unquote_to_bytes, urlsplit

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException, JsonRpcParseError
from pygls.lsp.server import LanguageServer

from hslint import __version__
from hslint.finding import Finding
from hslint.lsp.analysis import TIME_LIMIT, Outcome, check_buffers
from hslint.lsp.convert import diagnostic, encoding_of
from hslint.lsp.framing import FramedInput, LostCount
from hslint.lsp.protocol import Protocol
from hslint.reporters.terminal import printable
from hslint.source import Encoding, SourceFile
from hslint.values.budget import Deadline, Interrupted

if TYPE_CHECKING:
    from pygls.server import ServerErrors
    from pygls.workspace import TextDocument

log = logging.getLogger(__name__)

#: Seconds of silence after an edit before the project is checked again.
PAUSE = 0.1

WATCHED = ("**/*.nix", "**/flake.lock", "**/hslint.toml", "**/pyproject.toml", "**/*.hujson")


class Server(LanguageServer):
    """One editor. `generation` counts edits; every outcome knows the generation it was made from.

    Files are known by their real paths: an editor may come by a symbolic link.
    """

    def __init__(self) -> None:
        # Whole texts instead of changes: no second way to count columns, and nothing that can drift apart.
        super().__init__(
            "hslint", __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full, protocol_cls=Protocol
        )
        self.generation = 0
        self.outcome = Outcome()
        self.outcome_generation = 0
        self.published: dict[str, tuple[lsp.Diagnostic, ...]] = {}
        self.complained: tuple[str, ...] = ()
        self.worker = ThreadPoolExecutor(1, "hslint-analysis")
        self.pending: asyncio.Task[None] | None = None
        self.settled = asyncio.Condition()
        #: Of the analysis that is running or ran last.
        self.deadline = Deadline()
        self.pulls = False
        self.refreshes = False
        self.related = False
        self.versioned_edits = False
        #: Whether the editor asked to shut down, as it must before it leaves.
        self.dismissed = False

    def converse(self, stream: BinaryIO) -> None:
        """Serve the editor behind a stream and standard output until it leaves. Raises LostCount."""
        try:
            self.start_io(cast("BinaryIO", FramedInput(stream)))
        except LostCount:
            self.refuse(JsonRpcParseError())
            raise

    def refuse(self, error: JsonRpcException) -> None:
        assert isinstance(self.protocol, Protocol)
        self.protocol.refuse(error)

    def report_server_error(self, error: Exception, source: ServerErrors) -> None:
        if isinstance(
            error, ValueError | RecursionError
        ):  # a message that is no JSON, or more deeply nested than can be read
            self.refuse(JsonRpcParseError())
        else:
            super().report_server_error(error, source)

    @property
    def encoding(self) -> Encoding:
        return encoding_of(self.workspace.position_encoding)

    def documents(self) -> dict[str, TextDocument]:
        """The open files, by real path."""
        opened = self.workspace.text_documents.values()
        return {path: document for document in opened if (path := real_path(document.uri)) is not None}

    def buffers(self) -> dict[str, bytes]:
        """The unsaved text of every open file, by real path. Half a surrogate pair, which no file can hold, is one character."""
        return {path: document.source.encode("utf-8", "replace") for path, document in self.documents().items()}

    def folders(self) -> set[str]:
        """The real paths of the folders that the editor works in."""
        uris = [folder.uri for folder in self.workspace.folders.values()] or [self.workspace.root_uri]
        return {path for uri in uris if uri is not None and (path := real_path(uri)) is not None}

    def address(self, path: str) -> str:
        document = self.documents().get(path)
        return document.uri if document is not None else Path(path).as_uri()

    def file(self, uri: str) -> SourceFile | None:
        path = real_path(uri)
        text = self.buffers().get(path) if path is not None else None
        return SourceFile(path, text) if path is not None and text is not None else None

    # -- analysis ------------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something was edited: check again when the editor falls silent. What is being checked is the text as it was."""
        self.generation += 1
        self.deadline.cancel()
        if self.pending is None or self.pending.done():
            self.pending = asyncio.get_running_loop().create_task(self._settle())

    async def _settle(self) -> None:
        while self.outcome_generation != self.generation:
            generation = self.generation
            await asyncio.sleep(PAUSE)
            if generation != self.generation:
                continue
            self.deadline = Deadline(TIME_LIMIT)
            work = partial(check_buffers, self.buffers(), self.folders(), self.deadline)
            try:
                outcome = await asyncio.get_running_loop().run_in_executor(self.worker, work)
            except Interrupted:
                if self.dismissed:
                    return
                continue
            if generation != self.generation:
                continue  # edited meanwhile: this outcome speaks of text that is gone
            self.outcome = outcome
            self.outcome_generation = generation
            async with self.settled:
                self.settled.notify_all()
            try:
                self._show()
            except Exception:
                log.exception("telling the editor")

    def dismiss(self) -> None:
        """The editor is about to leave: nothing is checked any more."""
        self.dismissed = True
        self.deadline.cancel()

    async def current(self) -> None:
        """Wait until the outcome speaks of the text as it stands."""
        async with self.settled:
            await self.settled.wait_for(lambda: self.outcome_generation == self.generation)

    def findings(self) -> list[Finding]:
        return [finding for finding in self.outcome.findings if finding.problem.at.file.path.startswith("/")]

    def diagnostics(self) -> dict[str, list[lsp.Diagnostic]]:
        """The diagnostics of each file, by address; an open file is always among them."""
        by_uri: dict[str, list[lsp.Diagnostic]] = {document.uri: [] for document in self.documents().values()}
        for finding in self.findings():
            uri = self.address(finding.problem.at.file.path)
            by_uri.setdefault(uri, []).append(diagnostic(finding, self.encoding, self.address))
        return by_uri

    def version_of(self, uri: str) -> int | None:
        return next((document.version for document in self.documents().values() if document.uri == uri), None)

    def _show(self) -> None:
        """Publish diagnostics: by a push, or, where it pulls, by asking it to pull again. Never both."""
        if self.outcome.complaints != self.complained:
            self.complained = self.outcome.complaints
            for complaint in self.complained:
                self.window_show_message(
                    lsp.ShowMessageParams(lsp.MessageType.Warning, f"hslint: {printable(complaint)}")
                )
        fresh = {uri: tuple(found) for uri, found in self.diagnostics().items()}
        stale = {uri for uri in {*fresh, *self.published} if self.published.get(uri, ()) != fresh.get(uri, ())}
        if self.pulls:
            if stale and self.refreshes:
                self.workspace_diagnostic_refresh(None)
        else:
            for uri in sorted(stale):
                found = list(fresh.get(uri, ()))
                self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, found, self.version_of(uri)))
        self.published = {uri: found for uri, found in fresh.items() if found}

    # -- answers to an editor that pulls -------------------------------------------------------------------------------

    def document_report(self, uri: str, known: str | None) -> lsp.DocumentDiagnosticReport:
        by_uri = self.diagnostics()
        others = {other: full_report(found) for other, found in by_uri.items() if other != uri and found}
        items = by_uri.get(uri, [])
        related: dict[str, lsp.FullDocumentDiagnosticReport | lsp.UnchangedDocumentDiagnosticReport] | None
        related = {**others} if self.related else None
        if known == fingerprint(items):
            return lsp.RelatedUnchangedDocumentDiagnosticReport(result_id=known, related_documents=related)
        return lsp.RelatedFullDocumentDiagnosticReport(
            related_documents=related, items=items, result_id=fingerprint(items)
        )

    def workspace_report(self, known: Mapping[str, str]) -> lsp.WorkspaceDiagnosticReport:
        """The report of every file that has diagnostics, or had some."""
        by_uri = self.diagnostics()
        reports: list[lsp.WorkspaceDocumentDiagnosticReport] = []
        for uri in sorted({*by_uri, *known}):
            items = by_uri.get(uri, [])
            result, version = fingerprint(items), self.version_of(uri)
            if known.get(uri) == result:
                reports.append(
                    lsp.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=result, version=version)
                )
            else:
                reports.append(
                    lsp.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=items, version=version, result_id=result)
                )
        return lsp.WorkspaceDiagnosticReport(reports)


def real_path(uri: str) -> str | None:
    """The file behind an address; None for what is not in the file system."""
    try:
        parts = urlsplit(uri)
    except ValueError:  # `file://[x`
        return None
    path = os.fsdecode(unquote_to_bytes(parts.path))
    return os.path.realpath(path) if parts.scheme == "file" and path and "\0" not in path else None


def full_report(found: list[lsp.Diagnostic]) -> lsp.FullDocumentDiagnosticReport:
    return lsp.FullDocumentDiagnosticReport(items=found, result_id=fingerprint(found))


def fingerprint(found: list[lsp.Diagnostic]) -> str:
    """An identity of a report, by which an editor asks whether anything is different."""
    return hashlib.sha256(repr(found).encode("utf-8", "replace")).hexdigest()[:16]
