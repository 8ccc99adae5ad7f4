"""Editors that a test starts, and that are gone after it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest_asyncio
from lsp_editor import Editor, capabilities
from lsprotocol import types as lsp


@pytest_asyncio.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Editor]]]:
    """Greet a new server as an editor does, by its name or by its capabilities."""
    editors: list[Editor] = []

    async def begin(
        said: str | lsp.ClientCapabilities, root: Path | None = None, folders: Sequence[Path] | None = None
    ) -> Editor:
        editors.append(Editor())
        await editors[-1].begin(capabilities(said) if isinstance(said, str) else said, root, folders)
        return editors[-1]

    yield begin
    for editor in editors:
        await editor.abandon()
