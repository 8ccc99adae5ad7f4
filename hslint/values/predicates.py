"""Type predicates of values, as `lib` and `builtins` define them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Float,
    Int,
    Lazy,
    List,
    Path,
    Primitive,
    String,
    Value,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator


def is_function(ev: Evaluator, value: Value) -> bool:
    """`lib.isFunction`: also a set with __functor."""
    if isinstance(value, Closure | Primitive):
        return True
    if isinstance(value, Attrs) and "__functor" in value.items:
        return is_function(ev, ev.apply(value.items["__functor"].force(), Lazy.done(value)))
    return False


def is_string_like(value: Value) -> bool:
    """`lib.isStringLike`."""
    return isinstance(value, String | Path) or (
        isinstance(value, Attrs) and ("outPath" in value.items or "__toString" in value.items)
    )


def is_derivation(value: Value) -> bool:
    if not isinstance(value, Attrs):
        return False
    kind = value.items.get("type")
    return kind is not None and isinstance(known := kind.force(), String) and known.known == "derivation"


def type_word(value: Value) -> str:
    """`builtins.typeOf`."""
    words = {Bool: "bool", Int: "int", Float: "float", String: "string", Path: "path", List: "list", Attrs: "set"}
    if isinstance(value, Closure | Primitive):
        return "lambda"
    return next((word for kind, word in words.items() if isinstance(value, kind)), "null")
