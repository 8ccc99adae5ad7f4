"""lib.generators: configuration files as text. Unknown parts of a value are gaps in the text."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, assert_never

from hslint.values import budget, operations
from hslint.values.builtins.data import to_json_
from hslint.values.constant import constant
from hslint.values.nesting import Nesting
from hslint.values.nixpkgs_lib.attrsets import is_derivation, written_name, written_text
from hslint.values.nixpkgs_lib.escaping import escape
from hslint.values.nixpkgs_lib.trivial import function_args
from hslint.values.primitive import Registry
from hslint.values.value import (
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
    String,
    Unknown,
    Value,
    Why,
    type_name,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()

Piece = String | Unknown


def _text(ev: Evaluator, *parts: str | Piece) -> String:
    return operations.concatenate(ev, [String(part) if isinstance(part, str) else part for part in parts], None)


def _joined(ev: Evaluator, between: str, parts: list[String]) -> String:
    pieces: list[str | Piece] = []
    for part in parts:
        if pieces:
            pieces.append(between)
        pieces.append(part)
    return _text(ev, *pieces)


def _piece(ev: Evaluator, value: Value) -> Piece:
    return operations.coerce(ev, value)


# -- keys and values ---------------------------------------------------------------------------------------------------


def value_string(ev: Evaluator, value: Lazy) -> Piece:
    """`mkValueStringDefault`: how most formats write a plain value."""
    found = value.force()
    match found:
        case Unknown() | String():
            return found
        case Int() | Float():
            return operations.coerce(ev, found, more=True)
        case Bool(truth):
            return String("true" if truth else "false")
        case Null():
            return String("null")
        case Attrs() if ev.decide(is_derivation(ev, value), None) is True:
            return operations.coerce(ev, found)
        case _:
            message = f"generators.mkValueStringDefault: {type_name(found)} is not supported"
            raise Failure(Kind.ERROR, f"evaluation aborted with the following error message: '{message}'")


@library("mkValueStringDefault")
def mk_value_string_default(ev: Evaluator, options: Lazy, value: Lazy) -> Value:
    return value_string(ev, value)


@library("mkKeyValueDefault")
def mk_key_value_default(ev: Evaluator, options: Lazy, separator: Lazy, key: Lazy, value: Lazy) -> Value:
    """`key=value`; a separator inside the key is escaped."""
    name = escape(ev, Lazy.done(List([separator])), key)
    writer = ev.closed_attrs(options).get("mkValueString")
    written = value_string(ev, value) if writer is None else _piece(ev, ev.apply(writer.force(), value))
    return _text(ev, _piece(ev, name), ev.string(separator), written)


_EQUALS = constant("=")
_NOTHING = Lazy.done(Attrs({}))


class _Lines:
    """The writer of a section's lines in one call of a generator."""

    def __init__(self, ev: Evaluator, options: Attrs) -> None:
        self.ev = ev
        self.writer = options.get("mkKeyValue")
        duplicate = options.get("listsAsDuplicateKeys")
        self.duplicate = duplicate is not None and ev.boolean(duplicate)
        indent = options.get("indent")
        self.indent = ev.text(indent) if indent is not None else ""

    def line(self, name: str, value: Lazy) -> String:
        key = constant(name)
        if self.writer is None:
            made = mk_key_value_default(self.ev, _NOTHING, _EQUALS, key, value)
        else:
            made = self.ev.call(self.writer.force(), key, value)
        return _text(self.ev, self.indent, _piece(self.ev, made), "\n")

    def lines(self, attrs: Lazy) -> String:
        given = self.ev.closed_attrs(attrs)
        self.ev.spend(len(given.items) * 2 * budget.THUNK)
        made: list[String] = []
        for name in sorted(given.items):
            value = given.items[name].force()
            if self.duplicate and isinstance(value, List):
                made.extend(self.line(name, item) for item in self.ev.closed_list(given.items[name]).items)
            else:
                made.append(self.line(name, given.items[name]))
        return _text(self.ev, *made)


@library("toKeyValue")
def to_key_value(ev: Evaluator, options: Lazy, attrs: Lazy) -> Value:
    return _Lines(ev, ev.closed_attrs(options)).lines(attrs)


@library("toINI")
def to_ini(ev: Evaluator, options: Lazy, attrs: Lazy) -> Value:
    given = ev.closed_attrs(options)
    lines = _Lines(ev, given)
    namer = given.get("mkSectionName")
    brackets = Lazy.done(List([constant("["), constant("]")]))

    def section(name: str, contents: Lazy) -> String:
        shown = constant(name)
        title = escape(ev, brackets, shown) if namer is None else ev.apply(namer.force(), shown)
        return _text(ev, "[", _piece(ev, title), "]\n", lines.lines(contents))

    sections = ev.closed_attrs(attrs)
    return _joined(ev, "\n", [section(name, sections.items[name]) for name in sorted(sections.items)])


