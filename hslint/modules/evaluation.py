"""`lib.evalModules`: modules become a tree of options, and that a lazy `config`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.collect import Collected, Collector, Given, Module
from hslint.modules.declaration import OPTION_TYPE, Declared, Option
from hslint.modules.definition import Definition
from hslint.modules.level import ConfigAttrs, Level, Rest
from hslint.modules.memo import Memo
from hslint.modules.merge import Merged
from hslint.modules.option_type import OptionType, declaration_of
from hslint.modules.option_types.alternatives import NullOr
from hslint.modules.option_types.composite import LazyAttrsOf
from hslint.modules.option_types.from_value import type_of
from hslint.modules.option_types.plain import BOOL, RAW
from hslint.modules.properties import If, Raw, push_down
from hslint.modules.show import show_option, show_value
from hslint.spelling import distance
from hslint.values.constant import constant
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Kind,
    Lazy,
    Null,
    Primitive,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hslint.modules.foreign import Foreign
    from hslint.modules.result import Result
    from hslint.modules.session import Session
    from hslint.source import Span


Path = tuple[str, ...]


#: The file of the module that declares `_module.args` and its like.
INTERNAL = "lib/modules.nix"


_NOTHING = constant(None)


_INTERNAL_OPTIONS = Lazy.done(
    Attrs(
        {
            "_module": Lazy.done(
                Attrs(
                    {
                        "args": declaration_of(LazyAttrsOf(RAW)),
                        "check": declaration_of(BOOL, Bool(True)),
                        "freeformType": declaration_of(NullOr(OPTION_TYPE), Null()),
                        "specialArgs": declaration_of(None, readOnly=Bool(True)),
                    }
                )
            )
        }
    )
)


class Evaluation:
    """One set of modules. Everything is computed when it is first asked for."""

    def __init__(
        self,
        session: Session,
        modules: Sequence[Given],
        *,
        prefix: Path = (),
        special_args: Mapping[str, Lazy] | None = None,
        special_rest: Unknown | None = None,
        class_: str | None = None,
        rest: Rest | None = None,
        foreign: Callable[[Value], Foreign | None] | None = None,
        adopt: Callable[[Value | Foreign], Lazy | None] | None = None,
        opening: Unknown | None = None,
    ) -> None:
        self.session = session
        self.ev = session.ev
        self.modules = modules
        self.prefix = prefix
        self.special_args = dict(special_args or {})
        self.special_rest = special_rest
        self.class_ = class_
        self.rest = rest
        self.foreign = foreign
        self.adopt = adopt if adopt is not None else session.adopt
        self.outer_opening = opening
        self.collected: Memo[Collected] = Memo(
            self._collect, " while collecting modules: do `imports` depend on `config` or `pkgs`?"
        )
        self.root = Level(self, prefix, Memo(self._declared), Memo(self._definitions), None)
        #: What was found by its path: rules ask for options by their whole paths, again and again.
        self.found: dict[Path, Option | Merged | Level] = {}
        self.config_lazy = Lazy(lambda _: self._config())
        self.freeform: Memo[OptionType | None] = Memo(self._freeform)
        self.freeform_result: Memo[Result | None] = Memo(self._freeform_result)
        self._arguments: Memo[dict[str, Lazy]] = Memo(self._common_arguments)
        self.check: Memo[None] = Memo(self._check)

    # -- modules -------------------------------------------------------------------------------------------------------

    def _collect(self) -> Collected:
        collector = Collector(
            self.session,
            self._called_with,
            class_=self.class_,
            prefix=self.prefix,
            modules_path=lambda: lazy.force() if (lazy := self.special_args.get("modulesPath")) is not None else None,
            foreign=self.foreign,
            adopt=self.adopt,
        )
        args = Attrs(
            {
                "extendModules": Lazy.done(Primitive("extendModules", 1, self._extend)),
                "moduleType": Lazy(lambda _: self.type_view()),
            }
        )
        special = Lazy.done(Attrs(self.special_args, rest=self.special_rest))
        internal = Attrs({"_module": Lazy.done(Attrs({"args": Lazy.done(args), "specialArgs": special}))})
        last = Module(INTERNAL, INTERNAL, _INTERNAL_OPTIONS, (Lazy.done(internal),), [])
        return collector.collect([*self.modules, Given(_NOTHING, ready=last)])

    def _common_arguments(self) -> dict[str, Lazy]:
        return {
            "lib": Lazy(lambda _: self.session.library()),
            "options": Lazy(lambda _: self.options()),
            "specialArgs": Lazy.done(Attrs(self.special_args, rest=self.special_rest)),
            "_class": constant(self.class_),
            "_prefix": constant([*self.prefix]),
            "config": self.config_lazy,
            **self.special_args,
        }

    def _called_with(self, function: Value) -> Lazy:
        """The arguments of a module function: `applyModuleArgs`."""
        items = dict(self._arguments())
        for name in _formals(self.session, function):
            if name not in items:
                items[name] = Lazy(lambda asked: self._module_argument(*asked), (name, function))
        # A formal without an argument is looked up in _module.args, so the set is closed to a function with formals.
        return Lazy.done(Attrs(items, native=self))

    def argument(self, name: str) -> Value:
        """The module argument of a name."""
        special = self.special_args.get(name)
        return special.force() if special is not None else self._module_argument(name)

    def _module_argument(self, name: str, function: Value | None = None) -> Value:
        if self.special_rest is not None:
            # What decides which modules, options or definitions there are cannot be asked of these: it comes from outside.
            deciding = (self.collected, self.root.declared, self.root.defined)
            given = None if any(memo.running for memo in deciding) else self._defined_argument(name)
            return (
                given if given is not None else Unknown(self.special_rest.why, self.special_rest.detail or name, None)
            )
        given = self._defined_argument(name)
        if given is not None:
            return given
        opening = self.opening(INTERNAL)
        if opening is not None:
            return Unknown(Why.ARGUMENT, name, opening.span)
        likely = f"no specialArgs and no _module.args give the argument {name}"
        at = _formal(function, name)
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", at, likely=likely)

    def _defined_argument(self, name: str) -> Value | None:
        self.config_lazy.force()
        args = self.root.child_option("_module", "args").sure_value()
        lazy = args.get(name) if isinstance(args, Attrs) else None
        return lazy.force() if lazy is not None else None

    def opening(self, file: str = "") -> Unknown | None:
        """Why there may be definitions that were not seen. What an input defines does not concern options that the project
        declares by itself (`file` is then of the project).
        """
        if self.outer_opening is not None:
            return self.outer_opening
        for unknown, _ in self.collected().open:
            if unknown.why is not Why.INPUT or not file.startswith("/"):
                return unknown
        return None

    def openings(self) -> list[Unknown]:
        """Why there may be modules that were not seen: first what is outside, then what could not be followed."""
        found = [unknown for unknown, _ in self.collected().open]
        return found if self.outer_opening is None else [self.outer_opening, *found]

    # -- options and definitions ---------------------------------------------------------------------------------------

    def _declared(self) -> list[Declared]:
        return [Declared(m.file, m.options, None) for m in reversed(self.collected().modules) if m.options is not None]

    def _definitions(self) -> list[Raw]:
        found: list[Raw] = []
        for module in reversed(self.collected().modules):
            wrappers = (If(Lazy.done(module.condition)),) if module.condition is not None else ()
            for config in module.configs:
                raws = push_down(self.ev, Raw(config, module.file, wrappers))
                for raw in raws:
                    raw.place = raw.binding = None
                found.extend(raws)
        return found

    def _freeform(self) -> OptionType | None:
        value = self.root.child_option("_module", "freeformType").sure_value()
        return None if isinstance(value, Null) else type_of(self.session, value)

    def _freeform_result(self) -> Result | None:
        """The freeform type's merge of all definitions without an option."""
        type_ = self.freeform()
        if type_ is None:
            return None
        definitions: list[Definition] = []
        opening: Unknown | None = None
        for path, raw in self.root.unmatched():
            lazy = raw.wrapped()
            for step in reversed(path):
                outer = Lazy.done(Attrs({step: lazy}))
                outer.place, outer.binding = lazy.place, lazy.binding
                lazy = outer
            definitions.append(Definition(self.prefix, lazy, raw.file, place=raw.place, binding=raw.binding))
        opening = self.root.opening()
        if opening is not None:
            definitions.append(Definition(self.prefix, Lazy.done(Attrs({}, rest=opening)), INTERNAL))
        return type_.merge(self.session, self.prefix, definitions) if definitions else None

    # -- outcomes ------------------------------------------------------------------------------------------------------

    def _config(self) -> Value:
        self.freeform()
        return self.root.value()

    def config(self) -> Attrs:
        """`config` as modules see it."""
        value = self.config_lazy.force()
        assert isinstance(value, Attrs)
        return value

    def checked_config(self) -> Value:
        """`config` as it is seen from outside: without `_module`, and only when every definition has its option."""
        self.check()
        config = self.config()
        assert isinstance(config, ConfigAttrs)
        return config.without("_module")

    def options(self) -> Attrs:
        return self.root.view()

    def _check(self) -> None:
        if self.freeform() is not None:
            return
        check = self.root.child_option("_module", "check").sure_value()
        if (isinstance(check, Bool) and not check.value) or self.opening() is not None:
            return  # the check is off, or modules that were not seen may declare what is defined here
        undeclared = next(iter(self.root.unmatched()), None)
        if undeclared is not None:
            raise self.no_such_option(*undeclared)

    def no_such_option(self, path: Path, raw: Raw) -> Failure:
        """The error of Nix for a definition of an undeclared option."""
        shown = show_option((*self.prefix, *path))
        message = f"The option `{shown}' does not exist. Definition values:{show_value(raw.file, raw.wrapped())}"
        message += self._suggestion(path)
        return Failure(Kind.UNKNOWN_OPTION, message, raw.place, catchable=True)

    def _suggestion(self, path: Path) -> str:
        level: object = self.root
        for step in path[:-1]:
            level = level.child(step) if isinstance(level, Level) else None
        names = [name for name in level.declared() if name != "_module"] if isinstance(level, Level) else []
        if not names:
            if list(self.root.declared()) == ["_module"]:
                if self.prefix:
                    return (
                        f"\n\nHowever there are no options defined in `{show_option(self.prefix)}'. Are you sure you've\n"
                        "declared your options properly? This can happen if you e.g. declared your options in `types.submodule'\n"
                        "under `config' rather than `options'."
                    )
                return "\n\nIt seems as if you're trying to declare an option by placing it into `config' rather than `options'!"
            return ""
        near = sorted(sorted(names), key=lambda name: distance(path[-1], name))
        if len(names) >= 100:
            near = [name for name in near if distance(path[-1], name) <= 2]
        shown = [f"`{show_option((*self.prefix, *path[:-1], name))}'" for name in near[:3]]
        if not shown:
            return ""
        return f"\n\nDid you mean {', '.join(shown[:-1])}{' or ' if len(shown) > 1 else ''}{shown[-1]}?"

    def type_view(self) -> Value:
        modules = [given.value for given in self.modules]
        return self.session.submodule(modules, self.special_args, class_=self.class_)

    def result(self) -> Attrs:
        """The result of `evalModules`."""
        return Attrs(
            {
                "_type": constant("configuration"),
                "options": Lazy(lambda _: self._after_check(self.options)),
                "config": Lazy(lambda _: self.checked_config()),
                "_module": Lazy(lambda _: self._after_check(lambda: self.ev.select(self.config(), "_module"))),
                "extendModules": Lazy.done(Primitive("extendModules", 1, self._extend)),
                "type": Lazy(lambda _: self.type_view()),
                "class": constant(self.class_),
                "graph": Lazy(lambda _: self._graph()),
            },
            native=self,
        )

    def _after_check(self, make: Callable[[], Value]) -> Value:
        self.check()
        return make()

    def _graph(self) -> Value:
        return Unknown(Why.FUNCTION, "graph")

    def _extend(self, ev: object, arguments: Lazy) -> Value:
        given = self.ev.attrs(arguments)
        modules = list(self.modules)
        if (lazy := given.get("modules")) is not None:
            modules.extend(Given(item) for item in self.ev.list(lazy).items)
        special = dict(self.special_args)
        if (lazy := given.get("specialArgs")) is not None:
            special.update(self.ev.attrs(lazy).items)
        prefix = self.prefix
        if (lazy := given.get("prefix")) is not None:
            prefix = tuple(self.ev.text(item) for item in self.ev.list(lazy).items)
        return self.extended(modules, special, prefix).result()

    def extended(
        self, modules: Sequence[Given], special: Mapping[str, Lazy], prefix: Path, opening: Unknown | None = None
    ) -> Evaluation:
        return Evaluation(
            self.session,
            modules,
            prefix=prefix,
            special_args=special,
            special_rest=self.special_rest,
            class_=self.class_,
            rest=self.rest,
            foreign=self.foreign,
            adopt=self.adopt,
            opening=opening or self.outer_opening,
        )


def _formal(function: Value | None, name: str) -> Span | None:
    """The place of a formal argument of a function written in Nix."""
    formals = function.node.formals if isinstance(function, Closure) else None
    return next((formal.span for formal in formals or () if formal.name == name), None)


def _formals(session: Session, function: Value) -> list[str]:
    if isinstance(function, Closure):
        return [formal.name for formal in function.node.formals or ()]
    if isinstance(function, Primitive):
        return list(function.takes or ())
    if isinstance(function, Attrs):
        written = function.items.get("__functionArgs")
        if written is not None and isinstance(names := written.force(), Attrs):
            return list(names.items)
        functor = function.items.get("__functor")
        if functor is not None:
            return _formals(session, session.ev.apply(functor.force(), Lazy.done(function)))
    return []
