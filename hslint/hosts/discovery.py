"""What a path on the command line means: which project it lies in, which files of it matter, and which configurations they are part of."""

from __future__ import annotations

import os

from hslint.record import Record
from hslint.root import LeadsOutside, Root

#: What a file must contain to be worth parsing when nothing imports it.
NEEDLE = b"headscale"

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
    tree = Root(directory)
    found: list[str] = []
    rooms = [directory.rstrip("/")]
    while rooms:
        room = rooms.pop()
        try:
            with tree.scan(room or "/") as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith("."):
                        continue
                    if name.endswith(".nix") and entry.is_file(follow_symlinks=False):
                        found.append(f"{room}/{name}")
                    elif name not in _SKIPPED and entry.is_dir(follow_symlinks=False):
                        rooms.append(f"{room}/{name}")
        except (LeadsOutside, OSError):
            continue
    found.sort()
    return found


def is_entry(path: str) -> bool:
    """Whether a file stands for a whole machine, in a tree without a flake."""
    return path.endswith(_ENTRY)
