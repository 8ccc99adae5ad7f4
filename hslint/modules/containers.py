"""NixOS containers (`containers.NAME.config`): machines within a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hslint.modules.collect import Given
from hslint.modules.declaration import Option
from hslint.modules.option_type import Loc, OptionType, declaration_of
from hslint.modules.option_types.composite import AttrsOf, LazyAttrsOf
from hslint.modules.option_types.plain import BOOL, UNSPECIFIED
from hslint.modules.option_types.rest_of_nixos import RestOfNixOS
from hslint.modules.reading import node_at, read
from hslint.modules.renamed import evaluation_of
from hslint.modules.result import Result
from hslint.modules.submodule import Submodule
from hslint.values.value import Attrs, Bool, Lazy, Primitive, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hslint.modules.definition import Definition
    from hslint.modules.evaluation import Evaluation
    from hslint.modules.session import Session

Path = tuple[str, ...]


class Machine(Protocol):
    """A function that evaluates a NixOS configuration of modules (hslint.modules.nixos), which declares `containers` itself."""

    def __call__(
        self, session: Session, modules: Sequence[Given], special_args: Mapping[str, Lazy], *, prefix: Path
    ) -> Evaluation: ...


class ContainerConfig(OptionType):
    """`containers.NAME.config`: a NixOS configuration of its own."""

    name = "Toplevel NixOS config"

    def __init__(self, machine: Machine, container: Evaluation) -> None:
        self.machine = machine
        self.container = container

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        evaluation = self.evaluation(session, definitions, loc[:-1])
        return Result(evaluation.checked_config(), evaluation.root.node, evaluation.root.names)

    def evaluation(self, session: Session, definitions: Sequence[Definition], prefix: Path) -> Evaluation:
        """The container's configuration; `prefix` is what stands before its options in messages."""
        given = read(self.container, ("specialArgs",))
        special = given.items if isinstance(given, Attrs) else {}
        modules = [Given(d.value, d.condition if isinstance(d.condition, Unknown) else None) for d in definitions]
        return self.machine(session, modules, special, prefix=prefix)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return True


def containers(session: Session, machine: Machine) -> OptionType:
    """The type of the option `containers`; `machine` makes a NixOS configuration of the modules of one."""
    freeform = LazyAttrsOf(RestOfNixOS())

    def module(ev: object, arguments: Lazy) -> Value:
        evaluation = evaluation_of(arguments)
        options = {
            "autoStart": declaration_of(BOOL, Bool(False)),
            "privateNetwork": declaration_of(BOOL, Bool(False)),
            "specialArgs": declaration_of(AttrsOf(UNSPECIFIED), Attrs({})),
            "config": declaration_of(ContainerConfig(machine, evaluation)),
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
