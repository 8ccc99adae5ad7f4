"""An editor for tests: pytest-lsp's client before the real `hslint lsp`, with the capabilities of real editors, and no wait without an end."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from lsprotocol import types as lsp
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features

T = TypeVar("T")

#: Seconds after which an answer is not late but missing.
PATIENCE = 30.0

#: Editors that are pushed to.
NEOVIM = "neovim@v0.7.0"
EMACS = "emacs"
VS_CODE = "visual-studio-code"

#: One that pulls.
NEOVIM_PULLING = "neovim@v0.11.0"


def capabilities(editor: str, encodings: Sequence[lsp.PositionEncodingKind] | None = None) -> lsp.ClientCapabilities:
    """What an editor says of itself, but for the columns that it wants to count, if those are given."""
    said = client_capabilities(editor)
    if encodings is not None:
        said.general = said.general or lsp.GeneralClientCapabilities()
        said.general.position_encodings = list(encodings)
    return said


def pulling() -> lsp.ClientCapabilities:
    """VS Code as it has been since LSP 3.17: the recorded one is older."""
    said = client_capabilities(VS_CODE)
    assert said.text_document is not None and said.workspace is not None
    said.text_document.diagnostic = lsp.DiagnosticClientCapabilities(dynamic_registration=True)
    said.workspace.diagnostics = lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    return said


class Editor(LanguageClient):
    """One conversation; everything that was pushed, in its order, and the features that the server registered."""

    def __init__(self) -> None:
        super().__init__(converter_factory=default_converter)
        self.pushes: list[lsp.PublishDiagnosticsParams] = []
        self.registrations: list[lsp.Registration] = []
        self.server: lsp.InitializeResult
        self.versions: dict[str, int] = {}
        self.heard = asyncio.Condition()
        register_lsp_features(
            self,
            DEFAULT_CLIENT_FEATURES
            | {
                lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: _pushed,
                lsp.CLIENT_REGISTER_CAPABILITY: _registered,
                lsp.WORKSPACE_DIAGNOSTIC_REFRESH: _asked_to_refresh,
                lsp.WINDOW_SHOW_MESSAGE: _shown_message,
            },
        )

    async def begin(
        self, said: lsp.ClientCapabilities, root: Path | None = None, folders: Sequence[Path] | None = None
    ) -> None:
        """Start the server and greet it; without a root it is asked about single files."""
        await self.start_io(str(Path(sys.executable).with_name("hslint")), "lsp", "--stdio")
        params = lsp.InitializeParams(
            capabilities=said,
            root_uri=root.as_uri() if root is not None else None,
            workspace_folders=[lsp.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders or ()] or None,
        )
        self.server = await soon(self.initialize_session(params))

    async def leave(self) -> int:
        """The exit status of a server that was asked to go."""
        await soon(self.shutdown_session())
        return await self.status()

    async def status(self) -> int:
        assert self._server is not None
        return await soon(self._server.wait())

    def hang_up(self) -> None:
        """Die, as the server sees it."""
        assert self._server is not None and self._server.stdin is not None
        self._server.stdin.close()

    async def abandon(self) -> None:
        if self._server is not None and self._server.returncode is None:
            self._server.kill()
        await soon(self.stop())  # type: ignore[no-untyped-call]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for what a message brings about."""
        async with self.heard:
            await soon(self.heard.wait_for(happened))

    # -- what editors do -----------------------------------------------------------------------------------------------

    def open(self, path: Path | str, text: str | None = None) -> str:
        """Returns the address. A name instead of a path is one that lies in no file system."""
        uri = path.as_uri() if isinstance(path, Path) else path
        content = path.read_bytes().decode() if isinstance(path, Path) and text is None else text or ""
        self.versions[uri] = 1
        document = lsp.TextDocumentItem(uri, "nix", 1, content)
        self.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
        return uri

    def write(self, uri: str, text: str) -> None:
        self.versions[uri] += 1
        document = lsp.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(lsp.DidChangeTextDocumentParams(document, [change]))

    def close(self, uri: str) -> None:
        self.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))

    def happened(self, path: Path, what: lsp.FileChangeType) -> None:
        """Somebody else changed the disk."""
        events = [lsp.FileEvent(path.as_uri(), what)]
        self.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(events))

    async def pushed(self, uri: str, version: int | None = None) -> list[str]:
        """What the server next says of a file by itself: of this version, if one is named."""
        return shown(await self.push(uri, version))

    async def push(self, uri: str, version: int | None = None) -> Sequence[lsp.Diagnostic]:

        def found() -> list[lsp.PublishDiagnosticsParams]:
            return [p for p in self.pushes if p.uri == uri and version in (None, p.version)]

        await self.until(lambda: bool(found()))
        params = found()[0]
        self.pushes.remove(params)
        return params.diagnostics

    async def report(self, uri: str, known: str | None = None) -> lsp.DocumentDiagnosticReport:
        params = lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(uri), previous_result_id=known)
        return await soon(self.text_document_diagnostic_async(params))

    async def pull(self, uri: str) -> list[str]:
        report = await self.report(uri)
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        return shown(report.items)

    async def everything(self) -> dict[str, list[lsp.Diagnostic]]:
        """What there is to say of all files, by address."""
        report = await soon(self.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams([])))
        return {
            item.uri: list(item.items)
            for item in report.items
            if isinstance(item, lsp.WorkspaceFullDocumentDiagnosticReport)
        }

    async def actions(self, uri: str, place: str, only: list[str] | None = None) -> list[lsp.CodeAction]:
        """What can be done at a place, `line:column`."""
        at = _position(place)
        context = lsp.CodeActionContext([], only)
        params = lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri), lsp.Range(at, at), context)
        found = await soon(self.text_document_code_action_async(params))
        return [action for action in found or () if isinstance(action, lsp.CodeAction)]

    async def hover(self, uri: str, place: str) -> str | None:
        """The Markdown under the cursor."""
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), _position(place))
        said = await soon(self.text_document_hover_async(params))
        if said is None:
            return None
        assert isinstance(said.contents, lsp.MarkupContent)
        return said.contents.value


