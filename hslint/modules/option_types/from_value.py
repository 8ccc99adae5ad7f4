"""Sets that Nix code made into types: `mkOptionType { … }`, and `types.x // { … }`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.merge_functions import merge_default
from hslint.modules.option_type import LazyMessage, Loc, OptionType, TypePart, Unknowable, definition_view
from hslint.modules.properties import property_type
from hslint.modules.result import Result
from hslint.modules.show import show_option
from hslint.values.constant import constant
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, Null, String, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hslint.modules.definition import Definition
    from hslint.modules.session import Session


def type_of(session: Session, value: Value) -> OptionType:
    """The type that a value stands for."""
    if isinstance(value, Attrs):
        if isinstance(value.native, OptionType):
            return value.native
        if property_type(value) == "option-type":
            made = WrittenType(session, value)
            value.native = made
            return made
        if value.rest is not None:
            return Unknowable(value.rest)
    if isinstance(value, Unknown):
        return Unknowable(value)
    raise Failure(Kind.TYPE, "an option's type is no option type", value.span)


class WrittenType(OptionType):
    """A type written in Nix; what it has from a type of ours is done by that."""

    def __init__(self, session: Session, attrs: Attrs) -> None:
        self.attrs = attrs
        self.session = session
        self.name = self._text("name") or "unspecified"
        self.description_class = self._text("descriptionClass")
        self.deprecation = self._text("deprecationMessage")
        self._view = attrs
        merge, check = attrs.items.get("merge"), attrs.items.get("check")
        self.merge_of = merge.type if isinstance(merge, TypePart) else None
        self.check_of = check.type if isinstance(check, TypePart) else None
        self.v2 = self._is_v2(merge)

    def _is_v2(self, merge: Lazy | None) -> bool:
        if self.merge_of is not None:
            return self.merge_of.v2
        value = merge.force() if merge is not None else None
        return isinstance(value, Attrs) and "v2" in value.items

    def _text(self, name: str) -> str | None:
        lazy = self.attrs.items.get(name)
        value = lazy.force() if lazy is not None else None
        return value.known if isinstance(value, String) else None

    @property
    def description(self) -> str:
        return self._text("description") or self.name

    @property
    def functor_name(self) -> str:
        functor = self._part("functor")
        if isinstance(functor, Attrs):
            lazy = functor.items.get("name")
            name = lazy.force() if lazy is not None else None
            if isinstance(name, String) and name.known is not None:
                return name.known
        return self.name

    def as_merged(self) -> OptionType:
        functor = self._part("functor")
        known = isinstance(functor, Attrs) and isinstance(functor.native, OptionType)
        return functor.native if known else self  # type: ignore[return-value, union-attr]

    def _part(self, name: str) -> Value | None:
        lazy = self.attrs.items.get(name)
        value = lazy.force() if lazy is not None else None
        return None if isinstance(value, Null) else value

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if self.check_of is not None:
            return self.check_of.check(session, value)
        check = self._part("check")
        if check is None:
            return True
        if isinstance(value, Unknown):
            return value
        answer = session.ev.apply(check, Lazy.done(value))
        if isinstance(answer, Bool):
            return answer.value
        if isinstance(answer, Unknown):
            return answer
        raise Failure(Kind.TYPE, "a type's check gives no Boolean", answer.span)

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> LazyMessage | None:
        if self.merge_of is not None and self.check_of is self.merge_of:
            return self.merge_of.head_error(session, loc, definitions)
        if self.v2:
            self._must_be_coherent(loc)
            error = self._merged_v2(session, loc, definitions, "headError")
            return (lambda: _type_error(error)) if isinstance(error, Attrs) else None
        return super().head_error(session, loc, definitions)

    def _must_be_coherent(self, loc: Loc) -> None:
        check = self._part("check")
        coherent = check.items.get("isV2MergeCoherent") if isinstance(check, Attrs) else None
        value = coherent.force() if coherent is not None else None
        if isinstance(value, Bool) and value.value:
            return
        raise Failure(
            Kind.ERROR,
            f"The option `{show_option(loc)}' has a type `{self.description}' that uses\n"
            "an ad-hoc `type // { check = ...; }' override, which is incompatible with\n"
            "the v2 merge mechanism.\n\n"
            "Please use `lib.types.addCheck` instead of `type // { check }' to add\n"
            "custom validation.",
            self.attrs.span,
            catchable=True,
        )

    def _merged_v2(self, session: Session, loc: Loc, definitions: Sequence[Definition], part: str) -> Value:
        ev = session.ev
        path = List([constant(step) for step in loc])
        given = Attrs({"loc": Lazy.done(path), "defs": Lazy.done(List([definition_view(d) for d in definitions]))})
        merge = self._part("merge")
        assert isinstance(merge, Attrs)
        return ev.select(ev.apply(merge.items["v2"].force(), Lazy.done(given)), part)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return self.merge_of is not None and self.merge_of.passes_conditions_on(session, definitions)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        if self.merge_of is not None:
            if self.v2:
                self._must_be_coherent(loc)
            return self.merge_of.merge(session, loc, definitions)
        merge = self._part("merge")
        if merge is None:
            return Result(merge_default(session, loc, definitions))
        if self.v2:
            self._must_be_coherent(loc)
            meta = self._merged_v2(session, loc, definitions, "valueMeta")
            value = self._merged_v2(session, loc, definitions, "value")
            return Result(value, meta=meta if isinstance(meta, Attrs) else None)
        path = List([constant(step) for step in loc])
        views = List([definition_view(d) for d in definitions])
        return Result(session.ev.call(merge, Lazy.done(path), Lazy.done(views)))

    def empty(self, session: Session, loc: Loc) -> Value | None:
        empty = self._part("emptyValue")
        lazy = empty.items.get("value") if isinstance(empty, Attrs) else None
        return lazy.force() if lazy is not None else None

    def sub_modules(self) -> Sequence[Lazy] | None:
        modules = self._part("getSubModules")
        return list(modules.items) if isinstance(modules, List) else None

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        change = self._part("substSubModules")
        if change is None:
            return None
        value = self.session.ev.apply(change, Lazy.done(List(list(modules))))
        return None if isinstance(value, Null) else type_of(self.session, value)

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        lazy = self.attrs.items.get("typeMerge")
        if lazy is not None:
            functor = other.view().items["functor"]
            value = session.ev.apply(lazy.force(), functor)
            return None if isinstance(value, Null) else type_of(session, value)
        return self if self.functor_name == other.functor_name else None

    def nested(self) -> dict[str, OptionType]:
        nested = self._part("nestedTypes")
        if not isinstance(nested, Attrs):
            return {}
        return {name: type_of(self.session, lazy.force()) for name, lazy in nested.items.items()}

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        get = self._part("getSubOptions")
        if get is None:
            return Attrs({})
        value = session.ev.apply(get, constant([*prefix]))
        return value if isinstance(value, Attrs) else Attrs({})


def _type_error(error: Attrs) -> str:
    message = error.items["message"].force()
    return f"TypeError: {message.known if isinstance(message, String) else ''}"
