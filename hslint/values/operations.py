"""Operators and implicit conversions: coercion to strings, equality, order, `//`, and joining undecided values."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from hslint.source import Span
from hslint.syntax import nodes
from hslint.values import budget
from hslint.values.assumptions import comparison, condition
from hslint.values.conditions import Both, Either, Not
from hslint.values.store_copies import copied
from hslint.values.text import encoded, normalise_path
from hslint.values.value import (
    NO_CONTEXT,
    Attrs,
    Bool,
    Closure,
    Failure,
    Float,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    Path,
    Primitive,
    Scope,
    String,
    Unknown,
    Value,
    Why,
    derived,
    identity,
    presume,
    type_name,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

Run = Callable[[Scope], Value]

#: Characters whose copying and comparing is no longer cheap beside a call.
_LONG = 1024

INT_MIN = -(1 << 63)
INT_MAX = (1 << 63) - 1


def integer(value: int, span: Span | None) -> Int:
    """A result of integer arithmetic; overflow is an error since Nix 2.25."""
    if not INT_MIN <= value <= INT_MAX:
        raise Failure(Kind.ERROR, "integer overflow", span)
    return Int(value, span)


def position(span: Span) -> Attrs:
    """`__curPos`, and what `unsafeGetAttrPos` says of a place."""
    at = span.file.position(span.start)
    return Attrs(
        {
            "column": Lazy.done(Int(at.column + 1, span)),
            "file": Lazy.done(String(span.file.path, span)),
            "line": Lazy.done(Int(at.line + 1, span)),
        },
        span,
    )


# -- strings -----------------------------------------------------------------------------------------------------------


#: Attributes that make a set a string.
_AS_TEXT = frozenset(("__toString", "outPath"))


def coerce(
    ev: Evaluator, value: Value, span: Span | None = None, *, more: bool = False, copy_paths: bool = True
) -> String | Unknown:
    """A value as a string, as in `"${value}"`; `more` as `toString` does it (Nix: `coerceToString`).

    A path is copied to the store, so that all but the end of the result is known only once it is built.
    """
    if isinstance(value, String):
        return value
    if isinstance(value, Unknown):
        if not value.may_be:
            return value
        coerced = tuple(
            Lazy(lambda lazy: coerce(ev, lazy.force(), span, more=more, copy_paths=copy_paths), lazy, lazy.place)
            for lazy in value.may_be
        )
        return Unknown(value.why, value.detail, value.span, coerced, value.term)
    if isinstance(value, Path):
        if not copy_paths:
            return String(value.path, value.span)
        return copied(value, os.path.basename(value.path), value.span)
    if isinstance(value, Attrs):
        if not value.maybe.isdisjoint(_AS_TEXT):
            return Unknown(Why.CONDITION, min(value.maybe & _AS_TEXT), value.span)
        to_string = value.get("__toString")
        if to_string is not None:
            return coerce(
                ev, ev.apply(to_string.force(), Lazy.done(value), span), span, more=more, copy_paths=copy_paths
            )
        out_path = value.get("outPath")
        if out_path is not None:
            with ev.coercing.inside(value):
                return coerce(ev, out_path.force(), span, more=more, copy_paths=copy_paths)
        if value.rest is not None:
            return value.rest
    if more:
        match value:
            case Bool(True):
                return String("1", span)
            case Bool() | Null():
                return String("", span)
            case Int(number):
                return String(str(number), span)
            case Float(real):
                return String(f"{real:.6f}", span)
            case List():
                if value.rest is not None:
                    return value.rest
                with ev.coercing.inside(value):
                    return _coerce_list(ev, value, span, copy_paths=copy_paths)
            case _:
                pass
    raise Failure(Kind.COERCION, f"cannot coerce {type_name(value)} to a string", span)


def _coerce_list(ev: Evaluator, value: List, span: Span | None, *, copy_paths: bool) -> String | Unknown:
    parts: list[String | Unknown] = []
    ev.spend(len(value.items) * budget.ELEMENTS)
    for number, item in enumerate(value.items):
        element = item.force()
        parts.append(coerce(ev, element, span, more=True, copy_paths=copy_paths))
        empty_list = isinstance(element, List) and not element.items
        if number < len(value.items) - 1 and not empty_list:
            parts.append(String(" "))
    return concatenate(ev, parts, span)


def concatenate(ev: Evaluator, parts: Sequence[String | Unknown], span: Span | None) -> String:
    """Strings one after another; an unknown one leaves the others known."""
    if len(parts) == 2:
        left, right = parts
        if type(left) is String and type(right) is String and left.known is not None and right.known is not None:
            length = len(left.known) + len(right.known)
            if not left.context and not right.context and length < budget.STRING:
                if length > _LONG:
                    ev.spend(length >> 5)
                return String(left.known + right.known, span)
    texts = [part.known for part in parts if isinstance(part, String) and part.known is not None]
    length = sum(map(len, texts))
    ev.spend(len(parts) + (length >> 5))
    check_text(length, span)
    if len(texts) == len(parts):
        return String("".join(texts), span, context=_contexts(parts))
    pieces: list[str | Unknown] = []
    for part in parts:
        if isinstance(part, Unknown):
            pieces.append(part)
        else:
            ev.spend(len(part.parts))
            pieces.extend(part.parts)
    check_text(sum(len(piece) for piece in pieces if isinstance(piece, str)) + len(pieces), span)
    return String.of(pieces, span, _contexts(parts))


def check_text(length: int, span: Span | None = None) -> None:
    """A string of more than `budget.STRING` characters is not built."""
    if length > budget.STRING:
        raise NotKnown(Unknown(Why.BUDGET, "a very long string", span))


def _contexts(parts: Sequence[String | Unknown]) -> frozenset[str]:
    context = NO_CONTEXT
    for part in parts:
        if isinstance(part, String) and part.context:
            context |= part.context
    return context


# -- operators ---------------------------------------------------------------------------------------------------------


def unary(ev: Evaluator, node: nodes.Unary, operand: Run) -> Run:
    span = node.span
    if node.operator == "!":

        def negate(scope: Scope) -> Value:
            value = operand(scope)
            if isinstance(value, Bool):
                return Bool(not value.value, span)
            if isinstance(value, Unknown):
                return derived(value, span, Not(condition(value)))
            raise Failure(Kind.TYPE, f"value is {type_name(value)} while a Boolean was expected", span)

        return negate

    def minus(scope: Scope) -> Value:
        value = operand(scope)
        match value:
            case Int(number):
                return integer(-number, span)
            case Float(real):
                return Float(0.0 - real, span)
            case Unknown():
                return derived(value, span)
            case _:
                raise Failure(Kind.TYPE, f"value is {type_name(value)} while an integer was expected", span)

    return minus


def binary(ev: Evaluator, node: nodes.Binary, left: Run, right: Run) -> Run:
    span = node.span
    match node.operator:
        case "&&" | "||" | "->":
            return _logic(ev, node.operator, left, right, node)
        case "==" | "!=":
            return _comparison(ev, left, right, node)
        case "//":
            return lambda scope: update(ev, left(scope), right(scope), span)
        case "++":
            return lambda scope: append(ev, left(scope), right(scope), span)
        case "+":

            def plus(scope: Scope) -> Value:
                first = left(scope)
                if not isinstance(first, String | Int | Float | Path | Unknown):
                    first = coerce(ev, first, span, copy_paths=False)  # before Nix looks at the right side
                    return concatenate(ev, (first, coerce(ev, right(scope), span, copy_paths=False)), span)
                return add(ev, first, right(scope), span)

            return plus
        case "-" | "*" | "/" as operator:
            return lambda scope: arithmetic(operator, left(scope), right(scope), span)
        case "<":
            return lambda scope: _truth(less(ev, left(scope), right(scope), span), span)
        case ">":

            def greater(scope: Scope) -> Value:
                first = left(scope)
                return _truth(less(ev, right(scope), first, span), span)

            return greater
        case "<=":

            def at_most(scope: Scope) -> Value:
                first = left(scope)
                return _truth(less(ev, right(scope), first, span), span, negate=True)

            return at_most
        case ">=":
            return lambda scope: _truth(less(ev, left(scope), right(scope), span), span, negate=True)
        case _:
            raise AssertionError(f"unknown operator {node.operator}")


def _truth(answer: bool | Unknown, span: Span, *, negate: bool = False) -> Value:
    if isinstance(answer, Unknown):
        return derived(answer, span)
    return Bool(answer is not negate, span)


def _comparison(ev: Evaluator, left: Run, right: Run, node: nodes.Binary) -> Run:
    """`==` and `!=`."""
    span, left_span, right_span = node.span, node.left.span, node.right.span
    negate = node.operator == "!="

    def run(scope: Scope) -> Value:
        first, second = left(scope), right(scope)
        answer = equal(ev, first, second)
        if isinstance(answer, Unknown):
            same = comparison(first, left_span, second, right_span)
            return ev.assumed(derived(answer, span, Not(same) if negate else same))
        return Bool(answer is not negate, span)

    return run


def _logic(ev: Evaluator, operator: str, left: Run, right: Run, node: nodes.Binary) -> Run:
    """`&&`, `||` and `->`: one side may decide although the other is unknown."""
    span = node.span
    left_span, right_span = node.left.span, node.right.span
    absorbing = operator != "&&"  # the value of the left that settles `||`; for `->` the left is negated first

    def run(scope: Scope) -> Value:
        first = ev.decide(left(scope), left_span)
        if isinstance(first, bool):
            if operator == "->":
                first = not first
            if first is absorbing:
                return Bool(absorbing, span)
            second = ev.decide(right(scope), right_span)
            return Bool(second, span) if isinstance(second, bool) else second
        if ev.undecided >= budget.UNDECIDED_DEPTH:
            return derived(first, span)
        ev.undecided += 1
        try:
            second = ev.decide(right(scope), right_span)
        except Failure:
            # The right side only fails where the left one makes Nix look at it.
            return derived(first, span)
        finally:
            ev.undecided -= 1
        if second is absorbing:
            presume(first)
            return Bool(absorbing, span)
        formula = Not(condition(first)) if operator == "->" else condition(first)
        if isinstance(second, Unknown):
            formula = (Either if absorbing else Both)(formula, condition(second))
        return derived(first, span, formula)

    return run


def add(ev: Evaluator, left: Value, right: Value, span: Span | None) -> Value:
    """`+`: numbers, strings, paths."""
    if type(left) is Int and type(right) is Int:
        return integer(left.value + right.value, span)
    if type(left) is String and type(right) is String:
        return concatenate(ev, (left, right), span)
    if isinstance(left, Unknown):
        if isinstance(right, String):
            return concatenate(ev, (left, right), span)
        return derived(left, span)
    if isinstance(left, Int | Float):
        if isinstance(right, Unknown):
            return derived(right, span)
        if not isinstance(right, Int | Float):
            raise Failure(Kind.TYPE, f"cannot add {type_name(right)} to {type_name(left)}", span)
        if isinstance(left, Int) and isinstance(right, Int):
            return integer(left.value + right.value, span)
        return Float(left.value + right.value, span)
    if isinstance(left, Path):
        tail = coerce(ev, right, span, copy_paths=False)
        if isinstance(tail, Unknown):
            return Unknown(tail.why, tail.detail, span)
        if tail.known is None:
            unknown = tail.unknown
            assert unknown is not None
            return Unknown(unknown.why, unknown.detail, span)
        return Path(normalise_path(left.path + tail.known), span)
    return concatenate(ev, (coerce(ev, left, span), coerce(ev, right, span)), span)


def arithmetic(operator: str, left: Value, right: Value, span: Span | None) -> Value:
    if type(left) is Int and type(right) is Int and operator != "/":
        return integer(left.value - right.value if operator == "-" else left.value * right.value, span)
    for side in (left, right):
        if isinstance(side, Unknown):
            return derived(side, span)
        if not isinstance(side, Int | Float):
            raise Failure(Kind.TYPE, f"value is {type_name(side)} while an integer was expected", span)
    assert isinstance(left, Int | Float) and isinstance(right, Int | Float)
    whole = isinstance(left, Int) and isinstance(right, Int)
    if operator == "-":
        return integer(int(left.value - right.value), span) if whole else Float(left.value - right.value, span)
    if operator == "*":
        return integer(int(left.value * right.value), span) if whole else Float(left.value * right.value, span)
    if right.value == 0:
        raise Failure(Kind.ERROR, "division by zero", span)
    if whole:
        quotient = abs(int(left.value)) // abs(int(right.value))
        return integer(quotient if (left.value < 0) == (right.value < 0) else -quotient, span)
    return Float(left.value / right.value, span)


def append(ev: Evaluator, left: Value, right: Value, span: Span | None) -> Value:
    """`++`. An unknown side leaves the elements of the other known."""
    rest: Unknown | None = None
    items: list[Lazy] = []
    length = sum(len(side.items) for side in (left, right) if isinstance(side, List))
    ev.spend(length)
    if length > budget.ITEMS:
        raise NotKnown(Unknown(Why.BUDGET, "a very long list", span))
    places: list[Span | None] = []
    for side in (left, right):
        if isinstance(side, Unknown):
            rest = rest or side.of_something_else
        elif isinstance(side, List):
            items.extend(side.items)
            places.extend(side.places if side.places is not None else repeat(None, len(side.items)))
            rest = rest or side.rest
        else:
            raise Failure(Kind.TYPE, f"value is {type_name(side)} while a list was expected", span)
    return List(items, span, rest, places)


def update(ev: Evaluator, left: Value, right: Value, span: Span | None) -> Value:
    """`//`. What an unknown right side may replace is no longer known, but what it may be is kept."""
    for side in (left, right):
        if not isinstance(side, Attrs | Unknown):
            raise Failure(Kind.TYPE, f"value is {type_name(side)} while a set was expected", span)
    if isinstance(right, Unknown):
        if isinstance(left, Unknown):
            return derived(left, span)
        assert isinstance(left, Attrs)
        return left.replaced(_overridable(left.items, right), right.of_something_else, left.maybe, span)
    assert isinstance(right, Attrs)
    if isinstance(left, Unknown):
        return right.replaced(right.items, right.rest or left.of_something_else, right.maybe, span)
    assert isinstance(left, Attrs)
    if not left.items and left.rest is None:
        return right
    if not right.items and right.rest is None:
        return left
    ev.spend(2 * (len(left.items) + len(right.items)))
    kept = left.items if right.rest is None else _overridable(left.items, right.rest)
    items = {**kept, **right.items}
    maybe = left.maybe
    if right.maybe:
        for name in right.maybe:
            before = left.items.get(name)
            if before is None and left.rest is not None:
                before = Lazy.done(left.rest.attribute(name, span))
            if before is not None:
                items[name] = _either(ev, name, right.items[name], before, span)
        maybe = left.maybe | (right.maybe - left.items.keys())
    if maybe:
        maybe -= right.items.keys() - right.maybe
    return left.replaced(items, right.rest or left.rest, maybe, span)


def _either(ev: Evaluator, name: str, first: Lazy, second: Lazy, span: Span | None) -> Lazy:
    unknown = Unknown(Why.CONDITION, name, span)
    return Lazy(lambda choice: ev.either(unknown, choice, span), (first, second), first.place, first.binding)


def _overridable(items: dict[str, Lazy], by: Unknown) -> dict[str, Lazy]:
    return {
        name: Lazy.done(Unknown(by.why, by.detail, lazy.place or by.span, (lazy,)), lazy.place)
        for name, lazy in items.items()
    }


# -- equality and order ------------------------------------------------------------------------------------------------


def equal(ev: Evaluator, left: Value, right: Value) -> bool | Unknown:
    """`==`. Functions are never equal (except that a set holding the very same attributes is itself)."""
    if type(left) is Int and type(right) is Int:
        return left.value == right.value
    if type(left) is String and type(right) is String and left.known is not None and right.known is not None:
        return left.known == right.known
    if left is right and not isinstance(left, Unknown | Closure | Primitive | Float):
        if _wholly_known(left):
            return True
    if isinstance(left, Unknown):
        return left.of_something_else
    if isinstance(right, Unknown):
        return right.of_something_else
    match left, right:
        case ((Int(a) | Float(a)), (Int(b) | Float(b))):
            return float(a) == float(b)  # two integers are compared above; beside a float, one is rounded to 53 bits
        case String(), String():
            return _equal_text(left, right)
        case Bool(a), Bool(b):
            return a is b
        case Null(), Null():
            return True
        case Path(a), Path(b):
            return a == b
        case List(), List():
            with ev.comparing.inside_both(left, right):
                return _equal_lists(ev, left, right)
        case Attrs(), Attrs():
            with ev.comparing.inside_both(left, right):
                return _equal_attrs(ev, left, right)
        case _:
            return False


def _wholly_known(value: Value) -> bool:
    match value:
        case String(known=None):
            return False
        case List():
            return False
        case Attrs():
            return False
        case _:
            return True


def _equal_text(left: String, right: String) -> bool | Unknown:
    if left.known is not None and right.known is not None:
        return left.known == right.known
    for one, other in ((left, right), (right, left)):
        head = other.parts[0] if other.parts else ""
        tail = other.parts[-1] if other.parts else ""
        if (isinstance(head, str) and one.starts_with(head) is False) or (
            isinstance(tail, str) and one.ends_with(tail) is False
        ):
            return False
    unknown = left.unknown or right.unknown
    assert unknown is not None
    return unknown


def _equal_lists(ev: Evaluator, left: List, right: List) -> bool | Unknown:
    if left.rest is not None or right.rest is not None:
        if left.rest is None and len(left.items) < len(right.items):
            return False
        if right.rest is None and len(right.items) < len(left.items):
            return False
        unknown = left.rest or right.rest
        assert unknown is not None
        return unknown
    if len(left.items) != len(right.items):
        return False
    undecided: Unknown | None = None
    for one, other in zip(left.items, right.items, strict=True):
        if identity(one) is identity(other):
            continue
        answer = _equal_behind(ev, undecided, one, other)
        if answer is False:
            return False
        if isinstance(answer, Unknown):
            undecided = undecided or answer
    return undecided or True


def _equal_behind(ev: Evaluator, undecided: Unknown | None, one: Lazy, other: Lazy) -> bool | Unknown:
    """Whether two parts are equal, if Nix looks at them at all: with an undecided part before them it may have ended there."""
    if undecided is None:
        return equal(ev, one.force(), other.force())
    try:
        answer = equal(ev, one.force(), other.force())
    except Failure:
        return undecided
    if answer is False:
        presume(undecided)
    return answer


def _is_derivation(value: Attrs) -> bool:
    kind = value.get("type")
    return kind is not None and isinstance(kind.force(), String) and kind.force().known == "derivation"  # type: ignore[union-attr]


def _equal_attrs(ev: Evaluator, left: Attrs, right: Attrs) -> bool | Unknown:
    if _is_derivation(left) and _is_derivation(right):
        one, other = left.get("outPath"), right.get("outPath")
        if one is not None and other is not None:
            return True if left is right else equal(ev, one.force(), other.force())
    undecided = left.rest or right.rest
    if left.maybe or right.maybe:
        undecided = undecided or Unknown(Why.CONDITION, next(iter(left.maybe or right.maybe)), left.span)
    if undecided is None and left.items.keys() != right.items.keys():
        return False
    for one_way, other_way in ((left, right), (right, left)):
        if other_way.rest is None and any(
            name not in other_way.items and name not in one_way.maybe for name in one_way.items
        ):
            return False
    for name, one in sorted(left.items.items()):
        other = right.items.get(name)
        if other is None or identity(one) is identity(other):
            continue
        answer = _equal_behind(ev, undecided, one, other)
        if answer is False and name not in left.maybe and name not in right.maybe:
            return False
        if isinstance(answer, Unknown):
            undecided = undecided or answer
    return undecided or True


def less(ev: Evaluator, left: Value, right: Value, span: Span | None) -> bool | Unknown:
    """`left < right`: numbers, strings (by byte), paths, lists element by element."""
    if type(left) is Int and type(right) is Int:
        return left.value < right.value
    if isinstance(left, Unknown):
        return left.of_something_else
    if isinstance(right, Unknown):
        return right.of_something_else
    match left, right:
        case ((Int(a) | Float(a)), (Int(b) | Float(b))):
            return float(a) < float(b)
        case String(), String():
            if left.known is None or right.known is None:
                unknown = left.unknown or right.unknown
                assert unknown is not None
                return unknown
            return encoded(left.known) < encoded(right.known)
        case Path(a), Path(b):
            return encoded(a) < encoded(b)
        case List(), List():
            return _less_lists(ev, left, right, span)
        case _:
            raise Failure(Kind.TYPE, f"cannot compare {type_name(left)} with {type_name(right)}", span)


def _less_lists(ev: Evaluator, left: List, right: List, span: Span | None) -> bool | Unknown:
    if left.rest is not None or right.rest is not None:
        unknown = left.rest or right.rest
        assert unknown is not None
        return unknown
    for one, other in zip(left.items, right.items, strict=False):
        same = equal(ev, one.force(), other.force())
        if isinstance(same, Unknown):
            return same
        if not same:
            return less(ev, one.force(), other.force(), span)
    return len(left.items) < len(right.items)
