"""Values as text: as `nix-instantiate --eval --strict` prints them, and as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from hslint.values import budget
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Float,
    Int,
    Lazy,
    List,
    NotKnown,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
    identity,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

_KEYWORDS = frozenset(("assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"))
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_ESCAPED = re.compile(r'["\\\n\r\t]|\$\{')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "${": "\\${"}


def quoted(text: str) -> str:
    """A string as Nix writes it."""
    return f'"{_ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)}"'


def attribute_name(name: str) -> str:
    """A name as it may stand in a set: quoted only where it has to be."""
    return name if name not in _KEYWORDS and _IDENTIFIER.fullmatch(name) else quoted(name)


def floating(number: float) -> str:
    """A float in C++'s default format: six digits."""
    return f"{number:g}"


def show(ev: Evaluator, value: Value) -> str:
    """The value, forced deeply; raises NotKnown where a part of it is unknown.

    A set or list that was printed before is «repeated», which is also how an endless value comes to an end.
    """
    printer = _Printer(ev)
    printer.put(Lazy.done(value), 0)
    return "".join(printer.text)


class _Printer:
    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self.text: list[str] = []
        self.seen: set[int] = set()
        #: What is marked is kept alive, so that no id is given twice.
        self.kept: list[object] = []

    def repeated(self, marked: object) -> bool:
        if id(marked) in self.seen:
            return True
        self.seen.add(id(marked))
        self.kept.append(marked)
        return False

    def put(self, lazy: Lazy, depth: int) -> None:
        value = lazy.force()
        self.ev.spend(budget.THUNK)
        if depth > budget.CALL_DEPTH or len(self.text) > 4 * budget.ITEMS:
            raise NotKnown(Unknown(Why.BUDGET, "a very large value"))
        match value:
            case Null():
                self.text.append("null")
            case Bool(truth):
                self.text.append("true" if truth else "false")
            case Int(number):
                self.text.append(str(number))
            case Float(real):
                self.text.append(floating(real))
            case Path(path):
                self.text.append(path)
            case String():
                if value.unknown is not None:
                    raise NotKnown(value.unknown)
                self.text.append(quoted(value.known or ""))
            case List():
                self.put_list(value, lazy, depth)
            case Attrs():
                self.put_attrs(value, depth)
            case Closure():
                self.text.append("<LAMBDA>")
            case Primitive():
                self.text.append("<PRIMOP-APP>" if value.arguments else "<PRIMOP>")
            case Unknown():
                raise NotKnown(value)
            case _:
                assert_never(value)

    def put_list(self, value: List, lazy: Lazy, depth: int) -> None:
        if value.rest is not None:
            raise NotKnown(value.rest)
        # Nix keeps up to two elements inside the value itself: such a list is the same only where the value is.
        if value.items and self.repeated(value.items if len(value.items) > 2 else identity(lazy)):
            self.text.append("«repeated»")
            return
        self.text.append("[ ")
        for item in value.items:
            self.put(item, depth + 1)
            self.text.append(" ")
        self.text.append("]")

    def put_attrs(self, value: Attrs, depth: int) -> None:
        if value.rest is not None:
            raise NotKnown(value.rest)
        if value.maybe:
            raise NotKnown(Unknown(Why.CONDITION, min(value.maybe), value.span))
        if value.items and self.repeated(value.items):
            self.text.append("«repeated»")
            return
        self.text.append("{ ")
        for name in sorted(value.items):
            self.text.append(f"{attribute_name(name)} = ")
            self.put(value.items[name], depth + 1)
            self.text.append("; ")
        self.text.append("}")


def auto_called(ev: Evaluator, value: Value, arguments: Attrs) -> Value:
    """A function of a set is called with those of the arguments that it takes, as `nix-instantiate` does."""
    while isinstance(value, Attrs) and (functor := value.get("__functor")) is not None:
        value = ev.apply(functor.force(), Lazy.done(value))
    if not isinstance(value, Closure) or value.node.formals is None:
        return value
    if value.node.ellipsis:
        return ev.apply(value, Lazy.done(arguments))
    taken = {formal.name for formal in value.node.formals}
    return ev.apply(value, Lazy.done(Attrs({name: lazy for name, lazy in arguments.items.items() if name in taken})))
