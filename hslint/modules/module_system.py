"""The module system of one evaluator: what option types ask for, and cannot make themselves, because it is made of them."""

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
    """The evaluator's session, made for whoever asks first; it lives and dies with the evaluator."""
    if ev.module_system is None:
        ev.module_system = ModuleSystem(ev)
    assert isinstance(ev.module_system, Session)
    return ev.module_system
