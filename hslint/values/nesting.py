"""The sets and lists around the current position of a walk over a value. One inside itself has no end, for Nix neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values.value import Attrs, Failure, Kind, List, Unknown, Value, Why

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from types import TracebackType


class Nesting:
    """The sets and lists that one walk, or a pair of them, is inside of. `spend` counts the work (`Evaluator.spend`).

    with nesting.inside(value):  spends for the elements of a set or list, and raises Failure where it is inside itself
    """

    __slots__ = ("_around", "_spend")

    def __init__(self, spend: Callable[[int], None]) -> None:
        self._spend = spend
        self._around: set[Hashable] = set()

    @property
    def depth(self) -> int:
        """Sets and lists inside one another, here."""
        return len(self._around)

    def inside(self, value: Attrs | List) -> _Entered:
        return self._enter(id(value), value)

    def inside_both(self, one: Attrs | List, other: Attrs | List) -> _Entered:
        """For a walk over two values side by side, as `==` is."""
        return self._enter((id(one), id(other)), one)

    def _enter(self, key: Hashable, value: Attrs | List) -> _Entered:
        if key in self._around:
            raise endless(value)
        # As dear as a call, and more for each element: what is walked is forced and looked at.
        self._spend(16 + 2 * len(value.items))
        return _Entered(self._around, key)


def endless(value: Value) -> Failure:
    """The error of Nix for a value that contains itself, where it has to be gone through."""
    return Failure(Kind.RECURSION, "stack overflow (possible infinite recursion)", value.span)


#: Sets and lists inside one another, and elements of all of them, that are read of one value.
DEEPEST, MOST = 200, 100_000


class Walk:
    """A walk over a value by a reader that has no evaluator: how deep it is, and how much it has read.

    A reader asks `stops` before it goes into a set or list, and calls `leave` behind it.
    """

    __slots__ = ("_around", "_left")

    def __init__(self) -> None:
        self._around: set[int] = set()
        self._left = MOST

    def stops(self, value: Attrs | List) -> Failure | Unknown | None:
        """Why the walk does not go into a set or list: it has no end, or is too large. None where it does."""
        if id(value) in self._around:
            return endless(value)
        self._left -= 1 + len(value.items)
        if self._left < 0 or len(self._around) >= DEEPEST:
            return Unknown(Why.BUDGET, "", value.span)
        self._around.add(id(value))
        return None

    def leave(self, value: Attrs | List) -> None:
        self._around.discard(id(value))


class _Entered:
    __slots__ = ("_around", "_key")

    def __init__(self, around: set[Hashable], key: Hashable) -> None:
        self._around = around
        self._key = key

    def __enter__(self) -> None:
        self._around.add(self._key)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._around.discard(self._key)
