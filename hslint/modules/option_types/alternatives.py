"""Types that are one of several: nullOr, either, oneOf, coercedTo (lib/types.nix)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.definition import Definition, show_definitions
from hslint.modules.merge_functions import merge_unique
from hslint.modules.option_type import LazyMessage, Loc, OptionType
from hslint.modules.option_types.composite import AttrsOf, ListOf, Wrapping
from hslint.modules.option_types.plain import BOOL, FLOAT, INT, PATH, STR
from hslint.modules.result import Result
from hslint.modules.show import show_files, show_option
from hslint.values.constant import constant
from hslint.values.value import Attrs, Bool, Failure, Float, Int, Kind, Lazy, List, Null, String, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hslint.modules.session import Session


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
        return Attrs({"value": constant(None)})

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

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> LazyMessage | None:
        if self._chosen(session, loc, definitions) is not None:
            return None
        return lambda: (
            f"TypeError: The option `{show_option(loc)}' is neither a value of type `{self.left.description}' nor "
            f"`{self.right.description}', Definition values: {show_definitions(definitions)}"
        )

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

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> LazyMessage | None:
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


def one_of(types: Sequence[OptionType]) -> OptionType:
    if not types:
        raise Failure(Kind.ERROR, "types.oneOf needs to get at least one type in its argument", catchable=True)
    result = types[0]
    for type_ in types[1:]:
        result = Either(result, type_)
    return result


class Serializable(NullOr):
    """The type of `pkgs.formats.yaml`, `.json` and their like: scalars, paths, and lists and sets of such (lib/types.nix: json)."""

    is_idempotent = True

    def __init__(self, format_name: str, *, nullable: bool = True) -> None:
        self.format_name = format_name
        self.nullable = nullable
        super().__init__(one_of([BOOL, INT, FLOAT, STR, PATH, AttrsOf(self), ListOf(self)]))

    @property
    def description(self) -> str:
        return f"{self.format_name} value"

    def check(self, session: Session, value: Value) -> bool | Unknown:
        return self.nullable if isinstance(value, Null) else self.element.check(session, value)

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        if len(definitions) == 1 and isinstance(value := definitions[0].value.force(), Bool | Int | Float | String):
            return Result(value)  # what the seven alternatives come to, tried one by one
        return super().merge(session, loc, definitions)

    def type_merge(self, session: Session, other: OptionType) -> OptionType | None:
        return self if isinstance(other, Serializable) and other.format_name == self.format_name else None