@library("toINIWithGlobalSection")
def to_ini_with_global_section(ev: Evaluator, options: Lazy, parts: Lazy) -> Value:
    given = ev.attrs(parts)
    sections = to_ini(ev, options, given.get("sections") or _NOTHING)
    first = given.get("globalSection")
    if first is None or not ev.closed_attrs(first).items:
        return sections
    return _text(ev, _Lines(ev, ev.closed_attrs(options)).lines(first), "\n", _piece(ev, sections))


@library("toJSON", "toYAML")
def to_json(ev: Evaluator, options: Lazy, value: Lazy) -> Value:
    """YAML is written as JSON, which is YAML."""
    return to_json_(ev, value)


# -- Nix and Lua -------------------------------------------------------------------------------------------------------


def _option(ev: Evaluator, options: Attrs, name: str, default: bool) -> bool:
    found = options.get(name)
    return default if found is None else ev.boolean(found)


def _real(value: Float) -> str:
    """A float. How Nix writes one that is a whole number depends on its release."""
    if not math.isfinite(value.value) or value.value == int(value.value):
        raise NotKnown(Unknown(Why.ENVIRONMENT, "builtins.toJSON of a float", value.span))
    return repr(value.value)


@library("toPretty")
def to_pretty(ev: Evaluator, options: Lazy, value: Lazy) -> Value:
    """A value as Nix writes it."""
    given = ev.closed_attrs(options)
    multiline = _option(ev, given, "multiline", True)
    own = _option(ev, given, "allowPrettyValues", False)
    start = given.get("indent")
    nesting = Nesting(ev.spend)

    def enclosed(opening: str, parts: list[String], closing: str, indent: str) -> String:
        inner = f"\n{indent}  " if multiline else " "
        outer = f"\n{indent}" if multiline else " "
        return _text(ev, opening, inner, _joined(ev, inner, parts), outer, closing)

    def lines(text: str, indent: str) -> str:
        escaped = re.sub(r"\$\{|''", lambda found: "''${" if found[0] == "${" else "'''", text)
        rows = escaped.split("\n")
        end = "''"
        if not rows[-1]:
            rows, end = rows[:-1], f"\n{indent}''"
        return f"''\n{indent}  " + f"\n{indent}  ".join(rows) + end

    def shown(lazy: Lazy, indent: str) -> String:
        found = lazy.force()
        match found:
            case Unknown():
                return _text(ev, found)
            case String():
                if (text := found.known) is None:
                    return _text(ev, '"', found, '"')
                return String(lines(text, indent) if multiline and "\n" in text else written_text(text))
            case Int(number):
                return String(str(number))
            case Float():
                return String(_real(found))
            case Bool(truth):
                return String("true" if truth else "false")
            case Null():
                return String("null")
            case Path(path):
                return String(path)
            case List():
                with nesting.inside(found):
                    parts = [shown(item, f"{indent}  ") for item in ev.closed_list(lazy).items]
                return enclosed("[", parts, "]", indent) if parts else String("[ ]")
            case Closure() | Primitive():
                return function(lazy)
            case Attrs():
                return function(lazy) if found.get("__functor") is not None else attrs(lazy, found, indent)
            case _:
                assert_never(found)

    def function(lazy: Lazy) -> String:
        formals = ev.closed_attrs(Lazy.done(function_args(ev, lazy))).items
        names = [f"{name}?" if ev.boolean(formals[name]) else name for name in sorted(formals)]
        return String(f"<function, args: {{{', '.join(names)}}}>" if names else "<function>")

    def attrs(lazy: Lazy, found: Attrs, indent: str) -> String:
        writer, inner = found.get("__pretty"), found.get("val")
        if own and writer is not None and inner is not None:
            return _text(ev, _piece(ev, ev.apply(writer.force(), inner)))
        if ev.decide(is_derivation(ev, lazy), None) is True:
            name = found.get("name")
            return _text(ev, "<derivation ", _piece(ev, name.force()) if name is not None else "???", ">")
        items = ev.closed_attrs(lazy).items
        with nesting.inside(found):
            parts = [_text(ev, f"{written_name(n)} = ", shown(items[n], f"{indent}  "), ";") for n in sorted(items)]
        return enclosed("{", parts, "}", indent) if parts else String("{ }")

    return shown(value, ev.text(start) if start is not None else "")


@library("mkLuaInline")
def mk_lua_inline(ev: Evaluator, text: Lazy) -> Value:
    return Attrs({"_type": constant("lua-inline"), "expr": text})
