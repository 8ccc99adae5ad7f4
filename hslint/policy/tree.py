"""A policy as a tree, whatever it was written in: HuJSON, or a Nix value that becomes JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from hslint.record import Record
from hslint.source import Span


class Text(Record):
    """A string. `raw` is what stands between the quotes, for what Headscale compares without reading escapes."""

    value: str
    span: Span | None = None
    raw: str = ""

    @property
    def as_written(self) -> str:
        return self.raw or self.value


class Number(Record):
    """A number, as it is written."""

    text: str
    span: Span | None = None


class Boolean(Record):
    value: bool
    span: Span | None = None


class Null(Record):
    span: Span | None = None


class Untold(Record):
    """An unknown node: it does not follow from the files alone, or is missing because the text is half typed."""

    span: Span | None = None


class Array(Record):
    """`complete` is false where there may be more elements than these."""

    items: tuple[Node, ...]
    span: Span | None = None
    complete: bool = True


class Member(Record):
    """`span` is all of the member, from its name to the end of its value."""

    name: Text
    value: Node
    span: Span | None = None


class Object(Record):
    """Members in the order of the text, the same name perhaps more than once. `complete` is false where there may be more."""

    members: tuple[Member, ...]
    span: Span | None = None
    complete: bool = True


Node: TypeAlias = Text | Number | Boolean | Null | Array | Object | Untold


def described(node: Node) -> str:
    """The kind of a node, as text for messages."""
    match node:
        case Text():
            return "a string"
        case Number():
            return "a number"
        case Boolean():
            return "a boolean"
        case Null():
            return "null"
        case Array():
            return "a list"
        case Object():
            return "an object"
        case Untold():
            return "unknown"


def every(node: Node) -> Iterator[Node]:
    """The node and all nodes in it, names included."""
    waiting: list[Node] = [node]
    while waiting:
        found = waiting.pop()
        yield found
        match found:
            case Array(items=items):
                waiting.extend(reversed(items))
            case Object(members=members):
                for member in reversed(members):
                    waiting.extend((member.value, member.name))
            case _:
                pass


def is_complete(node: Node) -> bool:
    """Whether all of it is known."""
    return not any(
        isinstance(part, Untold) or (isinstance(part, Array | Object) and not part.complete) for part in every(node)
    )
