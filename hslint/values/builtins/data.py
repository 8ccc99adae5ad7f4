"""The builtins that read and write JSON, TOML and XML."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from hslint.values import budget, operations
from hslint.values.nesting import Nesting
from hslint.values.operations import INT_MAX, INT_MIN
from hslint.values.primitive import Registry
from hslint.values.text_origins import JsonText
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
    from contextlib import AbstractContextManager

    from hslint.values.evaluator import Evaluator

builtin = Registry()

#: What lies deeper in a document is not looked at.
NESTING = 10_000


def _to_value(found: Any, source: String, features: frozenset[str] = frozenset()) -> Value:
    """The value of a JSON or TOML document; every value stands where the document's text came from."""
    span = source.span
    if isinstance(found, dict):
        return Attrs(
            {_checked(name): Lazy.done(_to_value(inner, source, features), span) for name, inner in found.items()}, span
        )
    if isinstance(found, list):
        return List([Lazy.done(_to_value(inner, source, features), span) for inner in found], span)
    if found is None:
        return Null(span)
    if isinstance(found, bool):
        return Bool(found, span)
    if isinstance(found, int):
        if INT_MIN <= found <= INT_MAX:
            return Int(found, span)
        if 0 < found < 1 << 64:
            raise Failure(Kind.ERROR, f"unsigned json number {found} outside of Nix integer range", span)
        return Float(float(found), span)
    if isinstance(found, float):
        return Float(found, span)
    if isinstance(found, str):
        return String(_checked(found), span)
    if "parse-toml-timestamps" in features:
        raise NotKnown(Unknown(Why.FUNCTION, "a TOML timestamp", span))
    raise Failure(Kind.ERROR, "Dates and times are not supported", span)


def _checked(text: str) -> str:
    """Half of a surrogate pair is no character, and no Nix string holds a null byte."""
    if "\0" in text:
        raise ValueError("a string contains a null byte")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("invalid string: a surrogate stands alone")
    return text


def _no_constant(name: str) -> Any:
    raise ValueError(f"invalid literal {name}")


