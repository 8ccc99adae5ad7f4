"""lib.sources and lib.path: parts of the project as they come into the store, and paths without looking at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.files import both, calling, location, origin_of
from hslint.values.builtins.regex import compiled
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.store_copies import Filter, copied
from hslint.values.text import known_text, normalise_path
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, Path, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()
path = Registry()


def source(ev: Evaluator, source: Lazy, keeps: Filter | None, name: str | None = None) -> Attrs:
    """Files chosen from a directory (`cleanSourceWith`): where they will lie is known but for the hash."""

    def place(_: object) -> Value:
        origin, before = origin_of(ev, ev.known(source))
        return copied(origin, shown, None, both(before, keeps))

    shown = name or "source"
    items = {"outPath": Lazy(place), "name": constant(shown), "origSrc": source}
    return Attrs(items, rest=Unknown(Why.STORE, "lib.sources"))


_VERSION_CONTROL = frozenset((".svn", "CVS", ".hg", ".jj", ".pijul", "_darcs"))
_EDITORS = re.compile(r".*~|\.sw[a-z]|\..*\.sw[a-z]|.*\.o|.*\.so", re.DOTALL)


def clean(path: str, kind: str) -> bool:
    """`cleanSourceFilter`: no version control, no backups of editors, no objects, no results of nix-build, no sockets."""
    name = path.rpartition("/")[2]
    return not (
        name == ".git"
        or (kind == "directory" and name in _VERSION_CONTROL)
        or _EDITORS.fullmatch(name) is not None
        or (kind == "symlink" and name.startswith("result"))
        or kind == "unknown"
    )


@library("cleanSourceFilter")
def clean_source_filter(ev: Evaluator, path: Lazy, kind: Lazy) -> Value:
    named = known_text(ev.string(Lazy.done(_as_text(ev, path))))
    return Bool(clean(named, ev.text(kind)))


def _as_text(ev: Evaluator, path: Lazy) -> Value:
    return operations.coerce(ev, ev.known(path), copy_paths=False)


@library("cleanSource")
def clean_source(ev: Evaluator, origin: Lazy) -> Value:
    return source(ev, origin, clean)


@library("cleanSourceWith")
def clean_source_with(ev: Evaluator, options: Lazy) -> Value:
    given = ev.attrs(options)
    name, predicate = given.get("name"), given.get("filter")
    chosen = calling(ev, predicate) if predicate is not None else None
    origin = Lazy(lambda _: ev.select(given, "src"))
    return source(ev, origin, chosen, ev.text(name) if name is not None else None)


@library("sourceFilesBySuffices")
def source_files_by_suffices(ev: Evaluator, origin: Lazy, wanted: Lazy) -> Value:
    def keeps(path: str, kind: str) -> bool:
        endings = tuple(ev.text(item) for item in ev.closed_list(wanted).items)
        return kind == "directory" or path.endswith(endings)

    return source(ev, origin, keeps)


@library("sourceByRegex")
def source_by_regex(ev: Evaluator, origin: Lazy, wanted: Lazy) -> Value:
    def keeps(path: str, kind: str) -> bool:
        root, _ = origin_of(ev, ev.known(origin))
        start = location(ev, root)
        relative = path.removeprefix(f"{start}/")
        patterns = [compiled(ev.text(item)) for item in ev.closed_list(wanted).items]
        return any(pattern.whole(relative) is not None for pattern in patterns)

    return source(ev, origin, keeps)


@library("sourceByGlobs")
def source_by_globs(ev: Evaluator, origin: Lazy, wanted: Lazy) -> Value:
    return Unknown(Why.FUNCTION, "lib.sources.sourceByGlobs")


def _subpath(text: str) -> list[str]:
    """The parts of a relative path; `..` is refused."""
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if not text or text.startswith("/") or ".." in parts:
        raise Failure(Kind.ERROR, f"lib.path: '{text}' is not a valid subpath string", catchable=True)
    return parts


@path("append")
def append(ev: Evaluator, root: Lazy, text: Lazy) -> Value:
    base = ev.known(root)
    if not isinstance(base, Path):
        raise Failure(Kind.ERROR, "lib.path.append: the first argument is not a path", catchable=True)
    if not isinstance(ev.known(text), String):
        raise Failure(Kind.ERROR, "lib.path.append: the second argument is not a string", catchable=True)
    return Path(normalise_path("/".join((base.path, *_subpath(ev.text(text))))), base.span)


def _below(ev: Evaluator, prefix: Lazy, place: Lazy) -> list[str] | None:
    one, other = ev.known(prefix), ev.known(place)
    if not isinstance(one, Path) or not isinstance(other, Path):
        raise Failure(Kind.ERROR, "lib.path: the argument is not a path", catchable=True)
    first = [part for part in one.path.split("/") if part]
    second = [part for part in other.path.split("/") if part]
    return second[len(first) :] if second[: len(first)] == first else None


@path("hasPrefix")
def has_prefix(ev: Evaluator, prefix: Lazy, place: Lazy) -> Value:
    return Bool(_below(ev, prefix, place) is not None)


@path("removePrefix")
def remove_prefix(ev: Evaluator, prefix: Lazy, place: Lazy) -> Value:
    rest = _below(ev, prefix, place)
    if rest is None:
        raise Failure(Kind.ERROR, "lib.path.removePrefix: the first path is no prefix of the second", catchable=True)
    return String("./" + "/".join(rest) if rest else "./.")
