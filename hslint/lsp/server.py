"""The server: buffers in, diagnostics out. Analysis runs beside the conversation; an outcome that is no longer asked for is dropped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from lsprotocol import types as lsp
from pygls import uris
from pygls.lsp.server import LanguageServer

from hslint import __version__
from hslint.checking import Checked, Request, check
from hslint.finding import Finding
from hslint.hosts import CannotInspect
from hslint.lsp import hover
from hslint.lsp.convert import SOURCE, byte_offset, diagnostic, encoding_of, lsp_range, uri, workspace_edit
from hslint.rule import Severity
from hslint.settings import InvalidSettings
from hslint.source import Encoding, SourceFile

log = logging.getLogger(__name__)

#: Seconds of silence after an edit before the project is judged again.
PAUSE = 0.15

_WATCHED = ("**/*.nix", "**/flake.lock", "**/hslint.toml", "**/pyproject.toml", "**/*.hujson")


class Server(LanguageServer):
    """One editor. `generation` counts edits; every outcome knows the generation it was made from."""

    def __init__(self) -> None:
        super().__init__("hslint", __version__)
        self.generation = 0
        self.checked: dict[str, Checked] = {}
        self.checked_generation = -1
        self.published: dict[str, tuple[lsp.Diagnostic, ...]] = {}
        self.worker = ThreadPoolExecutor(1, "hslint-analysis")
        self.pending: asyncio.Task[None] | None = None
        self.settled = asyncio.Condition()
        self.pulls = False
        self.refreshes = False

    @property
    def encoding(self) -> Encoding:
        return encoding_of(self.workspace.position_encoding)

    def buffers(self) -> dict[str, bytes]:
        """The unsaved text of every open file, by path."""
        found = {}
        for document in self.workspace.text_documents.values():
            path = uris.to_fs_path(document.uri)
            if path is not None:
                found[path] = document.source.encode("utf-8", "surrogateescape")
        return found

    def open_files(self) -> list[str]:
        return [path for path in self.buffers() if path.endswith(".nix")]

    # -- analysis ------------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something was edited: judge again when the editor falls silent."""
        self.generation += 1
        if self.pending is None or self.pending.done():
            self.pending = asyncio.get_running_loop().create_task(self._settle())

    async def _settle(self) -> None:
        while self.checked_generation != self.generation:
            generation = self.generation
            await asyncio.sleep(PAUSE)
            if generation != self.generation:
                continue
            work = partial(_judge, self.open_files(), self.buffers())
            outcome = await asyncio.get_running_loop().run_in_executor(self.worker, work)
            if generation != self.generation:
                continue  # edited meanwhile: this outcome speaks of text that is gone
            self.checked = outcome
            self.checked_generation = generation
            async with self.settled:
                self.settled.notify_all()
            self._show()

    async def current(self) -> None:
        """Wait until the outcome speaks of the text as it stands."""
        async with self.settled:
            await self.settled.wait_for(lambda: self.checked_generation == self.generation)

    def findings(self) -> list[Finding]:
        seen: dict[tuple[object, ...], Finding] = {}
        for checked in self.checked.values():
            for finding in checked.findings:
                at = finding.problem.at
                seen.setdefault((finding.rule.name, at.file.path, at.start, at.end, finding.problem.message), finding)
        return list(seen.values())

    def diagnostics(self) -> dict[str, list[lsp.Diagnostic]]:
        by_uri: dict[str, list[lsp.Diagnostic]] = {}
        for finding in self.findings():
            by_uri.setdefault(uri(finding.problem.at.file.path), []).append(diagnostic(finding, self.encoding))
        return by_uri

    def _show(self) -> None:
        """Tell the editor: by a push, or, where it pulls, by asking it to pull again. Never both."""
        if self.pulls:
            if self.refreshes:
                self.workspace_diagnostic_refresh(None)
            return
        fresh = self.diagnostics()
        for address in {*fresh, *self.published}:
            found = tuple(fresh.get(address, ()))
            if self.published.get(address, ()) != found:
                self.text_document_publish_diagnostics(
                    lsp.PublishDiagnosticsParams(address, list(found), self._version(address))
                )
            self.published[address] = found

    def _version(self, address: str) -> int | None:
        document = self.workspace.text_documents.get(address)
        return document.version if document is not None else None


def _judge(paths: list[str], buffers: Mapping[str, bytes]) -> dict[str, Checked]:
    """The outcome for each project that an open file lies in. A broken project is no reason to fall silent about the others."""
    found: dict[str, Checked] = {}
    for path in paths:
        if any(checked.covers(path) for checked in found.values()):
            continue
        try:
            found[path] = check([path], Request(whole_project=True), buffers)
        except (CannotInspect, InvalidSettings) as error:
            log.warning("%s", error)
        except Exception:
            log.exception("analysing %s", path)
    return found


