"""What an editor can do about a finding, and what it shows under the cursor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsp_editor import EMACS, NEOVIM, VS_CODE, Editor, edited, pulling
from lsprotocol import types as lsp
from sample import FIXED, FLAKE, FOUND, MODULE

Start = Callable[..., Awaitable[Editor]]

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]  # each conversation starts a server


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "headscale.nix"
    path.write_text(MODULE)
    return path


@pytest.mark.parametrize("name", [NEOVIM, EMACS])
async def test_a_quick_fix_fixes_the_buffer(start: Start, module: Path, name: str) -> None:
    """Its text is what the fix promises, for the version that it was made for, where the editor knows versions in edits."""
    editor = await start(name, module.parent)
    uri = editor.open(module)
    fix, suppress, fix_all = await editor.actions(uri, "7:20")
    assert [each.title for each in (fix, suppress, fix_all)] == [
        "write derp.server.enabled",
        "Suppress misplaced-setting here",
        "Fix all that is safe to fix (hslint)",
    ]
    assert [each.kind for each in (fix, suppress, fix_all)] == ["quickfix", "quickfix", "source.fixAll.hslint"]
    assert [each.is_preferred for each in (fix, suppress, fix_all)] == [True, None, None]
    assert fix.diagnostics is not None and [found.code for found in fix.diagnostics] == ["misplaced-setting"]
    assert edited(MODULE, fix) == edited(MODULE, fix_all) == FIXED
    assert fix.edit is not None
    if name == EMACS:
        (change,) = fix.edit.document_changes or ()
        assert isinstance(change, lsp.TextDocumentEdit)
        assert change.text_document.version == 1
    else:
        assert fix.edit.document_changes is None
    assert await editor.actions(uri, "1:0") == [fix_all]


async def test_a_suppression_is_a_comment_with_a_reason_to_be_filled_in(start: Start, module: Path) -> None:
    """It takes effect at once, and neither it nor the finding is offered again."""
    editor = await start(NEOVIM, module.parent)
    uri = editor.open(module)
    assert await editor.pushed(uri) == FOUND
    suppress = next(each for each in await editor.actions(uri, "7:20") if each.title.startswith("Suppress"))
    text = edited(MODULE, suppress)
    assert text == MODULE.replace("      derp", "      # hslint: ignore[misplaced-setting] -- reason\n      derp")
    editor.write(uri, text)
    assert await editor.pushed(uri, 2) == []
    assert await editor.actions(uri, "8:20") == []


async def test_fix_all_can_be_asked_for_alone(start: Start, module: Path) -> None:
    """As editors do on saving: by the kind or by what the kind lies under."""
    editor = await start(VS_CODE, module.parent)
    uri = editor.open(module)
    for kind in ("source.fixAll", "source.fixAll.hslint", "source"):
        (only,) = await editor.actions(uri, "0:0", [kind])
        assert edited(MODULE, only) == FIXED
    assert await editor.actions(uri, "7:20", ["refactor"]) == []
    assert [each.kind for each in await editor.actions(uri, "7:20", ["quickfix"])] == ["quickfix", "quickfix"]


async def test_what_is_not_safe_is_no_part_of_fix_all(start: Start, module: Path) -> None:
    """Switching the relay on changes what Headscale does; that is the user's choice."""
    editor = await start(pulling(), module.parent)
    uri = editor.open(module, MODULE.replace("enable = false", "enable = true"))
    assert [(each.kind, each.is_preferred) for each in await editor.actions(uri, "7:20")] == [
        ("quickfix", None),
        ("quickfix", None),
    ]
    assert await editor.actions(uri, "7:20", ["source.fixAll"]) == []


async def test_a_setting_explains_itself_under_the_cursor(start: Start, module: Path) -> None:
    """What Headscale does with it, and what it is on each host; nothing where no setting stands."""
    (module.parent / "flake.nix").write_text(
        FLAKE.replace(
            "    nixos",
            "    nixosConfigurations.other = nixpkgs.lib.nixosSystem {\n"
            '      modules = [ ./headscale.nix ({ lib, ... }: { services.headscale.settings.dns.base_domain = lib.mkForce "other.example.net"; }) ];\n'
            "    };\n    nixos",
        )
    )
    editor = await start(NEOVIM, module.parent)
    uri = editor.open(module)
    said = await editor.hover(uri, "5:12")
    assert said is not None
    name, what, page, first, second = [line for line in said.splitlines() if line]
    assert name == "### settings.dns.base_domain"
    assert what == "Domain below which nodes get their names"
    assert page.startswith("[Documentation](https://")
    assert first == '- **other** (Headscale 0.28): `"other.example.net"`'
    assert second == '- **vpn** (Headscale 0.28): `"tail.example.net"`'
    assert await editor.hover(uri, "0:0") is None
    option = await editor.hover(uri, "2:6")
    assert option is not None and option.startswith("### enable\n\nAn option of the NixOS module.")
    removed = await editor.hover(
        editor.open(module.with_name("old.nix"), MODULE.replace("derp.server", "ip_prefixes")), "7:9"
    )
    assert removed is not None and "Headscale does not read" in removed


async def test_secrets_are_not_shown_under_the_cursor(start: Start, module: Path) -> None:
    """A shared screen is not the place for them."""
    text = MODULE.replace(
        "derp.server.enable = false;", 'oidc = { issuer = "https://id.example.org"; client_secret = "hunter2"; };'
    )
    editor = await start(NEOVIM, module.parent)
    uri = editor.open(module, text)
    said = await editor.hover(uri, f"7:{text.splitlines()[7].index('client_secret') + 3}")
    assert said is not None
    assert "client_secret" in said and "<redacted>" in said
    assert "hunter2" not in said