async def soon(wanted: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE):
        return await wanted


async def _notify(editor: Editor) -> None:
    async with editor.heard:
        editor.heard.notify_all()


async def _pushed(editor: Editor, params: lsp.PublishDiagnosticsParams) -> None:
    editor.pushes.append(params)
    await _notify(editor)


async def _registered(editor: Editor, params: lsp.RegistrationParams) -> None:
    editor.registrations.extend(params.registrations)
    await _notify(editor)


async def _asked_to_refresh(editor: Editor, params: None) -> None:
    editor.diagnostic_refresh_count += 1
    await _notify(editor)


async def _shown_message(editor: Editor, params: lsp.ShowMessageParams) -> None:
    editor.messages.append(params)
    await _notify(editor)


def _position(place: str) -> lsp.Position:
    line, _, column = place.partition(":")
    return lsp.Position(int(line), int(column))


def shown(diagnostics: Sequence[lsp.Diagnostic]) -> list[str]:
    """`line:column-line:column rule`, from 0, as they travel."""

    def place(at: lsp.Position) -> str:
        return f"{at.line}:{at.character}"

    return [f"{place(d.range.start)}-{place(d.range.end)} {d.code}" for d in diagnostics]


def edited(text: str, action: lsp.CodeAction) -> str:
    """The text of the only file that an action changes, afterwards. Columns are taken as characters."""
    edit = action.edit
    assert edit is not None
    lines = text.splitlines(keepends=True)

    def offset(at: lsp.Position) -> int:
        return sum(map(len, lines[: at.line])) + at.character

    for one in sorted(_edits(edit), key=lambda one: offset(one.range.start), reverse=True):
        text = text[: offset(one.range.start)] + one.new_text + text[offset(one.range.end) :]
    return text


def _edits(edit: lsp.WorkspaceEdit) -> list[lsp.TextEdit]:
    if edit.changes is not None:
        ((_, edits),) = edit.changes.items()
        return list(edits)
    (document,) = edit.document_changes or ()
    assert isinstance(document, lsp.TextDocumentEdit)
    return [one for one in document.edits if isinstance(one, lsp.TextEdit)]