def create() -> Server:
    """The server with its features; `start_io()` runs it on stdin and stdout."""
    server = Server()

    @server.feature(lsp.INITIALIZE)
    def initialize(ls: Server, params: lsp.InitializeParams) -> None:
        text_document = params.capabilities.text_document
        workspace = params.capabilities.workspace
        ls.pulls = bool(text_document and text_document.diagnostic)
        ls.refreshes = bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)

    @server.feature(lsp.INITIALIZED)
    def initialized(ls: Server, params: lsp.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched and watched.dynamic_registration:
            options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(glob) for glob in _WATCHED])
            ls.client_register_capability(
                lsp.RegistrationParams([lsp.Registration("watch", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)]),
                lambda _: None,
            )

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
        ls.changed()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
        ls.changed()

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(ls: Server, params: lsp.DidSaveTextDocumentParams) -> None:
        ls.changed()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
        ls.changed()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_watched(ls: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
        ls.changed()

    @server.feature(
        lsp.TEXT_DOCUMENT_DIAGNOSTIC,
        lsp.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier=SOURCE),
    )
    async def document_diagnostic(
        ls: Server, params: lsp.DocumentDiagnosticParams
    ) -> lsp.RelatedFullDocumentDiagnosticReport:
        ls.pulls = True
        await ls.current()
        by_uri = ls.diagnostics()
        return lsp.RelatedFullDocumentDiagnosticReport(items=by_uri.get(params.text_document.uri, []))

    @server.feature(lsp.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(ls: Server, params: lsp.WorkspaceDiagnosticParams) -> lsp.WorkspaceDiagnosticReport:
        await ls.current()
        by_uri = ls.diagnostics()
        known = {*by_uri, *ls.published}
        ls.published = {address: tuple(found) for address, found in by_uri.items()}
        return lsp.WorkspaceDiagnosticReport(
            [
                lsp.WorkspaceFullDocumentDiagnosticReport(
                    uri=address, items=by_uri.get(address, []), version=ls._version(address)
                )
                for address in sorted(known)
            ]
        )

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.SourceFixAll]),
    )
    async def code_action(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        await ls.current()
        return _actions(ls, params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def on_hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        await ls.current()
        path = uris.to_fs_path(params.text_document.uri)
        file = ls.buffers().get(path or "")
        if path is None or file is None:
            return None
        offset = byte_offset(SourceFile(path, file), params.position, ls.encoding)
        found = hover.at(path, offset, [host for checked in ls.checked.values() for host in checked.inspection.hosts])
        if found is None:
            return None
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, found.text)
        return lsp.Hover(content, lsp_range(found.span, ls.encoding))

    return server


def _actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    path = uris.to_fs_path(params.text_document.uri)
    here = [finding for finding in ls.findings() if finding.problem.at.file.path == path]
    wanted = params.context.only
    actions: list[lsp.CodeAction] = []
    if wanted is None or lsp.CodeActionKind.QuickFix in wanted or "" in wanted:
        for finding in here:
            shown = diagnostic(finding, ls.encoding)
            if _apart(shown.range, params.range):
                continue
            fix = finding.problem.fix
            if fix is not None:
                actions.append(
                    lsp.CodeAction(
                        fix.title,
                        kind=lsp.CodeActionKind.QuickFix,
                        diagnostics=[shown],
                        is_preferred=fix.safe,
                        edit=workspace_edit([fix], ls.encoding),
                    )
                )
            actions.append(_suppression(finding, shown, ls.encoding))
    safe = [finding.problem.fix for finding in here if finding.problem.fix is not None and finding.problem.fix.safe]
    if safe and (wanted is None or lsp.CodeActionKind.SourceFixAll in wanted or lsp.CodeActionKind.Source in wanted):
        actions.append(
            lsp.CodeAction(
                "Fix all that is safe to fix (hslint)",
                kind=lsp.CodeActionKind.SourceFixAll,
                edit=workspace_edit(safe, ls.encoding),
            )
        )
    return actions


def _suppression(finding: Finding, shown: lsp.Diagnostic, encoding: Encoding) -> lsp.CodeAction:
    """A comment on the line above, with the indentation of the line; the reason is the user's to write."""
    file = finding.problem.at.file
    line = shown.range.start.line
    text = file.line(line)
    indent = text[: len(text) - len(text.lstrip())]
    edit = lsp.TextEdit(
        lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0)),
        f"{indent}# hslint: ignore[{finding.rule.name}] -- reason\n",
    )
    return lsp.CodeAction(
        f"Suppress {finding.rule.name} here",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[shown],
        edit=lsp.WorkspaceEdit(changes={uri(file.path): [edit]}),
    )


def _apart(one: lsp.Range, other: lsp.Range) -> bool:
    return (one.end.line, one.end.character) < (other.start.line, other.start.character) or (
        other.end.line,
        other.end.character,
    ) < (one.start.line, one.start.character)


__all__ = ["Severity", "create"]
