"""Expressions with what encloses them: the attributes they are the value of, and the scopes that give their variables a meaning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from hslint.record import replace
from hslint.syntax.nodes import (
    Assert,
    AttributeSet,
    Binary,
    Call,
    Expression,
    Function,
    HasAttribute,
    If,
    Let,
    ListOf,
    Select,
    Unary,
    With,
)


class Enclosed(NamedTuple):
    """An expression, the name that it was given where it is an attribute's value, and the expression directly around it."""

    node: Expression
    name: str | None = None
    outer: Enclosed | None = None

    def around(self) -> Iterator[Enclosed]:
        """This one and those around it, the innermost first."""
        each: Enclosed | None = self
        while each is not None:
            yield each
            each = each.outer

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes and variables that it is the value of, or lies in the value of, the outermost first."""
        return tuple(each.name for each in reversed([*self.around()]) if each.name is not None)


def expressions(root: Expression) -> Iterator[Enclosed]:
    """Every expression of a file, those around others first."""
    pending = [Enclosed(root)]
    while pending:
        each = pending.pop()
        yield each
        pending.extend(reversed([*_inside(each)]))


def _inside(each: Enclosed) -> Iterator[Enclosed]:
    match each.node:
        case AttributeSet(attributes=attributes, dynamic=dynamic, sources=sources):
            for name, attribute in attributes.items():
                yield Enclosed(attribute.value, name, each)
            for computed in dynamic:
                yield Enclosed(computed.attribute.value, None, each)
            for source in sources:
                yield Enclosed(source, None, each)
        case Let(attributes=attributes, sources=sources, body=body):
            for name, attribute in attributes.items():
                yield Enclosed(attribute.value, name, each)
            for source in sources:
                yield Enclosed(source, None, each)
            yield Enclosed(body, None, each)
        case ListOf(items=items):
            for item in items:
                yield Enclosed(item, None, each)
        case Function(body=body):
            yield Enclosed(body, None, each)
        case Call(function=function, argument=argument):
            yield Enclosed(function, None, each)
            yield Enclosed(argument, None, each)
        case With(namespace=namespace, body=body):
            yield Enclosed(namespace, None, each)
            yield Enclosed(body, None, each)
        case Assert(condition=condition, body=body):
            yield Enclosed(condition, None, each)
            yield Enclosed(body, None, each)
        case If(condition=condition, then=then, otherwise=otherwise):
            yield Enclosed(condition, None, each)
            yield Enclosed(then, None, each)
            yield Enclosed(otherwise, None, each)
        case Binary(left=left, right=right):
            yield Enclosed(left, None, each)
            yield Enclosed(right, None, each)
        case Unary(operand=operand):
            yield Enclosed(operand, None, each)
        case Select(target=target, default=default):
            yield Enclosed(target, None, each)
            if default is not None:
                yield Enclosed(default, None, each)
        case HasAttribute(target=target):
            yield Enclosed(target, None, each)
        case _:
            pass


def in_its_scopes(each: Enclosed) -> tuple[Expression, tuple[Function, ...]]:
    """The expression in the scopes around it and nothing else of the file, and the functions whose arguments it takes to get its
    value, the outermost first.
    """
    expression = each.node
    functions: list[Function] = []
    inner = each
    for outer in [*each.around()][1:]:
        match outer.node:
            case Let() as node:
                expression = replace(node, body=expression)
            case With(body=body) as node if inner.node is body:
                expression = replace(node, body=expression)
            case Function() as node:
                expression = replace(node, body=expression)
                functions.append(node)
            case AttributeSet(recursive=True) as node:
                expression = Let(node.file, node.start, node.end, node.attributes, node.sources, expression)
            case _:
                pass
        inner = outer
    return expression, tuple(reversed(functions))


def called_name(node: Expression) -> str | None:
    """The name of the function that a call applies, however many arguments it has: `mkIf` of `lib.mkIf c x`."""
    while isinstance(node, Call):
        node = node.function
    if isinstance(node, Select):
        last = node.path[-1].name
        return last if isinstance(last, str) else None
    return getattr(node, "name", None)


class Binding(NamedTuple):
    """A statement of a set or a `let`, with the names of what it defines, the outermost first."""

    names: tuple[str, ...]
    start: int
    end: int
    value: Expression


def bindings(root: Expression) -> Iterator[Binding]:
    """Every statement of a file; `a.b = 1;` as what it says of `a` and of `a.b`."""
    for each in expressions(root):
        if isinstance(each.node, AttributeSet | Let):
            for name, attribute in each.node.attributes.items():
                yield Binding((*each.names, name), *attribute.binding, attribute.value)
