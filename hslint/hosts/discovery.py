"""What a path on the command line means: which project it lies in, which files of it matter, and which configurations they are part of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from hslint.record import Record
from hslint.source import LARGEST_FILE, Project

#: What a file must contain to be worth parsing when nothing imports it.
NEEDLE = b"headscale"

#: Hardly any file has more bytes; one that has is asked for its size.
_USUAL_FILE = 64 * 1024

#: Directories that hold no configuration.
_SKIPPED = frozenset({"node_modules", "__pycache__", "result", "target", "vendor"})

#: Files that stand for a whole machine where there is no flake.
_ENTRY = "/configuration.nix"


class CannotInspect(Exception):
    """What was asked for cannot be inspected at all; the message names the path and the way out."""


class Target(Record):
    """One path as the user gave it, made absolute. `directory` tells whether it is one."""

    path: str
    directory: bool

    @property
    def flake(self) -> str | None:
        """The directory whose flake is meant, when the target is a flake."""
        if self.directory:
            return self.path
        return os.path.dirname(self.path) if os.path.basename(self.path) == "flake.nix" else None


def target(path: str, buffered: bool) -> Target:
    """Raises CannotInspect for what is not there or cannot be read."""
    if not path:
        raise CannotInspect("an empty path names no file")
    absolute = os.path.abspath(path)
    if buffered:
        return Target(absolute, False)
    if os.path.isdir(absolute):
        return Target(absolute, True)
    if not os.path.exists(absolute):
        raise CannotInspect(f"{path}: no such file or directory")
    if not os.path.isfile(absolute):
        raise CannotInspect(f"{path}: is neither a file nor a directory")
    if not os.access(absolute, os.R_OK):
        raise CannotInspect(f"{path}: cannot be read (permission denied)")
    return Target(absolute, False)


def project_root(where: Target) -> tuple[str, bool]:
    """The directory up to which files belong together, and whether a flake or a repository marks it.

    The nearest flake.nix above wins over a `.git` further up; paths of a flake may lead anywhere in the repository around it.
    """
    start = where.path if where.directory else os.path.dirname(where.path)
    directory = start
    flake: str | None = None
    while True:
        if flake is None and os.path.isfile(os.path.join(directory, "flake.nix")):
            flake = directory
        if os.path.exists(os.path.join(directory, ".git")):
            return directory, True
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory = parent
    return (flake, True) if flake is not None else (start, False)


def flake_above(where: Target, root: str) -> str | None:
    """The directory of the nearest flake.nix from the target up to the root."""
    directory = where.path if where.directory else os.path.dirname(where.path)
    while True:
        if os.path.isfile(os.path.join(directory, "flake.nix")):
            return directory
        if directory == root or not directory.startswith(root):
            return None
        directory = os.path.dirname(directory)


def nix_files(directory: str) -> list[str]:
    """Every .nix file below a directory, in the order of the paths; hidden directories and links are passed over."""
    found: list[str] = []
    rooms = [directory]
    while rooms:
        try:
            with os.scandir(rooms.pop()) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith("."):
                        continue
                    if name.endswith(".nix") and entry.is_file(follow_symlinks=False):
                        found.append(entry.path)
                    elif name not in _SKIPPED and entry.is_dir(follow_symlinks=False):
                        rooms.append(entry.path)
        except OSError:
            continue
    found.sort()
    return found


def mentioning_headscale(project: Project, paths: Iterable[str]) -> Iterator[str]:
    """The files whose bytes name Headscale: a look at the bytes, which costs a hundredth of parsing them."""
    buffers, flags = project.buffers, os.O_RDONLY | os.O_NONBLOCK
    for path in paths:
        if path in buffers:
            if NEEDLE in buffers[path]:
                yield path
            continue
        try:
            descriptor = os.open(path, flags)
        except OSError:
            project.read(path)  # the project remembers what could not be read
            continue
        try:
            text = os.read(descriptor, _USUAL_FILE)
            if len(text) == _USUAL_FILE:
                text += os.read(descriptor, min(os.fstat(descriptor).st_size, LARGEST_FILE))
        except OSError:
            continue
        finally:
            os.close(descriptor)
        if NEEDLE in text:
            yield path


def is_entry(path: str) -> bool:
    """Whether a file stands for a whole machine, in a tree without a flake."""
    return path.endswith(_ENTRY)
