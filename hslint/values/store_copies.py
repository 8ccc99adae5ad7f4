"""Store paths that are copies of known files: unknown as text, because of the hash, but readable where the original lies.

`"${./dir}/x"`, `self + "/x"`, `builtins.path { path = ./.; … }` and `lib.cleanSource ./.` are strings of that kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hslint.record import Record
from hslint.values.value import Path, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.source import Span

STORE = "/nix/store"

#: Whether a path (of the original, absolute) is part of a copy, by its path and its kind as `builtins.readDir` names it.
#: Raises NotKnown where it is unknown.
Filter = Callable[[str, str], bool]


class StoreCopy(Unknown):
    """The hash of a store path, of which it is known what it was copied from: a Path, or a String below a flake input.

    name     the name behind the hash
    keeps    the filter that chose the files; None when all of them were copied
    is_tree  set for the tree that Nix evaluates from (`self`): its files are those that path literals name
    """

    __slots__ = ("is_tree", "keeps", "name", "origin")

    def __init__(
        self, origin: Path | String, name: str, span: Span | None, keeps: Filter | None, *, is_tree: bool = False
    ) -> None:
        super().__init__(Why.STORE, origin.path if isinstance(origin, Path) else name, span)
        self.origin = origin
        self.name = name
        self.keeps = keeps
        self.is_tree = is_tree


class Original(Record):
    """The original of a string below a store copy: the copy, and the rest of the path behind its root ("" or "/…")."""

    copy: StoreCopy
    rest: str

    @property
    def path(self) -> str | None:
        """The path of the original, not normalised; None for what lies in a flake input."""
        origin = self.copy.origin
        return origin.path + self.rest if isinstance(origin, Path) else None


def copied(
    origin: Path | String, name: str, span: Span | None = None, keeps: Filter | None = None, *, is_tree: bool = False
) -> String:
    """The store path of a copy."""
    return String.of((f"{STORE}/", StoreCopy(origin, name, span, keeps, is_tree=is_tree), f"-{name}"), span)


def original(value: Value) -> Original | None:
    """The original that a string names, if it is a path below a store copy."""
    if not isinstance(value, String) or len(value.parts) < 2:
        return None
    head, copy, *tail = value.parts
    if head != f"{STORE}/" or not isinstance(copy, StoreCopy):
        return None
    text = "".join(part if isinstance(part, str) else "\0" for part in tail)
    rest = text.removeprefix(f"-{copy.name}")
    if "\0" in text or rest == text or (rest and not rest.startswith("/")):
        return None
    return Original(copy, rest)
