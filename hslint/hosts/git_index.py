"""The index of a git repository: which files Nix sees of a flake in it.

Format: git's Documentation/gitformat-index.txt, versions 2 to 4, with SHA-1 or SHA-256.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from hslint.record import Record
from hslint.source import Project, SourceFile

#: Bytes of an entry before the object's name (times, device, inode, mode, owner, size), and of the flags after it.
_STATUS, _FLAGS = 40, 2
_EXTENDED = 0x4000
_KIND = 0o170000
_DIRECTORY, _SUBMODULE = 0o040000, 0o160000


class TrackedFiles(Record):
    """The files that git tracks, by paths relative to the root of the repository. `opaque` are submodules and, in a sparse index, directories."""

    files: frozenset[bytes]
    opaque: frozenset[bytes]

    def holds(self, path: str) -> bool:
        """Whether Nix sees the file, as far as the index says: what lies in a submodule counts as seen."""
        name = os.fsencode(path)
        if name in self.files:
            return True
        parts = name.split(b"/")
        return any(b"/".join(parts[:length]) in self.opaque for length in range(1, len(parts)))


def tracked_files(project: Project) -> TrackedFiles | None:
    """The index of the repository at the project's root; None where it cannot be read from inside the project: no repository, the
    repository's directory elsewhere (worktrees and submodules say where in a file `.git`), an index split in two, or a damaged one.
    """
    directory = _git_directory(project)
    if directory is None:
        return None
    index = project.open_once(os.path.join(directory, "index"))
    if not isinstance(index, SourceFile):
        return None
    config = project.open_once(os.path.join(directory, "config"))
    sha256 = isinstance(config, SourceFile) and re.search(rb"(?im)^\s*objectformat\s*=\s*sha256\s*$", config.text)
    try:
        entries = list(_entries(index.text, 32 if sha256 else 20))
    except (IndexError, ValueError):
        return None
    opaque = frozenset(name.rstrip(b"/") for name, mode in entries if mode & _KIND in (_DIRECTORY, _SUBMODULE))
    return TrackedFiles(frozenset(name for name, _ in entries), opaque)


def _git_directory(project: Project) -> str | None:
    path = os.path.join(project.root, ".git")
    if project.is_directory(path):
        return path
    file = project.open_once(path)
    if not isinstance(file, SourceFile) or not file.text.startswith(b"gitdir:"):
        return None
    named = os.fsdecode(file.text.removeprefix(b"gitdir:").strip())
    directory = os.path.normpath(os.path.join(project.root, named))
    return directory if project.is_directory(directory) else None


def _entries(text: bytes, hash_length: int) -> Iterator[tuple[bytes, int]]:
    """Each entry's path and mode. Raises ValueError or IndexError for what is no index that holds all entries."""
    version = int.from_bytes(text[4:8])
    if text[:4] != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index")
    at, name = 12, b""
    for _ in range(int.from_bytes(text[8:12])):
        start = at
        mode = int.from_bytes(text[at + 24 : at + 28])
        at += _STATUS + hash_length
        flags = int.from_bytes(text[at : at + _FLAGS])
        at += _FLAGS + (2 if version >= 3 and flags & _EXTENDED else 0)
        if version == 4:
            dropped, at = _offset(text, at)
            end = text.index(b"\0", at)
            name = name[: len(name) - dropped] + text[at:end]
            at = end + 1
        else:
            end = text.index(b"\0", at)
            name = text[at:end]
            at = start + (end - start) // 8 * 8 + 8  # one to eight NULs
        yield name, mode
    while at + 8 <= len(text) - hash_length:
        if text[at : at + 4] == b"link":
            raise ValueError("a split index: most entries are in another file")
        at += 8 + int.from_bytes(text[at + 4 : at + 8])


def _offset(text: bytes, at: int) -> tuple[int, int]:
    """A number as git packs offsets: seven bits a byte, the highest first, each continuation counting one more."""
    byte = text[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = text[at]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at + 1
