"""lib.lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.attrsets import attr_values
from hslint.values.builtins.control import seq
from hslint.values.builtins.lists import applied, check_length, concat_lists, rest_with, sifted, sort
from hslint.values.constant import constant
from hslint.values.nesting import Nesting
from hslint.values.primitive import Registry
from hslint.values.text import encoded
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Primitive,
    String,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


@library("singleton")
def singleton(ev: Evaluator, item: Lazy) -> Value:
    return List([item])


@library("forEach")
def for_each(ev: Evaluator, items: Lazy, function: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(len(given.items) * budget.THUNK)
    return List([applied(ev, function, item, place=item.place) for item in given.items], given.span, given.rest)


@library("optional")
def optional(ev: Evaluator, condition: Lazy, item: Lazy) -> Value:
    return _perhaps(ev, condition, Lazy.done(List([item])))


@library("optionals")
def optionals(ev: Evaluator, condition: Lazy, items: Lazy) -> Value:
    return _perhaps(ev, condition, items)


def _perhaps(ev: Evaluator, condition: Lazy, items: Lazy) -> Value:
    decision = ev.guard(condition.force(), None)
    if isinstance(decision, Unknown):
        return ev.either(decision, (items, Lazy.done(List([]))), decision.span)
    return items.force() if decision else List([])


@library("toList")
def to_list(ev: Evaluator, value: Lazy) -> Value:
    found = value.force()
    if isinstance(found, Unknown):
        return List([], found.span, found.of_something_else)
    return found if isinstance(found, List) else List([value])


@library("foldr", "fold")
def foldr(ev: Evaluator, operator: Lazy, start: Lazy, items: Lazy) -> Value:
    given = ev.closed_list(items).items
    ev.spend(len(given))

    def rest(index: int) -> Value:
        if index == len(given):
            return start.force()
        return ev.call(operator.force(), given[index], Lazy(rest, index + 1))

    return rest(0)


@library("foldl'")
def foldl_strictly(ev: Evaluator, operator: Lazy, start: Lazy) -> Value:
    """As the builtin, and the value that it starts with is forced."""
    return seq(ev, start, Lazy(lambda _: ev.call(ev.builtin("foldl'"), operator, start)))


@library("foldl")
def foldl(ev: Evaluator, operator: Lazy, start: Lazy, items: Lazy) -> Value:
    current = start
    given = ev.closed_list(items).items
    ev.spend(len(given) * budget.THUNK)
    for item in given:
        current = applied(ev, operator, current, item)
    return current.force()


@library("imap0")
def imap0(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    return _numbered(ev, function, items, 0)


@library("imap1")
def imap1(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    return _numbered(ev, function, items, 1)


def _numbered(ev: Evaluator, function: Lazy, items: Lazy, start: int) -> Value:
    given = ev.closed_list(items)
    ev.spend(len(given.items) * 2 * budget.THUNK)
    return List([applied(ev, function, constant(n), item) for n, item in enumerate(given.items, start)], given.span)


@library("ifilter0")
def ifilter0(ev: Evaluator, predicate: Lazy, items: Lazy) -> Value:
    given = ev.closed_list(items)
    ev.spend(len(given.items) * budget.THUNK)
    kept = [item for n, item in enumerate(given.items) if ev.boolean(applied(ev, predicate, constant(n), item))]
    return List(kept, given.span)


@library("flatten")
def flatten(ev: Evaluator, value: Lazy) -> Value:
    found = value.force()
    if isinstance(found, Unknown):
        return List([], found.span, found.of_something_else)
    if not isinstance(found, List):
        return List([value])
    items: list[Lazy] = []
    rest: Unknown | None = None
    nesting = Nesting(ev.spend)

    def walk(nested: List) -> None:
        nonlocal rest
        rest = rest or nested.rest
        with nesting.inside(nested):
            for item in nested.items:
                inner = item.force()
                if isinstance(inner, List):
                    walk(inner)
                elif isinstance(inner, Unknown):
                    rest = rest or inner.of_something_else
                else:
                    items.append(item)
                    check_length(len(items))

    walk(found)
    return List(items, found.span, rest)


@library("remove")
def remove(ev: Evaluator, element: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(2 * len(given.items))
    kept: list[Lazy] = []
    undecided: list[Lazy] = []
    why: Unknown | None = None
    for item in given.items:
        same = operations.equal(ev, item.force(), element.force())
        if isinstance(same, Unknown):
            why = why or same
            undecided.append(item)
        elif not same:
            kept.append(item)
    return List(kept, given.span, rest_with(undecided, why, given.rest))


@library("findSingle")
def find_single(ev: Evaluator, predicate: Lazy, default: Lazy, multiple: Lazy, items: Lazy) -> Value:
    chosen = _closed(sifted(ev, predicate, ev.closed_list(items)))
    return default.force() if not chosen else chosen[0].force() if len(chosen) == 1 else multiple.force()


def _closed(found: tuple[list[Lazy], list[Lazy], list[Lazy], Unknown | None]) -> list[Lazy]:
    chosen, _, _, why = found
    if why is not None:
        raise NotKnown(why)
    return chosen


@library("findFirst")
def find_first(ev: Evaluator, predicate: Lazy, default: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    if given.items:
        test = predicate.force()
        for number, item in enumerate(given.items):
            answer = ev.decide(ev.apply(test, item), None)
            if isinstance(answer, Unknown):
                ev.spend(len(given.items))
                left = Lazy.done(List(given.items[number + 1 :], given.span, given.rest))
                return ev.either(
                    answer, (item, Lazy(lambda left: find_first(ev, predicate, default, left), left)), None
                )
            if answer:
                if given.rest is not None:  # there may be another one in front of it
                    return Unknown(given.rest.why, given.rest.detail, given.span, (item,))
                return item.force()
    if given.rest is not None:
        raise NotKnown(given.rest)
    return default.force()


@library("findFirstIndex")
def find_first_index(ev: Evaluator, predicate: Lazy, default: Lazy, items: Lazy) -> Value:
    for number, item in enumerate(ev.closed_list(items).items):
        if ev.boolean(Lazy.done(ev.apply(predicate.force(), item))):
            return Int(number)
    return default.force()


@library("count")
def count(ev: Evaluator, predicate: Lazy, items: Lazy) -> Value:
    return Int(len(_closed(sifted(ev, predicate, ev.closed_list(items)))))


@library("range")
def range_(ev: Evaluator, first: Lazy, last: Lazy) -> Value:
    start, end = ev.integer(first), ev.integer(last)
    check_length(end - start)
    ev.spend(max(0, end - start) * budget.THUNK)
    return List([constant(number) for number in range(start, end + 1)])


@library("replicate")
def replicate(ev: Evaluator, number: Lazy, item: Lazy) -> Value:
    wanted = ev.integer(number)
    check_length(wanted)
    ev.spend(max(0, wanted))
    return List([item] * wanted)


@library("zipListsWith")
def zip_lists_with(ev: Evaluator, function: Lazy, first: Lazy, second: Lazy) -> Value:
    one, other = ev.closed_list(first), ev.closed_list(second)
    ev.spend(min(len(one.items), len(other.items)) * budget.THUNK)
    return List([applied(ev, function, a, b) for a, b in zip(one.items, other.items, strict=False)])


@library("zipLists")
def zip_lists(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    one, other = ev.closed_list(first), ev.closed_list(second)
    ev.spend(min(len(one.items), len(other.items)) * 2 * budget.THUNK)
    return List([Lazy.done(Attrs({"fst": a, "snd": b})) for a, b in zip(one.items, other.items, strict=False)])


@library("reverseList")
def reverse_list(ev: Evaluator, items: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(len(given.items))
    return List(list(reversed(given.items)), given.span, given.rest)


@library("sortOn")
def sort_on(ev: Evaluator, key: Lazy, items: Lazy) -> Value:
    def before(ev: Evaluator, one: Lazy, other: Lazy) -> Value:
        less = operations.less(ev, applied(ev, key, one).force(), applied(ev, key, other).force(), None)
        return less if isinstance(less, Unknown) else Bool(less)

    return sort(ev, Lazy.done(Primitive("sortOn", 2, before)), items)


@library("compareLists")
def compare_lists(ev: Evaluator, compare: Lazy, first: Lazy, second: Lazy) -> Value:
    one, other = ev.closed_list(first).items, ev.closed_list(second).items
    ev.spend(min(len(one), len(other)))
    for a, b in zip(one, other, strict=False):
        order = ev.integer(applied(ev, compare, a, b))
        if order:
            return Int(order)
    return Int((len(one) > len(other)) - (len(one) < len(other)))


@library("naturalSort")
def natural_sort(ev: Evaluator, items: Lazy) -> Value:
    """Numbers inside the texts are compared as numbers."""
    import re

    def key(item: Lazy) -> list[int | bytes]:
        parts = re.split("(0|[1-9][0-9]*)", ev.text(item))
        return [int(part) if number % 2 else encoded(part) for number, part in enumerate(parts)]

    given = ev.closed_list(items).items
    ev.spend(len(given) * budget.THUNK + sum(2 * len(ev.text(item)) for item in given))
    return List(sorted(given, key=key))


@library("take")
def take(ev: Evaluator, number: Lazy, items: Lazy) -> Value:
    return _sublist(ev, 0, ev.integer(number), ev.closed_list(items).items)


@library("drop")
def drop(ev: Evaluator, number: Lazy, items: Lazy) -> Value:
    given = ev.closed_list(items).items
    return _sublist(ev, ev.integer(number), len(given), given)


def _slice(ev: Evaluator, items: Sequence[Lazy], start: int, end: int | None) -> List:
    """Only references are copied, many at a time."""
    ev.spend(len(range(len(items))[start:end]) >> 3)
    return List(items[start:end])


@library("takeEnd")
def take_end(ev: Evaluator, number: Lazy, items: Lazy) -> Value:
    given, wanted = ev.closed_list(items).items, max(0, ev.integer(number))
    return _slice(ev, given, max(0, len(given) - wanted), None)


@library("dropEnd")
def drop_end(ev: Evaluator, number: Lazy, items: Lazy) -> Value:
    given, wanted = ev.closed_list(items).items, max(0, ev.integer(number))
    return _slice(ev, given, 0, max(0, len(given) - wanted))


@library("sublist")
def sublist(ev: Evaluator, start: Lazy, number: Lazy, items: Lazy) -> Value:
    given = ev.closed_list(items).items
    begin = ev.integer(start)
    return List([]) if begin >= len(given) else _sublist(ev, begin, ev.integer(number), given)


def _sublist(ev: Evaluator, start: int, wanted: int, given: Sequence[Lazy]) -> List:
    """So many elements from a place on: in front of the list an element is an error only once it is asked for."""
    size = 0 if start >= len(given) else len(given) - start if start + wanted > len(given) else wanted
    if size < 0:
        raise Failure(Kind.ERROR, f"cannot create list of size {size}")
    check_length(size)
    if start >= 0:
        return _slice(ev, given, start, start + size)
    ev.spend(size * budget.THUNK)
    return List(
        [
            given[at] if at >= 0 else Lazy.failed(Failure(Kind.ERROR, f"list index {at} is out of bounds"))
            for at in range(start, start + size)
        ]
    )


@library("hasPrefix")
def has_prefix(ev: Evaluator, prefix: Lazy, items: Lazy) -> Value:
    other = ev.closed_list(items).items
    if not other:
        return _of(operations.equal(ev, List([]), prefix.force()))
    one = ev.closed_list(prefix).items
    if len(one) > len(other):
        return Bool(False)
    ev.spend(len(one))
    return _same(ev, one, other[: len(one)])


def _same(ev: Evaluator, first: Sequence[Lazy], second: Sequence[Lazy]) -> Value:
    return _of(operations.equal(ev, List(first), List(second)))


def _of(answer: bool | Unknown) -> Value:
    return answer if isinstance(answer, Unknown) else Bool(answer)


@library("removePrefix")
def remove_prefix(ev: Evaluator, prefix: Lazy, items: Lazy) -> Value:
    if not ev.boolean(Lazy.done(has_prefix(ev, prefix, items))):
        raise Failure(
            Kind.ERROR,
            "lib.lists.removePrefix: First argument is not a list prefix of the second argument",
            catchable=True,
        )
    return _slice(ev, ev.closed_list(items).items, len(ev.closed_list(prefix).items), None)


@library("commonPrefix")
def common_prefix(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    shared: list[Lazy] = []
    for one, other in zip(ev.closed_list(first).items, ev.closed_list(second).items, strict=False):
        ev.spend(2)
        same = operations.equal(ev, one.force(), other.force())
        if isinstance(same, Unknown):
            raise NotKnown(same)
        if not same:
            break
        shared.append(one)
    return List(shared)


@library("last")
def last(ev: Evaluator, items: Lazy) -> Value:
    given = ev.closed_list(items)
    if not given.items:
        raise Failure(Kind.ERROR, "lists.last: list must not be empty!", catchable=True)
    return given.items[-1].force()


@library("init")
def init(ev: Evaluator, items: Lazy) -> Value:
    given = ev.closed_list(items)
    if not given.items:
        raise Failure(Kind.ERROR, "lists.init: list must not be empty!", catchable=True)
    return _slice(ev, given.items, 0, len(given.items) - 1)


@library("crossLists")
def cross_lists(ev: Evaluator, function: Lazy, lists: Lazy) -> Value:
    rows: list[list[Lazy]] = [[]]
    for width, one in enumerate(ev.closed_list(lists).items, 1):
        items = ev.closed_list(one).items
        check_length(len(rows) * len(items))
        ev.spend(len(rows) * len(items) * (budget.THUNK + width))
        rows = [[*row, item] for row in rows for item in items]
    ev.spend(len(rows) * budget.THUNK)
    return List([applied(ev, function, *row) for row in rows])


@library("unique")
def unique(ev: Evaluator, items: Lazy) -> Value:
    given = ev.list(items)
    kept: list[Lazy] = []
    undecided: list[Lazy] = []
    why: Unknown | None = None
    seen: set[str] = set()
    others: list[Lazy] = []  # of the kept ones those that are no known strings
    for item in given.items:
        value = item.force()
        text = value.known if isinstance(value, String) else None
        if text is not None and text in seen:
            continue
        # What is no string at all differs from every known one.
        candidates = kept if text is None and isinstance(value, String | Unknown) else others
        ev.spend(2 + 2 * len(candidates))
        answers = [operations.equal(ev, value, other.force()) for other in candidates]
        if True in answers:
            continue
        open_ = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        if open_ is not None:
            why = why or open_
            undecided.append(item)
            continue
        if text is not None:
            seen.add(text)
        else:
            others.append(item)
        kept.append(item)
    return List(kept, given.span, rest_with(undecided, why, given.rest))


@library("uniqueStrings")
def unique_strings(ev: Evaluator, items: Lazy) -> Value:
    """In the order of the strings."""
    given = ev.closed_list(items).items
    ev.spend(2 * len(given))
    found = {ev.text(item): item for item in reversed(given)}
    return List([found[text] for text in sorted(found, key=encoded)])


@library("allUnique")
def all_unique(ev: Evaluator, items: Lazy) -> Value:
    found = ev.closed_list(Lazy.done(unique(ev, items)))
    return Bool(len(found.items) == len(ev.closed_list(items).items))


@library("intersectLists")
def intersect_lists(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    wanted = ev.closed_list(first).items
    return List([item for item in ev.closed_list(second).items if among(ev, item, wanted)])


@library("subtractLists")
def subtract_lists(ev: Evaluator, unwanted: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    away = ev.closed_list(unwanted).items
    return List([item for item in given.items if not among(ev, item, away)], given.span, given.rest)


@library("mutuallyExclusive")
def mutually_exclusive(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    wanted = ev.closed_list(second).items
    return Bool(not any(among(ev, item, wanted) for item in ev.closed_list(first).items))


def among(ev: Evaluator, item: Lazy, others: Sequence[Lazy]) -> bool:
    """`elem item others`, where it is known."""
    undecided: Unknown | None = None
    ev.spend(2 + 2 * len(others))
    for other in others:
        same = operations.equal(ev, item.force(), other.force())
        if same is True:
            return True
        if isinstance(same, Unknown):
            undecided = undecided or same
    if undecided is not None:
        raise NotKnown(undecided)
    return False


@library("groupBy'")
def group_by_(ev: Evaluator, operator: Lazy, start: Lazy, key: Lazy, items: Lazy) -> Value:
    groups: dict[str, Lazy] = {}
    given = ev.closed_list(items).items
    ev.spend(len(given) * budget.THUNK)
    for item in given:
        name = ev.text(applied(ev, key, item))
        groups[name] = applied(ev, operator, groups.get(name, start), item)
    return Attrs(groups)


@library("replaceElemAt")
def replace_elem_at(ev: Evaluator, items: Lazy, index: Lazy, item: Lazy) -> Value:
    given, number = ev.closed_list(items), ev.integer(index)
    if not 0 <= number < len(given.items):
        raise Failure(Kind.ERROR, f"lists.replaceElemAt: {number} is out of range", catchable=True)
    ev.spend(len(given.items))
    return List([*given.items[:number], item, *given.items[number + 1 :]], given.span)


@library("concatAttrValues")
def concat_attr_values(ev: Evaluator, attrs: Lazy) -> Value:
    return concat_lists(ev, Lazy.done(attr_values(ev, attrs)))


@library("imap")
def imap(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    return _numbered(ev, function, items, 1)
