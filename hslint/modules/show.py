"""Options, files and definitions as messages of the module system show them (nixpkgs: lib/options.nix, lib/generators.nix)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from hslint.values.show import attribute_name, quoted
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Float,
    Int,
    Lazy,
    List,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")

PRIORITY_SUGGESTION = (
    "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.\n"
)

#: Levels, lines and elements that a message shows of a value.
_DEPTH, _LINES, _ITEMS = 10, 5, 200


@lru_cache(maxsize=4096)
def show_option(path: tuple[str, ...]) -> str:
    return ".".join(
        part if part == "*" or (part[:1] == "<" and part[-1:] == ">") else attribute_name(part) for part in path
    )


def show_files(files: Iterable[str]) -> str:
    return " and ".join(f"`{file}'" for file in files)


def show_value(file: str, value: Lazy) -> str:
    return f"\n- In `{file}'{_shown(value)}"


def _shown(value: Lazy) -> str:
    try:
        lines = pretty(value.force()).split("\n")
    except Failure:
        return ""
    shown = lines[:_LINES] + (["..."] if len(lines) > _LINES else [])
    return (":\n    " if len(lines) > 1 else ": ") + "\n    ".join(shown)


def pretty(value: Value) -> str:
    """`lib.generators.toPretty { }`, cut off at a depth and a length."""
    return _Pretty().text(value, "", 0)


class _Pretty:
    def __init__(self) -> None:
        #: Values that are still shown: a message has a few lines.
        self.left = 5 * _ITEMS

    def text(self, value: Value, indent: str, depth: int) -> str:
        self.left -= 1
        return _pretty(self, value, indent, depth)

    def taken(self, items: Sequence[T]) -> Sequence[T]:
        """So many of the elements as are still shown."""
        return items[: max(0, min(_ITEMS, self.left))]


def _pretty(show: _Pretty, value: Value, indent: str, depth: int) -> str:
    inner = indent + "  "
    match value:
        case Null():
            return "null"
        case Bool(known):
            return "true" if known else "false"
        case Int(number):
            return str(number)
        case Float(real):
            return f"~{real:.6g}"
        case String(known=str(text)):
            lines = text.split("\n")
            if len(lines) < 2:
                return quoted(text)
            escaped = [line.replace("''", "'''").replace("${", "''${") for line in lines]
            return "''\n" + "".join(f"{inner}{line}\n" for line in escaped[:-1]) + f"{inner}{escaped[-1]}''"
        case String():
            return '"' + "".join(p if isinstance(p, str) else f"<{p.reason}>" for p in value.parts) + '"'
        case Path(path):
            return path
        case Closure() | Primitive():
            return "<function>"
        case Unknown():
            return f"<{value.reason}>"
        case List():
            if not value.items:
                return "[ ]"
            if depth >= _DEPTH:
                return "[ <unevaluated> ]"
            items = [show.text(item.force(), inner, depth + 1) for item in show.taken(value.items)]
            return "[\n" + "".join(f"{inner}{item}\n" for item in items) + f"{indent}]"
        case Attrs():
            return _pretty_set(show, value, indent, depth)


def _pretty_set(show: _Pretty, value: Attrs, indent: str, depth: int) -> str:
    inner = indent + "  "
    names = value.items
    kind = names.get("type")
    if kind is not None and isinstance(known := kind.force(), String) and known.known == "derivation":
        name = names.get("name")
        shown = name.force() if name is not None else None
        return f"<derivation {shown.known if isinstance(shown, String) else '???'}>"
    if "__functor" in names:
        return "<function>"
    if not names:
        return "{ }"
    if depth >= _DEPTH:
        return "{ <unevaluated> }"
    items = show.taken(sorted(names.items()))
    return (
        "{\n"
        + "".join(f"{inner}{attribute_name(k)} = {show.text(v.force(), inner, depth + 1)};\n" for k, v in items)
        + f"{indent}}}"
    )
