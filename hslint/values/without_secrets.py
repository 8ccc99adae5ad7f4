"""Values as they may be shown: what stands under the name of a secret, or looks like one, is `<redacted>`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

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
from hslint.values.nesting import Walk
from hslint.values.value import Attrs, Failure, Int, Lazy, List, String, Value

#: Numbers with fewer digits are no passwords.
_DIGITS = 4

Names = tuple[str, ...]

#: Sets and lists with their copies, by the identity of the original.
Copies = Mapping[int, tuple[Value, Value]]

#: Sets inside sets whose strings are looked for.
_DEEPEST = 8


def without_secrets(value: Value, names: Names = (), around: Copies = MappingProxyType({})) -> Value:
    """The value of the option or attribute with this path, without the secrets in it; as lazy as it was. `around` are the sets and
    lists that it lies in: where one of them is inside itself, so is its copy.
    """
    if id(value) in around:
        return around[id(value)][1]
    match value:
        case String():
            return _string(value, names)
        case Int(number) if secret_path(names) and len(str(abs(number))) >= _DIGITS:
            return String(REDACTED, value.span)
        case List() if secret_path(names) and all(map(_is_word, value.items)):
            return value  # `id_token = [ "groups" "email" ]` says what is in a token
        case List():
            items: list[Lazy] = []
            listed = List(items, value.span, value.rest)
            inside = {**around, id(value): (value, listed)}
            items.extend(_item(value.items, number, names, inside) for number in range(len(value.items)))
            return listed
        case Attrs():
            members: dict[str, Lazy] = {}
            copy = value.replaced(members, value.rest, value.maybe, value.span)
            inside = {**around, id(value): (value, copy)}
            members.update((name, _lazy(lazy, (*names, name), inside)) for name, lazy in value.items.items())
            return copy
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


def _lazy(lazy: Lazy, names: Names, around: Copies) -> Lazy:
    return Lazy(lambda _: without_secrets(lazy.force(), names, around), None, lazy.place, lazy.binding)


def _is_word(item: Lazy) -> bool:
    value = item.outcome()
    return isinstance(value, String) and value.known is not None and re.fullmatch(r"[a-z_-]+", value.known) is not None


def _item(items: Sequence[Lazy], number: int, names: Names, around: Copies) -> Lazy:
    """An element of a list; one after a flag for a secret (`[ "--auth-key" "…" ]`) is one."""

    def shown(_: object) -> Value:
        value = items[number].force()
        before = items[number - 1].outcome() if number and isinstance(value, String) else None
        if isinstance(before, String) and before.known is not None and secret_flag(before.known):
            return without_secrets(value, (before.known.lstrip("-"),), around)
        return without_secrets(value, names, around)

    return Lazy(shown, None, items[number].place, items[number].binding)


def strings_in(value: Value | Failure, names: Names = ()) -> list[tuple[str, Names, String]]:
    """The known strings in a value, each with the path it stands under."""
    return [*_strings_in(value, names, 0, Walk())]


def _strings_in(value: Value | Failure, names: Names, depth: int, walk: Walk) -> Iterator[tuple[str, Names, String]]:
    match value:
        case String(known=str(text)):
            yield text, names, value
        case String(parts=parts):
            yield from ((part, names, value) for part in parts if isinstance(part, str))
        case List(items=items) if depth < _DEEPEST and walk.stops(value) is None:
            for item in items:
                yield from _strings_in(item.outcome(), names, depth + 1, walk)
            walk.leave(value)
        case Attrs(items=members) if depth < _DEEPEST and "outPath" not in members and walk.stops(value) is None:
            for name, item in members.items():
                yield from _strings_in(item.outcome(), (*names, name), depth + 1, walk)
            walk.leave(value)
        case _:
            pass
