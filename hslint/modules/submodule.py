"""submodule and submoduleWith, deferredModule: values that are modules themselves (lib/types.nix)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.collect import Given, Module, located_module
from hslint.modules.definition import OPTION_DEFAULT, Definition
from hslint.modules.evaluation import Evaluation
from hslint.modules.option_type import Loc, OptionType
from hslint.modules.option_types.plain import PATH
from hslint.modules.result import Result
from hslint.modules.show import show_option
from hslint.values.constant import constant
from hslint.values.option_changes import OptionChange
from hslint.values.predicates import is_function
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, Null, String, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hslint.modules.session import Session

#: What `name` is where there is no attribute to name.
_PLACEHOLDER = "‹name›"


class Submodule(OptionType):
    """`shorthand` is shorthandOnlyDefinesConfig: whether a set is all `config`; None when another declaration decides."""

    name = "submodule"
    v2 = True

    def __init__(
        self,
        session: Session,
        modules: Sequence[Lazy],
        special_args: Mapping[str, Lazy],
        *,
        shorthand: bool | None = False,
        class_: str | None = None,
        description: str | None = None,
    ) -> None:
        self.session = session
        self.modules = modules
        self.special_args = special_args
        self.shorthand = shorthand
        self.class_ = class_
        self.written_description = description
        self._base: Evaluation | None = None

    @property
    def is_submodule(self) -> bool:
        return True

    @property
    def description(self) -> str:
        if self.written_description is not None:
            return self.written_description
        try:
            freeform = self.base().freeform()
        except Failure:
            return self.name
        return self.name if freeform is None else f"open submodule of {freeform.phrase('noun', 'composite')}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if isinstance(value, Attrs | Unknown):
            return value if isinstance(value, Unknown) else True
        return is_function(session.ev, value) or PATH.check(session, value)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return True

    def base(self) -> Evaluation:
        """The submodule without definitions."""
        if self._base is None:
            self._base = self._evaluation((), (), None)
        return self._base

    def _evaluation(self, loc: Loc, definitions: Sequence[Definition], name: str | None) -> Evaluation:
        modules = [Given(_name_argument(_PLACEHOLDER, OPTION_DEFAULT)), *(Given(module) for module in self.modules)]
        opening: Unknown | None = None
        if name is not None:
            modules.append(Given(_name_argument(name, None)))
        for number, definition in enumerate(definitions):
            value = definition.value.force()
            condition = definition.condition if definition.condition is not True else None
            if isinstance(value, Unknown):
                opening = opening or value
            elif isinstance(value, Attrs) and (self.shorthand or _is_shorthand(value)):
                modules.append(_config_module(f"{loc}:{number}", definition, condition))
            else:
                modules.append(Given(located_module(definition.file, definition.value), condition))
        return Evaluation(
            self.session,
            modules,
            prefix=loc,
            special_args=self.special_args,
            class_=self.class_,
            opening=opening,
        )

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        evaluation = self._evaluation(loc, definitions, loc[-1] if loc else _PLACEHOLDER)
        value = evaluation.checked_config()
        root = evaluation.root
        meta = Attrs({"configuration": Lazy(lambda _: evaluation.result())})
        return Result(value, root.node, root.names, meta, root)

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return self.base().checked_config()

    def empty_view(self) -> Value:
        return Attrs({"value": Lazy(lambda _: self.base().checked_config())})

    def sub_modules(self) -> Sequence[Lazy] | None:
        return self.modules

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        return Submodule(
            self.session,
            modules,
            self.special_args,
            shorthand=self.shorthand,
            class_=self.class_,
            description=self.written_description,
        )

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        if not isinstance(other, Submodule):
            return None
        twice = sorted(self.special_args.keys() & other.special_args.keys())
        if twice:
            names = " ".join(twice)
            raise _declared_twice(f'with the same specialArgs "{names}"')
        if self.class_ is not None and other.class_ is not None and self.class_ != other.class_:
            raise _declared_twice(f'with conflicting class values "{self.class_}" and "{other.class_}".')
        if self.shorthand is not None and other.shorthand is not None and self.shorthand is not other.shorthand:
            raise _declared_twice("with conflicting shorthandOnlyDefinesConfig values")
        mine, theirs = self.written_description, other.written_description
        if mine is not None and theirs is not None and mine != theirs:
            raise _declared_twice("with conflicting descriptions")
        return Submodule(
            self.session,
            [*self.modules, *other.modules],
            {**self.special_args, **other.special_args},
            shorthand=self.shorthand if self.shorthand is not None else other.shorthand,
            class_=self.class_ or other.class_,
            description=mine if mine is not None else theirs,
        )

    def payload(self) -> dict[str, Lazy] | None:
        return {
            "modules": Lazy.done(List(list(self.modules))),
            "specialArgs": Lazy.done(Attrs(dict(self.special_args))),
            "class": constant(self.class_),
            "shorthandOnlyDefinesConfig": Lazy.done(Null() if self.shorthand is None else Bool(self.shorthand)),
            "description": Lazy.done(Null() if self.written_description is None else String(self.written_description)),
        }

    def nested(self) -> dict[str, OptionType]:
        freeform = self.base().freeform()
        return {} if freeform is None else {"freeformType": freeform}

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        evaluation = self._evaluation(prefix, (), None)
        options = evaluation.options()
        freeform = evaluation.freeform()
        if freeform is None:
            return options
        below = Lazy(lambda _: freeform.sub_options(session, prefix))
        return Attrs({**options.items, "_freeformOptions": below}, rest=options.rest)


def _config_module(key: str, definition: Definition, condition: Unknown | None) -> Given:
    module = Module(key, definition.file, None, (definition.value,), [], condition=condition)
    return Given(definition.value, ready=module)


def _declared_twice(how: str) -> Failure:
    return Failure(Kind.DECLARED_TWICE, f"A submoduleWith option is declared multiple times {how}", catchable=True)


def _is_shorthand(value: Attrs) -> bool:
    """Whether a set is nothing but config, so that it can be one without being read as a module."""
    return (
        value.rest is None
        and not value.items.keys()
        & {
            "_class",
            "_file",
            "key",
            "disabledModules",
            "require",
            "imports",
            "options",
            "config",
            "meta",
            "freeformType",
            "__functor",
            "_type",
        }
        and not isinstance(value.native, OptionChange)
    )


def _name_argument(name: str, priority: int | None) -> Lazy:
    value: Value = String(name)
    if priority is not None:
        kind = constant("override")
        value = Attrs({"_type": kind, "priority": constant(priority), "content": Lazy.done(value)})
    args = Attrs({"name": Lazy.done(value)})
    return Lazy.done(Attrs({"_module": Lazy.done(Attrs({"args": Lazy.done(args)}))}))


class DeferredModule(OptionType):
    """`deferredModule`: a module to be imported somewhere else."""

    name = "deferredModule"
    description_class = "noun"

    def __init__(self, session: Session, static: Sequence[Lazy] = ()) -> None:
        self.session = session
        self.static = static

    @property
    def description(self) -> str:
        return "module"

    @property
    def functor_name(self) -> str:
        return "deferredModuleWith"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if isinstance(value, Attrs | Unknown):
            return value if isinstance(value, Unknown) else True
        return is_function(session.ev, value) or PATH.check(session, value)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        modules = [located_module(f"{d.file}, via option {show_option(loc)}", d.value) for d in definitions]
        return Result(Attrs({"imports": Lazy.done(List([*self.static, *modules]))}))

    def sub_modules(self) -> Sequence[Lazy] | None:
        return self.static

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        return DeferredModule(self.session, modules)

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        return (
            DeferredModule(self.session, [*self.static, *other.static]) if isinstance(other, DeferredModule) else None
        )
