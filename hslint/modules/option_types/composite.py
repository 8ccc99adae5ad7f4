"""Types made of types: listOf, attrsOf, nullOr, either, coercedTo, unique, attrTag, addCheck (lib/types.nix)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hslint.modules.definition import Definition
from hslint.modules.merge import Merged, Result, merge_unique
from hslint.modules.option_types.option_type import Loc, OptionType
from hslint.modules.option_types.plain import ANYTHING, is_string_like
from hslint.modules.properties import If, Raw, property_type
from hslint.modules.show import escape_identifier, show_definitions, show_files, show_option
from hslint.source import Span
from hslint.values import operations
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, Null, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.modules.session import Session


def inside(definition: Definition, value: Lazy) -> Raw:
    """A part of a definition's value as a definition of its own; what the whole hangs on, the part hangs on too."""
    wrappers = () if definition.condition is True else (If(Lazy.done(definition.condition)),)
    return Raw(value, definition.file, wrappers, value.place or definition.place, value.binding or definition.binding)


def attribute(definition: Definition, attrs: Attrs, name: str) -> Raw:
    raw = inside(definition, attrs.items[name])
    if name in attrs.maybe:
        return Raw(
            raw.value,
            raw.file,
            (*raw.wrappers, If(Lazy.done(Unknown(Why.CONDITION, name, attrs.span)))),
            raw.place,
            raw.binding,
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
                for defined, lazy in self._element(session, here, definition, item):
                    metas.append(Lazy(_meta_of, self._merged(session, here, definition, item)))
                    if defined is True and definition.condition is True:
                        items.append(lazy)
                    else:
                        condition = defined if isinstance(defined, Unknown) else definition.condition
                        assert isinstance(condition, Unknown)
                        rest = rest or Unknown(Why.CONDITION, condition.detail or condition.reason, condition.span)
                        perhaps.append(lazy)
        if rest is not None:
            rest = Unknown(rest.why, rest.detail, rest.span, () if unbounded else tuple(perhaps))
        return Result(List(items, span, rest), meta=Attrs({"list": Lazy.done(List(metas, rest=rest))}))

    def _element(
        self, session: Session, loc: Loc, definition: Definition, item: Lazy
    ) -> list[tuple[bool | Unknown, Lazy]]:
        value = item.force()
        if property_type(value) is None:
            if isinstance(value, Unknown):
                return [(True, item)]
            if self.element.is_scalar and self.element.check(session, value) is True:
                return [(True, item)]
            return [(True, Lazy(lambda merged: merged.value(), self._merged(session, loc, definition, item)))]
        merged = self._merged(session, loc, definition, item)
        defined = merged.is_defined
        return [] if defined is False else [(defined, Lazy(lambda m: m.value(), merged))]

    def _merged(self, session: Session, loc: Loc, definition: Definition, item: Lazy) -> Merged:
        return Merged(
            session, loc, self.element, [Raw(item, definition.file, (), definition.place, definition.binding)]
        )

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
        raws, rest = attributes_of(definitions)
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
        value = Attrs(items, _span_of(definitions), rest, None, frozenset(maybe))
        metas = Lazy(lambda _: Attrs({name: Lazy(_meta_of, merged[name]) for name in items}, rest=rest))
        return Result(value, merged.get, lambda: items, Attrs({"attrs": metas}))

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
            "lazy": Lazy.done(Bool(self.lazy)),
            "placeholder": Lazy.done(String(self.placeholder_name)),
        }


class LazyAttrsOf(AttrsOf):
    name = "lazyAttrsOf"
    lazy = True


def attributes_of(definitions: Sequence[Definition]) -> tuple[dict[str, list[Raw]], Unknown | None]:
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
        for name in value.items:
            raws.setdefault(name, []).append(attribute(definition, value, name))
    return dict(sorted(raws.items())), rest


def _value_of(merged: Merged) -> Value:
    return merged.value()


def _meta_of(merged: Merged) -> Value:
    """`valueMeta` of one element."""
    return (merged.result().meta if merged.type.v2 else None) or Attrs({})


def _span_of(definitions: Sequence[Definition]) -> Span | None:
    return definitions[0].value.force().span


class NullOr(Wrapping):
    name = "nullOr"
    description_class = "conjunction"

    @property
    def description(self) -> str:
        return f"null or {self.element.phrase('noun', 'conjunction')}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return True if isinstance(value, Null) else self.element.check(session, value)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        if any(isinstance(d.value.force(), Null) for d in definitions):
            return False
        return self.element.passes_conditions_on(session, definitions)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        nulls = [d for d in definitions if isinstance(d.value.force(), Null)]
        if not nulls:
            return self.element.merge(session, loc, definitions)
        if len(nulls) == len(definitions):
            return Result(definitions[0].value.force())
        unknown = [v for d in definitions if isinstance(v := d.value.force(), Unknown)]
        if len(nulls) + len(unknown) == len(definitions):
            return Result(Unknown(unknown[0].why, unknown[0].detail, unknown[0].span, (nulls[0].value,)))
        files = show_files(d.file for d in definitions)
        raise Failure(
            Kind.NULL_CONFLICT,
            f"The option `{show_option(loc)}` is defined both null and not null, in {files}.",
            definitions[-1].place,
            catchable=True,
        )

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return Null()

    def empty_view(self) -> Value:
        return Attrs({"value": Lazy.done(Null())})

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        return self.element.sub_options(session, prefix)


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


