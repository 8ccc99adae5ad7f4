"""The builtins about lists. A list with a `rest` keeps it wherever the known elements are still worth something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hslint.source import Span
from hslint.values import budget, operations
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    String,
    Unknown,
    Value,
    Why,
    identity,
    presume,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

builtin = Registry()


def applied(ev: Evaluator, function: Lazy, *arguments: Lazy, place: Span | None = None) -> Lazy:
    """A suspended application of a function to arguments."""
    return Lazy(_apply, (ev, function, arguments), place)


def _apply(delayed: tuple[Evaluator, Lazy, tuple[Lazy, ...]]) -> Value:
    ev, function, arguments = delayed
    value = function.force()
    for argument in arguments:
        value = ev.apply(value, argument)
    return value


def called(ev: Evaluator, function: Lazy) -> Value:
    """A value that will be called: Nix checks whether it is a function even where there is nothing to call it with."""
    value = function.force()
    return value if isinstance(value, Unknown) else ev.function(function)


def sifted(ev: Evaluator, predicate: Lazy, items: List) -> tuple[list[Lazy], list[Lazy], list[Lazy], Unknown | None]:
    """The elements for which a predicate holds, does not hold, and those for which it is unknown (with the reason).

    The predicate of an empty list is not looked at, as in `filter` of Nix.
    """
    chosen: list[Lazy] = []
    left: list[Lazy] = []
    undecided: list[Lazy] = []
    why: Unknown | None = None
    if not items.items:
        return chosen, left, undecided, why
    test = predicate.force()
    for item in items.items:
        answer = ev.decide(ev.apply(test, item), None)
        if isinstance(answer, Unknown):
            presume(answer)
            why = why or answer
            undecided.append(item)
        elif answer:
            chosen.append(item)
        else:
            left.append(item)
    return chosen, left, undecided, why


def rest_with(undecided: list[Lazy], why: Unknown | None, rest: Unknown | None) -> Unknown | None:
    """The `rest` of a result: the undecided elements, and the `rest` of the argument."""
    if why is None:
        return rest
    if rest is not None:
        return rest
    return Unknown(why.why, why.detail, why.span, tuple(undecided) if len(undecided) <= budget.ALTERNATIVES else ())


@builtin("map")
def map_(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(len(given.items) * budget.THUNK)
    if given.items:
        called(ev, function)
    return List([Lazy(_apply, (ev, function, (item,)), item.place) for item in given.items], given.span, given.rest)


@builtin("filter")
def filter_(ev: Evaluator, predicate: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    chosen, _, undecided, why = sifted(ev, predicate, given)
    if why is None and len(chosen) == len(given.items):
        return given
    return List(chosen, given.span, rest_with(undecided, why, given.rest))


@builtin("partition")
def partition(ev: Evaluator, predicate: Lazy, items: Lazy) -> Value:
    called(ev, predicate)
    given = ev.list(items)
    for item in given.items:
        item.force()
    chosen, left, undecided, why = sifted(ev, predicate, given)
    rest = rest_with(undecided, why, given.rest)
    return Attrs(
        {
            "right": Lazy.done(List(chosen, given.span, rest)),
            "wrong": Lazy.done(List(left, given.span, rest)),
        }
    )


@builtin("elem")
def elem(ev: Evaluator, element: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    undecided: Unknown | None = given.rest
    ev.spend(2 * len(given.items))
    for item in given.items:
        if identity(item) is identity(
            element
        ):  # the very same value is equal to itself, even a function or an unknown one
            item.force()
            return Bool(True)
        try:
            same = operations.equal(ev, element.force(), item.force())
        except Failure:
            if undecided is None:
                raise
            raise NotKnown(undecided) from None  # Nix may have found it before
        if same is True:
            if undecided is not None:
                presume(undecided)
            return Bool(True)
        if isinstance(same, Unknown):
            undecided = undecided or same
    if undecided is not None:
        raise NotKnown(undecided)
    return Bool(False)


@builtin("any")
def any_(ev: Evaluator, predicate: Lazy, items: Lazy) -> Value:
    return _quantified(ev, predicate, items, settles=True)


@builtin("all")
def all_(ev: Evaluator, predicate: Lazy, items: Lazy) -> Value:
    return _quantified(ev, predicate, items, settles=False)


def _quantified(ev: Evaluator, predicate: Lazy, items: Lazy, *, settles: bool) -> Value:
    test = called(ev, predicate)
    given = ev.list(items)
    undecided = given.rest
    if given.items:
        for item in given.items:
            try:
                answer = ev.decide(ev.apply(test, item), None)
            except Failure:
                if undecided is None:
                    raise
                raise NotKnown(undecided) from None  # Nix may have ended before
            if isinstance(answer, Unknown):
                undecided = undecided or answer
            elif answer is settles:
                if undecided is not None:
                    presume(undecided)
                return Bool(settles)
    if undecided is not None:
        raise NotKnown(undecided)
    return Bool(not settles)


@builtin("length")
def length(ev: Evaluator, items: Lazy) -> Value:
    return Int(len(ev.closed_list(items).items))


@builtin("head")
def head(ev: Evaluator, items: Lazy) -> Value:
    given = ev.closed_list(items)
    if not given.items:
        raise Failure(Kind.ERROR, "list index 0 is out of bounds")
    return given.items[0].force()


@builtin("tail")
def tail(ev: Evaluator, items: Lazy) -> Value:
    given = ev.closed_list(items)
    if not given.items:
        raise Failure(Kind.ERROR, "'tail' called on an empty list")
    ev.spend(len(given.items) >> 3)
    return List(given.items[1:], given.span)


@builtin("elemAt")
def elem_at(ev: Evaluator, items: Lazy, index: Lazy) -> Value:
    given = ev.closed_list(items)
    number = ev.integer(index)
    if not 0 <= number < len(given.items):
        raise Failure(Kind.ERROR, f"list index {number} is out of bounds")
    return given.items[number].force()


@builtin("concatLists")
def concat_lists(ev: Evaluator, lists: Lazy) -> Value:
    given = ev.list(lists)
    return _concatenated(ev, given, (item.force() for item in given.items))


@builtin("concatMap")
def concat_map(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    run = called(ev, function)
    given = ev.list(items)
    return _concatenated(ev, given, (ev.apply(run, item) for item in given.items))


def _concatenated(ev: Evaluator, given: List, values: Iterable[Value]) -> Value:
    found: list[Lazy] = []
    rest = given.rest
    for value in values:
        if isinstance(value, Unknown):
            rest = rest or value.of_something_else
            continue
        listed = ev.list(Lazy.done(value))
        ev.spend(len(listed.items))
        check_length(len(found) + len(listed.items))
        found.extend(listed.items)
        rest = rest or listed.rest
    return List(found, given.span, rest)


def check_length(number: int) -> None:
    """A list, or set, of more than `budget.ITEMS` is not built."""
    if number > budget.ITEMS:
        raise NotKnown(Unknown(Why.BUDGET, "a very long list"))


@builtin("foldl'")
def foldl(ev: Evaluator, operator: Lazy, start: Lazy, items: Lazy) -> Value:
    function = called(ev, operator)
    given = ev.closed_list(items)
    so_far = start
    for item in given.items:
        so_far = Lazy.done(ev.apply(ev.apply(function, so_far), item))
    return so_far.force()


@builtin("genList")
def gen_list(ev: Evaluator, function: Lazy, number: Lazy) -> Value:
    count = ev.integer(number)
    if count < 0:
        raise Failure(Kind.ERROR, f"cannot create list of size {count}")
    check_length(count)
    ev.spend(count * 2 * budget.THUNK)
    called(ev, function)
    return List([Lazy(_apply, (ev, function, (constant(index),))) for index in range(count)])


class _Ordered:
    """An element under the order of a Nix function: `list.sort` asks only for `<`."""

    __slots__ = ("lazy", "less")

    def __init__(self, less: _Less, lazy: Lazy) -> None:
        self.less = less
        self.lazy = lazy

    def __lt__(self, other: _Ordered) -> bool:
        return self.less(self.lazy, other.lazy)


class _Less:
    __slots__ = ("ev", "function")

    def __init__(self, ev: Evaluator, function: Value) -> None:
        self.ev = ev
        self.function = function

    def __call__(self, one: Lazy, other: Lazy) -> bool:
        answer = self.ev.decide(self.ev.apply(self.ev.apply(self.function, one), other), None)
        if isinstance(answer, Unknown):
            raise NotKnown(answer)
        return answer


@builtin("sort")
def sort(ev: Evaluator, comparator: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    if not given.items:
        return given
    ev.spend(len(given.items) * budget.THUNK)
    less = _Less(ev, called(ev, comparator))
    for item in given.items:
        item.force()
    ordered = sorted(_Ordered(less, item) for item in given.items)
    return List([each.lazy for each in ordered], given.span, given.rest)


@builtin("groupBy")
def group_by(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    key = called(ev, function)
    given = ev.list(items)
    groups: dict[str, list[Lazy]] = {}
    rest = given.rest
    for item in given.items:
        name = ev.apply(key, item)
        if isinstance(name, Unknown):
            rest = rest or name
            continue
        text = ev.string(Lazy.done(name))
        if text.known is None:
            rest = rest or text.unknown
            continue
        groups.setdefault(text.known, []).append(item)
    return Attrs({name: Lazy.done(List(groups[name], None, rest)) for name in groups}, None, rest)


@builtin("genericClosure")
def generic_closure(ev: Evaluator, options: Lazy) -> Value:
    """Breadth first from `startSet`, by `operator`, each `key` once (Nix manual, builtins.genericClosure)."""
    given = ev.attrs(options)
    queue = list(ev.closed_list(_required(ev, given, "startSet")).items)
    if not queue:
        return List([])
    operator = _required(ev, given, "operator").force()
    found: list[Lazy] = []
    seen: set[object] = set()
    kinds: set[type] = set()
    for item in queue:
        key = _required(ev, ev.attrs(item), "key").force()
        token = _key(ev, key)
        kinds.add(type(token))
        if kinds > {int, float} or len(kinds - {int, float}) > 1 or (len(kinds) > 1 and not kinds <= {int, float}):
            raise Failure(
                Kind.TYPE, "while comparing the `key` attributes of two genericClosure elements: cannot compare"
            )
        if token in seen:
            continue
        seen.add(token)
        found.append(item)
        more = ev.closed_list(Lazy.done(ev.apply(operator, item)))
        queue.extend(more.items)
        ev.spend(budget.ELEMENTS * 2)
        check_length(len(queue))
    return List(found)


def _key(ev: Evaluator, value: Value) -> object:
    """A normal form of keys: equal where neither of two is less than the other."""
    match value:
        case Int(number):
            return number
        case String():
            return ev.text(Lazy.done(value))
        case Unknown():
            raise NotKnown(value)
        case List():
            with ev.comparing.inside(value):
                return tuple(_key(ev, item.force()) for item in ev.closed_list(Lazy.done(value)).items)
        case _ if hasattr(value, "value"):
            return value.value
        case _ if hasattr(value, "path"):
            return ("path", value.path)
        case _:
            raise Failure(Kind.TYPE, "cannot compare the `key` attributes of genericClosure elements")


def _required(ev: Evaluator, given: Attrs, name: str) -> Lazy:
    found = given.get(name)
    if found is None:
        if given.rest is not None:
            raise NotKnown(given.rest)
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", given.span)
    return found
