"""What all modules of one evaluation share: the evaluator and the library that modules get as `lib`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from hslint.modules.evaluation import Evaluation
    from hslint.values.evaluator import Evaluator
    from hslint.values.value import Attrs, Lazy

T = TypeVar("T")


class Session:
    """One evaluator's module system. `lib` is what a module's `lib` argument is: the first one that a configuration gave, else the
    evaluator's own (`lib.evalModules` needs no configuration around it).
    """

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self.lib: Lazy | None = None
        self.warnings: list[str] = []
        #: What `lib.evalModules` was asked for with a class (`flake`, say), in order.
        self.evaluations: list[Evaluation] = []
        self._shared: dict[Hashable, object] = {}

    def shared(self, name: Hashable, make: Callable[[], T]) -> T:
        """What is the same for all configurations: made for the first, used for the others."""
        if name not in self._shared:
            self._shared[name] = make()
        found: T = self._shared[name]  # type: ignore[assignment]
        return found

    def library(self) -> Attrs:
        return self.ev.attrs(self.lib if self.lib is not None else self.ev.library)


def session_of(ev: Evaluator) -> Session:
    """The evaluator's session; it lives and dies with it."""
    held = vars(ev)
    session = held.get(_HELD_AS)
    if not isinstance(session, Session):
        session = held[_HELD_AS] = Session(ev)
    return session


_HELD_AS = "module_system_session"
