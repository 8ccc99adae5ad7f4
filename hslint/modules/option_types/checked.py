"""Types with a further check: addCheck, and ranges of numbers made with it (lib/types.nix)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.option_type import LazyMessage, Loc, OptionType
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hslint.modules.definition import Definition
    from hslint.modules.result import Result
    from hslint.modules.session import Session


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

    def head_error(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> LazyMessage | None:
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
