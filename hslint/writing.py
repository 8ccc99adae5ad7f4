"""Writes new texts of files: only where they have not changed since they were read, with owner and mode as they were.

A file is replaced by renaming a new one over it, so that an interruption leaves the old text or the new one. What renaming would
change besides the text (owner, mode, extended attributes, a second hard link) is kept, or the file is left alone.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress

from hslint.record import Record
from hslint.root import Directory, LeadsOutside, Root


class NewText(Record):
    """The text of a file when it was read, and the new one."""

    before: bytes
    after: bytes


class LeftAlone(Record):
    """A file that was not written, and why."""

    path: str
    reason: str


class Outcome(Record):
    """The written files, and those that were not, each in the order of their paths."""

    written: tuple[str, ...]
    left: tuple[LeftAlone, ...]


class _Refused(Exception):
    """The reason why a file is left alone."""


def write(root: Root, texts: Mapping[str, NewText], together: Iterable[frozenset[str]] = ()) -> Outcome:
    """Write the files of a tree. Of files that belong together (one fix changes both), all are written or none."""
    written: list[str] = []
    left: list[LeftAlone] = []
    for group in _groups(texts, together):
        done, failed = _write_all(root, {path: texts[path] for path in group})
        written += done
        left += failed
    return Outcome(tuple(sorted(written)), tuple(sorted(left, key=lambda each: each.path)))


def _groups(paths: Iterable[str], together: Iterable[frozenset[str]]) -> list[list[str]]:
    """The paths, in the smallest groups that hold all that belongs together."""
    group_of = {path: {path} for path in paths}
    for each in together:
        members = [path for path in each if path in group_of]
        joined = set().union(*(group_of[path] for path in members))
        for path in joined:
            group_of[path] = joined
    distinct = {id(group): sorted(group) for group in group_of.values()}
    return sorted(distinct.values())


def _write_all(root: Root, texts: Mapping[str, NewText]) -> tuple[list[str], list[LeftAlone]]:
    replacements: dict[str, _Replacement] = {}
    written: list[str] = []
    path = ""
    try:
        for path, text in texts.items():
            replacements[path] = _Replacement(root, path, text)
            replacements[path].prepare()
        for path in texts:
            replacements[path].check()
        for path in texts:
            replacements[path].carry_out()
            written.append(path)
    except (_Refused, LeadsOutside, OSError) as error:
        reasons = {other: f"goes together with {os.path.basename(path)}" for other in texts if other not in written}
        return written, [LeftAlone(other, why) for other, why in {**reasons, path: _reason(error)}.items()]
    finally:
        for replacement in replacements.values():
            replacement.close()
    return written, []


def _reason(error: Exception) -> str:
    match error:
        case LeadsOutside():
            return "lies outside the project"
        case FileNotFoundError():
            return "is not there any more"
        case OSError():
            return error.strerror or type(error).__name__
        case _:
            return str(error)


class _Replacement:
    """A file that takes the place of another one."""

    def __init__(self, root: Root, path: str, text: NewText) -> None:
        self.text = text
        self.place = root.place(path)  # a link stays one
        self.original = -1
        #: The new file beside it, as long as it has a name of its own.
        self.temporary: str | None = None

    @property
    def directory(self) -> Directory:
        return self.place.directory

    def prepare(self) -> None:
        """Write the new file, down to the disk."""
        found = self.place.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _Refused("is no file any more")
        if not found.st_mode & 0o222:
            raise _Refused("is read-only")
        if found.st_nlink > 1:
            raise _Refused("has a second name (a hard link), which would keep the old text")
        self.original = self.place.open(os.O_RDWR)
        self.temporary = f".hslint-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.temporary, flags, 0o600, dir_fd=self.directory.descriptor)
        try:
            rest = memoryview(self.text.after)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            _make_alike(self.original, descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def check(self) -> None:
        """Whether the file is still the one that was read."""
        named, opened = self.place.stat(), os.fstat(self.original)
        same = (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
        if not same or opened.st_nlink != 1 or _content(self.original) != self.text.before:
            raise _Refused("was changed since hslint read it")

    def carry_out(self) -> None:
        assert self.temporary is not None
        within = self.directory.descriptor
        os.rename(self.temporary, self.place.name, src_dir_fd=within, dst_dir_fd=within)
        self.temporary = None
        with suppress(OSError):  # some file systems have no such thing, and the files are whole in any case
            descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=within)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def close(self) -> None:
        if self.original >= 0:
            os.close(self.original)
        if self.temporary is not None:
            with suppress(FileNotFoundError):
                os.unlink(self.temporary, dir_fd=self.directory.descriptor)


def _content(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(descriptor, "rb", closefd=False) as handle:
        return handle.read()


def _make_alike(original: int, new: int) -> None:
    """Give a new file the owner, the extended attributes (access control lists are among them) and the mode of another."""
    wanted, made = os.fstat(original), os.fstat(new)
    if (wanted.st_uid, wanted.st_gid) != (made.st_uid, made.st_gid):
        try:
            os.fchown(new, wanted.st_uid, wanted.st_gid)
        except PermissionError:
            raise _Refused("belongs to another user or group, which a new text would change") from None
    os.fchmod(new, stat.S_IMODE(wanted.st_mode))
    if sys.platform == "linux":
        for name in _extended_attributes(original):
            value = os.getxattr(original, name)
            try:
                os.setxattr(new, name, value)
            except OSError:
                if name not in _extended_attributes(new) or os.getxattr(new, name) != value:
                    raise _Refused(f"has an extended attribute that cannot be kept ({name})") from None


def _extended_attributes(descriptor: int) -> list[str]:
    if sys.platform != "linux":
        return []
    try:
        return os.listxattr(descriptor)
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.ENOSYS):
            return []
        raise
