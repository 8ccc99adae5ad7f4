"""All definitions of one option become one value: conditions, priorities, order, then the option type's own merge.

Follows `mergeDefinitions` of nixpkgs' lib/modules.nix. A definition whose condition cannot be decided makes worlds: the value is
what it is in each of them, joined; types that hold other options pass the condition on to those instead.
"""

from __future__ import annotations

from itertools import product
from operator import is_
from typing import TYPE_CHECKING

from hslint.modules.definition import OPTION_DEFAULT, PLAIN, PLAIN_ORDER, Definition
from hslint.modules.properties import Discharged, Raw, discharge, take_off
from hslint.modules.show import PRIORITY_SUGGESTION, show_definitions, show_option
from hslint.values import operations
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hslint.modules.level import Level
    from hslint.modules.option_types.option_type import OptionType
    from hslint.modules.session import Session

#: Independent undecided conditions on one option whose worlds are told apart; there are two to the power of it.
CONDITIONS = 3

#: The priority of no definition at all (lib/modules.nix: filterOverrides').
_NONE = 9999


class Result:
    """What a type's merge gives: the value, and how to descend into it when it is made of further options.

    `child` leads to the option or merged definitions of an attribute, `names` are the attributes that there are.
    `meta` is Nix's valueMeta: a submodule's configuration; `level` holds its options.
    """

    __slots__ = ("child", "level", "meta", "names", "value")

    def __init__(
        self,
        value: Value,
        child: Callable[[str], object | None] | None = None,
        names: Callable[[], Iterable[str]] | None = None,
        meta: Attrs | None = None,
        level: Level | None = None,
    ) -> None:
        self.value = value
        self.child = child
        self.names = names
        self.meta = meta
        self.level = level


class Merging:
    """The merge of some sets or lists by one type, for what is inside them: where that is those very values again, and the
    type the same, it merges to the same result. So a value that contains itself stays one when it is merged, and so does one
    that contains what it is merged to (`environment.etc.foo = config;`), if the type is idempotent.
    """

    __slots__ = ("conditions", "outer", "result", "type", "values")

    def __init__(self, type_: OptionType, definitions: Sequence[Definition]) -> None:
        self.type = type_
        self.values = tuple(definition.value.force() for definition in definitions)
        self.conditions = tuple(definition.condition for definition in definitions)
        self.outer = definitions[0].within
        self.result: Result | None = None

    def again(self) -> Result | None:
        """What the same definitions around these have been merged to."""
        around = self.outer
        while around is not None:
            if around.type is self.type and around.result is not None:
                if (
                    len(around.values) == len(self.values)
                    and all(map(is_, around.values, self.values))
                    and all(map(is_, around.conditions, self.conditions))
                ):
                    return around.result
                if self.type.is_idempotent and self.conditions == (True,) and self.values[0] is around.result.value:
                    return around.result
            around = around.outer
        return None


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
        self._final: Final | None = None
        self._result: _Computed | None = None

    # -- which definitions count ---------------------------------------------------------------------------------------

    def final(self) -> Final:
        """The definitions that count and those that lost; conditions and priorities are forced, values are not."""
        if self._final is None:
            self._final = Final.of(self.session, self.loc, self.raws)
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

    def _worlds(self, final: Final) -> Result:
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

    def _below(self, final: Final) -> Result | None:
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


class Final:
    """What `defsFinal'` of lib/modules.nix is, with the undecided definitions told apart.

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
    def of(cls, session: Session, loc: tuple[str, ...], raws: Sequence[Raw]) -> Final:
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


# -- merges that several types share (nixpkgs: lib/options.nix) --------------------------------------------------------


def merge_equal(session: Session, loc: tuple[str, ...], definitions: Sequence[Definition]) -> Value:
    """`mergeEqualOption`: all definitions say the same."""
    first = definitions[0].value.force()
    undecided: Unknown | None = first if isinstance(first, Unknown) else None
    for definition in definitions[1:]:
        value = definition.value.force()
        same = operations.equal(session.ev, first, value)
        if same is False:
            shown = show_definitions((definitions[0], definition))
            raise Failure(
                Kind.CONFLICT,
                f"The option `{show_option(loc)}' has conflicting definition values:{shown}\n{PRIORITY_SUGGESTION}",
                value.span or definition.place,
                catchable=True,
            )
        if isinstance(same, Unknown):
            undecided = undecided or same
    if undecided is None or len(definitions) == 1:
        return first
    known = tuple(d.value for d in definitions if not isinstance(d.value.force(), Unknown))
    return Unknown(undecided.why, undecided.detail, undecided.span, known[:1])


def merge_unique(
    session: Session, loc: tuple[str, ...], definitions: Sequence[Definition], message: str = ""
) -> Definition:
    """`mergeUniqueOption`: there is one definition."""
    if len(definitions) > 1:
        raise Failure(
            Kind.CONFLICT,
            f"The option `{show_option(loc)}' is defined multiple times while it's expected to be unique.\n{message}\n"
            f"Definition values:{show_definitions(definitions)}\n{PRIORITY_SUGGESTION}",
            definitions[1].place,
            catchable=True,
        )
    return definitions[0]


def merge_default(session: Session, loc: tuple[str, ...], definitions: Sequence[Definition]) -> Value:
    """`mergeDefaultOption`: by what the values are; what types without a merge of their own do."""
    ev = session.ev
    values = [definition.value.force() for definition in definitions]
    if len(values) == 1:
        return values[0]
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    known = [value for value in values if not isinstance(value, Unknown)]
    if not known:
        assert unknown is not None
        return unknown
    if unknown is not None and not all(isinstance(value, List | Attrs) for value in known):
        return Unknown(unknown.why, unknown.detail, unknown.span)
    if all(is_function(session, value) for value in known):
        functions = [definition.value for definition in definitions]

        def applied(_: object, argument: Lazy) -> Value:
            results = [
                Definition(loc, Lazy(lambda f: ev.apply(f.force(), argument), function), d.file)
                for d, function in zip(definitions, functions, strict=True)
            ]
            return merge_default(session, loc, results)

        return Primitive("mergeDefaultOption", 1, applied)
    if all(isinstance(value, List) for value in known):
        merged: Value = List([])
        for value in values:
            merged = operations.append(ev, merged, value, values[0].span)
        return merged
    if all(isinstance(value, Attrs) for value in known):
        merged = Attrs({})
        for value in values:
            merged = operations.update(ev, merged, value, values[0].span)
        return merged
    if all(isinstance(value, Bool) for value in known):
        return Bool(any(isinstance(value, Bool) and value.value for value in known), values[0].span)
    if all(isinstance(value, String) for value in known):
        return operations.concatenate(ev, [value for value in known if isinstance(value, String)], values[0].span)
    if all(isinstance(value, Int) for value in known) and all(
        operations.equal(ev, values[0], value) is True for value in values
    ):
        return values[0]
    raise Failure(
        Kind.ERROR,
        f"Cannot merge definitions of `{show_option(loc)}'. Definition values:{show_definitions(definitions)}",
        definitions[-1].place,
        catchable=True,
    )


def is_function(session: Session, value: Value) -> bool:
    """`lib.isFunction`: also a set with __functor."""
    if isinstance(value, Closure | Primitive):
        return True
    if isinstance(value, Attrs) and "__functor" in value.items:
        return is_function(session, session.ev.apply(value.items["__functor"].force(), Lazy.done(value)))
    return False
