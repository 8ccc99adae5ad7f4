"""Values in one line, as Nix writes them."""

from __future__ import annotations

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
    text = _text(without_secrets(value, names))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _text(value: Value) -> str:
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
            shown = "".join(f"{_item(item)} " for item in value.items[:_ITEMS])
            return "[ " + shown + ("… " if value.rest is not None or len(value.items) > _ITEMS else "") + "]"
        case Attrs():
            name = value.get("name") if value.get("type") is not None else None
            if name is not None and isinstance(named := name.outcome(), String) and named.known is not None:
                return f"«{named.known}»"
            shown = "".join(f"{key} = {_item(item)}; " for key, item in list(value.items.items())[:_ITEMS])
            return "{ " + shown + ("… " if value.rest is not None or len(value.items) > _ITEMS else "") + "}"
        case Unknown():
            return f"unknown: {value.reason}"
        case Closure() | Primitive():
            return "«function»"


def _item(item: Lazy) -> str:
    outcome = item.outcome()
    return f"«{outcome.message}»" if isinstance(outcome, Failure) else _text(outcome)
