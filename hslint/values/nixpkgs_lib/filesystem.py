"""lib.filesystem: what lies below a directory of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.files import path_exists, read_dir, read_file_type
from hslint.values.primitive import Registry
from hslint.values.text import encoded
from hslint.values.value import Attrs, Bool, Lazy, List, NotKnown, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()

#: Directories inside directories that are followed.
_DEPTH = 64


def _inside(ev: Evaluator, directory: Value, name: str) -> Value:
    return operations.add(ev, directory, String(f"/{name}"), directory.span)


def _entries(ev: Evaluator, directory: Value) -> list[tuple[str, str]]:
    """Names and kinds (`regular`, `directory`, `symlink`, `unknown`), in the order of the names."""
    found = ev.closed_attrs(Lazy.done(read_dir(ev, Lazy.done(directory))))
    ev.spend(budget.ELEMENTS * (1 + len(found.items)))
    return [(name, ev.text(found.items[name])) for name in sorted(found.items, key=encoded)]


@library("listFilesRecursive")
def list_files_recursive(ev: Evaluator, directory: Lazy) -> Value:
    """All files below a directory; links are not followed. Paths stay paths, strings stay strings."""
    found: list[Lazy] = []

    def walk(place: Value, depth: int) -> None:
        if depth > _DEPTH:
            raise NotKnown(Unknown(Why.BUDGET, "lib.filesystem.listFilesRecursive", place.span))
        for name, kind in _entries(ev, place):
            inner = _inside(ev, place, name)
            if kind == "directory":
                walk(inner, depth + 1)
            else:
                found.append(Lazy.done(inner, place.span))

    root = ev.known(directory)
    walk(root, 0)
    return List(found, root.span)


@library("pathType")
def path_type(ev: Evaluator, path: Lazy) -> Value:
    return read_file_type(ev, path)


def _kind(ev: Evaluator, path: Lazy) -> str | None:
    if not ev.boolean(Lazy.done(path_exists(ev, path))):
        return None
    return ev.text(Lazy.done(read_file_type(ev, path)))


@library("pathIsDirectory")
def path_is_directory(ev: Evaluator, path: Lazy) -> Value:
    return Bool(_kind(ev, path) == "directory")


@library("pathIsRegularFile")
def path_is_regular_file(ev: Evaluator, path: Lazy) -> Value:
    return Bool(_kind(ev, path) == "regular")


@library("pathIsGitRepo", "commitIdFromGitRepo")
def path_is_git_repo(ev: Evaluator, path: Lazy) -> Value:
    return Unknown(Why.ENVIRONMENT, "lib.pathIsGitRepo")


@library("locateDominatingFile")
def locate_dominating_file(ev: Evaluator, pattern: Lazy, start: Lazy) -> Value:
    return Unknown(Why.OUTSIDE, "lib.filesystem.locateDominatingFile")


@library("haskellPathsInDir")
def haskell_paths_in_dir(ev: Evaluator, root: Lazy) -> Value:
    return Unknown(Why.FUNCTION, "lib.filesystem.haskellPathsInDir")


@library("resolveDefaultNix")
def resolve_default_nix(ev: Evaluator, path: Lazy) -> Value:
    """A directory stands for its default.nix, as for `import`."""
    value = ev.known(path)
    if isinstance(value, String) and value.ends_with("/"):
        return operations.add(ev, value, String("default.nix"), value.span)
    return _inside(ev, value, "default.nix") if _kind(ev, path) == "directory" else value


@library("packagesFromDirectoryRecursive")
def packages_from_directory_recursive(ev: Evaluator, arguments: Lazy) -> Value:
    """`callPackage` of each file, of the package.nix of each directory, and a set of what other directories hold."""
    given = ev.attrs(arguments)
    if given.get("newScope") is not None:
        return Unknown(Why.FUNCTION, "lib.packagesFromDirectoryRecursive")
    call = ev.select(given, "callPackage")

    def called(place: Value) -> Value:
        return ev.call(call, Lazy.done(place), Lazy.done(Attrs({})))

    def walk(place: Value, depth: int) -> Value:
        entries = dict(_entries(ev, place))
        if "package.nix" in entries:
            return called(_inside(ev, place, "package.nix"))
        if depth > _DEPTH:
            raise NotKnown(Unknown(Why.BUDGET, "lib.packagesFromDirectoryRecursive", place.span))
        items: dict[str, Lazy] = {}
        for name, kind in entries.items():
            inner = _inside(ev, place, name)
            if kind == "directory":
                items[name] = Lazy(lambda inner: walk(inner, depth + 1), inner, place.span)
            elif kind == "regular" and name.endswith(".nix"):
                items[name.removesuffix(".nix")] = Lazy(called, inner, place.span)
        return Attrs(items, place.span)

    return walk(ev.select(given, "directory"), 0)
