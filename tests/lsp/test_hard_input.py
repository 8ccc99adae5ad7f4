"""Text and files as they come: columns, line ends, half a file, no file, several projects."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsp_editor import EMACS, NEOVIM, VS_CODE, Editor, capabilities, edited, pulling, shown
from lsprotocol import types as lsp
from sample import FIXED, FLAKE, FOUND, MODULE, behind

Start = Callable[..., Awaitable[Editor]]

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]  # each conversation starts a server

UTF8, UTF16, UTF32 = lsp.PositionEncodingKind.Utf8, lsp.PositionEncodingKind.Utf16, lsp.PositionEncodingKind.Utf32


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "headscale.nix"
    path.write_text(MODULE)
    return path


@pytest.mark.parametrize(
    ("editor_name", "wanted", "agreed", "width"),
    [
        (NEOVIM, [UTF8], UTF8, 4),
        (NEOVIM, None, UTF16, 2),
        (VS_CODE, None, UTF16, 2),
        (EMACS, None, UTF32, 1),
    ],
)
async def test_columns_count_what_was_agreed_on(
    start: Start,
    module: Path,
    editor_name: str,
    wanted: list[lsp.PositionEncodingKind] | None,
    agreed: lsp.PositionEncodingKind,
    width: int,
) -> None:
    """A character outside the Basic Multilingual Plane is four, two or one: in diagnostics, actions and hovers alike."""
    editor = await start(capabilities(editor_name, wanted), module.parent)
    assert editor.server.capabilities.position_encoding == agreed
    text = behind("/*😀*/ ")
    uri = editor.open(module, text)
    column = 18 + len("/**/ ") + width
    assert await editor.pushed(uri) == [f"7:{column}-7:{column + 6} misplaced-setting"]
    assert len(await editor.actions(uri, f"7:{column + 6}")) == 3
    assert len(await editor.actions(uri, f"7:{column + 7}")) == 1
    hovered = await editor.hover(uri, f"7:{column + 6}")
    assert hovered is not None and hovered.startswith("### settings.derp.server.enable\n")
    if width == 1:  # the columns that `edited` counts in
        assert edited(text, (await editor.actions(uri, f"7:{column}"))[0]) == text.replace(
            "enable =  f", "enabled = f"
        ).replace("server.enable ", "server.enabled ")


async def test_lines_may_end_as_on_windows(start: Start, module: Path) -> None:
    """The place is the same, and so is the end of the lines that are added."""
    editor = await start(NEOVIM, module.parent)
    text = MODULE.replace("\n", "\r\n")
    uri = editor.open(module, text)
    assert await editor.pushed(uri) == FOUND
    fix, suppress, _ = await editor.actions(uri, "7:20")
    assert edited(text, fix) == FIXED.replace("\n", "\r\n")
    assert "-- reason\r\n" in edited(text, suppress)


async def test_half_typed_text_is_answered(start: Start, module: Path) -> None:
    """Every beginning of the file, one edit after the other, faster than it can be checked; the last word counts."""
    editor = await start(NEOVIM, module.parent)
    uri = editor.open(module)
    for end in range(0, len(MODULE), 7):
        editor.write(uri, MODULE[:end])
    editor.write(uri, FIXED + "# 💣 \u0301")
    editor.write(uri, MODULE)
    last = editor.versions[uri]
    await editor.until(lambda: any(p.version == last for p in editor.pushes))
    versions = [p.version for p in editor.pushes if p.uri == uri and p.version is not None]
    assert versions == sorted(versions)
    assert await editor.pushed(uri, last) == FOUND


async def test_an_edit_while_a_question_waits_is_part_of_the_answer(start: Start, module: Path) -> None:
    """What is asked of a text that is gone is answered of the one that is there."""
    editor = await start(pulling(), module.parent)
    uri = editor.open(module)
    params = lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(uri))
    waiting = editor.text_document_diagnostic_async(params)
    editor.write(uri, FIXED)
    report = await waiting
    assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
    assert report.items == ()


async def test_a_deleted_file_is_checked_as_long_as_it_is_open(start: Start, module: Path) -> None:
    """The buffer is the truth; when it is closed too, nothing is left to say."""
    editor = await start(EMACS, module.parent)
    uri = editor.open(module)
    assert await editor.pushed(uri) == FOUND
    module.unlink()
    editor.happened(module, lsp.FileChangeType.Deleted)
    assert len(await editor.actions(uri, "7:20")) == 3
    editor.close(uri)
    assert await editor.pushed(uri) == []


async def test_a_file_that_was_never_saved_is_checked(start: Start, tmp_path: Path) -> None:
    """There is nothing on the disk, which is nothing to complain of; and a document without a file is left in peace."""
    (tmp_path / ".git").mkdir()
    editor = await start(NEOVIM, tmp_path)
    uri = editor.open(tmp_path / "new.nix", MODULE)
    assert await editor.pushed(uri) == FOUND
    untitled = editor.open("untitled:Untitled-1", MODULE)
    editor.open(tmp_path / "odd.nix", "{ services.headscale = \0 }")
    assert await editor.hover(untitled, "5:12") is None
    assert await editor.leave() == 0
    assert [p.uri for p in editor.pushes if p.uri == untitled] == []
    assert editor.messages == []


async def test_a_file_is_addressed_as_the_editor_does(start: Start, module: Path, tmp_path: Path) -> None:
    """An editor that came by a symbolic link would take the real path for another file; names may hold anything."""
    (tmp_path / "link").symlink_to(tmp_path)
    editor = await start(NEOVIM, tmp_path)
    assert await editor.pushed(editor.open(tmp_path / "link" / module.name, MODULE)) == FOUND
    odd = tmp_path / "öde insel" / "100%20 [a]#?.nix"
    odd.parent.mkdir()
    odd.write_text(MODULE)
    uri = editor.open(odd)
    assert await editor.pushed(uri, 1) == FOUND
    editor.write(uri, FIXED)
    assert await editor.pushed(uri, 2) == []


async def test_a_file_whose_name_is_no_text_spoils_nothing(start: Start, tmp_path: Path) -> None:
    """Names are bytes; this one is not UTF-8."""
    (tmp_path / "flake.nix").write_text("{ outputs = _: { }; }\n")
    odd = tmp_path / os.fsdecode(b"\xff.nix")
    odd.write_text(MODULE)
    editor = await start(NEOVIM, tmp_path)
    editor.open(tmp_path / "flake.nix")
    assert await editor.pushed(odd.as_uri()) == FOUND


async def test_without_a_root_the_project_is_found_from_the_file(start: Start, tmp_path: Path) -> None:
    """An editor that opens a single file says nothing of a folder."""
    (tmp_path / "flake.nix").write_text(FLAKE.replace("./headscale.nix", "./headscale.nix ./domain.nix"))
    module = tmp_path / "headscale.nix"
    module.write_text(FIXED)
    (tmp_path / "domain.nix").write_text('{ services.headscale.settings.dns.base_domain = "example.org"; }\n')
    editor = await start(NEOVIM)
    uri = editor.open(module)
    assert await editor.pushed(uri) == ["5:10-5:21 conflicting-definitions"]


async def test_a_configuration_without_a_flake_or_a_repository_is_a_project(start: Start, tmp_path: Path) -> None:
    """Such as /etc/nixos: a module is checked on the machine that imports it, whether or not the editor works in the folder."""
    (tmp_path / "configuration.nix").write_text(
        "{ imports = [ ./modules/url.nix ]; services.headscale.enable = true;\n"
        '  services.headscale.settings.dns.base_domain = "example.org"; }\n'
    )
    url = tmp_path / "modules" / "url.nix"
    url.parent.mkdir()
    url.write_text('{ services.headscale.settings.server_url = "https://vpn.example.org"; }\n')
    editor = await start(pulling())
    editor.open(url)
    found = (await editor.everything())[(tmp_path / "configuration.nix").as_uri()]
    assert "1:48-1:61 base-domain-covers-server" in shown(found)


async def test_several_projects_are_checked_side_by_side(start: Start, tmp_path: Path) -> None:
    """Two folders of a workspace, and a file outside both; none hides what is said of another."""
    files = []
    for name in ("one", "two", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "flake.nix").write_text(FLAKE)
        files.append(tmp_path / name / "headscale.nix")
        files[-1].write_text(MODULE)
    editor = await start(pulling(), folders=[tmp_path / "one", tmp_path / "two"])
    uris = [editor.open(path) for path in files]
    said = await editor.everything()
    assert {uri: shown(found) for uri, found in said.items() if found} == dict.fromkeys(uris, FOUND)
    editor.write(uris[1], FIXED)
    assert await editor.pull(uris[1]) == []
    assert await editor.pull(uris[0]) == await editor.pull(uris[2]) == FOUND
