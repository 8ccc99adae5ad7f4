"""The requests of editors, and their answers."""

from __future__ import annotations

from lsprotocol import types as lsp

from hslint.finding import Certainty
from hslint.hosts.tree import is_policy
from hslint.lsp import hover, navigation, policy_completion, policy_names
from hslint.lsp.completion import Sort, items, known_at
from hslint.lsp.convert import SOURCE, byte_offset, diagnostic, location, lsp_range, suppression, workspace_edit
from hslint.lsp.position import cursor_at
from hslint.lsp.server import WATCHED, Server, real_path
from hslint.problem import Fix
from hslint.reporters.terminal import printable
from hslint.source import SourceFile

#: "Fix all" under a name of its own, so that users can ask for hslint's alone.
FIX_ALL = "source.fixAll.hslint"

#: What may change what there is to say. pygls keeps the texts.
_CHANGES = (
    lsp.TEXT_DOCUMENT_DID_OPEN,
    lsp.TEXT_DOCUMENT_DID_CHANGE,
    lsp.TEXT_DOCUMENT_DID_SAVE,
    lsp.TEXT_DOCUMENT_DID_CLOSE,
    lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES,
    lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)


def create() -> Server:
    """The server with its features; `start_io()` runs it on stdin and stdout."""
    server = Server()

    @server.feature(lsp.INITIALIZE)
    def initialize(ls: Server, params: lsp.InitializeParams) -> None:
        text_document = params.capabilities.text_document
        workspace = params.capabilities.workspace
        pull = text_document.diagnostic if text_document else None
        ls.pulls = pull is not None
        ls.related = bool(pull and pull.related_document_support)
        ls.refreshes = bool(workspace and workspace.diagnostics and workspace.diagnostics.refresh_support)
        ls.versioned_edits = bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)

    @server.feature(lsp.INITIALIZED)
    def initialized(ls: Server, params: lsp.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched and watched.dynamic_registration:
            options = lsp.DidChangeWatchedFilesRegistrationOptions([lsp.FileSystemWatcher(glob) for glob in WATCHED])
            ls.client_register_capability(
                lsp.RegistrationParams([lsp.Registration("watch", lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)])
            )

    @server.feature(lsp.SHUTDOWN)
    def shutdown(ls: Server, params: None) -> None:
        ls.dismiss()

    async def changed(ls: Server, params: object) -> None:
        ls.changed()

    for notification in _CHANGES:
        server.feature(notification)(changed)

    @server.feature(
        lsp.TEXT_DOCUMENT_DIAGNOSTIC,
        lsp.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier=SOURCE),
    )
    async def document_diagnostic(ls: Server, params: lsp.DocumentDiagnosticParams) -> lsp.DocumentDiagnosticReport:
        ls.pulls = True
        await ls.current()
        return ls.document_report(params.text_document.uri, params.previous_result_id)

    @server.feature(lsp.WORKSPACE_DIAGNOSTIC)
    async def workspace_diagnostic(ls: Server, params: lsp.WorkspaceDiagnosticParams) -> lsp.WorkspaceDiagnosticReport:
        await ls.current()
        return ls.workspace_report({known.uri: known.value for known in params.previous_result_ids})

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions([lsp.CodeActionKind.QuickFix, FIX_ALL]))
    async def code_action(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        await ls.current()
        return actions(ls, params)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def on_hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        await ls.current()
        file = ls.file(params.text_document.uri)
        if file is None:
            return None
        offset = byte_offset(file, params.position, ls.encoding)
        if is_policy(file.path):
            found = policy_names.hover(file, offset, known_at(file.path, ls.outcome.hosts).release)
        else:
            found = hover.at(file.path, offset, ls.outcome)
        if found is None:
            return None
        content = lsp.MarkupContent(lsp.MarkupKind.Markdown, found.text)
        return lsp.Hover(content, lsp_range(found.span, ls.encoding))

    @server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", '"', "=", "{"]))
    def on_completion(ls: Server, params: lsp.CompletionParams) -> lsp.CompletionList | None:
        """From the text as it stands, and the last outcome that there is: whoever types does not wait for a check."""
        file = ls.file(params.text_document.uri)
        return None if file is None else completions(ls, file, byte_offset(file, params.position, ls.encoding))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    async def on_definition(ls: Server, params: lsp.DefinitionParams) -> list[lsp.Location]:
        await ls.current()
        file = ls.file(params.text_document.uri)
        if file is None:
            return []
        offset = byte_offset(file, params.position, ls.encoding)
        if is_policy(file.path):
            spans = policy_names.definitions(file, offset, known_at(file.path, ls.outcome.hosts).release)
        else:
            spans = navigation.definitions(file.path, offset, ls.outcome)
        return [location(span, ls.encoding, ls.address) for span in spans]

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    async def on_references(ls: Server, params: lsp.ReferenceParams) -> list[lsp.Location]:
        """Of a policy's name every place; of an option its definitions."""
        await ls.current()
        file = ls.file(params.text_document.uri)
        if file is None:
            return []
        offset = byte_offset(file, params.position, ls.encoding)
        if is_policy(file.path):
            spans = policy_names.references(file, offset, known_at(file.path, ls.outcome.hosts).release)
        else:
            spans = navigation.definitions(file.path, offset, ls.outcome)
        return [location(span, ls.encoding, ls.address) for span in spans]

    @server.feature(lsp.TEXT_DOCUMENT_RENAME)
    async def on_rename(ls: Server, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        """A group, a host or a tag of a policy; nothing else has a name of its own."""
        await ls.current()
        file = ls.file(params.text_document.uri)
        if file is None or not is_policy(file.path):
            return None
        offset = byte_offset(file, params.position, ls.encoding)
        edits = policy_names.renamed(file, offset, known_at(file.path, ls.outcome.hosts).release, params.new_name)
        if not edits:
            return None
        fix = Fix("rename", tuple(edits), safe=True)
        return workspace_edit([fix], ls.encoding, ls.address, ls.version_of if ls.versioned_edits else None)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def on_symbols(ls: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        await ls.current()
        file = ls.file(params.text_document.uri)
        if file is None:
            return []
        found = policy_names.symbols(file) if is_policy(file.path) else navigation.symbols(file.path, ls.outcome)
        return [
            lsp.DocumentSymbol(
                printable(symbol.name),
                lsp.SymbolKind.Property,
                lsp_range(symbol.whole, ls.encoding),
                lsp_range(symbol.at, ls.encoding),
                detail=symbol.detail,
            )
            for symbol in found
        ]

    return server


#: How the kinds of items look in an editor.
_ITEM_KINDS = {
    Sort.NAME: lsp.CompletionItemKind.Property,
    Sort.GROUP: lsp.CompletionItemKind.Module,
    Sort.VALUE: lsp.CompletionItemKind.Value,
    Sort.ELSEWHERE: lsp.CompletionItemKind.Property,
}


def completions(ls: Server, file: SourceFile, offset: int) -> lsp.CompletionList | None:
    """What may be written at an offset of an open file, in place of what is written of it so far."""
    if is_policy(file.path):
        cursor, found = policy_completion.at(file, offset)
    else:
        place = cursor_at(file.text, offset)
        if place is None:
            return None
        cursor, found = place.start, items(place, known_at(file.path, ls.outcome.hosts))
    there = lsp_range(file.span(cursor, offset), ls.encoding)
    return lsp.CompletionList(
        is_incomplete=False,
        items=[
            lsp.CompletionItem(
                printable(item.label),
                kind=_ITEM_KINDS[item.sort],
                detail=item.detail or None,
                documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, item.about) if item.about else None,
                sort_text=f"{item.sort.value}{item.label}",
                tags=[lsp.CompletionItemTag.Deprecated] if item.sort is Sort.ELSEWHERE else None,
                text_edit=lsp.TextEdit(there, item.label),
            )
            for item in found
        ],
    )


def actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """Fixes and suppressions for the findings in a range, and everything in the file that is safe to fix."""
    path = real_path(params.text_document.uri)
    here = [finding for finding in ls.findings() if finding.problem.at.file.path == path]
    versions = ls.version_of if ls.versioned_edits else None

    def edit(*fixes: Fix) -> lsp.WorkspaceEdit:
        return workspace_edit(fixes, ls.encoding, ls.address, versions)

    found: list[lsp.CodeAction] = []
    suppressing: list[lsp.CodeAction] = []
    if _asked_for(lsp.CodeActionKind.QuickFix, params.context):
        for finding in here:
            shown = diagnostic(finding, ls.encoding, ls.address)
            if _apart(shown.range, params.range):
                continue
            kind, fix = lsp.CodeActionKind.QuickFix, finding.problem.fix
            if fix is not None and fix.edits:
                found.append(
                    lsp.CodeAction(
                        printable(fix.title), kind, [shown], is_preferred=True if fix.safe else None, edit=edit(fix)
                    )
                )
            if not finding.rule.name.endswith("-suppression"):
                comment = suppression(finding)
                suppressing.append(lsp.CodeAction(comment.title, kind, [shown], edit=edit(comment)))
    certain = (
        finding.problem.fix for finding in here if finding.certainty is Certainty.CERTAIN
    )  # as `check --fix` has it
    safe = [fix for fix in certain if fix is not None and fix.safe and fix.edits]
    if safe and _asked_for(FIX_ALL, params.context):
        suppressing.append(lsp.CodeAction("Fix all that is safe to fix (hslint)", FIX_ALL, edit=edit(*safe)))
    return [*found, *suppressing]


def _asked_for(kind: str, context: lsp.CodeActionContext) -> bool:
    """Kinds are a hierarchy: who asks for `source` asks for `source.fixAll` too."""
    if context.only is None:
        return True
    wanted = (str(getattr(only, "value", only)) for only in context.only)
    return any(only == "" or kind == only or kind.startswith(f"{only}.") for only in wanted)


def _apart(one: lsp.Range, other: lsp.Range) -> bool:
    return (one.end.line, one.end.character) < (other.start.line, other.start.character) or (
        other.end.line,
        other.end.character,
    ) < (one.start.line, one.start.character)
