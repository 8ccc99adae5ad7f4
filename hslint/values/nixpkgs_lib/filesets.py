"""lib.fileset: sets of files of the project, as far as they can be listed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hslint.source import EntryKind, Unreadable
from hslint.values.builtins.files import location, origin_of
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.store_copies import copied
from hslint.values.text import encoded, normalise_path
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Kind,
    Lazy,
    List,
    NotKnown,
    Path,
    Primitive,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hslint.values.evaluator import Evaluator

library = Registry()

#: Files of one set that are listed.
_FILES = 20_000


class FileSet(Attrs):
    """A file set as a value: the absolute paths of its files."""

    __slots__ = ("files",)

    def __init__(self, files: frozenset[str]) -> None:
        super().__init__({"_type": constant("fileset")}, rest=Unknown(Why.FUNCTION, "lib.fileset"))
        self.files = files


def _below(ev: Evaluator, place: str) -> Iterator[str]:
    """The files below a directory; links are files."""
    pending = [place]
    count = 0
    while pending:
        directory = pending.pop()
        entries = ev.project.entries(directory)
        if isinstance(entries, Unreadable):
            raise NotKnown(Unknown(Why.OUTSIDE if entries is Unreadable.OUTSIDE else Why.FILE, directory))
        for name, kind in entries.items():
            count += 1
            if count > _FILES:
                raise NotKnown(Unknown(Why.BUDGET, "lib.fileset"))
            if kind is EntryKind.DIRECTORY:
                pending.append(f"{directory}/{name}")
            else:
                yield f"{directory}/{name}"


def _files(ev: Evaluator, lazy: Lazy, *, missing: bool = False) -> frozenset[str]:
    """The files of a file set, or of a path in its place."""
    value = ev.known(lazy)
    if isinstance(value, FileSet):
        return value.files
    if not isinstance(value, Path):
        raise Failure(
            Kind.ERROR, "lib.fileset: the argument is neither a file set nor a path", value.span, catchable=True
        )
    there = ev.project.exists(value.path)
    if there is None:
        raise NotKnown(Unknown(Why.OUTSIDE, value.path, value.span))
    if not there:
        if missing:
            return frozenset()
        raise Failure(
            Kind.ERROR,
            f'lib.fileset: the argument ("{value.path}") is a path that does not exist',
            value.span,
            catchable=True,
        )
    if not ev.project.is_directory(value.path):
        return frozenset((value.path,))
    return frozenset(_below(ev, value.path))


@library("maybeMissing")
def maybe_missing(ev: Evaluator, path: Lazy) -> Value:
    return FileSet(_files(ev, path, missing=True))


@library("unions")
def unions(ev: Evaluator, sets: Lazy) -> Value:
    return FileSet(frozenset().union(*(_files(ev, item) for item in ev.closed_list(sets).items)))


@library("union")
def union(ev: Evaluator, one: Lazy, other: Lazy) -> Value:
    return FileSet(_files(ev, one) | _files(ev, other))


@library("intersection")
def intersection(ev: Evaluator, one: Lazy, other: Lazy) -> Value:
    return FileSet(_files(ev, one) & _files(ev, other))


@library("difference")
def difference(ev: Evaluator, one: Lazy, other: Lazy) -> Value:
    return FileSet(_files(ev, one) - _files(ev, other))


@library("fileFilter")
def file_filter(ev: Evaluator, predicate: Lazy, path: Lazy) -> Value:
    """The predicate gets `{ name; type; hasExt; }` of each file."""
    place = ev.known(path)
    if not isinstance(place, Path):
        raise Failure(Kind.ERROR, "lib.fileset.fileFilter: the second argument is no path", place.span, catchable=True)
    wanted = ev.function(predicate)

    def keeps(file: str) -> bool:
        name = os.path.basename(file)

        def has_extension(ev: Evaluator, extension: Lazy) -> Value:
            return Bool(name.endswith(f".{ev.text(extension)}"))

        entries = ev.project.entries(os.path.dirname(file))
        kind = entries.get(name, EntryKind.UNKNOWN) if not isinstance(entries, Unreadable) else EntryKind.UNKNOWN
        about = Attrs(
            {
                "name": constant(name),
                "type": constant(kind.value),
                "hasExt": Lazy.done(Primitive("hasExt", 1, has_extension)),
            }
        )
        return ev.boolean(Lazy.done(ev.apply(wanted, Lazy.done(about))))

    return FileSet(frozenset(file for file in _files(ev, path) if keeps(file)))


@library("fromSource")
def from_source(ev: Evaluator, source: Lazy) -> Value:
    origin, keeps = origin_of(ev, ev.known(source))
    place = location(ev, origin)
    if keeps is None:
        return FileSet(_files(ev, Lazy.done(Path(place))))

    def kept(directory: str) -> Iterator[str]:
        entries = ev.project.entries(directory)
        for name, kind in ({} if isinstance(entries, Unreadable) else entries).items():
            path = f"{directory}/{name}"
            if keeps(path, kind.value):
                yield from kept(path) if kind is EntryKind.DIRECTORY else (path,)

    return FileSet(frozenset(kept(place)))


@library("toList")
def to_list(ev: Evaluator, fileset: Lazy) -> Value:
    """The files in the order of their names, directory by directory."""
    files = sorted(_files(ev, fileset), key=lambda file: [encoded(step) for step in file.split("/")])
    return List([Lazy.done(Path(file)) for file in files])


@library("toSource")
def to_source(ev: Evaluator, options: Lazy) -> Value:
    """A copy of a directory with the files of a set, and the directories that lead to them."""
    given = ev.attrs(options)
    root = ev.select(given, "root")
    if isinstance(root, Unknown):
        return root
    if not isinstance(root, Path):
        raise Failure(Kind.ERROR, "lib.fileset.toSource: `root` is not a path", root.span, catchable=True)
    files = _files(ev, Lazy(lambda _: ev.select(given, "fileset")))
    kept = set(files)
    for file in files:
        directory = os.path.dirname(file)
        while directory not in kept and len(directory) > 1:
            kept.add(directory)
            directory = os.path.dirname(directory)
    place = copied(root, "source", given.span, lambda path, kind: normalise_path(path) in kept)
    items = {"outPath": Lazy.done(place), "name": constant("source"), "origSrc": Lazy.done(root)}
    return Attrs(items, rest=Unknown(Why.STORE, "lib.sources"))


@library("trace")
def trace(ev: Evaluator, fileset: Lazy, value: Lazy) -> Value:
    return value.force()


@library("traceVal")
def trace_value(ev: Evaluator, fileset: Lazy) -> Value:
    return ev.known(fileset)


@library("gitTracked")
def git_tracked(ev: Evaluator, path: Lazy) -> Value:
    return Unknown(Why.ENVIRONMENT, "lib.fileset.gitTracked")


@library("gitTrackedWith")
def git_tracked_with(ev: Evaluator, options: Lazy, path: Lazy) -> Value:
    return Unknown(Why.ENVIRONMENT, "lib.fileset.gitTrackedWith")
