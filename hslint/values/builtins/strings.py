"""The builtins about strings. Nix counts bytes, not characters; a half-known string stays half known where that makes sense."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.text import decoded, encoded
from hslint.values.value import (
    Attrs,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Path,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

builtin = Registry()


def coerced(ev: Evaluator, lazy: Lazy, *, copy_paths: bool = True) -> String:
    """An argument that Nix turns into a string by itself; half-known is a string, too."""
    value = operations.coerce(ev, ev.known(lazy), copy_paths=copy_paths)
    if isinstance(value, Unknown):
        raise NotKnown(value)
    return value


@builtin("toString")
def to_string(ev: Evaluator, value: Lazy) -> Value:
    return operations.coerce(ev, value.force(), more=True, copy_paths=False)


@builtin("stringLength")
def string_length(ev: Evaluator, text: Lazy) -> Value:
    known = coerced_text(ev, text)
    return Int(len(known) if known.isascii() else len(encoded(known)))


def coerced_text(ev: Evaluator, lazy: Lazy) -> str:
    value = coerced(ev, lazy)
    if value.known is None:
        unknown = value.unknown
        assert unknown is not None
        raise NotKnown(unknown)
    return value.known


@builtin("substring")
def substring(ev: Evaluator, start: Lazy, length: Lazy, text: Lazy) -> Value:
    begin, count = ev.integer(start), ev.integer(length)
    if begin < 0:
        raise Failure(Kind.ERROR, "negative start position in 'substring'")
    value = coerced(ev, text)
    if count == 0:
        return String("", value.span, context=value.context)
    if value.known is None:
        head = value.parts[0]
        whole = isinstance(head, str) and count > 0 and begin + count <= len(encoded(head))
        if not whole:
            if begin == 0 and (count < 0 or count > 1 << 30):
                return value
            unknown = value.unknown
            assert unknown is not None
            raise NotKnown(unknown)
        assert isinstance(head, str)
        known = head
    else:
        known = value.known
    end = begin + count if count >= 0 else None
    if known.isascii():
        if count > 1024:
            ev.spend(min(len(known), count) >> 6)
        return String(known[begin:end], value.span, context=value.context)
    ev.spend(len(known) >> 4)
    return String(decoded(encoded(known)[begin:end]), value.span, context=value.context)


@builtin("concatStringsSep")
def concat_strings_sep(ev: Evaluator, separator: Lazy, items: Lazy) -> Value:
    between = ev.string(separator)
    parts: list[String | Unknown] = []
    given = ev.closed_list(items).items
    ev.spend(4 * len(given))
    for item in given:
        if parts:
            parts.append(between)
        parts.append(operations.coerce(ev, item.force()))
    joined = operations.concatenate(ev, parts, None)
    # The separator's context counts even where it does not appear.
    if between.context - joined.context:
        return String(joined.known, None, parts=joined.parts, context=joined.context | between.context)
    return joined


@builtin("replaceStrings")
def replace_strings(ev: Evaluator, old: Lazy, new: Lazy, text: Lazy) -> Value:
    """The first pattern that matches counts at each place; an empty one matches before each byte and at the end."""
    patterns = [ev.text(item) for item in ev.closed_list(old).items]
    replacements = ev.closed_list(new).items
    if len(patterns) != len(replacements):
        raise Failure(Kind.ERROR, "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths")
    value = ev.string(text)
    if value.known is None:
        # Only replacements of single characters cannot reach across the borders of what is known.
        if any(len(encoded(pattern)) != 1 for pattern in patterns):
            unknown = value.unknown
            assert unknown is not None
            raise NotKnown(unknown)
        parts: list[String | Unknown] = [
            part if isinstance(part, Unknown) else _replaced(ev, patterns, replacements, String(part))
            for part in value.parts
        ]
        return operations.concatenate(ev, [*parts, String("", None, context=value.context)], value.span)
    return _replaced(ev, patterns, replacements, value)


def _replaced(ev: Evaluator, patterns: list[str], replacements: object, value: String) -> String:
    assert value.known is not None
    known = value.known
    if not patterns:
        return value
    # The alternatives are tried one after another at each place.
    ev.spend(len(known) * len(patterns) >> 4)
    first: dict[str, int] = {}
    for number, pattern in enumerate(patterns):
        first.setdefault(pattern, number)
    if "" not in first:
        found = re.compile("|".join(map(re.escape, patterns)), re.DOTALL)
        if found.search(known) is None:
            return value
    elif known.isascii():
        found = re.compile("|".join(map(re.escape, patterns)), re.DOTALL)
    else:
        raise NotKnown(Unknown(Why.BUDGET, "builtins.replaceStrings with an empty pattern"))
    parts: list[String | Unknown] = []
    at = 0
    size = 0
    while at <= len(known):
        match = found.search(known, at)
        if match is None:
            break
        parts.append(String(known[at : match.start()]))
        replacement = ev.string(replacements[first[match.group()]])  # type: ignore[index]
        parts.append(replacement)
        ev.spend(2 * budget.THUNK)
        size += len(replacement.known or "")
        if size > budget.STRING:
            raise NotKnown(Unknown(Why.BUDGET, "a very long string"))
        at = match.end()
        if match.end() == match.start():
            parts.append(String(known[at : at + 1]))
            at += 1
    parts.append(String(known[at:], context=value.context))
    return operations.concatenate(ev, parts, value.span)


@builtin("baseNameOf")
def base_name_of(ev: Evaluator, path: Lazy) -> Value:
    value = coerced(ev, path, copy_paths=False)
    if value.known is None:
        tail = value.parts[-1]
        if isinstance(tail, str) and "/" in tail.removesuffix("/"):
            return String(_base_name(tail), value.span, context=value.context)
        if isinstance(tail, str) and len(value.parts) == 3 and value.parts[0] == "/nix/store/":
            # What Nix copies to the store: only the hash before the name is unknown.
            return String.of(value.parts[1:], value.span, value.context)
        unknown = value.unknown
        assert unknown is not None
        raise NotKnown(unknown)
    return String(_base_name(value.known), value.span, context=value.context)


def _base_name(path: str) -> str:
    """Everything after the last slash, one slash at the end left aside (Nix: legacyBaseNameOf)."""
    return path.removesuffix("/").rpartition("/")[2]


@builtin("dirOf")
def dir_of(ev: Evaluator, path: Lazy) -> Value:
    value = ev.known(path)
    if isinstance(value, Path):
        return Path(value.path.rpartition("/")[0] or "/", value.span)
    text = coerced(ev, path, copy_paths=False)
    if text.known is None:
        tail = text.parts[-1]
        if isinstance(tail, str) and "/" in tail:
            return String.of((*text.parts[:-1], tail.rpartition("/")[0]), text.span, text.context)
        unknown = text.unknown
        assert unknown is not None
        raise NotKnown(unknown)
    head, slash, _ = text.known.rpartition("/")
    return String("." if not slash else head or "/", text.span, context=text.context)


# -- versions ----------------------------------------------------------------------------------------------------------

_COMPONENT = re.compile(r"[0-9]+|[^0-9.-]+")


def version_components(version: str) -> list[str]:
    """The components that `compareVersions` looks at: runs of digits, and of anything but digits, dots and dashes."""
    return _COMPONENT.findall(version)


def _is_number(component: str) -> bool:
    """Whether Nix reads a component as a number: it fits into a C `int`, else it is compared as text."""
    if not (component.isascii() and component.isdigit()):
        return False
    digits = component.lstrip("0")
    return len(digits) < 10 or (len(digits) == 10 and digits <= "2147483647")


def _component_less(one: str, other: str) -> bool:
    """Whether a component is older: `pre` is older than nothing, nothing than letters, letters than numbers."""
    one_number, other_number = _is_number(one), _is_number(other)
    if one_number and other_number:
        first, second = one.lstrip("0"), other.lstrip("0")  # Python reads no number of thousands of digits
        return (len(first), first) < (len(second), second)
    if one == "" and other_number:
        return True
    if one == "pre" and other != "pre":
        return True
    if other == "pre":
        return False
    if other_number:
        return True
    if one_number:
        return False
    return encoded(one) < encoded(other)


def compare_versions(one: str, other: str) -> int:
    left, right = version_components(one), version_components(other)
    for number in range(max(len(left), len(right))):
        first = left[number] if number < len(left) else ""
        second = right[number] if number < len(right) else ""
        if _component_less(first, second):
            return -1
        if _component_less(second, first):
            return 1
    return 0


@builtin("compareVersions")
def compare_versions_(ev: Evaluator, one: Lazy, other: Lazy) -> Value:
    first, second = ev.text(one), ev.text(other)
    ev.spend(len(first) + len(second))
    return Int(compare_versions(first, second))


@builtin("splitVersion")
def split_version(ev: Evaluator, version: Lazy) -> Value:
    value = ev.string(version)
    ev.spend(len(ev.text(version)) * 2)
    return List([Lazy.done(String(part, value.span)) for part in version_components(ev.text(version))])


@builtin("parseDrvName")
def parse_drv_name(ev: Evaluator, name: Lazy) -> Value:
    """The name ends at the first dash that no letter follows."""
    text = ev.text(name)
    found = re.search(r"-[^A-Za-z]", text, re.DOTALL)
    package, version = (text[: found.start()], text[found.start() + 1 :]) if found else (text, "")
    return Attrs({"name": constant(package), "version": constant(version)})


# -- hashes ------------------------------------------------------------------------------------------------------------


@builtin("hashString")
def hash_string(ev: Evaluator, algorithm: Lazy, text: Lazy) -> Value:
    from hslint.values.builtins.hashes import digest  # late: few configurations hash anything

    name, content = ev.text(algorithm), ev.text(text)
    ev.spend(len(content) >> 4)
    return String(digest(name, encoded(content)).hex())


@builtin("convertHash")
def convert_hash(ev: Evaluator, options: Lazy) -> Value:
    from hslint.values.builtins.hashes import converted  # late: as above

    given = ev.closed_attrs(options)
    text, wanted = given.get("hash"), given.get("toHashFormat")
    if text is None or wanted is None:
        missing = "hash" if text is None else "toHashFormat"
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{missing}' missing")
    algorithm = given.get("hashAlgo")
    return String(converted(ev.text(text), ev.text(algorithm) if algorithm is not None else None, ev.text(wanted)))
