"""mkMerge, mkIf, mkOverride and mkOrder around definitions: pushed down to options, and taken off there.

Follows nixpkgs' lib/modules.nix: `pushDownProperties` (Raw.pushed_down), `dischargeProperties`, `filterOverrides'` and
`sortProperties` (merge.py). The wrappers that stood around a set stand around each of its attributes; they are kept beside the
value (outermost first) instead of being written into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hslint.modules.definition import of_project
from hslint.record import Entity, Record
from hslint.values.constant import constant
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.modules.definition import Merging
    from hslint.source import Span
    from hslint.values.evaluator import Evaluator


class If(Record):
    condition: Lazy


class Override(Record):
    priority: Lazy


Wrapper = If | Override


class Raw:
    """A definition as it was written, at some path: its value may still be wrapped, and `wrappers` stood around it further out.

    `within` is the merge of the set or list that the definition is a part of, where there is one.
    """

    __slots__ = ("binding", "file", "place", "value", "within", "wrappers")

    def __init__(
        self,
        value: Lazy,
        file: str,
        wrappers: tuple[Wrapper, ...] = (),
        place: Span | None = None,
        binding: Span | None = None,
        within: Merging | None = None,
    ) -> None:
        self.value = value
        self.file = file
        self.wrappers = wrappers
        self.place = place
        self.binding = binding
        self.within = within

    def inside(self, value: Lazy, *more: Wrapper) -> Raw:
        """The content of one of this definition's own wrappers."""
        return Raw(value, self.file, (*self.wrappers, *more), *_place(value, self))

    def attribute(self, attrs: Attrs, name: str) -> Raw:
        """The definition that one attribute of this definition's value is, for the path one step further."""
        lazy = attrs.items[name]
        wrappers = self.wrappers
        if name in attrs.maybe:
            wrappers = (*wrappers, If(Lazy.done(Unknown(Why.CONDITION, name, attrs.span))))
        return Raw(lazy, self.file, wrappers, lazy.place or self.place, lazy.binding or self.binding)

    def wrapped(self) -> Lazy:
        """The value with its wrappers written around it again."""
        if not self.wrappers:
            return self.value
        value = self.value
        for wrapper in reversed(self.wrappers):
            if isinstance(wrapper, If):
                attrs = make("if", condition=wrapper.condition, content=value)
            else:
                attrs = make("override", priority=wrapper.priority, content=value)
            value = Lazy.done(attrs, self.place)
            value.binding = self.binding
        return value


def make(kind: str, /, **items: Lazy) -> Attrs:
    return Attrs({"_type": constant(kind), **items})


class ForwardedDefinition(Lazy):
    """A definition that one option forwards to another, in a list of such: its place is that of the definition, whereas any other
    element of a list may be a variable, whose place is not that of an option.
    """

    __slots__ = ()


def located(value: Value, place: Span | None, binding: Span | None) -> Lazy:
    return ForwardedDefinition(None, None, place, binding, value)


def _place(item: Lazy, raw: Raw) -> tuple[Span | None, Span | None]:
    return (
        (item.place, item.binding)
        if isinstance(item, ForwardedDefinition) and item.place is not None
        else (raw.place, raw.binding)
    )


def property_type(value: Value) -> str | None:
    """The `_type` of a value, when it has one."""
    if isinstance(value, Attrs):
        lazy = value.items.get("_type")
        if lazy is not None:
            kind = lazy.force()
            if isinstance(kind, String):
                return kind.known
    return None


def contents(ev: Evaluator, merge: Attrs) -> list[tuple[Lazy, Unknown | None]]:
    """The parts of an mkMerge, each with the condition it depends on, when an undecided list made it. What may stand there
    unseen is one unknown definition.
    """
    value = _part(merge, "contents").force()
    if isinstance(value, Unknown):
        return [(Lazy.done(value), None)]
    if not isinstance(value, List):
        raise Failure(Kind.TYPE, "the contents of mkMerge are no list", value.span)
    found: list[tuple[Lazy, Unknown | None]] = [(item, None) for item in value.items]
    if value.rest is not None:
        if value.rest.may_be:
            found.extend((item, value.rest) for item in value.rest.may_be)
        else:
            found.append((Lazy.done(value.rest), None))
    return found


def _part(attrs: Attrs, name: str) -> Lazy:
    lazy = attrs.items.get(name)
    if lazy is None:
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", attrs.span)
    return lazy


