"""The module system of one evaluator: implements the factory (`Session`) that option types get submodules from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.renamed import adopt
from hslint.modules.session import Session
from hslint.modules.submodule import Submodule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hslint.modules.foreign import Foreign
    from hslint.values.evaluator import Evaluator
    from hslint.values.value import Attrs, Lazy, Value


class ModuleSystem(Session):
    def submodule(
        self,
        modules: Sequence[Lazy],
        special_args: Mapping[str, Lazy],
        *,
        shorthand: bool | None = False,
        class_: str | None = None,
    ) -> Attrs:
        return Submodule(self, modules, special_args, shorthand=shorthand, class_=class_).view()

    def adopt(self, value: Value | Foreign) -> Lazy | None:
        return adopt(value)


def module_system(ev: Evaluator) -> Session:
    """The evaluator's session, made on first use; its lifetime is the evaluator's."""
    if ev.module_system is None:
        ev.module_system = ModuleSystem(ev)
    assert isinstance(ev.module_system, Session)
    return ev.module_system
