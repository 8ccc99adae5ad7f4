"""`lib.evalModules`: modules become a tree of options, and that a lazy `config`.

Follows `evalModules` and `mergeModules'` of nixpkgs' lib/modules.nix. A Level is one step of an option path that is no option
itself: the declarations and the definitions below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from hslint.modules.collect import Collected, Collector, Given, Module
from hslint.modules.declaration import Declaration, Declared, Option
from hslint.modules.definition import Definition
from hslint.modules.merge import Merged, Result
from hslint.modules.once import Once
from hslint.modules.option_types.composite import LazyAttrsOf, NullOr, RestOfNixOS
from hslint.modules.option_types.from_value import type_of
from hslint.modules.option_types.option_type import OptionType
from hslint.modules.option_types.plain import BOOL, OPTION_TYPE, RAW
from hslint.modules.properties import If, Raw, push_down
from hslint.modules.show import show_option, show_value
from hslint.source import Span
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Kind,
    Lazy,
    List,
    Null,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.modules.foreign import Foreign
    from hslint.modules.session import Session

Path = tuple[str, ...]

#: The file of the module that declares `_module.args` and its like.
INTERNAL = "lib/modules.nix"

_NOTHING = Lazy.done(Null())


class Rest(Protocol):
    """What is known of options that nobody declares: the parts of NixOS that hslint has in outline only."""

    def accepts(self, path: Path) -> bool:
        """Whether a definition of an undeclared option may be right."""

    def missing(self, path: Path, opening: Unknown | None) -> Value | None:
        """The value of an option that is neither declared nor defined; None when there is none."""

    def foreign(self, path: Path) -> Unknown | None:
        """Why an option's value cannot be told from its definitions: nobody here knows its declaration."""

    def completed(self, path: Path, value: Value, opening: Unknown | None) -> Value:
        """A merged value with what the real option adds to it."""


def _option(type_: OptionType | None, **more: Value) -> Lazy:
    items = {"_type": Lazy.done(String("option"))}
    if type_ is not None:
        items["type"] = Lazy(lambda t: t.view(), type_)
    items.update({name: Lazy.done(value) for name, value in more.items()})
    return Lazy.done(Attrs(items))


