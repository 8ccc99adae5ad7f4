"""What all modules of one evaluation share: the evaluator and the library that modules get as `lib`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hslint.values.evaluate import Evaluator
    from hslint.values.value import Attrs


class Session:
    """One evaluator's module system. `lib` is what a module's `lib` argument is: the first one that somebody gave."""

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self.lib: Attrs | None = None
        self.make_lib: Callable[[], Attrs] | None = None
        self.warnings: list[str] = []

    def library(self) -> Attrs:
        if self.lib is None:
            assert self.make_lib is not None
            self.lib = self.make_lib()
        return self.lib


def session_of(ev: Evaluator) -> Session:
    """The evaluator's session; it lives and dies with it."""
    held = vars(ev)
    session = held.get(_HELD_AS)
    if not isinstance(session, Session):
        session = held[_HELD_AS] = Session(ev)
    return session


_HELD_AS = "module_system_session"
