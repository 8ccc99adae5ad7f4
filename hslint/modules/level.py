"""A node of the option tree that is not an option itself: the declarations and definitions below a path (`mergeModules'` of lib/modules.nix)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hslint.modules.declaration import Declaration, Declared, Option
from hslint.modules.definition import of_project
from hslint.modules.memo import Memo
from hslint.modules.merge import Merged
from hslint.modules.option_type import OptionType
from hslint.modules.option_types.from_value import type_of
from hslint.modules.option_types.rest_of_nixos import RestOfNixOS
from hslint.modules.properties import Raw, push_down
from hslint.modules.result import Result
from hslint.modules.show import show_option
from hslint.values.builtins.attrsets import WITHOUT_POSITIONS
from hslint.values.constant import constant
from hslint.values.evaluator import Evaluator
from hslint.values.predicates import type_word
from hslint.values.value import (
    Attrs,
    Failure,
    Kind,
    Lazy,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hslint.modules.session import Session
    from hslint.source import Span


Path = tuple[str, ...]


class Rest(Protocol):
    """The policy for undeclared options: the parts of NixOS modelled in outline only."""

    def accepts(self, path: Path) -> bool:
        """Whether a definition of an undeclared option may be right."""

    def missing(self, path: Path, opening: Unknown | None) -> Value | None:
        """The value of an option that is neither declared nor defined; None when there is none."""

    def foreign(self, path: Path) -> Unknown | None:
        """Why an option's value does not follow from its definitions: its declaration is unknown."""

    def completed(self, path: Path, value: Value, opening: Unknown | None) -> Value:
        """A merged value, completed by what the real option adds."""


class Modules(Protocol):
    """The interface of the evaluation that a level is part of (hslint.modules.evaluation)."""

    session: Session
    ev: Evaluator
    prefix: Path
    special_rest: Unknown | None
    rest: Rest | None
    freeform: Memo[OptionType | None]
    #: What the freeform type makes of all definitions without an option.
    freeform_result: Memo[Result | None]

    def opening(self, file: str = "") -> Unknown | None:
        """Why there may be definitions that were not seen, of an option that a file declares."""


class ConfigAttrs(Attrs):
    """A part of `config`. `missing` gives values for names that are neither declared nor defined."""

    __slots__ = ("level", "missing")

    def __init__(
        self,
        items: dict[str, Lazy],
        rest: Unknown | None,
        maybe: frozenset[str],
        missing: Callable[[str], Value | None] | None,
        level: Level,
    ) -> None:
        super().__init__(items, None, rest, None, maybe)
        self.missing = missing
        self.level = level

    def get(self, name: str) -> Lazy | None:
        found = self.items.get(name)
        if found is None and self.missing is not None:
            value = self.missing(name)
            if value is not None:
                return Lazy.done(value)
        return found

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        return ConfigAttrs(items, rest, maybe, self.missing, self.level)

    def without(self, name: str) -> ConfigAttrs:
        items = {n: lazy for n, lazy in self.items.items() if n != name}
        return ConfigAttrs(items, self.rest, self.maybe, self.missing, self.level)

    def certainly_lacks(self, name: str) -> bool:
        """At the top, what is no part of NixOS is there only if a module declares it."""
        return self.rest is None or (
            self.level.parent is None and not self.level.accepts(name) and not self.level.opening()
        )

    def why_missing(self, name: str) -> str:
        return f"no imported module declares {show_option((*self.level.path, name))}"


Node = Option | Merged


