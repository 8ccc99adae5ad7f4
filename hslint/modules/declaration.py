"""Option declarations: one `mkOption`, several of one option merged, and an option with its definitions.

Follows `mergeOptionDecls`, `fixupOptionType` and `evalOptionValue` of nixpkgs' lib/modules.nix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.collect import located_module
from hslint.modules.computed import ALIAS
from hslint.modules.definition import OPTION_DEFAULT, OUTLINE_FILE, Definition
from hslint.modules.memo import Memo
from hslint.modules.merge import Merged
from hslint.modules.option_type import Loc, OptionType, Unknowable, definition_view
from hslint.modules.option_types.from_value import type_of
from hslint.modules.option_types.plain import UNSPECIFIED
from hslint.modules.properties import ForwardedDefinition, Override, Raw, property_type
from hslint.modules.result import Result
from hslint.modules.show import show_files, show_option, show_value
from hslint.values import operations
from hslint.values.constant import constant
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hslint.modules.session import Session
    from hslint.source import Span

_DEFAULT_PRIORITY = constant(OPTION_DEFAULT)
#: Attributes that two declarations of one option may not both have.
_ONCE_ONLY = ("default", "example", "description", "apply")


class Declared:
    """An entry of one module's `options` at a path: an option, or a set with options further down.

    `position` is what Nix knows of the place: nothing, where a function made the set.
    """

    __slots__ = ("file", "options", "place", "position")

    def __init__(self, file: str, options: Lazy, place: Span | None) -> None:
        self.file = file
        self.options = options
        self.place = place
        self.position = place

    def attrs(self) -> Attrs | Unknown:
        value = self.options.force()
        if isinstance(value, Attrs | Unknown):
            return value
        raise Failure(
            Kind.ERROR,
            "An option declaration has a value rather than an attribute set",
            value.span or self.place,
            catchable=True,
        )

    def is_option(self, loc: tuple[str, ...]) -> bool:
        value = self.options.force()
        kind = property_type(value)
        if kind is None:
            return False
        if kind != "option":
            raise Failure(
                Kind.ERROR,
                f"In module {self.file}: expected an option declaration at option path `{show_option(loc)}`"
                f" but got an attribute set with type {kind}",
                self.place,
                catchable=True,
            )
        return True


class Declaration:
    """All declarations of one option, as one."""

    def __init__(self, session: Session, loc: tuple[str, ...], declared: Sequence[Declared]) -> None:
        self.session = session
        self.loc = loc
        self.files = [d.file for d in declared]
        self._declared = declared
        self.places = tuple(d.place for d in declared if d.place is not None)
        self.attrs: dict[str, Lazy] = {}
        for one in declared:
            attrs = one.attrs()
            assert isinstance(attrs, Attrs)
            if any(name in attrs.items and name in self.attrs for name in _ONCE_ONLY):
                self._twice(one)
            for name, lazy in attrs.items.items():
                if name not in self.attrs:
                    self.attrs[name] = lazy
        self.type: Memo[OptionType] = Memo(self._type)

    @property
    def is_alias(self) -> bool:
        """Whether the option only forwards its definitions to another one."""
        apply = self.attrs.get("apply")
        function = apply.outcome() if apply is not None else None
        return isinstance(function, Primitive) and function.name == ALIAS

    def _twice(self, second: Declared) -> None:
        before = show_files(self.files[: self._number(second)])
        message = f"The option `{show_option(self.loc)}' in `{second.file}' is already declared in {before}."
        places = tuple(one.place for one in self._declared if one is not second and one.place is not None)
        raise Failure(Kind.DECLARED_TWICE, message, second.place, catchable=True, related=places)

    def _number(self, one: Declared) -> int:
        return next((n for n, file in enumerate(self.files) if n and file == one.file), len(self.files) - 1)

    def _type(self) -> OptionType:
        merged: OptionType | None = None
        modules: list[Lazy] = []
        for one in self._declared:
            attrs = one.attrs()
            assert isinstance(attrs, Attrs)
            lazy = attrs.items.get("type")
            if lazy is None:
                continue
            type_ = type_of(self.session, lazy.force())
            subs = type_.sub_modules()
            if subs is not None:
                modules = [*(located_module(one.file, sub) for sub in subs), *modules]
            if merged is None:
                merged = type_
                continue
            together = merged.type_merge(self.session, type_.as_merged())
            if together is None and OUTLINE_FILE in self.files:
                together = type_ if one.file == OUTLINE_FILE else merged  # the real one may well go together with it
            if together is None:
                self._twice(one)
            merged = together
        if merged is None:
            return UNSPECIFIED
        if merged.sub_modules() is not None:
            return merged.with_sub_modules(modules) or merged
        return merged

    @property
    def sites(self) -> Iterator[tuple[str, Span | None]]:
        """Each declaring module's file, with the place of the declaration."""
        return ((one.file, one.place) for one in self._declared)

    @property
    def read_only(self) -> bool:
        return _is_true(self.attrs.get("readOnly"))

    @property
    def default(self) -> Lazy | None:
        return self.attrs.get("default")


def _is_true(lazy: Lazy | None) -> bool:
    value = lazy.force() if lazy is not None else None
    return isinstance(value, Bool) and value.value