def _json_real(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(f"number overflow parsing '{digits[:40]}'")
    return value


def _json_integer(digits: str) -> int | float:
    """An integer of up to 64 bits; what is longer is a float, and may be too large even for that."""
    return int(digits) if len(digits) <= 20 else _json_real(digits)


@builtin("fromJSON")
def from_json(ev: Evaluator, text: Lazy) -> Value:
    source = ev.string(text)
    known = ev.text(text)
    ev.spend(2 * len(known))
    try:
        found = json.loads(
            known.removeprefix("\ufeff"),
            parse_constant=_no_constant,
            parse_int=_json_integer,
            parse_float=_json_real,
        )
        return _to_value(found, source)
    except RecursionError:
        raise NotKnown(Unknown(Why.BUDGET, "deeply nested JSON", source.span)) from None
    except ValueError as error:
        raise Failure(Kind.ERROR, f"error parsing JSON: {error}", source.span) from None


@builtin("fromTOML")
def from_toml(ev: Evaluator, text: Lazy) -> Value:
    import tomllib

    source = ev.string(text)
    known = ev.text(text)
    ev.spend(8 * len(known))
    try:
        found = tomllib.loads(known)
        _check_range(found)
        return _to_value(found, source, ev.features)
    except RecursionError:
        raise NotKnown(Unknown(Why.BUDGET, "deeply nested TOML", source.span)) from None
    except ValueError as error:
        raise Failure(Kind.ERROR, f"while parsing TOML: {error}", source.span) from None


def _check_range(found: Any) -> None:
    """An integer of TOML that has more than 64 bits is an error, unlike one of JSON."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for inner in found:
            _check_range(inner)
    elif isinstance(found, int) and not INT_MIN <= found <= INT_MAX:
        raise ValueError(f"{found} is out of range")


# -- JSON --------------------------------------------------------------------------------------------------------------


def json_float(value: float) -> str:
    """A number as Nix's JSON library writes it: the shortest digits, with an exponent from 1e15 on."""
    if not math.isfinite(value):
        return "null"
    text = repr(value)
    if "e" in text or abs(value) < 1e15:
        return text
    whole, _, fraction = text.lstrip("-").partition(".")
    mantissa = (whole + fraction).rstrip("0")
    body = mantissa[0] + (f".{mantissa[1:]}" if len(mantissa) > 1 else "") + f"e+{len(whole) - 1:02d}"
    return f"-{body}" if value < 0 else body


def json_text(text: str) -> str:
    """A string in JSON's quotes, as `toJSON` writes it."""
    return json.dumps(text, ensure_ascii=False)


class _Writer:
    def __init__(self, ev: Evaluator, *, copy_paths: bool) -> None:
        self.ev = ev
        self.copy_paths = copy_paths
        self.parts: list[String | Unknown] = []
        self.text: list[str] = []
        self.size = 0
        self.nesting = Nesting(ev.spend)

    def put(self, text: str) -> None:
        self.text.append(text)
        self.size += len(text)
        if self.size > budget.STRING:
            raise NotKnown(Unknown(Why.BUDGET, "a very long string"))

    def put_string(self, value: String) -> None:
        self.put('"')
        for part in value.parts:
            if isinstance(part, Unknown):
                self.flush()
                self.parts.append(part)
            else:
                try:
                    _checked(part)
                except ValueError:
                    raise Failure(Kind.ERROR, "JSON serialization error: invalid UTF-8 byte", value.span) from None
                self.put(json.dumps(part, ensure_ascii=False)[1:-1])
        self.put('"')
        if value.context:
            self.flush()
            self.parts.append(String("", context=value.context))

    def flush(self) -> None:
        if self.text:
            self.parts.append(String("".join(self.text)))
            self.text = []

    def gap(self, rest: Unknown | None, *, comma: bool = False) -> None:
        """The text between two elements, or at an end: a comma, or all that an open list or set may have there."""
        if rest is not None:
            self.unknown(rest)
        elif comma:
            self.put(",")

    def unknown(self, value: Unknown) -> None:
        self.flush()
        self.parts.append(value)

    def write(self, value: Value) -> None:
        match value:
            case String():
                self.put_string(value)
            case Int(number):
                self.put(str(number))
            case Bool(truth):
                self.put("true" if truth else "false")
            case Null():
                self.put("null")
            case Float(real):
                self.put(json_float(real))
            case Path():
                text = operations.coerce(self.ev, value, copy_paths=self.copy_paths)
                assert isinstance(text, String)
                self.put_string(text)
            case List():
                with self.inside(value):
                    self.put("[")
                    for number, item in enumerate(value.items):
                        self.gap(value.rest, comma=number > 0)
                        self.write(item.force())
                    self.gap(value.rest)
                    self.put("]")
            case Attrs():
                with self.inside(value):
                    self.write_attrs(value)
            case Unknown():
                self.unknown(value)
            case _:
                raise Failure(Kind.ERROR, f"cannot convert {type_name(value)} to JSON", value.span)

    def inside(self, value: Attrs | List) -> AbstractContextManager[None]:
        """A set or list is entered. How deep Nix itself gets depends on its stack."""
        if self.nesting.depth >= NESTING:
            raise NotKnown(Unknown(Why.BUDGET, "deeply nested JSON"))
        return self.nesting.inside(value)

    def write_attrs(self, value: Attrs) -> None:
        if value.get("__toString") is not None:
            text = operations.coerce(self.ev, value, copy_paths=self.copy_paths)
            self.put_string(text) if isinstance(text, String) else self.unknown(text)
            return
        out_path = value.get("outPath")
        if out_path is not None:
            self.write(out_path.force())
            return
        if value.maybe:
            self.unknown(Unknown(Why.CONDITION, min(value.maybe), value.span))
            return
        self.put("{")
        for number, name in enumerate(sorted(value.items)):
            self.gap(value.rest, comma=number > 0)
            self.put(json.dumps(name, ensure_ascii=False))
            self.put(":")
            self.write(value.items[name].force())
        self.gap(value.rest)
        self.put("}")


def to_json(ev: Evaluator, value: Value, *, copy_paths: bool = True) -> String:
    """A value as JSON; the text around unknown parts stays known."""
    writer = _Writer(ev, copy_paths=copy_paths)
    writer.write(value)
    writer.flush()
    return operations.concatenate(ev, writer.parts, value.span)


@builtin("toJSON")
def to_json_(ev: Evaluator, value: Lazy) -> Value:
    given = value.force()
    return given.of_something_else if isinstance(given, Unknown) else JsonText(to_json(ev, given), given)


# -- XML ---------------------------------------------------------------------------------------------------------------

_QUOTES = {'"': "&quot;", "\n": "&#xA;"}


def _tag(tag: str, /, **attributes: str) -> str:
    return f"<{tag}{''.join(f' {key}={_quoted(value)}' for key, value in attributes.items())}"


def _quoted(text: str) -> str:
    from xml.sax.saxutils import escape  # late: it brings urllib and http along

    return f'"{escape(text, _QUOTES)}"'


def _xml(ev: Evaluator, value: Value, indent: str, lines: list[str], nesting: Nesting) -> None:
    ev.spend(budget.THUNK + (len(indent) >> 6))
    if len(lines) > budget.ITEMS or len(indent) > NESTING:
        raise NotKnown(Unknown(Why.BUDGET, "a very large XML document"))
    match value:
        case Int(number):
            lines.append(f"{indent}{_tag('int', value=str(number))} />")
        case Float(real):
            lines.append(f"{indent}{_tag('float', value=f'{real:g}')} />")
        case Bool(truth):
            lines.append(f"{indent}{_tag('bool', value='true' if truth else 'false')} />")
        case String():
            lines.append(f"{indent}{_tag('string', value=ev.text(Lazy.done(value)))} />")
        case Path(path):
            lines.append(f"{indent}{_tag('path', value=path)} />")
        case Null():
            lines.append(f"{indent}<null />")
        case List():
            lines.append(f"{indent}<list>")
            with nesting.inside(value):
                for item in ev.closed_list(Lazy.done(value)).items:
                    _xml(ev, item.force(), indent + "  ", lines, nesting)
            lines.append(f"{indent}</list>")
        case Attrs():
            closed = ev.closed_attrs(Lazy.done(value))
            kind = closed.get("type")
            if kind is not None and isinstance(found := kind.force(), String) and found.known == "derivation":
                raise NotKnown(Unknown(Why.STORE, "a derivation", value.span))
            lines.append(f"{indent}<attrs>")
            with nesting.inside(closed):
                for name in sorted(closed.items):
                    lines.append(f"{indent}  {_tag('attr', name=name)}>")
                    _xml(ev, closed.items[name].force(), indent + "    ", lines, nesting)
                    lines.append(f"{indent}  </attr>")
            lines.append(f"{indent}</attrs>")
        case Closure():
            lines.append(f"{indent}<function>")
            node = value.node
            if node.formals is None:
                lines.append(f"{indent}  {_tag('varpat', name=node.parameter or '')} />")
            else:
                attributes = {"ellipsis": "1"} if node.ellipsis else {}
                if node.parameter is not None:
                    attributes["name"] = node.parameter
                lines.append(f"{indent}  {_tag('attrspat', **attributes)}>")
                names = sorted(formal.name for formal in node.formals)
                lines.extend(f"{indent}    {_tag('attr', name=name)} />" for name in names)
                lines.append(f"{indent}  </attrspat>")
            lines.append(f"{indent}</function>")
        case Primitive():
            lines.append(f"{indent}<unevaluated />")
        case Unknown():
            raise NotKnown(value)


@builtin("toXML")
def to_xml(ev: Evaluator, value: Lazy) -> Value:
    lines = ["<?xml version='1.0' encoding='utf-8'?>", "<expr>"]
    _xml(ev, ev.known(value), "  ", lines, Nesting(ev.spend))
    lines.append("</expr>")
    return String("\n".join(lines) + "\n")
