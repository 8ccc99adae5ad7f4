"""The progress line on standard error, shown after a second, on a terminal only."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hslint.cli.output import put_status, to_terminal

#: Seconds before anything is said, and between two looks.
_PATIENCE, _PAUSE = 1.0, 0.2


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A context that gives a function to show what is being done, until the end of the block; it shows nothing without a terminal."""
    if quiet or not to_terminal(errors=True) or os.environ.get("TERM", "dumb") == "dumb":
        yield lambda said: None
        return
    shown = _Shown()
    try:
        yield shown.show
    finally:
        shown.end()


class _Shown:
    """The line, written over by a thread of its own."""

    def __init__(self) -> None:
        self._said = "evaluating"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._show, name="hslint-progress", daemon=True)
        self._thread.start()

    def show(self, said: str) -> None:
        self._said = said

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _show(self) -> None:
        if self._over.wait(_PATIENCE):
            return
        last = ""
        while True:
            if self._said != last:
                last = self._said
                put_status(f"hslint: {last} ...")
            if self._over.wait(_PAUSE):
                put_status("")
                return
