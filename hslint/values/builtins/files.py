"""The builtins about files. Everything goes through the project: what lies outside it is not looked at, and is unknown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hslint.source import EntryKind, Unreadable
from hslint.values import operations
from hslint.values.builtins import hashes
from hslint.values.builtins.derivations import STORE, built
from hslint.values.operations import decoded, encoded, normalise_path
from hslint.values.primitive import Registry
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Kind,
    Lazy,
    NotKnown,
    Path,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

builtin = Registry()


def location(ev: Evaluator, value: Value) -> str:
    """The absolute path that a path, a string or a set with `outPath` stands for."""
    if isinstance(value, Path):
        return value.path
    if isinstance(value, Unknown):
        raise NotKnown(value)
    text = operations.coerce(ev, value, copy_paths=False)
    if isinstance(text, Unknown):
        raise NotKnown(text)
    if text.known is None:
        unknown = text.unknown
        assert unknown is not None
        raise NotKnown(unknown)
    if text.context and any(element[0] in "!=" for element in text.context):
        raise NotKnown(Unknown(Why.STORE, text.known, value.span))
    if not text.known.startswith("/"):
        raise Failure(Kind.ERROR, f"string '{text.known}' doesn't represent an absolute path", value.span)
    return normalise_path(text.known)


def _missing(path: str) -> Failure:
    return Failure(Kind.MISSING_FILE, f"path '{path}' does not exist")


@builtin("import")
def import_(ev: Evaluator, path: Lazy) -> Value:
    value = path.force()
    if ev.importer is not None:
        found = ev.importer(value)
        if found is not None:
            return found
    return ev.import_file(location(ev, value), value.span)


@builtin("scopedImport")
def scoped_import(ev: Evaluator, scope: Lazy, path: Lazy) -> Value:
    names = ev.closed_attrs(scope)
    value = path.force()
    return ev.import_file(location(ev, value), value.span, names.items)


def _content(ev: Evaluator, path: Lazy) -> tuple[str, bytes]:
    value = ev.known(path)
    place = location(ev, value)
    file = ev.project.read(place)
    match file:
        case Unreadable.MISSING:
            raise Failure(Kind.MISSING_FILE, f"opening file '{place}': No such file or directory", value.span)
        case Unreadable.DIRECTORY:
            raise Failure(Kind.ERROR, f"reading from file '{place}': Is a directory", value.span)
        case Unreadable.OUTSIDE:
            raise NotKnown(Unknown(Why.OUTSIDE, place, value.span))
        case Unreadable():
            raise NotKnown(Unknown(Why.FILE, ev.project.relative(place), value.span))
        case _:
            return place, file.text


@builtin("readFile")
def read_file(ev: Evaluator, path: Lazy) -> Value:
    place, content = _content(ev, path)
    if b"\0" in content:
        raise Failure(Kind.ERROR, f"the contents of the file '{place}' cannot be represented as a Nix string")
    return String(decoded(content), ev.known(path).span)


@builtin("hashFile")
def hash_file(ev: Evaluator, algorithm: Lazy, path: Lazy) -> Value:
    name = ev.text(algorithm)
    hashes.digest(name, b"")
    return String(hashes.digest(name, _content(ev, path)[1]).hex())


@builtin("pathExists")
def path_exists(ev: Evaluator, path: Lazy) -> Value:
    value = ev.known(path)
    place = location(ev, value)
    answer = ev.project.exists(place)
    if answer is None and (place == STORE or place.startswith(f"{STORE}/")):
        raise NotKnown(Unknown(Why.STORE, place, value.span))
    if answer is None and ev.looks_outside:
        answer = os.path.lexists(place)
    if answer is None:
        raise NotKnown(Unknown(Why.OUTSIDE, place, value.span))
    if answer and isinstance(value, String) and value.known is not None and value.known.endswith(("/", "/.")):
        answer = ev.project.is_directory(place)
    return Bool(answer)


@builtin("readDir")
def read_dir(ev: Evaluator, path: Lazy) -> Value:
    value = ev.known(path)
    place = location(ev, value)
    entries = ev.project.entries(place)
    match entries:
        case Unreadable.MISSING:
            raise Failure(Kind.MISSING_FILE, f"opening directory '{place}': No such file or directory", value.span)
        case Unreadable.OUTSIDE:
            raise NotKnown(Unknown(Why.OUTSIDE, place, value.span))
        case Unreadable():
            if ev.project.exists(place) and not ev.project.is_directory(place):
                raise Failure(Kind.ERROR, f"cannot read directory '{place}': Not a directory", value.span)
            raise NotKnown(Unknown(Why.FILE, ev.project.relative(place), value.span))
        case _:
            span = value.span
            return Attrs({name: Lazy.done(String(kind.value, span), span) for name, kind in entries.items()}, span)


@builtin("readFileType")
def read_file_type(ev: Evaluator, path: Lazy) -> Value:
    value = ev.known(path)
    place = location(ev, value)
    if place == ev.project.root:
        return String(EntryKind.DIRECTORY.value, value.span)
    entries = ev.project.entries(os.path.dirname(place))
    if entries is Unreadable.OUTSIDE:
        raise NotKnown(Unknown(Why.OUTSIDE, place, value.span))
    kind = None if isinstance(entries, Unreadable) else entries.get(os.path.basename(place))
    if kind is None:
        raise _missing(place)
    return String(kind.value, value.span)


@builtin("toPath")
def to_path(ev: Evaluator, path: Lazy) -> Value:
    """A string, in spite of its name."""
    value = ev.known(path)
    return String(location(ev, value), value.span)


@builtin("toFile")
def to_file(ev: Evaluator, name: Lazy, content: Lazy) -> Value:
    file = ev.text(name)
    text = ev.string(content)
    if not file or any(not (c.isascii() and (c.isalnum() or c in "+-._?=")) for c in file) or file.startswith("."):
        raise Failure(Kind.ERROR, f"name '{file}' contains characters that a store path cannot have")
    if any(element[0] in "!=" for element in text.context):
        raise Failure(Kind.ERROR, f"files created by toFile may not reference derivations, but {file} does")
    if text.known is None:
        return built(file, text.span)
    path = hashes.text_path(file, encoded(text.known), text.context)
    return String(path, text.span, context=frozenset((path,)))


@builtin("path")
def path_(ev: Evaluator, options: Lazy) -> Value:
    """A copy in the store under a name of its own."""
    given = ev.attrs(options)
    source = given.get("path")
    if source is None:
        if given.rest is not None:
            raise NotKnown(given.rest)
        raise Failure(
            Kind.MISSING_ATTRIBUTE, "missing required 'path' attribute in the first argument to builtins.path"
        )
    named = given.get("name")
    if named is not None:
        return built(ev.text(named), given.span)
    return built(os.path.basename(location(ev, ev.known(source))), given.span)


@builtin("filterSource")
def filter_source(ev: Evaluator, predicate: Lazy, path: Lazy) -> Value:
    value = ev.known(path)
    return built(os.path.basename(location(ev, value)), value.span)


@builtin("findFile")
def find_file(ev: Evaluator, search_path: Lazy, name: Lazy) -> Value:
    """The first entry of a search path that has the file; an entry's `prefix` stands for its `path`."""
    wanted = ev.text(name)
    for entry in ev.closed_list(search_path).items:
        given = ev.attrs(entry)
        prefix_lazy, path_lazy = given.get("prefix"), given.get("path")
        prefix = ev.text(prefix_lazy) if prefix_lazy is not None else ""
        if path_lazy is None:
            raise Failure(Kind.MISSING_ATTRIBUTE, "attribute 'path' missing", given.span)
        rest = below(prefix, wanted)
        if rest is None:
            continue
        value = ev.known(path_lazy)
        place = location(ev, value)
        found = normalise_path(f"{place}/{rest}" if rest else place)
        there = ev.project.exists(found)
        if there is None:
            raise NotKnown(Unknown(Why.OUTSIDE, found, value.span))
        if there:
            return Path(found)
    if wanted.startswith("nix/"):
        raise NotKnown(Unknown(Why.STORE, f"<{wanted}>"))
    raise not_found(wanted)


def below(prefix: str, wanted: str) -> str | None:
    """What is left of the name that is looked for, below a prefix of the search path."""
    if not prefix:
        return wanted
    if wanted == prefix:
        return ""
    return wanted[len(prefix) + 1 :] if wanted.startswith(f"{prefix}/") else None


def not_found(name: str) -> Failure:
    return Failure(
        Kind.ERROR, f"file '{name}' was not found in the Nix search path (add it using $NIX_PATH or -I)", catchable=True
    )


__all__ = ["STORE", "below", "builtin", "location", "not_found"]
