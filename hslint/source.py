"""Files and places in them: with root.py the only module that opens files, and the only one that counts lines and columns."""

from __future__ import annotations

import errno
import os
import stat
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from hslint.record import Record
from hslint.root import LeadsOutside, Root


class Encoding(Enum):
    """The unit of columns. Editors speak UTF-16 unless they negotiate something else; people count characters."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"  # one unit a code point: what `hslint check` prints


class Position(NamedTuple):
    """A position in a file: line and column, both from 0."""

    line: int
    column: int


class SourceFile(Record):
    """One file as it was read: an absolute path and its bytes. Two reads of one path are two SourceFiles."""

    path: str
    text: bytes

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @cached_property
    def _line_starts(self) -> list[int]:
        """Byte offsets at which lines begin; a line ends with LF, CRLF or a lone CR, as Nix and editors have it."""
        starts = [0]
        text = self.text
        if b"\r" not in text:
            at = text.find(b"\n")
            while at >= 0:
                starts.append(at + 1)
                at = text.find(b"\n", at + 1)
            return starts
        at = 0
        while at < len(text):
            byte = text[at]
            at += 1
            if byte == 0x0D and text[at : at + 1] == b"\n":
                at += 1
            if byte in (0x0A, 0x0D):
                starts.append(at)
        return starts

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def line(self, number: int) -> str:
        """The text of a line (from 0) without its line ending; undecodable bytes show as U+FFFD."""
        starts = self._line_starts
        if not 0 <= number < len(starts):
            return ""
        end = starts[number + 1] if number + 1 < len(starts) else len(self.text)
        return self.text[starts[number] : end].rstrip(b"\r\n").decode("utf-8", "replace")

    def position(self, offset: int, encoding: Encoding = Encoding.UTF32) -> Position:
        """The line and column of a byte offset; one inside a character or a CRLF counts as where that begins."""
        offset = self._boundary(max(0, min(offset, len(self.text))))
        line = bisect_right(self._line_starts, offset) - 1
        before = self.text[self._line_starts[line] : offset]
        if encoding is Encoding.UTF8 or before.isascii():
            return Position(line, len(before))
        characters = before.decode("utf-8", "surrogateescape")
        if encoding is Encoding.UTF32:
            return Position(line, len(characters))
        return Position(line, len(characters) + sum(ord(c) > 0xFFFF for c in characters))

    def _boundary(self, offset: int) -> int:
        text = self.text
        if text[offset - 1 : offset + 1] == b"\r\n":
            return offset - 1
        if offset >= len(text) or text[offset] & 0xC0 != 0x80:
            return offset
        for start in range(offset - 1, max(offset - 4, -1), -1):
            byte = text[start]
            if byte & 0xC0 == 0x80:
                continue
            length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2
            try:
                character = text[start : start + length].decode("utf-8")
            except UnicodeDecodeError:  # the bytes stand alone
                return offset
            return start if len(character) == 1 and start + length > offset else offset
        return offset

    def offset(self, position: Position, encoding: Encoding = Encoding.UTF32) -> int:
        """The byte offset of a position; beyond the end of a line it is the line's end, beyond the last line the file's."""
        starts = self._line_starts
        if position.line < 0:
            return 0
        if position.line >= len(starts):
            return len(self.text)
        start = starts[position.line]
        end = starts[position.line + 1] if position.line + 1 < len(starts) else len(self.text)
        line = self.text[start:end].rstrip(b"\r\n") if position.line + 1 < len(starts) else self.text[start:end]
        if encoding is Encoding.UTF8:
            return start + min(max(position.column, 0), len(line))
        units = 0
        at = start
        for character in line.decode("utf-8", "surrogateescape"):
            width = 2 if encoding is Encoding.UTF16 and ord(character) > 0xFFFF else 1
            if units + width > position.column:
                break
            units += width
            at += len(character.encode("utf-8", "surrogateescape"))
        return at

    def span(self, start: int, end: int) -> Span:
        return Span(self, start, end)


class Span(Record):
    """A range of a file: byte offsets, half-open. Empty spans (start == end) mark a place between two bytes."""

    file: SourceFile
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end].decode("utf-8", "replace")

    def contains(self, other: Span) -> bool:
        return self.file.path == other.file.path and self.start <= other.start and other.end <= self.end

    def shares_line_with(self, other: Span) -> bool:
        """Whether both begin on one line of one file."""
        first, last = sorted((self.start, other.start))
        return self.file.path == other.file.path and b"\n" not in self.file.text[first:last]

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another one in the same file."""
        return Span(self.file, self.start, max(self.end, other.end))


class Unreadable(Enum):
    """Why a file could not be had."""

    MISSING = "does not exist"
    DIRECTORY = "is a directory"
    OUTSIDE = "lies outside the project"
    DENIED = "cannot be read"
    TOO_LARGE = "is larger than hslint reads"


#: A larger file is a data dump, not a configuration (the longest public NixOS module has under 1 MB).
LARGEST_FILE = 32 * 1024 * 1024

#: Hardly any file has more bytes; one that has is asked for its size.
_USUAL_FILE = 64 * 1024

#: What looking for a file fails with where there is none.
_NOTHING_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})


class EntryKind(Enum):
    """What `builtins.readDir` says of a directory entry (Nix manual, builtins.readDir)."""

    REGULAR = "regular"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    UNKNOWN = "unknown"


