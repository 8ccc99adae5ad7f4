"""Resolves command-line paths to projects, and to the part of each that the report is limited to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import Enum

from hslint.record import Record

#: What a file must contain to be worth parsing when nothing imports it.
NEEDLE = b"headscale"

#: Files that stand for machines where there is neither a flake nor a repository; `default.nix` would say nothing.
_MARKS = ("configuration.nix", "hive.nix", "npins/sources.json", "nix/sources.json")


class CannotInspect(Exception):
    """An error of the command line: a path or name that cannot be inspected; the message says what to do."""


class Target(Record):
    """One path as the user gave it, made absolute. `directory` says whether it is one."""

    path: str
    directory: bool

    @property
    def start(self) -> str:
        """The directory from which its project is looked for."""
        return self.path if self.directory else os.path.dirname(self.path)


class RootKind(Enum):
    """The marker that makes a directory the root of a project."""

    REPOSITORY = "repository"
    FLAKE = "flake"
    ENTRY = "entry"  # a configuration.nix, a hive, pinned sources
    NOTHING = "nothing"  # the directory of the path itself


class ProjectRoot(Record):
    """The directory up to which files belong together."""

    path: str
    kind: RootKind


class Scope(Record):
    """One project of a run: what is evaluated is all of it, what is reported are its targets.

    `recursive` is false where nothing marks the project and a single file was named: a home directory is not searched for that.
    """

    root: ProjectRoot
    targets: tuple[Target, ...]
    recursive: bool


def scopes(paths: Sequence[str], buffered: Collection[str] = ()) -> list[Scope]:
    """The projects of the paths, in the order of the first path in each. Raises CannotInspect."""
    by_root: dict[ProjectRoot, list[Target]] = {}
    for path in paths or (".",):
        found = target(path, buffered=_by_real_directory(os.path.abspath(path)) in buffered)
        by_root.setdefault(project_root(found.start), []).append(found)
    return [Scope(root, tuple(dict.fromkeys(targets)), _is_walked(root, targets)) for root, targets in by_root.items()]


def _is_walked(root: ProjectRoot, targets: Iterable[Target]) -> bool:
    if root.kind is not RootKind.NOTHING:
        return True
    return root.path not in ("/", home()) and any(target.directory for target in targets)


def target(path: str, *, buffered: bool = False) -> Target:
    """A path of the command line as a Target. Raises CannotInspect for what is not there or cannot be read."""
    if not path:
        raise CannotInspect("an empty path names no file")
    absolute = os.path.abspath(path)
    if buffered:
        return Target(_by_real_directory(absolute), False)
    if os.path.isdir(absolute):
        return Target(os.path.realpath(absolute), True)
    if not os.path.exists(absolute):
        raise CannotInspect(f"{path}: no such file or directory")
    if not os.path.isfile(absolute):
        raise CannotInspect(f"{path}: is neither a file nor a directory")
    if not os.access(absolute, os.R_OK):
        raise CannotInspect(f"{path}: cannot be read (permission denied)")
    return Target(_by_real_directory(absolute), False)


def _by_real_directory(path: str) -> str:
    """The path as the project's own files would name it; a file that is a link stays one."""
    directory, name = os.path.split(path)
    return os.path.join(os.path.realpath(directory), name)


def by_real_directory(buffers: Mapping[str, bytes] | None) -> dict[str, bytes]:
    """Unsaved texts, by the paths that the project's own files would have for them."""
    return {_by_real_directory(os.path.abspath(path)): text for path, text in (buffers or {}).items()}


def home() -> str:
    """The user's home directory."""
    return os.path.realpath(os.path.expanduser("~"))


def project_root(directory: str) -> ProjectRoot:
    """The repository around a directory, as Nix finds it; else the nearest flake; else the outermost directory with a flake-less
    entry, below the home directory; else the directory itself.
    """
    flake: str | None = None
    entry: str | None = None
    inside_home = True
    for above in upwards(directory):
        if flake is None and os.path.isfile(os.path.join(above, "flake.nix")):
            flake = above
        if os.path.exists(os.path.join(above, ".git")):
            return ProjectRoot(above, RootKind.REPOSITORY)
        inside_home = inside_home and above not in ("/", home())
        if flake is None and inside_home and any(os.path.isfile(os.path.join(above, name)) for name in _MARKS):
            entry = above
    if flake is not None:
        return ProjectRoot(flake, RootKind.FLAKE)
    if entry is not None:
        return ProjectRoot(entry, RootKind.ENTRY)
    return ProjectRoot(directory, RootKind.NOTHING)


def upwards(directory: str, top: str = "/") -> Iterator[str]:
    """The directory and those around it, the nearest first, up to `top`."""
    while True:
        yield directory
        parent = os.path.dirname(directory)
        if directory == top or parent == directory:
            return
        directory = parent


def lies_in(path: str, directory: str) -> bool:
    """Whether a path is a directory or file, or lies below it."""
    return path == directory or path.startswith(f"{directory.rstrip('/')}/")
