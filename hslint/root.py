"""A directory tree that is opened through descriptors: symbolic links are resolved here, and none leads out of it.

Asking whether a path lies in the tree and opening it afterwards are two looks at a file system that may change between them.
Here the look is the opening: each directory is opened in the one before it with O_NOFOLLOW, and the file in the last one.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import NamedTuple

#: Symbolic links on one path, as Linux counts them (path_resolution(7)).
_MOST_LINKS = 40

#: Directories deeper than this are not entered: no configuration is that deep.
_DEEPEST = 200

#: Directories that are kept open, over all trees of the process. macOS lets a process have 256 descriptors.
_KEPT_OPEN = 32

#: Ends of a path that name nothing in its directory.
_NO_NAMES = frozenset({"", ".", ".."})

_DIRECTORY = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

#: A directory that is only a step on the way need not be readable.
_STEP = _DIRECTORY | getattr(os, "O_PATH", os.O_RDONLY)

#: A file is never waited for (a named pipe), and a link is no file.
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

#: What opening a symbolic link with O_NOFOLLOW fails with; ENOTDIR where a directory is wanted.
_IS_LINK = frozenset({errno.ELOOP, errno.EMLINK, errno.ENOTDIR})


class LeadsOutside(Exception):
    """A path that does not lie in the tree, or a symbolic link on it that leads out."""


class Directory:
    """An open directory, and its path from the root without symbolic links. It is closed when the last reference to it goes."""

    __slots__ = ("descriptor", "path")

    def __init__(self, descriptor: int, path: str) -> None:
        self.descriptor = descriptor
        self.path = path

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        close(self.descriptor)  # a default, because at exit the module may be gone before the directory


class Place(NamedTuple):
    """Where a path leads when its symbolic links are followed: a name in an open directory, which need not exist there."""

    directory: Directory
    name: str

    def stat(self) -> os.stat_result:
        return os.stat(self.name, dir_fd=self.directory.descriptor, follow_symlinks=False)

    def open(self, flags: int) -> int:
        return os.open(self.name, flags | _FILE, dir_fd=self.directory.descriptor)


class Root:
    """The tree below a directory. Methods take absolute paths, and raise LeadsOutside or OSError.

    A path may begin with the directory as it was named, or with its real path.
    """

    def __init__(self, directory: str) -> None:
        self.named = os.path.abspath(directory)
        self.path = os.path.realpath(directory)
        self._steps = tuple(filter(None, self.path.split("/")))

    def open(self, path: str, flags: int = os.O_RDONLY) -> int:
        """A descriptor of the file that a path leads to."""
        directory, name = self._beside(path)
        try:
            return os.open(name, flags | _FILE, dir_fd=directory.descriptor)
        except OSError as error:
            if error.errno not in _IS_LINK:
                raise
        return self.resolve(directory, name).open(flags)

    def each_open(self, paths: Iterable[str]) -> Iterator[tuple[str, int]]:
        """The paths whose files can be opened, each with a descriptor that is closed at the next one."""
        last, directory = "", None
        for path in paths:
            around, _, name = path.rpartition("/")
            try:
                if directory is None or around != last or name in _NO_NAMES:
                    directory, name = self._beside(path)
                    last = around
                try:
                    descriptor = os.open(name, _FILE, dir_fd=directory.descriptor)
                except (OSError, ValueError):
                    descriptor = self.open(path)  # a symbolic link, or nothing
            except (LeadsOutside, OSError):
                continue
            try:
                yield path, descriptor
            finally:
                os.close(descriptor)

    def stat(self, path: str) -> os.stat_result:
        """The stat of the file that a path leads to."""
        directory, name = self._beside(path)
        found = os.stat(name, dir_fd=directory.descriptor, follow_symlinks=False)
        return self.resolve(directory, name).stat() if stat.S_ISLNK(found.st_mode) else found

    def lexists(self, path: str) -> bool:
        """Whether there is anything of that name, a dangling symbolic link included; one that leads out is outside."""
        directory, name = self._beside(path)
        try:
            found = os.stat(name, dir_fd=directory.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if stat.S_ISLNK(found.st_mode):
            with suppress(OSError):  # it breaks off inside
                self.resolve(directory, name)
        return True

    def place(self, path: str) -> Place:
        """Where a path leads, for those who change what is there."""
        return self.resolve(*self._beside(path))

    def contains(self, path: str) -> bool:
        """Whether a path stays in the tree, as it is now. Who wants the file opens it: that answers the same."""
        try:
            self.place(path)
        except LeadsOutside:
            return False
        except OSError:
            return True  # it breaks off inside
        return True

    @contextmanager
    def scan(self, path: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        """The entries of a directory, as long as it is open."""
        directory = _directory(self, self.relative(path))
        # A descriptor of its own: those who list a directory at the same time must not share their place in it.
        descriptor = os.open(".", os.O_RDONLY | _DIRECTORY, dir_fd=directory.descriptor)
        try:
            with os.scandir(descriptor) as entries:
                yield entries
        finally:
            os.close(descriptor)

    # -- from paths to descriptors -------------------------------------------------------------------------------------

    def relative(self, path: str) -> str:
        """The path from the root, before any symbolic link is followed. Nix, too, takes `..` away before it looks."""
        path = os.path.normpath(path)
        for root in (self.path, self.named):
            if path == root:
                return ""
            prefix = root if root == "/" else f"{root}/"
            if path.startswith(prefix):
                relative = path[len(prefix) :]
                break
        else:
            raise LeadsOutside(path)
        if not _is_name(relative):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if relative.count("/") >= _DEEPEST:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        return relative

    def _beside(self, path: str) -> tuple[Directory, str]:
        """The directory that holds what a path names, and its name there."""
        around, _, name = path.rpartition("/")
        if name not in _NO_NAMES and _is_name(name):
            try:
                return _directory_at(self, around or "/"), name
            except LeadsOutside:
                pass  # the root itself is in none of its directories
        around, _, name = self.relative(path).rpartition("/")
        return _directory(self, around), name or "."

    def resolve(self, directory: Directory, name: str) -> Place:
        """Resolve symbolic links until there is none. The way may leave the tree by its names only, to come back at once: what
        lies outside is not looked at.
        """
        pending = [name]
        links = 0
        #: Directories above the root that the way has led to; None inside.
        above: list[str] | None = None
        while True:
            step = pending.pop()
            if above is not None:
                above = self._step_outside(above, step)
                if len(above) == len(self._steps):
                    directory, above = _directory(self, ""), None
            elif step == "..":
                if directory.path:
                    directory = _directory(self, directory.path.rpartition("/")[0])
                elif self._steps:
                    above = list(self._steps[:-1])
            elif step != ".":
                target = _link(directory, step)
                if target is not None:
                    links += 1
                    if links > _MOST_LINKS:
                        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                    if target.startswith("/"):
                        inside = self._named_inside(target)
                        directory, above = (_directory(self, ""), None) if inside is not None else (directory, [])
                        target = target if inside is None else inside
                    pending.extend(reversed([part for part in target.split("/") if part]))
                elif pending:
                    directory = _enter(directory, step)
                else:
                    return Place(directory, step)
            if not pending:
                if above is not None:
                    raise LeadsOutside(name)
                return Place(directory, ".")

    def _step_outside(self, above: list[str], step: str) -> list[str]:
        """One step among the directories above the root; every other one leads away from it."""
        if step == "..":
            return above[:-1]
        if step != ".":
            if step != self._steps[len(above)]:
                raise LeadsOutside(step)
            return [*above, step]
        return above

    def _named_inside(self, target: str) -> str | None:
        """The rest of an absolute link that begins with the root as it was named, which may be another than its real path."""
        for root in (self.path, self.named):
            if target == root or target.startswith(f"{root.rstrip('/')}/"):
                return target[len(root) :] or "."
        return None


@lru_cache(_KEPT_OPEN)
def _directory_at(root: Root, path: str) -> Directory:
    """An open directory by its absolute path. Files of one directory are mostly asked for one after the other."""
    return _directory(root, root.relative(path))


@lru_cache(_KEPT_OPEN)
def _directory(root: Root, relative: str) -> Directory:
    """An open directory by its path from the root."""
    if not relative:
        return Directory(os.open(root.path, _STEP), "")
    around, _, name = relative.rpartition("/")
    directory = _directory(root, around)
    try:
        return _enter(directory, name)
    except OSError as error:
        if error.errno not in _IS_LINK:
            raise
    place = root.resolve(directory, name)
    return place.directory if place.name == "." else _enter(place.directory, place.name)


def _enter(directory: Directory, name: str) -> Directory:
    """A directory in a directory, which is no symbolic link."""
    descriptor = os.open(name, _STEP, dir_fd=directory.descriptor)
    return Directory(descriptor, f"{directory.path}/{name}" if directory.path else name)


def _link(directory: Directory, name: str) -> str | None:
    """The target of a symbolic link; None for anything else, which need not exist."""
    try:
        return os.readlink(name, dir_fd=directory.descriptor)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOENT):
            return None
        raise


def _is_name(text: str) -> bool:
    """Whether a file can be called that: NUL ends a name, and half a surrogate pair cannot be written down."""
    if text.isascii():
        return "\0" not in text
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False
