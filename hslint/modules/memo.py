"""A Python object that is computed when it is first asked for; asking while it is being computed is Nix's infinite recursion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from hslint.values.value import Failure, Kind, NotKnown

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Memo(Generic[T]):
    __slots__ = ("_failure", "_run", "_value", "_what")

    def __init__(self, run: Callable[[], T], what: str = "") -> None:
        self._run: Callable[[], T] | None = run
        self._value: list[T] = []
        self._failure: Failure | NotKnown | None = None
        self._what = what

    @property
    def running(self) -> bool:
        return self._run is None and not self._value and self._failure is None

    def __call__(self) -> T:
        if self._value:
            return self._value[0]
        if self._failure is not None:
            raise self._failure
        run = self._run
        if run is None:
            raise Failure(Kind.RECURSION, f"infinite recursion encountered{self._what}")
        self._run = None
        try:
            value = run()
        except (Failure, NotKnown) as failure:
            self._failure = failure
            raise
        except BaseException:
            self._run = run
            raise
        self._value.append(value)
        return value
