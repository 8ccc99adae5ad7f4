"""Lists and sets of values of one type: listOf, attrsOf, lazyAttrsOf; and unique values (lib/types.nix)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.definition import Merging
from hslint.modules.merge import Merged
from hslint.modules.merge_functions import merge_unique
from hslint.modules.option_type import Loc, OptionType, Unknowable
from hslint.modules.properties import If, Raw, property_type
from hslint.modules.result import Result
from hslint.values import budget
from hslint.values.constant import constant
from hslint.values.value import Attrs, Lazy, List, Unknown, Value, Why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hslint.modules.definition import Definition
    from hslint.modules.session import Session
    from hslint.source import Span


#: What it costs to merge one element, in units of work.
_MERGING = 16 * budget.ELEMENTS


def inside(definition: Definition, value: Lazy, within: Merging | None = None) -> Raw:
    """A part of a definition's value as a definition of its own; it depends on the same conditions."""
    wrappers = () if definition.condition is True else (If(Lazy.done(definition.condition)),)
    place, binding = value.place or definition.place, value.binding or definition.binding
    return Raw(value, definition.file, wrappers, place, binding, within)


def attribute(definition: Definition, attrs: Attrs, name: str, within: Merging | None) -> Raw:
    raw = inside(definition, attrs.items[name], within)
    if name in attrs.maybe:
        return Raw(
            raw.value,
            raw.file,
            (*raw.wrappers, If(Lazy.done(Unknown(Why.CONDITION, name, attrs.span)))),
            raw.place,
            raw.binding,
            raw.within,
        )
    return raw


class Wrapping(OptionType):
    """A type around one other."""

    def __init__(self, element: OptionType) -> None:
        self.element = element

    def around(self, element: OptionType) -> OptionType:
        """The same type around another element type."""
        return type(self)(element)

    def sub_modules(self) -> Sequence[Lazy] | None:
        return self.element.sub_modules()

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        element = self.element.with_sub_modules(modules)
        return None if element is None else self.around(element)

    def nested(self) -> dict[str, OptionType]:
        return {"elemType": self.element}

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        if type(other) is not type(self) or other.functor_name != self.functor_name:
            return None
        assert isinstance(other, Wrapping)
        element = self.element.type_merge(session, other.element)
        return None if element is None else self.around(element)


class ListOf(Wrapping):
    name = "listOf"
    description_class = "composite"
    v2 = True

    @property
    def description(self) -> str:
        return f"list of {self.element.phrase('noun', 'composite')}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else isinstance(value, List)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return True

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        items: list[Lazy] = []
        metas: list[Lazy] = []
        perhaps: list[Lazy] = []
        rest: Unknown | None = None
        unbounded = False
        span = definitions[0].value.force().span
        within = Merging(self, definitions)
        again = within.again()
        if again is not None:
            return again
        session.ev.spend(sum(_MERGING * len(value.items) for value in within.values if isinstance(value, List)))
        for number, definition in enumerate(definitions):
            value = definition.value.force()
            if isinstance(value, Unknown):
                rest, unbounded = rest or value, True
                continue
            assert isinstance(value, List)
            if value.rest is not None:
                rest = rest or value.rest
                perhaps.extend(value.rest.may_be)
                unbounded = unbounded or not value.rest.may_be
            for place, item in enumerate(value.items):
                here = (*loc, f"[definition {number + 1}-entry {place + 1}]")
                for defined, lazy in self._element(session, here, definition, item, within):
                    metas.append(Lazy(_meta_of, self._merged(session, here, definition, item, within)))
                    if defined is True and definition.condition is True:
                        items.append(lazy)
                    else:
                        condition = defined if isinstance(defined, Unknown) else definition.condition
                        assert isinstance(condition, Unknown)
                        rest = rest or Unknown(Why.CONDITION, condition.detail or condition.reason, condition.span)
                        perhaps.append(lazy)
        if rest is not None:
            rest = Unknown(rest.why, rest.detail, rest.span, () if unbounded else tuple(perhaps))
        within.result = Result(List(items, span, rest), meta=Attrs({"list": Lazy.done(List(metas, rest=rest))}))
        return within.result

    def _element(
        self, session: Session, loc: Loc, definition: Definition, item: Lazy, within: Merging
    ) -> list[tuple[bool | Unknown, Lazy]]:
        value = item.force()
        if property_type(value) is None:
            if isinstance(value, Unknown):
                return [(True, item)]
            if self.element.is_scalar and self.element.check(session, value) is True:
                return [(True, item)]
            return [(True, Lazy(lambda merged: merged.value(), self._merged(session, loc, definition, item, within)))]
        merged = self._merged(session, loc, definition, item, within)
        defined = merged.is_defined
        return [] if defined is False else [(defined, Lazy(lambda m: m.value(), merged))]

    def _merged(self, session: Session, loc: Loc, definition: Definition, item: Lazy, within: Merging) -> Merged:
        raw = Raw(item, definition.file, (), definition.place, definition.binding, within)
        return Merged(session, loc, self.element, [raw])

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return List([])

    def empty_view(self) -> Value:
        return Attrs({"value": Lazy.done(List([]))})


