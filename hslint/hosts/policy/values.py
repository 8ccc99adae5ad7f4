"""A Nix value that becomes JSON → a tree, each node where its value was written."""

from __future__ import annotations

from hslint.policy.tree import Array, Boolean, Member, Node, Null, Number, Object, Text, Untold
from hslint.source import Project, Span
from hslint.values.builtins.data import json_float
from hslint.values.nesting import Walk
from hslint.values.value import Attrs, Bool, Failure, Float, Int, Lazy, List, String, Value
from hslint.values.value import Null as NixNull


class ValueTree:
    """Makes trees of the values of a project. What was not written in it stands where something in it uses it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.walk = Walk()

    def node(self, value: Value | Failure, around: Span | None) -> Node:
        span = self._place(value.span) or around
        match value:
            case String(known=str(text)):
                return Text(text, span, text)
            case Bool(flag):
                return Boolean(flag, span)
            case Int(number):
                return Number(str(number), span)
            case Float(real):
                return Number(json_float(real), span)
            case NixNull():
                return Null(span)
            case List():
                return self._list(value, span)
            case Attrs():
                return self._attributes(value, span)
            case _:
                return Untold(span)

    def _list(self, value: List, span: Span | None) -> Node:
        if self.walk.stops(value) is not None:
            return Untold(span)
        items = tuple(self._element(lazy, span) for lazy in value.placed())
        self.walk.leave(value)
        return Array(items, span, value.rest is None)

    def _attributes(self, value: Attrs, span: Span | None) -> Node:
        if "outPath" in value.items or "__toString" in value.items or self.walk.stops(value) is not None:
            return Untold(span)
        members: list[Member] = []
        for name in sorted(value.items.keys() - value.maybe):
            lazy = value.items[name]
            place = self._place(lazy.place)
            node = self._element(lazy, place or span)
            members.append(Member(Text(name, place or span, name), node, self._place(lazy.binding) or place))
        self.walk.leave(value)
        return Object(tuple(members), span, value.rest is None and not value.maybe)

    def _element(self, lazy: Lazy, around: Span | None) -> Node:
        return self.node(lazy.outcome(), self._place(lazy.place) or around)

    def _place(self, span: Span | None) -> Span | None:
        return span if span is not None and span.file.path.startswith(f"{self.project.root.rstrip('/')}/") else None
