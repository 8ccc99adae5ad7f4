"""Runs hslint and writes down what it asks of the system: files by what they really are, processes, sockets.

`python watched.py LOG ARGUMENT...`: each line of LOG is a JSON array, an event and what it is about. Opening and listing raise events
that any code of Python's passes (sys.addaudithook); looking at names (stat, readlink, access) raises none, so these functions are replaced.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import threading
from collections.abc import Callable
from typing import Any

#: Events about processes and the network.
REFUSED = (
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
    "socket.",
    "urllib.Request",
    "ctypes.dlopen",
)

#: Events about files, whose first argument is a path or a descriptor.
FILES = ("open", "os.", "shutil.", "glob.", "tempfile.")

_real_open, _real_readlink, _real_fsdecode = os.open, os.readlink, os.fsdecode
_asking = threading.local()


def record_to(log: int) -> None:
    """Begin to write down events."""

    def note(event: str, about: object) -> None:
        os.write(log, json.dumps([event, about]).encode() + b"\n")

    def place(path: Any, directory: int | None = None) -> str:
        """The absolute path, of a descriptor what is open."""
        if isinstance(path, int):
            return _real_readlink(f"/proc/self/fd/{path}")
        text = _real_fsdecode(path)
        base = _real_readlink(f"/proc/self/fd/{directory}") if directory is not None else os.getcwd()
        return os.path.normpath(os.path.join(base, text))

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if getattr(_asking, "busy", False):
            return
        if event.startswith(REFUSED):
            note(event, repr(arguments))
        elif event.startswith(FILES) and arguments and isinstance(arguments[0], str | bytes | int | os.PathLike):
            note(event, place(arguments[0]))

    def watched(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any = ".", *more: Any, dir_fd: int | None = None, **named: Any) -> Any:
            note(name, place(path, dir_fd))
            given = {**named, **({} if dir_fd is None else {"dir_fd": dir_fd})}
            _asking.busy = True
            try:
                found = function(path, *more, **given)
            finally:
                _asking.busy = False
            if function is _real_open:
                note("opened", place(found))
            return found

        return call

    for name in ("open", "stat", "lstat", "readlink", "access"):
        setattr(os, name, watched(name, getattr(os, name)))
    sys.addaudithook(audit)


if __name__ == "__main__":
    record_to(_real_open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    del sys.argv[1]
    sys.path.pop(0)
    runpy.run_module("hslint", run_name="__main__")
