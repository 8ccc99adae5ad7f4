"""Which diagnostics an editor gets, how, and when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsp_editor import EMACS, NEOVIM, NEOVIM_PULLING, VS_CODE, Editor, pulling, shown
from lsprotocol import types as lsp
from sample import FIXED, FLAKE, FOUND, MODULE

Start = Callable[..., Awaitable[Editor]]

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]  # each conversation starts a server

#: The address in one file, the base domain in another.
URL = '{ services.headscale.settings.server_url = "https://vpn.example.org"; }\n'
DOMAIN = FIXED.replace('      server_url = "https://vpn.example.org";\n', "")
COVERED = URL.replace("vpn.example.org", "vpn.tail.example.net")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "headscale.nix"
    path.write_text(MODULE)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A flake with one host of two modules, which contradict each other as soon as the address is COVERED."""
    (tmp_path / "flake.nix").write_text(FLAKE.replace("./headscale.nix", "./url.nix ./domain.nix"))
    (tmp_path / "url.nix").write_text(URL)
    (tmp_path / "domain.nix").write_text(DOMAIN)
    return tmp_path


@pytest.mark.parametrize("name", [NEOVIM, EMACS, VS_CODE])
async def test_an_editor_that_does_not_pull_is_pushed_to(start: Start, module: Path, name: str) -> None:
    """At the exact place, and an empty list when it is fixed in the buffer."""
    editor = await start(name, module.parent)
    uri = editor.open(module)
    assert await editor.pushed(uri, 1) == FOUND
    editor.write(uri, FIXED)
    assert await editor.pushed(uri, 2) == []
    assert editor.diagnostic_refresh_count == 0


@pytest.mark.parametrize("said", [NEOVIM_PULLING, pulling()], ids=["neovim", "vs-code"])
async def test_an_editor_that_pulls_is_never_pushed_to(
    start: Start, module: Path, said: str | lsp.ClientCapabilities
) -> None:
    """It would see everything twice."""
    editor = await start(said, module.parent)
    uri = editor.open(module)
    assert await editor.pull(uri) == FOUND
    editor.write(uri, FIXED)
    assert await editor.pull(uri) == []
    editor.close(uri)
    assert await editor.leave() == 0
    assert editor.pushes == []


async def test_an_editor_that_can_is_asked_to_pull_again(start: Start, project: Path) -> None:
    """An edit may change what there is to say of files that the editor has not asked about."""
    editor = await start(pulling(), project)
    uri = editor.open(project / "url.nix")
    assert [found for found in (await editor.everything()).values() if found] == []
    editor.write(uri, COVERED)
    await editor.until(lambda: editor.diagnostic_refresh_count > 0)
    found = (await editor.everything())[(project / "domain.nix").as_uri()]
    assert shown(found) == ["4:24-4:42 base-domain-covers-server"]
    assert editor.pushes == []


async def test_an_editor_that_wants_to_gets_other_files_in_the_same_answer(start: Start, project: Path) -> None:
    """Related documents, as LSP calls them; without the word none are sent."""
    said = pulling()
    assert said.text_document is not None and said.text_document.diagnostic is not None
    said.text_document.diagnostic.related_document_support = True
    editor = await start(said, project)
    report = await editor.report(editor.open(project / "url.nix", COVERED))
    assert report.related_documents is not None
    (other,) = report.related_documents.values()
    assert isinstance(other, lsp.FullDocumentDiagnosticReport)
    assert shown(other.items) == ["4:24-4:42 base-domain-covers-server"]
    plain = await start(pulling(), project)
    assert (await plain.report(plain.open(project / "url.nix", COVERED))).related_documents is None


async def test_what_did_not_change_is_not_sent_again(start: Start, module: Path) -> None:
    """An editor that names the report it has gets the answer that it is still right."""
    editor = await start(pulling(), module.parent)
    uri = editor.open(module)
    first = await editor.report(uri)
    assert isinstance(first, lsp.RelatedFullDocumentDiagnosticReport)
    second = await editor.report(uri, first.result_id)
    assert isinstance(second, lsp.RelatedUnchangedDocumentDiagnosticReport)
    assert second.result_id == first.result_id


async def test_the_unsaved_text_of_one_file_changes_what_is_said_of_another(start: Start, project: Path) -> None:
    """The project is checked, not the file; and when the edit is taken back, so is what was said."""
    editor = await start(NEOVIM, project)
    uri, other = editor.open(project / "url.nix"), (project / "domain.nix").as_uri()
    editor.write(uri, COVERED)
    assert await editor.pushed(other) == ["4:24-4:42 base-domain-covers-server"]
    editor.write(uri, URL)
    assert await editor.pushed(other) == []