class Option:
    """A declared option with its definitions.

    `opening` says why there may be definitions that were not seen: then a value without a visible definition is unknown.
    `sure_value` is the value without that doubt.
    """

    __slots__ = ("_computed", "_merged", "declaration", "loc", "opening", "raws", "session")

    def __init__(
        self, session: Session, declaration: Declaration, raws: Sequence[Raw], opening: Unknown | None = None
    ) -> None:
        self.session = session
        self.declaration = declaration
        self.loc = declaration.loc
        self.raws = raws
        self.opening = opening
        self._merged: Merged | None = None
        self._computed: Lazy = Lazy(_applied, self)

    @property
    def merged(self) -> Merged:
        if self._merged is None:
            raws = self.raws
            default = self.declaration.default
            if default is not None:
                raws = [Raw(default, self.declaration.files[0], (Override(_DEFAULT_PRIORITY),)), *raws]
            if self.declaration.read_only and len(raws) > 1:
                shown = "".join(show_value(raw.file, raw.wrapped()) for raw in raws)
                raise Failure(
                    Kind.READ_ONLY,
                    f"The option `{show_option(self.loc)}' is read-only, but it's set multiple times. Definition values:{shown}",
                    raws[-1].place,
                    catchable=True,
                )
            self._merged = Merged(self.session, self.loc, self.declaration.type(), raws, self.opening)
        return self._merged

    def sure_value(self) -> Value:
        return self._computed.force()

    def value(self) -> Value:
        if self.opening is not None and not self.seen_set:
            if self.result_holds_options:
                return self.sure_value()
            unknown = Unknown(Why.OPEN, show_option(self.loc), self.opening.span, (self._computed,))
            return self.session.ev.assumed(unknown)
        return self.sure_value()

    @property
    def result_holds_options(self) -> bool:
        """Whether the doubt lies with the options inside."""
        return self.declaration.type().is_submodule

    @property
    def seen_set(self) -> bool:
        """Whether it certainly has a definition."""
        final = self.merged.final()
        return any(c.condition is True and c.priority < OPTION_DEFAULT for c in final.sure)

    @property
    def is_defined(self) -> bool | Unknown:
        """Whether there is a definition, the default included; the type is not asked."""
        return self.merged.is_defined if self.raws or self.declaration.default is not None else False

    def child(self, name: str) -> object | None:
        return self.merged.child(name)

    def result(self) -> Result:
        return self.merged.result()

    # -- as `options.x.y` ----------------------------------------------------------------------------------------------

    def view(self) -> Attrs:
        def winners() -> list[Definition]:
            return list(self.merged.final().winners)

        def defined() -> Value:
            answer = self.is_defined
            return answer if isinstance(answer, Unknown) else Bool(answer)

        declaration = self.declaration
        declaration.type()  # an option of conflicting types is none
        loc = [constant(part) for part in self.loc]
        items = {
            **declaration.attrs,
            "_type": constant("option"),
            "loc": Lazy.done(List(loc)),
            "type": Lazy(lambda _: declaration.type().view()),
            "value": Lazy(lambda _: self.value()),
            "isDefined": Lazy(lambda _: defined()),
            "highestPrio": Lazy(lambda _: Int(self.merged.final().highest)),
            "definitions": Lazy(lambda _: List([_placed(d) for d in winners()])),
            "files": Lazy(lambda _: List([constant(d.file) for d in winners()])),
            "definitionsWithLocations": Lazy(lambda _: List([definition_view(d) for d in winners()])),
            "declarations": constant([*declaration.files]),
            "declarationPositions": Lazy(lambda _: List([_position(file, one) for file, one in self._positions()])),
            "options": Lazy.done(List([])),
            "valueMeta": Lazy(lambda _: self._meta()),
            "__toString": Lazy.done(Primitive("__toString", 1, lambda ev, self_: String(show_option(self.loc)))),
        }
        return Attrs(items, native=self)

    def _meta(self) -> Value:
        type_ = self.declaration.type()
        if isinstance(type_, Unknowable):
            return type_.unknown
        if not type_.v2:
            return Attrs({})
        return self.result().meta or Attrs({})

    def _positions(self) -> list[tuple[str, Span | None]]:
        return [(one.file, one.position) for one in self.declaration._declared]


def _applied(option: Option) -> Value:
    apply = option.declaration.attrs.get("apply")
    if apply is None:
        return option.merged.value()
    # An alias's apply never looks at the value, which may not be there.
    return option.session.ev.apply(
        apply.force(), Lazy(lambda merged: merged.value(), option.merged, _first_place(option.raws))
    )


def _first_place(raws: Sequence[Raw]) -> Span | None:
    return raws[0].place if raws else None


def _placed(definition: Definition) -> Lazy:
    """A definition's value, remembering the place of its name, so that an alias of the option has it too."""
    if definition.place is None:
        return definition.value
    return ForwardedDefinition(lambda value: value.force(), definition.value, definition.place, definition.binding)


def _position(file: str, place: Span | None) -> Lazy:
    if place is not None:
        return Lazy.done(operations.position(place))
    return Lazy.done(Attrs({"file": constant(file), "line": constant(None), "column": constant(None)}))


class TypeOfTypes(OptionType):
    """`types.optionType`: several definitions are one type that they merge to."""

    name = "optionType"
    description_class = "noun"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else property_type(value) == "option-type"

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        if len(definitions) == 1:
            return Result(definitions[0].value.force())
        declared = [
            Declared(d.file, Lazy.done(Attrs({"_type": constant("option"), "type": d.value})), d.place)
            for d in definitions
        ]
        return Result(Declaration(session, loc, declared).type().view())


OPTION_TYPE = TypeOfTypes()
