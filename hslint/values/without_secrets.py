"""Values as they may be shown: what stands under the name of a secret, or looks like one, is `<redacted>`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hslint.secrets import (
    REDACTED,
    contents_of_file,
    replaced,
    secret_file_name,
    secret_flag,
    secret_path,
    secret_text,
    spans_in,
)
from hslint.values.value import Attrs, Failure, Int, Lazy, List, String, Value

#: Numbers with fewer digits are no passwords.
_DIGITS = 4

Names = tuple[str, ...]


def without_secrets(value: Value, names: Names = ()) -> Value:
    """The value of the option or attribute with this path, without the secrets in it; as lazy as it was."""
    match value:
        case String():
            return _string(value, names)
        case Int(number) if secret_path(names) and len(str(abs(number))) >= _DIGITS:
            return String(REDACTED, value.span)
        case List() if secret_path(names) and all(map(_is_word, value.items)):
            return value  # `id_token = [ "groups" "email" ]` says what is in a token
        case List():
            return List([*_items(value.items, names)], value.span, value.rest)
        case Attrs():
            items = {name: _lazy(lazy, (*names, name)) for name, lazy in value.items.items()}
            return value.replaced(items, value.rest, value.maybe, value.span)
        case _:
            return value


def secret_string(text: str, names: Names) -> bool:
    """Whether a text is a secret as a whole where it stands."""
    if secret_path(names):
        return secret_text(text)
    return bool(names) and secret_file_name(names[-1]) and contents_of_file(text)


def _string(value: String, names: Names) -> Value:
    parts = [part for part in value.parts if isinstance(part, str)]
    if secret_path(names) and value.known is None:
        if any(secret_text(part) and not part.startswith("/") for part in parts):
            return String(REDACTED, value.span)
        return value
    if value.known is not None:
        if secret_string(value.known, names):
            return String(REDACTED, value.span)
        return _mapped(value, lambda text: replaced(text, spans_in(text)))
    return _mapped(value, lambda text: replaced(text, spans_in(text)))


def _mapped(value: String, change: Callable[[str], str]) -> String:
    parts = [change(part) if isinstance(part, str) else part for part in value.parts]
    return value if parts == list(value.parts) else String.of(parts, value.span, value.context)


def _lazy(lazy: Lazy, names: Names) -> Lazy:
    return Lazy(lambda _: without_secrets(lazy.force(), names), None, lazy.place, lazy.binding)


def _is_word(item: Lazy) -> bool:
    value = item.outcome()
    return isinstance(value, String) and value.known is not None and re.fullmatch(r"[a-z_-]+", value.known) is not None


def _items(items: Sequence[Lazy], names: Names) -> list[Lazy]:
    """The elements of a list; one after a flag for a secret (`[ "--auth-key" "…" ]`) is one."""
    return [_item(items, number, names) for number in range(len(items))]


def _item(items: Sequence[Lazy], number: int, names: Names) -> Lazy:
    def shown(_: object) -> Value:
        value = items[number].force()
        before = items[number - 1].outcome() if number and isinstance(value, String) else None
        if isinstance(before, String) and before.known is not None and secret_flag(before.known):
            return without_secrets(value, (before.known.lstrip("-"),))
        return without_secrets(value, names)

    return Lazy(shown, None, items[number].place, items[number].binding)


def strings_in(value: Value | Failure, names: Names = (), depth: int = 8) -> list[tuple[str, Names, String]]:
    """The known strings in a value, each with the path it stands under."""
    match value:
        case String(known=str(text)):
            return [(text, names, value)]
        case String(parts=parts):
            return [(part, names, value) for part in parts if isinstance(part, str)]
        case List(items=items) if depth:
            return [found for item in items for found in strings_in(item.outcome(), names, depth - 1)]
        case Attrs(items=members) if depth and "outPath" not in members:
            return [
                found
                for name, item in members.items()
                for found in strings_in(item.outcome(), (*names, name), depth - 1)
            ]
        case _:
            return []