class Either(OptionType):
    name = "either"
    description_class = "conjunction"
    v2 = True

    def __init__(self, left: OptionType, right: OptionType | Callable[[], OptionType]) -> None:
        self.left = left
        self.right = right if isinstance(right, OptionType) else right()

    @property
    def description(self) -> str:
        left, right = self.left, self.right
        if left.description_class == "nonRestrictiveClause":
            return f"{left.description}, or {right.phrase('noun', 'conjunction')}"
        return f"{left.phrase('noun', 'conjunction')} or {right.phrase('noun', 'conjunction', 'composite')}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        left = self.left.check(session, value)
        if left is True:
            return True
        right = self.right.check(session, value)
        return right if right is True or left is False else left

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> str | None:
        if self._chosen(session, loc, definitions) is not None:
            return None
        message = (
            f"The option `{show_option(loc)}' is neither a value of type `{self.left.description}' nor "
            f"`{self.right.description}', Definition values: {show_definitions(definitions)}"
        )
        return f"TypeError: {message}"

    def _chosen(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> OptionType | None:
        """The type that all known definitions are of; the left one when both will do."""
        known = [d for d in definitions if not isinstance(d.value.force(), Unknown)]
        for type_ in (self.left, self.right):
            if type_.head_error(session, loc, known) is None:
                return type_
        return None

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        chosen = self._chosen(session, (), definitions)
        return chosen is not None and chosen.passes_conditions_on(session, definitions)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        if all(isinstance(d.value.force(), Unknown) for d in definitions):
            return Result(definitions[0].value.force())
        chosen = self._chosen(session, loc, definitions)
        if chosen is None:
            session.ev.traces.append("One or more definitions did not pass the type-check of the 'either' type.")
            return Result(merge_unique(session, loc, definitions).value.force())
        return chosen.merge(session, loc, definitions)

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        if not isinstance(other, Either):
            return None
        left = self.left.type_merge(session, other.left)
        right = self.right.type_merge(session, other.right)
        return Either(left, right) if left is not None and right is not None else None

    def nested(self) -> dict[str, OptionType]:
        return {"left": self.left, "right": self.right}

    def payload(self) -> dict[str, Lazy] | None:
        return {"elemType": Lazy.done(List([Lazy.done(self.left.view()), Lazy.done(self.right.view())]))}


class CoercedTo(OptionType):
    name = "coercedTo"
    v2 = True

    def __init__(self, source: OptionType, convert: Lazy, final: OptionType) -> None:
        self.source = source
        self.convert = convert
        self.final = final

    @property
    def description(self) -> str:
        return f"{self.final.phrase('noun')} or {self.source.phrase('noun')} convertible to it"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if isinstance(value, Unknown):
            return value
        if self.source.check(session, value) is True:
            accepted = self.final.check(session, self._converted(session, Lazy.done(value)).force())
            if accepted is not False:
                return accepted
        return self.final.check(session, value)

    def _converted(self, session: Session, value: Lazy) -> Lazy:
        return Lazy(lambda v: session.ev.apply(self.convert.force(), v), value, value.place, value.binding)

    def _final_definitions(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> list[Definition]:
        found: list[Definition] = []
        for definition in definitions:
            value = definition.value.force()
            if not isinstance(value, Unknown) and self.source.head_error(session, loc, [definition]) is None:
                converted = self._converted(session, definition.value)
                definition = Definition(
                    definition.option,
                    converted,
                    definition.file,
                    definition.priority,
                    definition.order,
                    definition.condition,
                    definition.place,
                    definition.binding,
                )
            elif isinstance(value, Unknown):
                may_be = tuple(
                    self._converted(session, v) if self.source.check(session, v.force()) is True else v
                    for v in value.may_be
                )
                unknown = Lazy.done(Unknown(value.why, value.detail, value.span, may_be), definition.value.place)
                definition = Definition(
                    definition.option,
                    unknown,
                    definition.file,
                    definition.priority,
                    definition.order,
                    definition.condition,
                    definition.place,
                    definition.binding,
                )
            found.append(definition)
        return found

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> str | None:
        if self.final.v2:
            return self.final.head_error(session, loc, self._final_definitions(session, loc, definitions))
        return super().head_error(session, loc, definitions)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return self.final.passes_conditions_on(session, self._final_definitions(session, (), definitions))

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return self.final.merge(session, loc, self._final_definitions(session, loc, definitions))

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return self.final.empty(session, loc)

    def empty_view(self) -> Value:
        return self.final.empty_view()

    def sub_modules(self) -> Sequence[Lazy] | None:
        return self.final.sub_modules()

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        final = self.final.with_sub_modules(modules)
        return None if final is None else CoercedTo(self.source, self.convert, final)

    def nested(self) -> dict[str, OptionType]:
        return {"coercedType": self.source, "finalType": self.final}

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        return None

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        return self.final.sub_options(session, prefix)


class Checked(OptionType):
    """`addCheck type predicate`, perhaps renamed; merges as the type does."""

    def __init__(
        self,
        element: OptionType,
        accepts: Callable[[Session, Value], bool | Unknown],
        name: str | None = None,
        description: str | None = None,
        description_class: str | None = None,
    ) -> None:
        self.element = element
        self.accepts = accepts
        self.name = name or element.name
        self.v2 = element.v2
        self._description = description
        self.description_class = description_class or element.description_class

    @property
    def description(self) -> str:
        return self._description if self._description is not None else self.element.description

    @property
    def functor_name(self) -> str:
        return self.element.functor_name

    def check(self, session: Session, value: Value) -> bool | Unknown:
        accepted = self.element.check(session, value)
        if accepted is False or isinstance(value, Unknown):
            return accepted
        more = self.accepts(session, value)
        return more if more is not True else accepted

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> str | None:
        return self.element.head_error(session, loc, definitions) or super().head_error(session, loc, definitions)

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        return self.element.passes_conditions_on(session, definitions)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        return self.element.merge(session, loc, definitions)

    def empty(self, session: Session, loc: Loc) -> Value | None:
        return self.element.empty(session, loc)

    def empty_view(self) -> Value:
        return self.element.empty_view()

    def sub_modules(self) -> Sequence[Lazy] | None:
        return self.element.sub_modules()

    def with_sub_modules(self, modules: Sequence[Lazy]) -> OptionType | None:
        return self.element.with_sub_modules(modules)

    def nested(self) -> dict[str, OptionType]:
        return self.element.nested()

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        return self.element.type_merge(session, other.element if isinstance(other, Checked) else other)

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        return self.element.sub_options(session, prefix)


def predicate(function: Lazy) -> Callable[[Session, Value], bool | Unknown]:
    """A Nix function as a test of values."""

    def accepts(session: Session, value: Value) -> bool | Unknown:
        answer = session.ev.apply(function.force(), Lazy.done(value))
        if isinstance(answer, Bool):
            return answer.value
        if isinstance(answer, Unknown):
            return answer
        raise Failure(Kind.TYPE, "a type's check gives no Boolean", answer.span)

    return accepts


class AttrTag(OptionType):
    """`attrTag { a = mkOption …; b = mkOption …; }`: a set with one of these attributes."""

    name = "attrTag"
    description_class = "noun"

    def __init__(self, tags: dict[str, Lazy], places: Attrs | None = None) -> None:
        self.tags = tags
        self.places = places

    @property
    def choices(self) -> str:
        return ", ".join(escape_identifier(name) for name in sorted(self.tags))

    @property
    def description(self) -> str:
        return f"attribute-tagged union with choices: {self.choices}"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        if not isinstance(value, Attrs) or value.rest is not None:
            return value.rest or True if isinstance(value, Attrs) else value if isinstance(value, Unknown) else False
        return len(value.items) == 1 and next(iter(value.items)) in self.tags

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        from hslint.modules.declaration import tag_option

        choice: str | None = None
        raws: list[Raw] = []
        for definition in definitions:
            value = definition.value.force()
            if not isinstance(value, Attrs) or value.rest is not None:
                unknown = value if isinstance(value, Unknown) else value.rest if isinstance(value, Attrs) else None
                return Result(unknown or value)
            name = next(iter(value.items))
            if choice is not None and name != choice:
                files = show_files(d.file for d in definitions)
                message = f"The option `{show_option(loc)}` is defined both as `{choice}` and `{name}`, in {files}."
                raise Failure(Kind.ERROR, message, definition.place, catchable=True)
            choice = name
            raws.append(inside(definition, value.items[name]))
        assert choice is not None
        if choice not in self.tags:
            files = show_files(d.file for d in definitions)
            shown = escape_identifier(choice)
            message = (
                f"The option `{show_option(loc)}` is defined as {shown}, but {shown} is not among the valid choices"
                f" ({self.choices}). Value {choice} was defined in {files}."
            )
            raise Failure(Kind.ERROR, message, definitions[0].place, catchable=True)
        option = tag_option(session, (*loc, choice), self.tags[choice], raws)
        value_lazy = Lazy(lambda o: o.value(), option, raws[0].place, raws[0].binding)
        found = choice
        return Result(Attrs({choice: value_lazy}), lambda name: option if name == found else None, lambda: [found])

    def nested(self) -> dict[str, OptionType]:
        return {}

    def payload(self) -> dict[str, Lazy] | None:
        return {"tags": Lazy.done(Attrs(self.tags))}

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        from hslint.modules.declaration import merged_tag

        if not isinstance(other, AttrTag):
            return None
        tags = {**self.tags, **other.tags}
        for name in self.tags.keys() & other.tags.keys():
            tags[name] = merged_tag(session, name, self.tags[name], other.tags[name])
        return AttrTag(tags)

    def sub_options(self, session: Session, prefix: Loc) -> Attrs:
        from hslint.modules.declaration import tag_views

        return tag_views(session, prefix, self.tags)


class RestOfNixOS(OptionType):
    """Options of NixOS that hslint has no declaration of: lists are concatenated, sets merged, texts joined where NixOS joins them.

    What nobody defines in a set stays unknown: the real option may have a default for it.
    """

    name = "an option of NixOS"

    #: Options that are `types.lines` wherever they occur (nixos/modules).
    LINES = frozenset(
        [
            "extraConfig",
            "extraCommands",
            "extraStopCommands",
            "script",
            "preStart",
            "postStart",
            "preStop",
            "postStop",
            "globalConfig",
            "appendConfig",
            "commonHttpConfig",
            "httpConfig",
            "appendHttpConfig",
            "streamConfig",
            "eventsConfig",
            "extraOptions",
            "shellInit",
            "interactiveShellInit",
            "extraHosts",
            "loginShellInit",
            "promptInit",
            "extraInputRules",
            "extraForwardRules",
            "extraModprobeConfig",
            "ruleset",
            "text",
        ]
    )

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        values = [d.value.force() for d in definitions]
        return all(_is_plain(value) or isinstance(value, Unknown) for value in values) or all(
            isinstance(v, List) for v in values
        )

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        values = [d.value.force() for d in definitions]
        known = [value for value in values if not isinstance(value, Unknown)]
        if known and all(_is_plain(value) for value in known):
            return self._merge_sets(session, loc, definitions)
        if known and all(isinstance(value, List) for value in known):
            return ListOf(ANYTHING).merge(session, loc, definitions)
        if len(definitions) == 1:
            return Result(values[0])
        if loc[-1] in self.LINES and all(isinstance(value, String) for value in known):
            from hslint.modules.option_types.plain import LINES

            return LINES.merge(session, loc, definitions)
        first = values[0]
        if all(operations.equal(session.ev, first, value) is True for value in values[1:]):
            return Result(first)
        # The option's real type may well join what differs (lines, commas, packages): nobody here knows.
        return Result(Unknown(Why.OPTION, show_option(loc), first.span))

    def _merge_sets(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        raws, rest = attributes_of(definitions)
        merged = {name: Merged(session, (*loc, name), self, found, rest) for name, found in raws.items()}
        items = {
            name: Lazy(_of_nixos, element, raws[name][0].place, raws[name][0].binding)
            for name, element in merged.items()
        }
        beyond = rest or Unknown(Why.OPTION, show_option(loc))
        return Result(Attrs(items, _span_of(definitions), beyond), merged.get, lambda: items)


def _of_nixos(merged: Merged) -> Value:
    """Where every definition is switched off, the option's own default counts, which nobody here knows."""
    if merged.is_defined is False:
        return Unknown(Why.OPTION, show_option(merged.loc))
    return merged.value()


def _is_plain(value: Value) -> bool:
    return isinstance(value, Attrs) and not is_string_like(value) and "__functor" not in value.items


def one_of(types: Sequence[OptionType]) -> OptionType:
    if not types:
        raise Failure(Kind.ERROR, "types.oneOf needs to get at least one type in its argument", catchable=True)
    result = types[0]
    for type_ in types[1:]:
        result = Either(result, type_)
    return result


class Serializable(NullOr):
    """What `pkgs.formats.yaml`, `.json` and their like accept: scalars, paths, and lists and sets of such (lib/types.nix: json)."""

    def __init__(self, format_name: str, *, nullable: bool = True) -> None:
        from hslint.modules.option_types.plain import BOOL, FLOAT, INT, PATH, STR

        self.format_name = format_name
        self.nullable = nullable
        super().__init__(one_of([BOOL, INT, FLOAT, STR, PATH, AttrsOf(self), ListOf(self)]))

    @property
    def description(self) -> str:
        return f"{self.format_name} value"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return self.nullable if isinstance(value, Null) else self.element.check(session, value)

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        return self if isinstance(other, Serializable) and other.format_name == self.format_name else None
