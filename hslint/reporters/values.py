"""Values in one line, as Nix writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hslint.modules.properties import property_type
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
from hslint.values.without_secrets import without_secrets

#: Characters of a value that are shown.
WIDTH = 120

#: Elements of a list or a set that are shown.
_ITEMS = 8


def one_line(value: Value, names: tuple[str, ...], width: int = WIDTH) -> str:
    """The value of the option with this path as Nix writes it, cut to `width`; of a secret only that it is there."""
    text = _text(without_secrets(value, names), width)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _text(value: Value, width: int) -> str:
    """At least `width` characters of the value, if it has that many: what is cut off need not be looked at."""
    if width <= 0:
        return "…"
    match value:
        case Null():
            return "null"
        case Bool(truth):
            return "true" if truth else "false"
        case Int(number) | Float(number):
            return str(number)
        case String():
            return '"' + "".join(part if isinstance(part, str) else "…" for part in value.parts) + '"'
        case Path(path):
            return path
        case List():
            shown = "".join(_within((("", item, " ") for item in value.items[:_ITEMS]), width - 2))
            return "[ " + shown + ("… " if value.rest is not None or len(value.items) > _ITEMS else "") + "]"
        case Attrs():
            name = value.get("name") if value.get("type") is not None else None
            if name is not None and isinstance(named := name.outcome(), String) and named.known is not None:
                return f"«{named.known}»"
            wrapped = _property(value, width)
            if wrapped is not None:
                return wrapped
            items = ((f"{key} = ", item, "; ") for key, item in list(value.items.items())[:_ITEMS])
            shown = "".join(_within(items, width - 2))
            return "{ " + shown + ("… " if value.rest is not None or len(value.items) > _ITEMS else "") + "}"
        case Unknown():
            return f"unknown: {value.reason}"
        case Closure() | Primitive():
            return "«function»"


#: The functions of lib that give definitions a priority or an order, by number.
_OVERRIDES = {1500: "mkOptionDefault", 1000: "mkDefault", 60: "mkImageMediaOverride", 50: "mkForce", 10: "mkVMOverride"}
_ORDERS = {500: "mkBefore", 1500: "mkAfter"}


def _property(value: Attrs, width: int) -> str | None:
    """What mkIf, mkOverride, mkOrder or mkMerge made, as a call of it."""
    kind = property_type(value)
    content = value.get("contents" if kind == "merge" else "content")
    if kind not in ("if", "override", "order", "merge") or content is None:
        return None
    if kind == "merge":
        word = "mkMerge"
    elif kind == "if":
        condition = value.get("condition")
        word = f"mkIf {_text(truth, width) if isinstance(truth := _outcome(condition), Bool) else '(…)'}"
    else:
        number = _outcome(value.get("priority"))
        named = (_OVERRIDES if kind == "override" else _ORDERS).get(number.value) if isinstance(number, Int) else None
        numbered = number.value if isinstance(number, Int) else "…"
        word = named or f"{'mkOverride' if kind == 'override' else 'mkOrder'} {numbered}"
    return "".join(_within([(f"{word} ", content, "")], width))


def _outcome(lazy: Lazy | None) -> Value | Failure | None:
    return None if lazy is None else lazy.outcome()


def _within(items: Iterable[tuple[str, Lazy, str]], width: int) -> Iterator[str]:
    """Elements, each between two texts, until there are enough of them to fill the line."""
    for before, item, after in items:
        outcome = item.outcome()
        left = width - len(before)
        text = f"«{outcome.message}»" if isinstance(outcome, Failure) else _text(outcome, left)
        yield f"{before}{text}{after}"
        width = left - len(text) - len(after)
        if width <= 0:
            return
