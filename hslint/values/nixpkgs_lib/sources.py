"""lib.sources and lib.path: parts of the project as they come into the store, and paths without looking at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, Path, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

library = Registry()
path = Registry()


def source(origin: Lazy, name: str = "source") -> Attrs:
    """Files chosen from a directory: where they will lie is known but for the hash."""
    place = String.of(("/nix/store/", Unknown(Why.STORE, name), f"-{name}"))
    items = {"outPath": Lazy.done(place), "name": Lazy.done(String(name)), "origSrc": origin}
    return Attrs(items, rest=Unknown(Why.STORE, "lib.sources"))


@library("cleanSource")
def clean_source(ev: Evaluator, origin: Lazy) -> Value:
    return source(origin)


@library("cleanSourceWith")
def clean_source_with(ev: Evaluator, options: Lazy) -> Value:
    given = ev.attrs(options)
    name = given.get("name")
    return source(Lazy(lambda _: ev.select(given, "src")), ev.text(name) if name is not None else "source")


@library("sourceByRegex", "sourceFilesBySuffices", "sourceByGlobs")
def source_by(ev: Evaluator, origin: Lazy, wanted: Lazy) -> Value:
    return source(origin)


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
    return Path(operations.normalise_path("/".join((base.path, *_subpath(ev.text(text))))), base.span)


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