_INTERNAL_OPTIONS = Lazy.done(
    Attrs(
        {
            "_module": Lazy.done(
                Attrs(
                    {
                        "args": _option(LazyAttrsOf(RAW)),
                        "check": _option(BOOL, default=Bool(True)),
                        "freeformType": _option(NullOr(OPTION_TYPE), default=Null()),
                        "specialArgs": _option(None, readOnly=Bool(True)),
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
        self.adopt = adopt if adopt is not None else _adopt_renames
        self.outer_opening = opening
        self.collected: Once[Collected] = Once(
            self._collect, " while collecting modules: do `imports` depend on `config` or `pkgs`?"
        )
        self.root = Level(self, prefix, Once(self._declared), Once(self._definitions), None)
        self.config_lazy = Lazy(lambda _: self._config())
        self.freeform: Once[OptionType | None] = Once(self._freeform)
        self.freeform_result: Once[Result | None] = Once(self._freeform_result)
        self._arguments: Once[dict[str, Lazy]] = Once(self._common_arguments)
        self.check: Once[None] = Once(self._check)

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
        last = Module(INTERNAL, INTERNAL, _INTERNAL_OPTIONS, (Lazy.done(internal),))
        return collector.collect([*self.modules, Given(_NOTHING, ready=last)])

    def _common_arguments(self) -> dict[str, Lazy]:
        return {
            "lib": Lazy(lambda _: self.session.library()),
            "options": Lazy(lambda _: self.options()),
            "specialArgs": Lazy.done(Attrs(self.special_args, rest=self.special_rest)),
            "_class": Lazy.done(String(self.class_) if self.class_ is not None else Null()),
            "_prefix": Lazy.done(List([Lazy.done(String(part)) for part in self.prefix])),
            "config": self.config_lazy,
            **self.special_args,
        }

    def _called_with(self, function: Value) -> Lazy:
        """The arguments of a module function: `applyModuleArgs`."""
        items = dict(self._arguments())
        for name in _formals(self.session, function):
            if name not in items:
                items[name] = Lazy(self._module_argument, name)
        # A formal that nobody gives is looked up in _module.args, so the set is closed to a function with formals.
        return Lazy.done(Attrs(items, native=self))

    def _module_argument(self, name: str) -> Value:
        if self.special_rest is not None:
            # What decides which modules there are cannot be asked of the modules: it comes from outside, if it comes.
            given = None if self.collected.running else self._defined_argument(name)
            return (
                given if given is not None else Unknown(self.special_rest.why, self.special_rest.detail or name, None)
            )
        given = self._defined_argument(name)
        if given is not None:
            return given
        opening = self.opening(INTERNAL)
        if opening is not None:
            return Unknown(Why.ARGUMENT, name, opening.span)
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing")

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
        """What the freeform type makes of all definitions without an option."""
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
        if isinstance(check, Bool) and not check.value:
            return
        failure = next(self.unknown_options(), None)
        if failure is not None:
            raise failure

    def unknown_options(self) -> Iterator[Failure]:
        """Definitions that belong to no option."""
        for path, raw in self.root.unmatched():
            shown = show_option((*self.prefix, *path))
            message = f"The option `{shown}' does not exist. Definition values:{show_value(raw.file, raw.wrapped())}"
            message += self._suggestion(path)
            yield Failure(Kind.UNKNOWN_OPTION, message, raw.place, catchable=True)

    def _suggestion(self, path: Path) -> str:
        from hslint.modules.show import distance

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
        from hslint.modules.option_types.submodule import Submodule

        modules = [given.value for given in self.modules]
        return Submodule(self.session, modules, self.special_args, class_=self.class_).view()

    def result(self) -> Attrs:
        """What `evalModules` gives."""
        return Attrs(
            {
                "_type": Lazy.done(String("configuration")),
                "options": Lazy(lambda _: self._after_check(self.options)),
                "config": Lazy(lambda _: self.checked_config()),
                "_module": Lazy(lambda _: self._after_check(lambda: self.ev.select(self.config(), "_module"))),
                "extendModules": Lazy.done(Primitive("extendModules", 1, self._extend)),
                "type": Lazy(lambda _: self.type_view()),
                "class": Lazy.done(String(self.class_) if self.class_ is not None else Null()),
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


def _adopt_renames(value: Value | Foreign) -> Lazy | None:
    from hslint.modules.renamed import adopt

    return adopt(value)


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


class ConfigAttrs(Attrs):
    """A part of `config`. `missing` gives values for names that nobody declares or defines."""

    __slots__ = ("missing",)

    def __init__(
        self,
        items: dict[str, Lazy],
        rest: Unknown | None,
        maybe: frozenset[str],
        missing: Callable[[str], Value | None] | None,
    ) -> None:
        super().__init__(items, None, rest, None, maybe)
        self.missing = missing

    def get(self, name: str) -> Lazy | None:
        found = self.items.get(name)
        if found is None and self.missing is not None:
            value = self.missing(name)
            if value is not None:
                return Lazy.done(value)
        return found

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        return ConfigAttrs(items, rest, maybe, self.missing)

    def without(self, name: str) -> ConfigAttrs:
        return ConfigAttrs(
            {n: lazy for n, lazy in self.items.items() if n != name}, self.rest, self.maybe, self.missing
        )


Node = Option | Merged


class Level:
    """One step of an option path that is no option itself."""

    __slots__ = (
        "_children",
        "_opening",
        "_rest",
        "_value",
        "declarations",
        "declared",
        "defined",
        "definitions",
        "evaluation",
        "parent",
        "path",
    )

    def __init__(
        self,
        evaluation: Evaluation,
        path: Path,
        declarations: Once[list[Declared]],
        definitions: Once[list[Raw]],
        parent: Level | None,
    ) -> None:
        self.evaluation = evaluation
        self.path = path
        self.parent = parent
        self.declarations = declarations
        self.definitions = definitions
        self.declared: Once[dict[str, list[Declared]]] = Once(self._declared)
        self.defined: Once[dict[str, list[Raw]]] = Once(self._defined)
        self._value: Once[ConfigAttrs] = Once(self._make_value)
        self._children: dict[str, Option | Level] = {}
        self._rest: dict[str, Merged] = {}
        self._opening: Unknown | None = None

    def _declared(self) -> dict[str, list[Declared]]:
        """The declarations by their next name, in the order of the names."""
        found: dict[str, list[Declared]] = {}
        for declaration in self.declarations():
            attrs = declaration.attrs()
            if isinstance(attrs, Unknown):
                self._opening = self._opening or attrs
                continue
            for name, lazy in attrs.items.items():
                found.setdefault(name, []).append(Declared(declaration.file, lazy, lazy.place))
        return found

    def _defined(self) -> dict[str, list[Raw]]:
        found: dict[str, list[Raw]] = {}
        for raw in self.definitions():
            value = raw.value.force()
            if isinstance(value, Unknown):
                self._opening = self._opening or value
                continue
            if not isinstance(value, Attrs):
                from hslint.modules.option_types.plain import type_word

                shown = show_option(self.path)
                raise Failure(
                    Kind.TYPE,
                    f"In module `{raw.file}', you're trying to define a value of type `{type_word(value)}'\n"
                    f"rather than an attribute set for the option\n`{shown}'!",
                    value.span or raw.place,
                    catchable=True,
                )
            if value.rest is not None:
                self._opening = self._opening or value.rest
            for name in value.items:
                found.setdefault(name, []).append(raw.attribute(value, name))
        return found

    def opening(self, file: str = "") -> Unknown | None:
        """Why there may be definitions below this level that were not seen."""
        self.defined()
        level: Level | None = self
        while level is not None:
            if level._opening is not None:
                return level._opening
            level = level.parent
        return self.evaluation.opening(file)

    def own_opening(self) -> Unknown | None:
        self.defined()
        return self._opening

    # -- children ------------------------------------------------------------------------------------------------------

    def child(self, name: str) -> Option | Level | None:
        """What is declared under a name: an option, or a level further down."""
        found = self._children.get(name)
        if found is None:
            declared = self.declared().get(name)
            if declared is None:
                return None
            found = self._children[name] = self._make_child(name, declared)
        return found

    def child_option(self, *path: str) -> Option:
        level: Option | Level | None = self
        for name in path:
            assert isinstance(level, Level)
            level = level.child(name)
        assert isinstance(level, Option)
        return level

    def _make_child(self, name: str, declared: list[Declared]) -> Option | Level:
        loc = (*self.path, name)
        options = [d for d in declared if d.is_option(loc)]
        session = self.evaluation.session
        if len(options) == len(declared):
            return self._option(loc, declared)
        if options:
            if all(_declares_submodule(session, d) for d in options):
                return self._option(loc, [d if d.is_option(loc) else _as_submodule(session, d) for d in declared])
            self._parent_of_options(loc, options[0], [d for d in declared if d not in options])

        def definitions() -> list[Raw]:
            return [pushed for raw in self.defined().get(name, ()) for pushed in push_down(self.evaluation.ev, raw)]

        return Level(self.evaluation, loc, Once(lambda: declared), Once(definitions), self)

    def _parent_of_options(self, loc: Path, option: Declared, others: list[Declared]) -> None:
        attrs = option.attrs()
        lazy = attrs.items.get("type") if isinstance(attrs, Attrs) else None
        described = (
            type_of(self.evaluation.session, lazy.force()).description if lazy is not None else "<no description>"
        )
        below = sorted(
            f" - option(s) with prefix `{show_option((*loc, name))}' in module `{other.file}'"
            for other in others
            if isinstance(inner := other.attrs(), Attrs)
            for name in inner.items
        )
        raise Failure(
            Kind.DECLARED_TWICE,
            f"The option `{show_option(loc)}' in module `{option.file}' would be a parent of the following options, but its type "
            f"`{described}' does not support nested options.\n" + "\n".join(below),
            option.place,
            catchable=True,
        )

    def _option(self, loc: Path, declared: list[Declared]) -> Option:
        declaration = Declaration(self.evaluation.session, loc, declared)
        raws = self.defined().get(loc[-1], [])
        return Option(self.evaluation.session, declaration, raws, self.opening(declared[0].file))

    def undeclared(self, name: str) -> Merged | None:
        """Definitions of an option that belongs to the rest of NixOS."""
        found = self._rest.get(name)
        if found is None:
            rest = self.evaluation.rest
            raws = self.defined().get(name)
            if rest is None or raws is None or name in self.declared() or not rest.accepts((*self.path, name)):
                return None
            found = self._rest[name] = Merged(
                self.evaluation.session, (*self.path, name), RestOfNixOS(), raws, self.opening()
            )
        return found

    def freeform(self) -> Result | Merged | None:
        """What the freeform type made of the definitions below this level that have no option."""
        if self.evaluation.freeform() is None:
            return None
        if self.parent is None:
            return self.evaluation.freeform_result()
        outer = self.parent.freeform()
        if outer is None:
            return None
        if isinstance(outer, Result):
            inner = outer.child(self.path[-1]) if outer.child is not None else None
        else:
            inner = outer.child(self.path[-1])
        return inner if isinstance(inner, Merged) else None

    def node(self, name: str) -> Option | Level | Merged | None:
        """Whatever there is under a name, declared or not."""
        found: object = self.child(name) or self.undeclared(name)
        if found is None and (freeform := self.freeform()) is not None:
            found = freeform.child(name) if freeform.child is not None else None
        return found if isinstance(found, Option | Level | Merged) else None

    def names(self) -> list[str]:
        """The names below this level that are declared or defined, in order."""
        names = set(self.declared())
        rest = self.evaluation.rest
        names.update(name for name in self.defined() if rest is not None and rest.accepts((*self.path, name)))
        freeform = self.freeform()
        if freeform is not None:
            value = freeform.value if isinstance(freeform, Result) else freeform.value()
            if isinstance(value, Attrs):
                names.update(value.items)
        return sorted(names)

    def unmatched(self) -> list[tuple[Path, Raw]]:
        """The definitions below this level that belong to no option, by their path from the root of the modules."""
        if not self.definitions():
            return []
        declared, defined = self.declared(), self.defined()
        depth = len(self.evaluation.prefix)
        rest = self.evaluation.rest
        found: list[tuple[Path, Raw]] = []
        for name in sorted(declared.keys() | defined.keys()):
            if name in declared:
                child = self.child(name)
                if isinstance(child, Level):
                    found.extend(child.unmatched())
        for name in sorted(defined):
            path = (*self.path, name)
            if name not in declared and not (rest is not None and rest.accepts(path)):
                found.extend((path[depth:], raw) for raw in defined[name])
        return found

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self) -> ConfigAttrs:
        return self._value()

    def _make_value(self) -> ConfigAttrs:
        items: dict[str, Lazy] = {}
        defined = self.defined()
        evaluation = self.evaluation
        for name in self.declared():
            raws = defined.get(name)
            place, binding = (raws[0].place, raws[0].binding) if raws else (None, None)
            items[name] = Lazy(self._child_value, name, place, binding)
        rest: Unknown | None = None
        maybe: frozenset[str] = frozenset()
        policy = evaluation.rest
        missing: Callable[[str], Value | None] | None = None
        if policy is not None:
            for name, raws in defined.items():
                if name not in items and policy.accepts((*self.path, name)):
                    items[name] = Lazy(self._rest_value, name, raws[0].place, raws[0].binding)
            if not self.path or policy.accepts((*self.path, "")):
                rest = Unknown(Why.OPTION, show_option(self.path))
                missing = self._missing
        freeform = self.freeform()
        if freeform is not None:
            value = freeform.value if isinstance(freeform, Result) else freeform.value()
            if isinstance(value, Attrs):
                for name, lazy in value.items.items():
                    if name not in items:
                        items[name] = lazy
                maybe = frozenset(name for name in value.maybe if name not in self.declared())
                rest = rest or value.rest
            elif isinstance(value, Unknown):
                rest = rest or value
        return ConfigAttrs(items, rest or self._own_opening(), maybe, missing)

    def _own_opening(self) -> Unknown | None:
        """An opening that concerns names which nobody declares."""
        return self.opening() if self.evaluation.freeform() is not None else None

    def _child_value(self, name: str) -> Value:
        child = self.child(name)
        assert child is not None
        return child.value()

    def _rest_value(self, name: str) -> Value:
        merged = self.undeclared(name)
        assert merged is not None and self.evaluation.rest is not None
        path = (*self.path, name)
        foreign = self.evaluation.rest.foreign(path)
        if foreign is not None:
            return foreign
        if merged.is_defined is False:
            return self._missing(name) or Unknown(Why.OPTION, show_option(path))
        return self.evaluation.rest.completed(path, merged.value(), self.opening())

    def _missing(self, name: str) -> Value | None:
        assert self.evaluation.rest is not None
        return self.evaluation.rest.missing((*self.path, name), self.opening())

    def view(self) -> Attrs:
        """This part of `options`."""
        rest: Unknown | None = None
        if self.evaluation.rest is not None and (not self.path or self.evaluation.rest.accepts((*self.path, ""))):
            rest = Unknown(Why.OPTION, f"options.{show_option(self.path)}")

        def child_view(name: str) -> Value:
            child = self.child(name)
            assert child is not None
            return child.view()

        return Attrs({name: Lazy(child_view, name, d[0].place) for name, d in self.declared().items()}, rest=rest)


def _declares_submodule(session: Session, declared: Declared) -> bool:
    attrs = declared.attrs()
    lazy = attrs.items.get("type") if isinstance(attrs, Attrs) else None
    return lazy is not None and type_of(session, lazy.force()).name == "submodule"


def _as_submodule(session: Session, declared: Declared) -> Declared:
    """Options declared below an option of type submodule are options of the submodule."""
    from hslint.modules.option_types.submodule import Submodule

    module = Lazy.done(Attrs({"options": declared.options}))
    type_ = Submodule(session, [module], {}, shorthand=None)
    items = {"_type": Lazy.done(String("option")), "type": Lazy.done(type_.view())}
    return Declared(declared.file, Lazy.done(Attrs(items)), declared.place)
