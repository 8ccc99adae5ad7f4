"""NixOS's module system over the evaluator's values: modules are collected, options declared, definitions merged as nixpkgs does.

`evaluate_modules` is the entry; what it gives is computed lazily, so that options may depend on each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.base_modules import BaseModules
from hslint.modules.collect import Given
from hslint.modules.configuration import Configuration, Setting
from hslint.modules.definition import Definition
from hslint.modules.foreign import Foreign, ImportedModule
from hslint.modules.refusals import OptionFailure
from hslint.values.value import Lazy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hslint.values.evaluator import Evaluator
    from hslint.values.value import Unknown

__all__ = [
    "BaseModules",
    "Configuration",
    "Definition",
    "Foreign",
    "ImportedModule",
    "OptionFailure",
    "Setting",
    "evaluate_modules",
    "library_extra",
]


def evaluate_modules(
    ev: Evaluator,
    modules: Sequence[Lazy],
    special_args: Mapping[str, Lazy],
    base: BaseModules | None,
    lib: Lazy,
    *,
    prefix: tuple[str, ...] = (),
    unknown_modules: Unknown | None = None,
    unknown_arguments: Unknown | None = None,
) -> Configuration:
    """A NixOS configuration of the given modules (`base` None: no NixOS, as `lib.evalModules`).

    `unknown_modules` says why there may be more modules than those given, `unknown_arguments` why there may be more
    special arguments. Nothing is evaluated yet: failures are raised by what the Configuration is asked.
    """
    from hslint.modules.evaluation import Evaluation  # late: only where there is something to evaluate
    from hslint.modules.module_system import module_system
    from hslint.modules.nixos import nixos_evaluation

    session = module_system(ev)
    if session.lib is None:
        session.lib = lib
    given = [Given(lazy) for lazy in modules]
    special = {"lib": lib, **special_args}
    if base is None:
        evaluation = Evaluation(
            session, given, prefix=prefix, special_args=special, special_rest=unknown_arguments, opening=unknown_modules
        )
    else:
        evaluation = nixos_evaluation(
            session, given, special, base, prefix=prefix, special_rest=unknown_arguments, opening=unknown_modules
        )
    return Configuration(evaluation)


def library_extra(ev: Evaluator) -> Mapping[str, Lazy]:
    """The part of `lib` that this package implements, by dotted name: `types`, `evalModules`, `modules.…`, `mkOptionType` …"""
    from hslint.modules.library import Library  # late: many a module never asks for it

    return Library(ev).extra()
