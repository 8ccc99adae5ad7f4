"""All definitions of one option become one value: conditions, priorities, order, then the option type's own merge.

Follows `mergeDefinitions` of nixpkgs' lib/modules.nix. A definition whose condition cannot be decided makes worlds: the value is
what it is in each of them, joined; types that hold other options pass the condition on to those instead.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from hslint.modules.definition import OPTION_DEFAULT, PLAIN, PLAIN_ORDER, Definition
from hslint.modules.properties import Discharged, Raw, discharge, take_off
from hslint.modules.result import Result
from hslint.modules.show import show_option
from hslint.values.value import (
    Attrs,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hslint.modules.option_type import OptionType
    from hslint.modules.session import Session

#: Independent undecided conditions on one option that are enumerated; there are two to the power of it.
CONDITIONS = 3

#: The priority of no definition at all (lib/modules.nix: filterOverrides').
_NONE = 9999


class Merged:
    """The definitions of one option, or of one attribute of an option, merged when they are asked for.

    `opening` says that there may be definitions that were not seen.
    """

    __slots__ = ("_final", "_result", "loc", "opening", "raws", "session", "type")

    def __init__(
        self,
        session: Session,
        loc: tuple[str, ...],
        type_: OptionType,
        raws: Sequence[Raw],
        opening: Unknown | None = None,
    ) -> None:
        self.session = session
        self.loc = loc
        self.type = type_
        self.raws = raws
        self.opening = opening
        self._final: ActiveDefinitions | None = None
        self._result: _Computed | None = None

    # -- which definitions count ---------------------------------------------------------------------------------------

    def final(self) -> ActiveDefinitions:
        """The definitions that count and those that lost; conditions and priorities are forced, values are not."""
        if self._final is None:
            self._final = ActiveDefinitions.of(self.session, self.loc, self.raws)
        return self._final

    @property
    def is_defined(self) -> bool | Unknown:
        final = self.final()
        if final.sure:
            return True
        return final.undecided[0].condition_unknown if final.undecided else False

    # -- the value -----------------------------------------------------------------------------------------------------

    def result(self) -> Result:
        """The merged value with what is below it; raises Failure where Nix would stop."""
        computed = self._result
        if computed is None:
            computed = self._result = _Computed()
            try:
                computed.result = self._compute()
            except (Failure, NotKnown) as failure:
                computed.failure = failure
                if isinstance(failure, Failure) and failure.option is None:
                    failure.option = self.loc
            except BaseException:
                self._result = None
                raise
        if computed.failure is not None:
            raise computed.failure
        if computed.result is None:
            raise Failure(
                Kind.RECURSION, f"infinite recursion encountered while evaluating the option `{show_option(self.loc)}'"
            )
        return computed.result

    def value(self) -> Value:
        return self.result().value

    def child(self, name: str) -> object | None:
        """The option or merged definitions of one attribute of the value."""
        try:
            result = self.result()
        except (Failure, NotKnown):
            return None
        return result.child(name) if result.child is not None else None

    def _compute(self) -> Result:
        final = self.final()
        if not final.undecided:
            return self._merge(final.winners)
        if final.one_priority and self.type.passes_conditions_on(self.session, final.winners):
            return self._merge(final.winners)
        return self._worlds(final)

    def _merge(self, winners: Sequence[Definition]) -> Result:
        if self.opening is not None and self.type.is_submodule:
            winners = [*winners, Definition(self.loc, Lazy.done(self.opening), "lib/modules.nix")]
        if not winners:
            empty = self.type.empty(self.session, self.loc)
            if empty is not None:
                return Result(empty)
            raise Failure(
                Kind.UNDEFINED_OPTION,
                f"The option `{show_option(self.loc)}' was accessed but has no value defined. Try setting the option.",
                catchable=True,
            )
        error = self.type.head_error(self.session, self.loc, winners)
        if error is not None:
            message = (
                f"A definition for option `{show_option(self.loc)}' is not of type `{self.type.description}'. {error()}"
            )
            wrong = next((d for d in winners if self.type.check(self.session, d.value.force()) is False), winners[0])
            raise Failure(Kind.TYPE, message, wrong.value.force().span or wrong.place, catchable=True)
        return self.type.merge(self.session, self.loc, winners)

    def _worlds(self, final: ActiveDefinitions) -> Result:
        conditions: list[Unknown] = []
        for definition in final.undecided:
            condition = definition.condition_unknown
            if not any(condition is known for known in conditions):
                conditions.append(condition)
        why = conditions[0]
        unknown = Unknown(Why.CONDITION, why.detail if why.why is Why.CONDITION else why.reason, why.span)
        if len(conditions) > CONDITIONS:
            return Result(unknown)
        worlds: list[Lazy] = []
        for choice in product((True, False), repeat=len(conditions)):
            held = [c for c, holds in zip(conditions, choice, strict=True) if holds]
            winners = final.in_world({id(condition) for condition in held})
            worlds.append(Lazy(lambda chosen: self._merge(chosen).value, winners))
        value = self.session.ev.either(unknown, tuple(worlds), why.span)
        below = self._below(final)
        return Result(value, below.child, below.names) if below is not None else Result(value)

    def _below(self, final: ActiveDefinitions) -> Result | None:
        """For asking about attributes: as if all definitions were of one priority."""
        if not self.type.passes_conditions_on(self.session, final.winners):
            return None
        try:
            return self._merge(final.winners)
        except (Failure, NotKnown):
            return None


class _Computed:
    __slots__ = ("failure", "result")

    def __init__(self) -> None:
        self.result: Result | None = None
        self.failure: Failure | NotKnown | None = None


class _Candidate:
    """A definition that may count; `number` is its place among all definitions of the option."""

    __slots__ = ("condition", "number", "priority", "raw")

    def __init__(self, number: int, found: Discharged) -> None:
        self.number = number
        self.condition = found.condition
        self.raw, priority = take_off(found.raw, "override")
        self.priority = _number(priority, PLAIN)

    @property
    def condition_unknown(self) -> Unknown:
        assert isinstance(self.condition, Unknown)
        return self.condition

    def definition(self, loc: tuple[str, ...]) -> Definition:
        raw, order = take_off(self.raw, "order")
        return Definition(
            loc,
            raw.wrapped(),
            raw.file,
            self.priority,
            _number(order, PLAIN_ORDER),
            self.condition,
            raw.place,
            raw.binding,
            raw.within,
        )


class ActiveDefinitions:
    """The definitions of highest priority (`defsFinal'` of lib/modules.nix), undecided ones kept apart.

    highest    the priority that wins among what certainly holds
    sure       the definitions of that priority
    undecided  those that may hold and would then win over the sure ones or beside them
    losers     all others that hold or may hold
    """

    __slots__ = ("_winners", "highest", "loc", "losing", "sure", "undecided")

    def __init__(self, loc: tuple[str, ...], candidates: Sequence[_Candidate]) -> None:
        self.loc = loc
        certain = [c for c in candidates if c.condition is True]
        self.highest = min((c.priority for c in certain), default=_NONE)
        self.sure = [c for c in certain if c.priority == self.highest]
        self.undecided = [c for c in candidates if c.condition is not True and c.priority <= self.highest]
        self.losing = [c for c in candidates if c.priority > self.highest]
        self._winners: tuple[Definition, ...] | None = None

    @classmethod
    def of(cls, session: Session, loc: tuple[str, ...], raws: Sequence[Raw]) -> ActiveDefinitions:
        found = [discharged for raw in raws for discharged in discharge(session.ev, raw)]
        return cls(loc, [_Candidate(number, discharged) for number, discharged in enumerate(found)])

    @property
    def winners(self) -> tuple[Definition, ...]:
        """The definitions that make the value, in the order in which they merge; undecided ones among them."""
        if self._winners is None:
            sure = self.sure
            if self.undecided and any(_is_default(c) for c in sure):
                sure = [c for c in sure if not _is_default(c)]
            self._winners = self._in_order([*sure, *self.undecided])
        return self._winners

    @property
    def losers(self) -> tuple[Definition, ...]:
        """The strongest first."""
        return tuple(c.definition(self.loc) for c in sorted(self.losing, key=lambda c: c.priority))

    @property
    def one_priority(self) -> bool:
        """Whether nothing but an empty default would be replaced by the undecided definitions."""
        return len({c.priority for c in (*self.undecided, *self.sure) if not _is_empty_default(c)}) <= 1

    def in_world(self, holding: set[int]) -> tuple[Definition, ...]:
        """The definitions that make the value when these undecided conditions (by id) hold, and the others do not."""
        held = [*self.sure, *(c for c in self.undecided if id(c.condition_unknown) in holding)]
        highest = min((c.priority for c in held), default=_NONE)
        return self._in_order([c for c in held if c.priority == highest])

    def _in_order(self, candidates: list[_Candidate]) -> tuple[Definition, ...]:
        definitions = [c.definition(self.loc) for c in sorted(candidates, key=lambda c: c.number)]
        return tuple(sorted(definitions, key=lambda d: d.order))


def _is_default(candidate: _Candidate) -> bool:
    return candidate.priority >= OPTION_DEFAULT


def _is_empty_default(candidate: _Candidate) -> bool:
    if not _is_default(candidate):
        return False
    value = candidate.raw.wrapped().outcome()
    return isinstance(value, Null) or (isinstance(value, Attrs | List) and not value.items)


def _number(lazy: Lazy | None, otherwise: int) -> int:
    if lazy is None:
        return otherwise
    value = lazy.force()
    if isinstance(value, Int):
        return value.value
    if isinstance(value, Unknown):
        raise NotKnown(value)
    raise Failure(Kind.TYPE, "the priority of a definition is no integer", value.span)