class Project:
    """The files below one root; nothing outside it is ever read. An editor's unsaved buffers stand before the disk.

    All paths are absolute, normalised strings.
    """

    def __init__(self, root: str, buffers: Mapping[str, bytes] | None = None) -> None:
        self.tree = Root(root)
        self.root = self.tree.path
        self.buffers = buffers or {}
        #: Which file of the disk each path was read from, as device and inode: a file may have several names.
        self.identities: dict[str, tuple[int, int]] = {}
        self._read: dict[str, SourceFile | Unreadable] = {}

    def read(self, path: str) -> SourceFile | Unreadable:
        """One file, read at most once; a symbolic link is followed only while it stays below the root."""
        known = self._read.get(path)
        if known is None:
            known = self._read[path] = self._open(path)
        return known

    def open_once(self, path: str) -> SourceFile | Unreadable:
        """A file that is no part of a configuration (git's own): it is not remembered, nor reported when it cannot be read."""
        return self._open(path)

    @property
    def unreadable(self) -> Mapping[str, Unreadable]:
        """The files that were asked for and exist, but could not be read."""
        return {
            path: found
            for path, found in self._read.items()
            if isinstance(found, Unreadable) and found not in (Unreadable.MISSING, Unreadable.OUTSIDE)
        }

    def mentioning(self, word: bytes, paths: Iterable[str]) -> list[str]:
        """The files whose bytes hold a word: a look that costs a hundredth of parsing them, and keeps nothing."""
        paths, buffers = list(paths), self.buffers
        found = {path for path in paths if path in buffers and word in buffers[path]}
        looked_at = set(buffers)
        for path, descriptor in self.tree.each_open(path for path in paths if path not in buffers):
            try:
                text = os.read(descriptor, _USUAL_FILE)
                if len(text) == _USUAL_FILE:
                    text += os.read(descriptor, min(os.fstat(descriptor).st_size, LARGEST_FILE))
            except OSError:
                continue
            looked_at.add(path)
            if word in text:
                found.add(path)
        for path in paths:
            if path not in looked_at:
                self.read(path)  # remembers what could not be read, and why
        return [path for path in paths if path in found]

    def contains(self, path: str) -> bool:
        return "\0" not in path and self.tree.contains(path)  # no file system has such a name

    @property
    def files_read(self) -> list[SourceFile]:
        """The files that were read so far."""
        return [file for file in self._read.values() if isinstance(file, SourceFile)]

    def exists(self, path: str) -> bool | None:
        """Whether a path exists; None outside the root, where hslint does not look, and where it may not look."""
        if path in self.buffers:
            return True
        try:
            return self.tree.lexists(path)
        except LeadsOutside:
            return None
        except OSError as error:
            return False if error.errno in _NOTHING_THERE else None

    def is_directory(self, path: str) -> bool:
        try:
            return stat.S_ISDIR(self.tree.stat(path).st_mode)
        except (LeadsOutside, OSError):
            return False

    def entries(self, path: str) -> dict[str, EntryKind] | Unreadable:
        """The entries of a directory, by name in byte order."""
        try:
            with self.tree.scan(path) as listing:
                found = {entry.name: _kind(entry) for entry in listing}
        except LeadsOutside:
            return Unreadable.OUTSIDE
        except FileNotFoundError:
            return Unreadable.MISSING
        except OSError:
            return Unreadable.DENIED
        for buffer in self.buffers:
            if os.path.dirname(buffer) == path:
                found.setdefault(os.path.basename(buffer), EntryKind.REGULAR)
        return dict(sorted(found.items()))

    def relative(self, path: str) -> str:
        """The path as people write it: relative to the root where it lies below it."""
        return path.removeprefix(self._prefix)

    def shortened(self, message: str) -> str:
        """A message of Nix's with the paths in it as people write them."""
        return message.replace(self._prefix, "")

    @property
    def _prefix(self) -> str:
        return self.root.rstrip("/") + "/"

    def _open(self, path: str) -> SourceFile | Unreadable:
        buffer = self.buffers.get(path)
        if buffer is not None:
            return SourceFile(path, buffer)
        try:
            descriptor = self.tree.open(path)
        except LeadsOutside:
            return Unreadable.OUTSIDE
        except (FileNotFoundError, NotADirectoryError):
            return Unreadable.MISSING
        except OSError:
            return Unreadable.DENIED
        try:
            status = os.fstat(descriptor)
            if stat.S_ISDIR(status.st_mode):
                return Unreadable.DIRECTORY
            if not stat.S_ISREG(status.st_mode):
                return Unreadable.DENIED
            if status.st_size > LARGEST_FILE:
                return Unreadable.TOO_LARGE
            with os.fdopen(descriptor, "rb", closefd=False) as handle:
                text = handle.read()
        except OSError:
            return Unreadable.DENIED
        finally:
            os.close(descriptor)
        self.identities[path] = (status.st_dev, status.st_ino)
        return SourceFile(path, text)


def _kind(entry: os.DirEntry[str]) -> EntryKind:
    if entry.is_symlink():
        return EntryKind.SYMLINK
    if entry.is_dir():
        return EntryKind.DIRECTORY
    return EntryKind.REGULAR if entry.is_file() else EntryKind.UNKNOWN
