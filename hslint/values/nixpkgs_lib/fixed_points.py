"""lib.fixedPoints: recursive sets and their overlays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.lists import applied
from hslint.values.nixpkgs_lib.trivial import is_function
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Lazy, Primitive, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


@library("fix")
def fix(ev: Evaluator, function: Lazy) -> Value:
    result = Lazy(lambda _: ev.apply(function.force(), result))
    return result.force()


@library("fix'")
def fix_(ev: Evaluator, function: Lazy) -> Value:
    def made(_: object) -> Value:
        value = ev.attrs(applied(ev, function, result))
        return value.replaced({**value.items, "__unfix__": function}, value.rest, value.maybe, value.span)

    result = Lazy(made)
    return result.force()


@library("converge")
def converge(ev: Evaluator, function: Lazy, value: Lazy) -> Value:
    current = value
    for _ in range(10_000):
        following = applied(ev, function, current)
        same = operations.equal(ev, following.force(), current.force())
        if isinstance(same, Unknown):
            return same.of_something_else
        if same:
            return following.force()
        current = following
    return Unknown(Why.BUDGET, "lib.converge")


@library("extends")
def extends(ev: Evaluator, overlay: Lazy, function: Lazy, final: Lazy) -> Value:
    previous = applied(ev, function, final)
    return operations.update(ev, previous.force(), ev.call(overlay.force(), final, previous), None)


@library("composeExtensions")
def compose_extensions(ev: Evaluator, first: Lazy, second: Lazy, final: Lazy, previous: Lazy) -> Value:
    applied_first = Lazy.done(ev.call(first.force(), final, previous))
    middle = Lazy(lambda _: operations.update(ev, previous.force(), applied_first.force(), None))
    return operations.update(ev, applied_first.force(), ev.call(second.force(), final, middle), None)


@library("composeManyExtensions")
def compose_many_extensions(ev: Evaluator, overlays: Lazy) -> Value:
    given = ev.closed_list(overlays).items

    def run(ev: Evaluator, final: Lazy, previous: Lazy) -> Value:
        before = previous
        added: Value = Attrs({})
        for overlay in given:
            new = ev.call(overlay.force(), final, before)
            added = operations.update(ev, added, new, None)
            before = Lazy.done(operations.update(ev, before.force(), new, None))
        return added

    return Primitive("composeManyExtensions", 2, run)


@library("makeExtensible")
def make_extensible(ev: Evaluator, function: Lazy) -> Value:
    return _extensible(ev, function, "extend")


@library("makeExtensibleWithCustomName")
def make_extensible_with_custom_name(ev: Evaluator, name: Lazy, function: Lazy) -> Value:
    return _extensible(ev, function, ev.text(name))


def _extensible(ev: Evaluator, function: Lazy, name: str) -> Value:
    def extended(ev: Evaluator, overlay: Lazy) -> Value:
        wider = Primitive("extends", 1, lambda ev, final: extends(ev, overlay, function, final))
        return _extensible(ev, Lazy.done(wider), name)

    made = ev.attrs(Lazy.done(fix(ev, function)))
    return made.replaced(
        {**made.items, name: Lazy.done(Primitive(name, 1, extended))}, made.rest, made.maybe, made.span
    )


@library("toExtension")
def to_extension(ev: Evaluator, value: Lazy) -> Value:
    """An overlay of a set, of a function of what was before, or of an overlay."""
    if not ev.boolean(Lazy.done(is_function(ev, value))):
        return Primitive("toExtension", 2, lambda ev, final, previous: value.force())

    def run(ev: Evaluator, final: Lazy, previous: Lazy) -> Value:
        made = Lazy(lambda _: ev.apply(value.force(), previous))
        if ev.boolean(Lazy.done(is_function(ev, made))):
            return ev.call(value.force(), final, previous)
        return made.force()

    return Primitive("toExtension", 2, run)