class Level:
    """One step of an option path that is no option itself."""

    __slots__ = (
        "_by_project",
        "_children",
        "_opening",
        "_rest",
        "_undeclared",
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
        evaluation: Modules,
        path: Path,
        declarations: Memo[list[Declared]],
        definitions: Memo[list[Raw]],
        parent: Level | None,
    ) -> None:
        self.evaluation = evaluation
        self.path = path
        self.parent = parent
        self.declarations = declarations
        self.definitions = definitions
        self.declared: Memo[dict[str, list[Declared]]] = Memo(self._declared)
        self.defined: Memo[dict[str, list[Raw]]] = Memo(self._defined)
        self._value: Memo[ConfigAttrs] = Memo(self._make_value)
        self._children: dict[str, Option | Level] = {}
        self._rest: dict[str, Merged] = {}
        self._opening: Unknown | None = None
        self._undeclared: Unknown | None = None
        self._by_project: set[str] = set()

    def _declared(self) -> dict[str, list[Declared]]:
        """The declarations by their next name, in the order of the names."""
        found: dict[str, list[Declared]] = {}
        for declaration in self.declarations():
            attrs = declaration.attrs()
            if isinstance(attrs, Unknown):
                self._undeclared = self._undeclared or attrs
                continue
            self._undeclared = self._undeclared or attrs.rest
            if of_project(declaration.file):
                self._by_project.update(attrs.items)
            for name, lazy in attrs.items.items():
                declared = Declared(declaration.file, lazy, lazy.place)
                if attrs.native is WITHOUT_POSITIONS:
                    declared.position = None
                found.setdefault(name, []).append(declared)
        return found

    def _defined(self) -> dict[str, list[Raw]]:
        found: dict[str, list[Raw]] = {}
        for raw in self.definitions():
            value = raw.value.force()
            if isinstance(value, Unknown):
                self._opening = self._opening or value
                continue
            if not isinstance(value, Attrs):
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

    def _more_definitions(self, file: str = "") -> Unknown | None:
        """Why an option that a file declares may have definitions that were not seen; assumptions may rule that out."""
        if self.evaluation.ev.assumptions.closed and not of_project(file):
            return None
        return self.opening(file)

    def undeclared_rest(self) -> Unknown | None:
        """Why there may be options below this level that were not seen: an unknown function declares them."""
        self.declared()
        return self._undeclared

    def accepts(self, name: str) -> bool:
        """Whether there may be an option of a name without a visible declaration."""
        rest = self.evaluation.rest
        return self.undeclared_rest() is not None or (rest is not None and rest.accepts((*self.path, name)))

    def own_opening(self) -> Unknown | None:
        self.defined()
        return self._opening

    @property
    def declared_by_project(self) -> set[str]:
        """The names below this level that modules of the project declare."""
        self.declared()
        return self._by_project

    def untouched(self, name: str) -> bool:
        """Whether a name is an option subtree without definitions that only NixOS and Headscale declare: nothing can be wrong there."""
        return self.undefined(name) and name not in self._by_project

    def undefined(self, name: str) -> bool:
        """Whether a name is an option subtree without definitions."""
        return name in self.declared() and name not in self.defined()

    # -- children ------------------------------------------------------------------------------------------------------

    def child(self, name: str) -> Option | Level | None:
        """The child node of a name: an option, or a level further down."""
        found = self._children.get(name)
        if found is None:
            declared = self.declared().get(name)
            if declared is None:
                return None
            found = self._children[name] = self._make_child(name, declared)
        return found

    def _untouched_child(self, name: str) -> Option | Level | None:
        """The child node of an option subtree without definitions; shared by all configurations with the same unresolved imports.

        Asks what is defined here, as `child` must not: definitions may depend on which options there are.
        """
        if self.evaluation.rest is None or self.path[:1] in ((), ("_module",)):
            return None
        declared = self.declared().get(name)
        if declared is None or name in self._children or not self.untouched(name):
            return None
        key = (self.path, name, self.opening(declared[0].file), *((d.file, d.options) for d in declared))
        found = self._children[name] = self.evaluation.session.shared(key, lambda: self._make_child(name, declared))
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

        return Level(self.evaluation, loc, Memo(lambda: declared), Memo(definitions), self)

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
            related=tuple(other.place for other in others if other.place is not None),
        )

    def _option(self, loc: Path, declared: list[Declared]) -> Option:
        session = self.evaluation.session
        raws = self.defined().get(loc[-1], [])
        first = declared[0]
        opening = self._more_definitions(first.file)
        if len(declared) > 1 or of_project(first.file):
            own = Declaration(session, loc, declared)
            if not raws and own.default is None:
                # Whoever passes arguments that were not seen gives what these modules ask for, too.
                opening = opening or self.evaluation.special_rest
            return Option(session, own, raws, opening)
        declaration = session.shared((loc, first.file, first.options), lambda: Declaration(session, loc, declared))
        if raws:
            return Option(session, declaration, raws, opening)
        return session.shared(
            (loc, first.file, first.options, opening), lambda: Option(session, declaration, [], opening)
        )

    def undeclared(self, name: str) -> Merged | None:
        """Definitions of an option that belongs to the rest of NixOS."""
        found = self._rest.get(name)
        if found is None:
            raws = self.defined().get(name)
            if raws is None or name in self.declared() or not self.accepts(name):
                return None
            found = self._rest[name] = Merged(
                self.evaluation.session, (*self.path, name), RestOfNixOS(), raws, self._more_definitions()
            )
        return found

    def freeform(self) -> Result | Merged | None:
        """The freeform type's merge of the definitions below this level that have no option."""
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
        """The node of a name, declared or not."""
        found: object = self._untouched_child(name) or self.child(name) or self.undeclared(name)
        if found is None and (freeform := self.freeform()) is not None:
            found = freeform.child(name) if freeform.child is not None else None
        return found if isinstance(found, Option | Level | Merged) else None

    def names(self) -> list[str]:
        """The names below this level that are declared or defined, in order."""
        names = set(self.declared())
        names.update(name for name in self.defined() if self.accepts(name))
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
        found: list[tuple[Path, Raw]] = []
        for name in sorted(declared.keys() & (defined.keys() | self._by_project)):
            child = self.child(name)
            if isinstance(child, Level):
                found.extend(child.unmatched())
        for name in sorted(defined):
            path = (*self.path, name)
            if name not in declared and not self.accepts(name):
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
        rest = self.undeclared_rest()
        maybe: frozenset[str] = frozenset()
        policy = evaluation.rest
        missing: Callable[[str], Value | None] | None = None
        for name, raws in defined.items():
            if name not in items and self.accepts(name):
                items[name] = Lazy(self._rest_value, name, raws[0].place, raws[0].binding)
        if policy is not None and (not self.path or policy.accepts((*self.path, ""))):
            rest = rest or Unknown(Why.OPTION, show_option(self.path))
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
        opening = self.opening() if rest is None else None
        if opening is not None:
            rest = Unknown(opening.why, show_option(self.path), opening.span)
        return ConfigAttrs(items, rest, maybe, missing, self)

    def _child_value(self, name: str) -> Value:
        child = self.child(name)
        assert child is not None
        if isinstance(child, Level) and not child.declared() and child.undeclared_rest() is not None:
            return Unknown(Why.OPTION, show_option(child.path))  # it may just as well be an option itself
        return child.value()

    def _rest_value(self, name: str) -> Value:
        path = (*self.path, name)
        if self.undeclared_rest() is not None:
            return Unknown(Why.OPTION, show_option(path))  # its type may make anything of what is defined
        merged = self.undeclared(name)
        assert merged is not None and self.evaluation.rest is not None
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
    module = Lazy.done(Attrs({"options": declared.options}))
    type_ = session.submodule([module], {}, shorthand=None)
    items = {"_type": constant("option"), "type": Lazy.done(type_)}
    return Declared(declared.file, Lazy.done(Attrs(items)), declared.place)