async def test_what_others_do_to_the_disk_is_noticed(start: Start, project: Path) -> None:
    """Files that change, go and come, without a keystroke in the editor."""
    editor = await start(EMACS, project)
    await editor.until(lambda: bool(editor.registrations))
    (registration,) = editor.registrations
    assert registration.method == lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
    flake, domain, url = editor.open(project / "flake.nix"), project / "domain.nix", project / "url.nix"

    url.write_text(COVERED)
    editor.happened(url, lsp.FileChangeType.Changed)
    assert await editor.pushed(domain.as_uri()) == ["4:24-4:42 base-domain-covers-server"]

    domain.unlink()
    editor.happened(domain, lsp.FileChangeType.Deleted)
    assert await editor.pushed(flake) == ["3:78-3:90 evaluation-error"]
    assert await editor.pushed(domain.as_uri()) == []

    domain.write_text(DOMAIN.replace("tail.example.net", "tail.example.com"))
    editor.happened(domain, lsp.FileChangeType.Created)
    assert await editor.pushed(flake) == []


async def test_settings_of_hslint_count_in_the_editor_too(start: Start, module: Path) -> None:
    """As soon as they are there, and what is wrong with them is said once."""
    editor = await start(EMACS, module.parent)
    uri, settings = editor.open(module), module.with_name("hslint.toml")
    assert await editor.pushed(uri) == FOUND
    settings.write_text('ignore = ["misplaced-setting"]\n')
    editor.happened(settings, lsp.FileChangeType.Created)
    assert await editor.pushed(uri) == []
    settings.write_text('ignore = ["misplaced-settin"]\n')
    editor.happened(settings, lsp.FileChangeType.Changed)
    await editor.until(lambda: bool(editor.messages))
    assert [message.message for message in editor.messages] == [
        "hslint: hslint.toml:1:12: unknown rule misplaced-settin; did you mean misplaced-setting?"
    ]


async def test_hosts_that_cannot_be_evaluated_are_reported(start: Start, project: Path) -> None:
    """They would look clean otherwise; the other host is checked all the same."""
    editor = await start(NEOVIM, project)
    text = FLAKE.replace("./headscale.nix", "./url.nix").replace(
        "    nixos", "    nixosConfigurations.b = nixpkgs.lib.odd { };\n    nixos"
    )
    uri = editor.open(project / "flake.nix", text)
    await editor.until(lambda: bool(editor.messages))
    assert [message.message for message in editor.messages] == [
        "hslint: host b could not be evaluated: flake.nix:4: lib.odd comes from a function that hslint does not model"
    ]
    editor.write(uri, FLAKE.replace("./headscale.nix", "./domain.nix"))
    assert await editor.pushed((project / "domain.nix").as_uri()) == ["2:4-2:10 server-url-unset"]


async def test_a_diagnostic_says_what_it_is(start: Start, project: Path) -> None:
    """Severity, page, source, and where the other half of a contradiction stands."""
    editor = await start(VS_CODE, project)
    editor.open(project / "url.nix", COVERED)
    (found,) = await editor.push((project / "domain.nix").as_uri())
    assert found.severity is lsp.DiagnosticSeverity.Error
    assert found.source == "hslint"
    assert found.code_description is not None
    assert found.code_description.href.endswith("/rules/dns/base_domain_covers_server.md")
    assert found.related_information is not None
    (note,) = found.related_information
    assert (note.message, note.location.uri) == ("server_url is set here", (project / "url.nix").as_uri())
    assert found.tags is None


async def test_settings_without_effect_are_shown_as_such(start: Start, module: Path) -> None:
    """Editors grey out what is not read, and strike out what is no longer."""
    editor = await start(pulling(), module.parent)
    uri = editor.open(module)
    for line, rule, tag in (
        ("derp.server.enable = false;", "misplaced-setting", lsp.DiagnosticTag.Unnecessary),
        ("no_such_thing = 1;", "unknown-setting", lsp.DiagnosticTag.Unnecessary),
        ('ip_prefixes = [ "100.64.0.0/10" ];', "removed-setting", lsp.DiagnosticTag.Deprecated),
    ):
        editor.write(uri, MODULE.replace("derp.server.enable = false;", line))
        report = await editor.report(uri)
        assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
        assert [(found.code, found.tags) for found in report.items] == [(rule, (tag,))]