def push_down(ev: Evaluator, raw: Raw) -> list[Raw]:
    """The definitions of a set without wrappers of their own; what they were wrapped in now belongs to their attributes."""
    value = raw.value.force()
    match property_type(value):
        case "merge":
            assert isinstance(value, Attrs)
            pushed: list[Raw] = []
            for item, condition in contents(ev, value):
                inner = raw.inside(item) if condition is None else raw.inside(item, If(Lazy.done(condition)))
                pushed.extend(push_down(ev, inner))
            return pushed
        case "if":
            assert isinstance(value, Attrs)
            return push_down(ev, raw.inside(_part(value, "content"), If(_part(value, "condition"))))
        case "override":
            assert isinstance(value, Attrs)
            return push_down(ev, raw.inside(_part(value, "content"), Override(_part(value, "priority"))))
        case _:
            return [raw]


def guarded(lazy: Lazy) -> Lazy:
    """The content of the mkIfs around a value."""
    value = lazy.outcome()
    if isinstance(value, Attrs) and property_type(value) == "if":
        return guarded(_part(value, "content"))
    return lazy


def decide(ev: Evaluator, condition: Lazy, file: str) -> bool | Unknown:
    """The condition of an mkIf; assumptions are made about those that the project's own files hold."""
    value = condition.force()
    if isinstance(value, Bool | Unknown):
        return ev.guard(value, value.span) if of_project(file) else ev.decide(value, value.span)
    raise Failure(Kind.CONDITION, "‘mkIf’ called with a non-Boolean condition", value.span, catchable=True)


Condition = Literal[True] | Unknown


class Discharged(Entity):
    """A definition with its outer conditions decided: what is left is an override, an order or the value."""

    raw: Raw
    condition: Condition


def discharge(ev: Evaluator, raw: Raw, condition: Condition = True) -> list[Discharged]:
    """The definitions that hold, or may hold."""
    wrappers = raw.wrappers
    for number, wrapper in enumerate(wrappers):
        match wrapper:
            case If(asked):
                decided = decide(ev, asked, raw.file)
                if decided is False:
                    return []
                if isinstance(decided, Unknown) and condition is True:
                    condition = decided
            case Override():
                # Conditions inside an mkOverride are not looked at, as in nixpkgs.
                left = Raw(raw.value, raw.file, wrappers[number:], raw.place, raw.binding, raw.within)
                return [Discharged(left, condition)]
    value = raw.value.force()
    match property_type(value):
        case "merge":
            assert isinstance(value, Attrs)
            found: list[Discharged] = []
            for item, hangs_on in contents(ev, value):
                inner = condition if hangs_on is None or condition is not True else hangs_on
                found.extend(discharge(ev, Raw(item, raw.file, (), *_place(item, raw), raw.within), inner))
            return found
        case "if":
            assert isinstance(value, Attrs)
            decided = decide(ev, _part(value, "condition"), raw.file)
            if decided is False:
                return []
            if isinstance(decided, Unknown) and condition is True:
                condition = decided
            content = Raw(_part(value, "content"), raw.file, (), raw.place, raw.binding, raw.within)
            return discharge(ev, content, condition)
        case "definition":
            assert isinstance(value, Attrs)
            file = _part(value, "file").force()
            name = file.known if isinstance(file, String) and file.known is not None else raw.file
            defined = Raw(_part(value, "value"), name, (), raw.place, raw.binding, raw.within)
            return [Discharged(defined, condition)]
        case _:
            return [Discharged(Raw(raw.value, raw.file, (), raw.place, raw.binding, raw.within), condition)]


def take_off(raw: Raw, kind: Literal["override", "order"]) -> tuple[Raw, Lazy | None]:
    """One wrapper of a kind off the definition, and its priority."""
    if raw.wrappers:
        if kind == "override" and isinstance(raw.wrappers[0], Override):
            left = Raw(raw.value, raw.file, raw.wrappers[1:], raw.place, raw.binding, raw.within)
            return left, raw.wrappers[0].priority
        return raw, None
    value = raw.value.force()
    if property_type(value) == kind:
        assert isinstance(value, Attrs)
        content = Raw(_part(value, "content"), raw.file, (), raw.place, raw.binding, raw.within)
        return content, _part(value, "priority")
    return raw, None