class NonEmptyListOf(ListOf):
    @property
    def description(self) -> str:
        return f"non-empty ({super().description})"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if not isinstance(value, List):
            return value if isinstance(value, Unknown) else False
        return bool(value.items) or value.rest or False

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return None

    def empty_view(self) -> Value:
        return Attrs({})


class AttrsOf(Wrapping):
    name = "attrsOf"
    description_class = "composite"
    v2 = True
    lazy = False

    def __init__(self, element: OptionType, placeholder: str = "name") -> None:
        super().__init__(element)
        self.placeholder_name = placeholder

    def around(self, element: OptionType) -> OptionType:
        return type(self)(element, self.placeholder_name)

    @property
    def is_idempotent(self) -> bool:  # type: ignore[override]
        return self.element.is_idempotent

    @property
    def placeholder(self) -> str:  # type: ignore[override]
        return f"<{self.placeholder_name}>"

    @property
    def functor_name(self) -> str:
        return "attrsWith"

    @property
    def description(self) -> str:
        return f"{'lazy ' if self.lazy else ''}attribute set of {self.element.phrase('noun', 'composite')}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return value if isinstance(value, Unknown) else isinstance(value, Attrs)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return True

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        within = Merging(self, definitions)
        again = within.again()
        if again is not None:
            return again
        raws, rest = attributes_of(session, definitions, within)
        merged = {name: Merged(session, (*loc, name), self.element, found, rest) for name, found in raws.items()}
        items: dict[str, Lazy] = {}
        maybe: set[str] = set()
        for name, element in merged.items():
            if not self.lazy:
                defined = element.is_defined
                if defined is False:
                    continue
                if defined is not True:
                    maybe.add(name)
            first = raws[name][0]
            items[name] = Lazy(_value_of, element, first.place, first.binding)
        value = Attrs(items, span_of(definitions), rest, None, frozenset(maybe))
        metas = Lazy(lambda _: Attrs({name: Lazy(_meta_of, merged[name]) for name in items}, rest=rest))
        within.result = Result(value, merged.get, lambda: items, Attrs({"attrs": metas}))
        return within.result

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return Attrs({})

    def empty_view(self) -> Value:
        return Attrs({"value": Lazy.done(Attrs({}))})

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        if not isinstance(other, AttrsOf) or other.lazy is not self.lazy:
            return None
        element = self.element.type_merge(session, other.element)
        mine, theirs = self.placeholder_name, other.placeholder_name
        if element is None or (mine != theirs and "name" not in (mine, theirs)):
            return None
        return type(self)(element, theirs if mine == "name" else mine)

    def payload(self) -> dict[str, Lazy] | None:
        return {
            "elemType": Lazy.done(self.element.view()),
            "lazy": constant(self.lazy),
            "placeholder": constant(self.placeholder_name),
        }


class LazyAttrsOf(AttrsOf):
    name = "lazyAttrsOf"
    lazy = True


def attributes_of(
    session: Session, definitions: Sequence[Definition], within: Merging
) -> tuple[dict[str, list[Raw]], Unknown | None]:
    """The definitions of each attribute, and why there may be more attributes."""
    raws: dict[str, list[Raw]] = {}
    rest: Unknown | None = None
    for definition in definitions:
        value = definition.value.force()
        if isinstance(value, Unknown):
            rest = rest or value
            continue
        assert isinstance(value, Attrs)
        rest = rest or value.rest
        session.ev.spend(_MERGING * len(value.items))
        for name in value.items:
            raws.setdefault(name, []).append(attribute(definition, value, name, within))
    return dict(sorted(raws.items())), rest


def _value_of(merged: Merged) -> Value:
    return merged.value()


def _meta_of(merged: Merged) -> Value:
    """`valueMeta` of one element."""
    has_meta = merged.type.v2 or isinstance(merged.type, Unknowable)
    return (merged.result().meta if has_meta else None) or Attrs({})


def span_of(definitions: Sequence[Definition]) -> Span | None:
    return definitions[0].value.force().span


class Unique(Wrapping):
    """`uniq`, `unique { message }`: one definition, which the type then merges."""

    name = "unique"

    def __init__(self, element: OptionType, message: str = "") -> None:
        super().__init__(element)
        self.message = message

    def around(self, element: OptionType) -> OptionType:
        return Unique(element, self.message)

    @property
    def description_class(self) -> str | None:  # type: ignore[override]
        return self.element.description_class

    @property
    def description(self) -> str:
        return self.element.description

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return self.element.check(session, value)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return self.element.merge(session, loc, [merge_unique(session, loc, definitions, self.message)])

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return self.element.empty(session, loc)

    def empty_view(self) -> Value:
        return self.element.empty_view()

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        return self.element.sub_options(session, prefix)
