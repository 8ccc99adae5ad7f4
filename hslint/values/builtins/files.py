"""The builtins about files. Everything goes through the project: what lies outside it is not looked at, and is unknown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hslint.source import EntryKind, SourceFile, Unreadable
from hslint.values import operations
from hslint.values.builtins import hashes
from hslint.values.builtins.derivations import STORE, built
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.store_copies import Filter, copied, original
from hslint.values.text import decoded, encoded, normalise_path
from hslint.values.text_origins import FileText, GeneratedHash, WrittenFile
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
    from hslint.source import Span
    from hslint.values.evaluator import Evaluator

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
        return _location_in_store(ev, text)
    if text.context and any(element[0] in "!=" for element in text.context):
        raise NotKnown(Unknown(Why.STORE, text.known, value.span))
    if not text.known.startswith("/"):
        raise Failure(Kind.ERROR, f"string '{text.known}' doesn't represent an absolute path", value.span)
    return normalise_path(text.known)


def _location_in_store(ev: Evaluator, text: String) -> str:
    """Where the original of a copied file lies; raises Failure for one that the copy's filter leaves out."""
    found = original(text)
    path = found.path if found is not None else None
    if found is None or path is None:
        unknown = text.unknown
        assert unknown is not None
        raise NotKnown(Unknown(unknown.why, unknown.detail, text.span or unknown.span))
    place = normalise_path(path)
    root = path.removesuffix(found.rest)
    keeps = found.copy.keeps
    if keeps is not None and place.startswith(f"{root}/"):
        above = root
        for step in place[len(root) + 1 :].split("/"):
            above = f"{above}/{step}"
            kind = kind_of(ev, above)
            if kind is None or not keeps(above, kind):
                raise Failure(Kind.MISSING_FILE, f"path '{above}' does not exist in the source", text.span)
    return place


def kind_of(ev: Evaluator, path: str) -> str | None:
    """The file type of a path, as `builtins.readDir` gives it; None when there is nothing."""
    entries = ev.project.entries(os.path.dirname(path))
    if entries is Unreadable.OUTSIDE:
        raise NotKnown(Unknown(Why.OUTSIDE, path))
    kind = None if isinstance(entries, Unreadable) else entries.get(os.path.basename(path))
    return kind.value if kind is not None else None


def _exists(ev: Evaluator, path: str) -> bool | None:
    """Whether a path exists; None outside the project: the answer is the same whether there is something or not."""
    answer = ev.project.exists(path)
    return ev.named_outside.get(path) if answer is None else answer


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


def _content(ev: Evaluator, path: Lazy) -> tuple[str, SourceFile]:
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
            return place, file


@builtin("readFile")
def read_file(ev: Evaluator, path: Lazy) -> Value:
    place, file = _content(ev, path)
    if b"\0" in file.text:
        raise Failure(Kind.ERROR, f"the contents of the file '{place}' cannot be represented as a Nix string")
    return FileText(decoded(file.text), ev.known(path).span, file)


@builtin("hashFile")
def hash_file(ev: Evaluator, algorithm: Lazy, path: Lazy) -> Value:
    name = ev.text(algorithm)
    hashes.digest(name, b"")
    return String(hashes.digest(name, _content(ev, path)[1].text).hex())


@builtin("pathExists")
def path_exists(ev: Evaluator, path: Lazy) -> Value:
    value = ev.known(path)
    try:
        place = location(ev, value)
    except Failure as failure:
        if failure.kind is Kind.MISSING_FILE:
            return Bool(False)
        raise
    answer = _exists(ev, place)
    if answer is None and (place == STORE or place.startswith(f"{STORE}/")):
        raise NotKnown(Unknown(Why.STORE, place, value.span))
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
            found = original(value if isinstance(value, Path | String) else operations.coerce(ev, value))
            keeps = found.copy.keeps if found is not None else None
            if keeps is not None:
                entries = {name: kind for name, kind in entries.items() if keeps(f"{place}/{name}", kind.value)}
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
        return String.of((f"{STORE}/", GeneratedHash(file, Lazy.done(text), text.span), f"-{file}"), text.span)
    path = hashes.text_path(file, encoded(text.known), text.context)
    return WrittenFile(path, text.span, text)


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
    named, chosen = given.get("name"), given.get("filter")
    return copy_to_store(ev, ev.known(source), ev.text(named) if named is not None else None, chosen, given.span)


@builtin("filterSource")
def filter_source(ev: Evaluator, predicate: Lazy, path: Lazy) -> Value:
    value = ev.known(path)
    return copy_to_store(ev, value, None, predicate, value.span)


def copy_to_store(ev: Evaluator, source: Value, name: str | None, predicate: Lazy | None, span: Span | None) -> String:
    """A copy of what a value names, or of a copy of it; the predicate is one of Nix (path: type: bool)."""
    origin, before = origin_of(ev, source)
    if isinstance(origin, Path):
        name = name or os.path.basename(origin.path)
    else:
        last = origin.parts[-1]
        name = name or (os.path.basename(last) if isinstance(last, str) and "/" in last else None)
    if name is None:
        return built("source", span)
    return copied(origin, name, span, both(before, calling(ev, predicate) if predicate is not None else None))


def origin_of(ev: Evaluator, source: Value) -> tuple[Path | String, Filter | None]:
    """The original of a source, and the filter that it was copied through; a string that is no copy of the project's stands for itself."""
    if isinstance(source, Path):
        return source, None
    text = operations.coerce(ev, source)
    if isinstance(text, Unknown):
        raise NotKnown(text)
    if text.known is not None:
        return Path(location(ev, text), text.span), None
    found = original(text)
    if found is None:
        return text, None
    origin, copy = found.copy.origin, found.copy
    if isinstance(origin, Path):
        return Path(normalise_path(origin.path + found.rest), origin.span), copy.keeps
    return String.of((*origin.parts, found.rest), origin.span), copy.keeps


def calling(ev: Evaluator, predicate: Lazy) -> Filter:
    """A filter that asks a function of Nix, once for each path."""
    known: dict[tuple[str, str], bool] = {}

    def keeps(path: str, kind: str) -> bool:
        answer = known.get((path, kind))
        if answer is None:
            kept = ev.call(ev.function(predicate), constant(path), constant(kind))
            answer = known[path, kind] = ev.boolean(Lazy.done(kept))
        return answer

    return keeps


def both(one: Filter | None, other: Filter | None) -> Filter | None:
    if one is None or other is None:
        return one or other
    return lambda path, kind: one(path, kind) and other(path, kind)


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
        there = _exists(ev, found)
        if there is None:
            raise NotKnown(Unknown(Why.OUTSIDE, found, value.span))
        if there:
            return Path(found)
    if wanted.startswith("nix/"):
        raise NotKnown(Unknown(Why.STORE, f"<{wanted}>"))
    raise not_found(wanted)


def below(prefix: str, wanted: str) -> str | None:
    """The rest of a name below a prefix of the search path; None where it is not below it."""
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
