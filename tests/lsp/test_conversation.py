"""How a conversation begins and ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsp_editor import NEOVIM, Editor
from sample import FOUND, MODULE

Start = Callable[..., Awaitable[Editor]]

pytestmark = [pytest.mark.asyncio, pytest.mark.slow]  # each conversation starts a server


async def test_what_the_server_can_do_is_what_it_says(start: Start, tmp_path: Path) -> None:
    """Nothing is promised that nobody answers."""
    editor = await start(NEOVIM, tmp_path)
    able = editor.server.capabilities
    assert editor.server.server_info is not None and editor.server.server_info.name == "hslint"
    assert able.hover_provider and able.code_action_provider and able.diagnostic_provider
    assert able.diagnostic_provider.inter_file_dependencies and able.diagnostic_provider.workspace_diagnostics
    assert able.completion_provider and able.definition_provider and able.document_symbol_provider
    assert able.references_provider and able.rename_provider and not able.document_formatting_provider


async def test_who_says_goodbye_leaves_in_peace(start: Start, tmp_path: Path) -> None:
    """Even while the project is still being checked."""
    editor = await start(NEOVIM, tmp_path)
    editor.open(tmp_path / "headscale.nix", MODULE)
    assert await editor.leave() == 0


async def test_who_leaves_without_a_word_leaves_with_an_error(start: Start, tmp_path: Path) -> None:
    """`exit` without `shutdown` before it is status 1, says the protocol."""
    editor = await start(NEOVIM, tmp_path)
    assert await editor.pushed(editor.open(tmp_path / "headscale.nix", MODULE)) == FOUND
    editor.exit(None)
    assert await editor.status() == 1


async def test_an_editor_that_died_leaves_nothing_running(start: Start, tmp_path: Path) -> None:
    """The end of the input is the end of the server."""
    editor = await start(NEOVIM, tmp_path)
    editor.open(tmp_path / "headscale.nix", MODULE)
    editor.hang_up()
    assert await editor.status() == 1
