"""The state that all modules of one evaluation share: the evaluator, the library that modules get as `lib`, what is made once.

Option types and options know the module system as a Session; what makes configurations of modules is above them
(hslint.modules.module_system).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from hslint.modules.foreign import Foreign
    from hslint.values.evaluator import Evaluator
    from hslint.values.value import Attrs, Lazy, Unknown, Value

T = TypeVar("T")


class Evaluated(Protocol):
    """Modules that `lib.evalModules` was asked for."""

    class_: str | None

    def openings(self) -> Sequence[Unknown]:
        """Why there may be modules that were not seen. Raises Failure where the modules cannot be collected."""


class Session(ABC):
    """One evaluator's module system. `lib` is what a module's `lib` argument is: the first one that a configuration gave, else the
    evaluator's own (`lib.evalModules` needs no configuration around it).
    """

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self.lib: Lazy | None = None
        self.warnings: list[str] = []
        #: What `lib.evalModules` was asked for with a class (`flake`, say), in order.
        self.evaluations: list[Evaluated] = []
        self._shared: dict[Hashable, object] = {}

    def shared(self, name: Hashable, make: Callable[[], T]) -> T:
        """Objects shared by all configurations: made for the first, used for the others."""
        if name not in self._shared:
            self._shared[name] = make()
        found: T = self._shared[name]  # type: ignore[assignment]
        return found

    def library(self) -> Attrs:
        return self.ev.attrs(self.lib if self.lib is not None else self.ev.library)

    @abstractmethod
    def submodule(
        self,
        modules: Sequence[Lazy],
        special_args: Mapping[str, Lazy],
        *,
        shorthand: bool | None = False,
        class_: str | None = None,
    ) -> Attrs:
        """The set that stands for `types.submoduleWith { … }`."""

    @abstractmethod
    def adopt(self, value: Value | Foreign) -> Lazy | None:
        """A module for what a function of lib gave as data, such as a renamed option; None for anything else."""


def session_of(ev: Evaluator) -> Session:
    """The session of an evaluator whose module system is in use."""
    session = ev.module_system
    assert isinstance(session, Session)
    return session


def evaluations_of(ev: Evaluator) -> Sequence[Evaluated]:
    """The evaluations by `lib.evalModules` with a class."""
    return session_of(ev).evaluations if ev.module_system is not None else ()
