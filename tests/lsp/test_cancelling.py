"""An edit ends the analysis of the text before it, and the server answers afterwards."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Mapping

import pytest

from hslint.lsp import server as module
from hslint.lsp.analysis import Outcome
from hslint.lsp.server import Server
from hslint.values.budget import Deadline, Interrupted

pytestmark = pytest.mark.asyncio

#: Seconds after which an answer is not late but missing.
PATIENCE = 30.0


class Silent(Server):
    """A server before an editor that has nothing open and hears nothing."""

    def buffers(self) -> dict[str, bytes]:
        return {}

    def folders(self) -> set[str]:
        return set()

    def _show(self) -> None:
        pass


class EndlessAtFirst:
    """A first analysis that ends when it is cancelled, and others that end at once."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ended: list[str] = []

    def __call__(self, buffers: Mapping[str, bytes], folders: Collection[str], deadline: Deadline) -> Outcome:
        if self.begun.is_set():
            self.ended.append("done")
            return Outcome(complaints=("checked",))
        self.begun.set()
        pause = threading.Event()
        while not deadline.cancelled:
            pause.wait(0.005)
        self.ended.append("cancelled")
        raise Interrupted


@pytest.fixture
def analysis(monkeypatch: pytest.MonkeyPatch) -> EndlessAtFirst:
    endless = EndlessAtFirst()
    monkeypatch.setattr(module, "check_buffers", endless)
    return endless


async def begun(analysis: EndlessAtFirst) -> None:
    assert await asyncio.to_thread(analysis.begun.wait, PATIENCE)


async def test_a_new_edit_cancels_the_running_analysis(analysis: EndlessAtFirst) -> None:
    server = Silent()
    server.changed()
    await begun(analysis)
    server.changed()
    await asyncio.wait_for(server.current(), PATIENCE)
    assert analysis.ended == ["cancelled", "done"]
    assert server.outcome.complaints == ("checked",)


async def test_a_shutdown_cancels_the_running_analysis(analysis: EndlessAtFirst) -> None:
    server = Silent()
    server.changed()
    await begun(analysis)
    server.dismiss()
    assert server.pending is not None
    await asyncio.wait_for(server.pending, PATIENCE)
    assert analysis.ended == ["cancelled"]
