"""lib.strings. A half-known string answers what its known parts are enough for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hslint.spelling import distance
from hslint.values import budget, operations
from hslint.values.builtins.lists import applied
from hslint.values.builtins.strings import (
    coerced,
    coerced_text,
    compare_versions,
    replace_strings,
    to_string,
)
from hslint.values.builtins.strings import concat_strings_sep as builtin_concat_strings_sep
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.text import decoded, encoded
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Float,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    Path,
    String,
    Unknown,
    Value,
    Why,
    presume,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()


def joined(ev: Evaluator, parts: list[String | Unknown]) -> Value:
    return operations.concatenate(ev, parts, None)


def with_rest(ev: Evaluator, items: List, between: String, made: list[String | Unknown]) -> Value:
    """Strings joined. An open list may have more of them anywhere."""
    parts: list[String | Unknown] = [] if items.rest is None else [items.rest]
    for number, part in enumerate(made):
        if number:
            parts.append(between)
            if items.rest is not None:
                parts.append(items.rest)
        parts.append(part)
    if items.rest is not None and made:
        parts.append(items.rest)
    return joined(ev, parts)


def text_of(ev: Evaluator, lazy: Lazy) -> String | Unknown:
    return operations.coerce(ev, lazy.force())


@library("concatStrings")
def concat_strings(ev: Evaluator, items: Lazy) -> Value:
    return concat_strings_sep(ev, constant(""), items)


@library("concatStringsSep", "join")
def concat_strings_sep(ev: Evaluator, separator: Lazy, items: Lazy) -> Value:
    """As the builtin of this name, and an open list gives a half-known string."""
    given = ev.list(items)
    if given.rest is None:
        return builtin_concat_strings_sep(ev, separator, items)
    return with_rest(ev, given, ev.string(separator), [text_of(ev, item) for item in given.items])


@library("concatMapStrings")
def concat_map_strings(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(len(given.items) * budget.THUNK)
    return with_rest(ev, given, String(""), [text_of(ev, applied(ev, function, item)) for item in given.items])


@library("concatImapStrings")
def concat_imap_strings(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    return concat_imap_strings_sep(ev, constant(""), function, items)


@library("concatMapStringsSep")
def concat_map_strings_sep(ev: Evaluator, separator: Lazy, function: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(len(given.items) * budget.THUNK)
    made = [text_of(ev, applied(ev, function, item)) for item in given.items]
    return with_rest(ev, given, ev.string(separator), made)


@library("concatImapStringsSep")
def concat_imap_strings_sep(ev: Evaluator, separator: Lazy, function: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(len(given.items) * 2 * budget.THUNK)
    made = [text_of(ev, applied(ev, function, constant(n), item)) for n, item in enumerate(given.items, 1)]
    return with_rest(ev, given, ev.string(separator), made)


@library("concatMapAttrsStringSep")
def concat_map_attrs_string_sep(ev: Evaluator, separator: Lazy, function: Lazy, attrs: Lazy) -> Value:
    given = ev.closed_attrs(attrs)
    ev.spend(len(given.items) * 2 * budget.THUNK)
    made = [text_of(ev, applied(ev, function, constant(name), given.items[name])) for name in sorted(given.items)]
    return with_rest(ev, List([]), ev.string(separator), made)


@library("concatLines")
def concat_lines(ev: Evaluator, items: Lazy) -> Value:
    given = ev.list(items)
    parts = [operations.concatenate(ev, (text_of(ev, item), String("\n")), None) for item in given.items]
    return with_rest(ev, given, String(""), list(parts))


@library("intersperse")
def intersperse(ev: Evaluator, separator: Lazy, items: Lazy) -> Value:
    result: list[Lazy] = []
    given = ev.closed_list(items).items
    ev.spend(2 * len(given))
    for item in given:
        if result:
            result.append(separator)
        result.append(item)
    return List(result)


@library("replicate")
def replicate(ev: Evaluator, number: Lazy, text: Lazy) -> Value:
    wanted = ev.integer(number)
    given = ev.string(text)
    operations.check_text(wanted * max(1, size(given)))
    ev.spend(max(0, wanted))
    return operations.concatenate(ev, [given] * wanted, None)


@library("optionalString")
def optional_string(ev: Evaluator, condition: Lazy, text: Lazy) -> Value:
    decision = ev.guard(condition.force(), None)
    if isinstance(decision, Unknown):
        return ev.either(decision, (text, constant("")), decision.span)
    return text.force() if decision else String("")


def _truth(answer: bool | None, value: String) -> Value:
    if answer is None:
        unknown = value.unknown
        assert unknown is not None
        return unknown
    return Bool(answer)


@library("hasPrefix")
def has_prefix(ev: Evaluator, prefix: Lazy, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text))
    return value if isinstance(value, Unknown) else _truth(value.starts_with(ev.text(prefix)), value)


@library("hasSuffix")
def has_suffix(ev: Evaluator, suffix: Lazy, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text))
    return value if isinstance(value, Unknown) else _truth(value.ends_with(ev.text(suffix)), value)


@library("hasInfix")
def has_infix(ev: Evaluator, infix: Lazy, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text))
    if isinstance(value, Unknown):
        return value.of_something_else
    wanted = ev.text(infix)
    ev.spend(size(value) >> 5)
    if value.known is not None:
        return Bool(wanted in value.known)
    if any(isinstance(part, str) and wanted in part for part in value.parts):
        return Bool(True)
    return _truth(None, value)


@library("stringToCharacters")
def string_to_characters(ev: Evaluator, text: Lazy) -> Value:
    given = encoded(ev.text(text))
    ev.spend(len(given) * 2 * budget.THUNK)
    return List([constant(decoded(given[n : n + 1])) for n in range(len(given))])


@library("stringAsChars")
def string_as_chars(ev: Evaluator, function: Lazy, text: Lazy) -> Value:
    return concat_map_strings(ev, function, Lazy.done(string_to_characters(ev, text)))


@library("charToInt")
def char_to_int(ev: Evaluator, character: Lazy) -> Value:
    given = encoded(ev.text(character))
    if len(given) != 1:
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{ev.text(character)}' missing")
    return Int(given[0])


def size(text: String) -> int:
    """The characters that are known of a string."""
    return sum(len(part) for part in text.parts if isinstance(part, str))


def _ascii(upper: bool) -> dict[int, int]:
    small, large = range(ord("a"), ord("z") + 1), range(ord("A"), ord("Z") + 1)
    return dict(zip(small, large, strict=True)) if upper else dict(zip(large, small, strict=True))


UPPER, LOWER = _ascii(upper=True), _ascii(upper=False)


@library("toUpper")
def to_upper(ev: Evaluator, text: Lazy) -> Value:
    given = ev.string(text)
    ev.spend(size(given) >> 4)
    return String.of([p.translate(UPPER) if isinstance(p, str) else p for p in given.parts], given.span, given.context)


@library("toLower")
def to_lower(ev: Evaluator, text: Lazy) -> Value:
    given = ev.string(text)
    ev.spend(size(given) >> 4)
    return String.of([p.translate(LOWER) if isinstance(p, str) else p for p in given.parts], given.span, given.context)


@library("toSentenceCase")
def to_sentence_case(ev: Evaluator, text: Lazy) -> Value:
    if not isinstance(ev.known(text), String):
        raise Failure(Kind.ERROR, "lib.strings.toSentenceCase: the argument is no string", catchable=True)
    given = ev.text(text)
    return String(given[:1].translate(UPPER) + given[1:].translate(LOWER))


@library("toCamelCase")
def to_camel_case(ev: Evaluator, text: Lazy) -> Value:
    """Words are set apart by spaces, dashes, underscores, or by a capital after a small letter."""
    if not isinstance(ev.known(text), String):
        raise Failure(Kind.ERROR, "lib.strings.toCamelCase: the argument is no string", catchable=True)
    words = [word for part in re.split("[-_ ]", ev.text(text)) for word in re.split("(?<=[a-z])(?=[A-Z])", part)]
    sentence = [word[:1].translate(UPPER) + word[1:].translate(LOWER) for word in words]
    return String("".join((words[0].translate(LOWER), *sentence[1:])) if words else "")


@library("addContextFrom")
def add_context_from(ev: Evaluator, source: Lazy, text: Lazy) -> Value:
    """`substring 0 0 source + text`."""
    value = source.force()
    if isinstance(value, Unknown):
        presume(value)
        return text.force()
    context = coerced(ev, source).context
    return operations.add(ev, String("", context=context), text.force(), None)


@library("splitString")
def split_string(ev: Evaluator, separator: Lazy, text: Lazy) -> Value:
    """Of a half-known text, the pieces that stand between two known separators (or an end) are known."""
    between = ev.text(Lazy.done(to_string(ev, separator)))
    source = ev.known(text)
    given = to_string(ev, text)
    if not isinstance(given, String):
        return given
    if given.known is not None:
        ev.spend((len(given.known) >> 4) + (given.known.count(between) + 1) * 2 * budget.THUNK)
        parts = given.known.split(between) if between else ["", *_bytes(given.known), ""]
        pieces = [Lazy.done(String(part, given.span, context=given.context)) for part in parts]
        if isinstance(source, String):
            return List(pieces, given.span)
        # What `toString` takes may still be no string of which a piece could have the context.
        return List([applied(ev, _ADD_CONTEXT_FROM, text, piece) for piece in pieces], given.span)
    if len(between) != 1:
        raise NotKnown(given.unknown or Unknown(Why.STORE))
    sure: list[str] = []
    for number, part in enumerate(given.parts):
        if isinstance(part, str):
            between_known = part.split(between)
            sure.extend(between_known[0 if number == 0 else 1 : None if number == len(given.parts) - 1 else -1])
    items = [Lazy.done(String(part, given.span, context=given.context)) for part in sure]
    return List(items, given.span, given.unknown)


_ADD_CONTEXT_FROM = Lazy.done(library.functions["addContextFrom"])


def _bytes(text: str) -> list[str]:
    """The text in pieces of one byte, as `stringToCharacters` takes it apart."""
    return list(text) if text.isascii() else [decoded(bytes((byte,))) for byte in encoded(text)]


@library("splitStringBy")
def split_string_by(ev: Evaluator, predicate: Lazy, keep: Lazy, text: Lazy) -> Value:
    """The predicate sees the character before and the one that may begin a new piece."""
    given, kept = ev.text(text), ev.boolean(keep)
    pieces: list[str] = []
    start = 0
    for number, character in enumerate(given):
        before = given[number - 1] if number else ""
        if ev.boolean(applied(ev, predicate, constant(before), constant(character))):
            pieces.append(given[start:number])
            start = number if kept else number + 1
    pieces.append(given[start:])
    ev.spend(len(pieces) * budget.THUNK)
    return List([constant(piece) for piece in pieces])


@library("replaceString")
def replace_string(ev: Evaluator, old: Lazy, new: Lazy, text: Lazy) -> Value:
    return replace_strings(ev, Lazy.done(List([old])), Lazy.done(List([new])), text)


@library("removePrefix")
def remove_prefix(ev: Evaluator, prefix: Lazy, text: Lazy) -> Value:
    given = ev.string(text)
    wanted = ev.text(prefix)
    match given.starts_with(wanted):
        case True if given.known is not None:
            return String(given.known[len(wanted) :], given.span, context=given.context)
        case True:
            head = given.parts[0]
            assert isinstance(head, str)
            return String.of((head[len(wanted) :], *given.parts[1:]), given.span, given.context)
        case False:
            return given
        case _:
            raise NotKnown(given.unknown or Unknown(Why.STORE))


@library("removeSuffix")
def remove_suffix(ev: Evaluator, suffix: Lazy, text: Lazy) -> Value:
    given = ev.string(text)
    wanted = ev.text(suffix)
    match given.ends_with(wanted):
        case True if given.known is not None:
            return String(given.known[: len(given.known) - len(wanted)], given.span, context=given.context)
        case True:
            tail = given.parts[-1]
            assert isinstance(tail, str)
            return String.of((*given.parts[:-1], tail[: len(tail) - len(wanted)]), given.span, given.context)
        case False:
            return given
        case _:
            raise NotKnown(given.unknown or Unknown(Why.STORE))


@library("trim")
def trim(ev: Evaluator, text: Lazy) -> Value:
    return String(ev.text(text).strip(" \t\r\n"))


@library("trimWith")
def trim_with(ev: Evaluator, options: Lazy, text: Lazy) -> Value:
    given = ev.closed_attrs(options)
    value = ev.text(text)
    start, end = given.get("start"), given.get("end")
    if start is not None and ev.boolean(start):
        value = value.lstrip(" \t\r\n")
    if end is not None and ev.boolean(end):
        value = value.rstrip(" \t\r\n")
    return String(value)


@library("versionOlder")
def version_older(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Bool(compare_versions(ev.text(second), ev.text(first)) == 1)


@library("versionAtLeast")
def version_at_least(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Bool(compare_versions(ev.text(second), ev.text(first)) != 1)


@library("getName")
def get_name(ev: Evaluator, package: Lazy) -> Value:
    return _of_name(ev, package, "pname", "name")


@library("getVersion")
def get_version(ev: Evaluator, package: Lazy) -> Value:
    return _of_name(ev, package, "version", "version")


def _of_name(ev: Evaluator, package: Lazy, attribute: str, part: str) -> Value:
    value = ev.known(package)
    name = package
    if isinstance(value, Attrs):
        found = value.get(attribute)
        if found is not None:
            return found.force()
        if value.rest is not None:
            return Unknown(value.rest.why, value.rest.detail, value.span)
        name = Lazy(lambda _: ev.select(value, "name"))
    return ev.select(ev.apply(ev.builtin("parseDrvName"), name), part)


@library("nameFromURL")
def name_from_url(ev: Evaluator, url: Lazy, separator: Lazy) -> Value:
    base = ev.text(url).rsplit("/", 1)[-1]
    between = ev.text(Lazy.done(to_string(ev, separator)))
    name = base.split(between)[0] if between else ""
    if name == base:
        raise Failure(Kind.ERROR, f"assertion failed: '{base}' has no '{between}'", catchable=True)
    return String(name)


@library("fixedWidthString")
def fixed_width_string(ev: Evaluator, width: Lazy, filler: Lazy, text: Lazy) -> Value:
    """As many bytes as wanted; a filler that does not divide what is missing ends as a text that is too long already."""
    value = coerced(ev, text)
    missing = ev.integer(width) - len(encoded(coerced_text(ev, text)))
    if missing == 0:
        return text.force()
    too_short = Failure(
        Kind.ERROR,
        "fixedWidthString: requested string length must not be shorter than actual length",
        catchable=True,
    )
    if missing < 0:
        raise too_short
    fill = ev.text(filler)
    step = len(encoded(fill))
    if step == 0:
        raise Failure(Kind.RECURSION, "stack overflow (possible infinite recursion)")
    if missing % step:
        raise too_short
    operations.check_text(missing)
    ev.spend(missing >> 6)
    return operations.concatenate(ev, (String(fill * (missing // step)), value), None)


@library("fixedWidthNumber")
def fixed_width_number(ev: Evaluator, width: Lazy, number: Lazy) -> Value:
    value = operations.coerce(ev, number.force(), more=True)
    return fixed_width_string(ev, width, constant("0"), Lazy.done(value))


@library("floatToString")
def float_to_string(ev: Evaluator, number: Lazy) -> Value:
    return operations.coerce(ev, number.force(), more=True)


@library("isConvertibleWithToString", "isCoercibleToString")
def is_convertible_with_to_string(ev: Evaluator, value: Lazy) -> Value:
    found = ev.known(value)
    if isinstance(found, List):
        with ev.coercing.inside(found):
            return Bool(all(_holds(is_convertible_with_to_string(ev, item)) for item in found.items))
    return Bool(isinstance(found, Null | Bool | Int | Float) or _holds(is_string_like(ev, value)))


def _holds(value: Value) -> bool:
    return isinstance(value, Bool) and value.value


@library("isStringLike")
def is_string_like(ev: Evaluator, value: Lazy) -> Value:
    found = ev.known(value)
    if isinstance(found, Attrs):
        return Bool(found.get("outPath") is not None or found.get("__toString") is not None)
    return Bool(isinstance(found, String | Path))


@library("isStorePath")
def is_store_path(ev: Evaluator, value: Lazy) -> Value:
    """A path straight in the store, also one named by its content's hash alone."""
    found = ev.known(value)
    if not _holds(is_string_like(ev, value)):
        return Bool(False)
    text = operations.coerce(ev, found, copy_paths=False)
    if isinstance(text, Unknown):
        return text.of_something_else
    if text.known is None:
        outside = text.starts_with("/nix/store/") is False and text.starts_with("/") is False
        return Bool(False) if outside else Unknown(Why.STORE, "lib.isStorePath")
    return Bool(bool(re.fullmatch(r"/nix/store/[^/]*|/[0-9a-z]{52}", text.known)))


