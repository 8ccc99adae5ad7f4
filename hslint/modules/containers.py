"""NixOS containers (`containers.NAME.config`): machines within a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.collect import Given
from hslint.modules.declaration import Option
from hslint.modules.merge import Result
from hslint.modules.option_types.composite import AttrsOf, LazyAttrsOf
from hslint.modules.option_types.option_type import Loc, OptionType, declaration_of
from hslint.modules.option_types.plain import BOOL, UNSPECIFIED
from hslint.modules.option_types.rest_of_nixos import RestOfNixOS
from hslint.modules.option_types.submodule import Submodule
from hslint.modules.reading import node_at, read
from hslint.modules.renamed import evaluation_of
from hslint.values.value import Attrs, Bool, Lazy, Primitive, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hslint.modules import BaseModules
    from hslint.modules.definition import Definition
    from hslint.modules.evaluation import Evaluation
    from hslint.modules.session import Session

Path = tuple[str, ...]


class ContainerConfig(OptionType):
    """`containers.NAME.config`: a NixOS configuration of its own."""

    name = "Toplevel NixOS config"

    def __init__(self, base: BaseModules, container: Evaluation) -> None:
        self.base = base
        self.container = container

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        evaluation = self.evaluation(session, definitions, loc[:-1])
        return Result(evaluation.checked_config(), evaluation.root.node, evaluation.root.names)

    def evaluation(self, session: Session, definitions: Sequence[Definition], prefix: Path) -> Evaluation:
        """The container's configuration; `prefix` is what stands before its options in messages."""
        from hslint.modules.nixos import nixos_evaluation

        given = read(self.container, ("specialArgs",))
        special = given.items if isinstance(given, Attrs) else {}
        modules = [Given(d.value, d.condition if isinstance(d.condition, Unknown) else None) for d in definitions]
        return nixos_evaluation(session, modules, special, self.base, prefix=prefix)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return True


def containers(session: Session, base: BaseModules) -> OptionType:
    """The type of the option `containers`."""
    freeform = LazyAttrsOf(RestOfNixOS())

    def module(ev: object, arguments: Lazy) -> Value:
        evaluation = evaluation_of(arguments)
        options = {
            "autoStart": declaration_of(BOOL, Bool(False)),
            "privateNetwork": declaration_of(BOOL, Bool(False)),
            "specialArgs": declaration_of(AttrsOf(UNSPECIFIED), Attrs({})),
            "config": declaration_of(ContainerConfig(base, evaluation)),
        }
        return Attrs({"freeformType": Lazy.done(freeform.view()), "options": Lazy.done(Attrs(options))})

    return AttrsOf(Submodule(session, [Lazy.done(Primitive("<container>", 1, module))], {}, shorthand=True))


def contained(machine: Evaluation) -> Iterator[tuple[str, Evaluation]]:
    """The configurations of a machine's NixOS containers, as they are by themselves."""
    option = node_at(machine, ("containers",))
    result = option.result() if isinstance(option, Option) else None
    for name in result.names() if result is not None and result.names is not None else ():
        config = node_at(machine, ("containers", name, "config"))
        type_ = config.declaration.type() if isinstance(config, Option) else None
        if isinstance(config, Option) and isinstance(type_, ContainerConfig):
            yield name, type_.evaluation(machine.session, config.merged.final().winners, ())