@library("toInt")
def to_int(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    found = re.fullmatch(f"{_SPACE}*(-?[0-9]+){_SPACE}*", given)
    if found is None or re.fullmatch("0[0-9]+", found[1]):
        raise Failure(Kind.ERROR, f"toInt: Could not convert {given} to int.", catchable=True)
    return _json_integer(ev, "toInt", found[1])


#: POSIX [[:space:]] in the C locale.
_SPACE = r"[ \t\n\v\f\r]"


def _json_integer(ev: Evaluator, caller: str, digits: str) -> Value:
    """The integer that `fromJSON` makes of digits, if it is one: past 64 bits it is a float, after a sign a zero is refused."""
    number = ev.apply(ev.builtin("fromJSON"), constant(digits))
    if not isinstance(number, Int):
        raise Failure(Kind.ERROR, f"{caller}: Could not convert {digits} to int.", catchable=True)
    return number


@library("toIntBase10")
def to_int_base10(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    found = re.fullmatch(f"{_SPACE}*0*(-?[0-9]+){_SPACE}*", given)
    if found is None:
        raise Failure(Kind.ERROR, f"toIntBase10: Could not convert {given} to int.", catchable=True)
    return Int(0) if re.fullmatch("0+", found[1]) else _json_integer(ev, "toIntBase10", found[1])


@library("commonPrefixLength")
def common_prefix_length(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    one, other = encoded(coerced_text(ev, first)), encoded(coerced_text(ev, second))
    ev.spend(min(len(one), len(other)) >> 1)
    return Int(_shared(one, other))


@library("commonSuffixLength")
def common_suffix_length(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    one, other = encoded(coerced_text(ev, first)), encoded(coerced_text(ev, second))
    ev.spend(min(len(one), len(other)) >> 1)
    return Int(_shared(one[::-1], other[::-1]))


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


@library("normalizePath")
def normalize_path(ev: Evaluator, text: Lazy) -> Value:
    return String(re.sub("/+", "/", ev.text(text)))


@library("sanitizeDerivationName")
def sanitize_derivation_name(ev: Evaluator, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text))
    if isinstance(value, Unknown) or value.known is None:
        return Unknown(Why.STORE, "lib.sanitizeDerivationName")
    name = re.sub(r"[^\w+?=.-]+", "-", value.known.lstrip("."), flags=re.ASCII)[-207:]
    return String(name or "unknown")


def _distance(ev: Evaluator, first: Lazy, second: Lazy) -> int:
    one, other = encoded(coerced_text(ev, first)), encoded(coerced_text(ev, second))
    # Nix keeps nothing of what it found out, so that it comes to no end where this takes long.
    ev.spend((len(one) + 1) * (len(other) + 1))
    return distance(one, other)


@library("levenshtein")
def levenshtein(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    return Int(_distance(ev, first, second))


@library("levenshteinAtMost")
def levenshtein_at_most(ev: Evaluator, most: Lazy, first: Lazy, second: Lazy) -> Value:
    limit = ev.integer(most)
    if limit <= 0:
        same = operations.equal(ev, first.force(), second.force())
        return same if isinstance(same, Unknown) else Bool(same)
    return Bool(_distance(ev, first, second) <= limit)


@library("fileContents")
def file_contents(ev: Evaluator, path: Lazy) -> Value:
    """A file's text without a line break at its end."""
    return remove_suffix(ev, constant("\n"), applied(ev, Lazy.done(ev.builtin("readFile")), path))
