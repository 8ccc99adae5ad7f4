"""lib.strings. A half-known string answers what its known parts are enough for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins.lists import applied
from hslint.values.builtins.strings import compare_versions, concat_strings_sep
from hslint.values.nixpkgs_lib.trivial import builtin
from hslint.values.primitive import Registry
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
)

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

library = Registry()

_SHELL_SAFE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def joined(ev: Evaluator, parts: list[String | Unknown]) -> Value:
    return operations.concatenate(ev, parts, None)


def _with_rest(ev: Evaluator, items: List, between: String, made: list[String | Unknown]) -> Value:
    """Strings joined; what may follow an open list makes the end unknown."""
    parts: list[String | Unknown] = []
    for part in made:
        if parts:
            parts.append(between)
        parts.append(part)
    if items.rest is not None:
        parts.append(items.rest)
    return joined(ev, parts)


def text_of(ev: Evaluator, lazy: Lazy) -> String | Unknown:
    return operations.coerce(ev, lazy.force())


@library("concatStrings")
def concat_strings(ev: Evaluator, items: Lazy) -> Value:
    return concat_strings_sep(ev, Lazy.done(String("")), items)


@library("concatMapStrings")
def concat_map_strings(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    return _with_rest(ev, given, String(""), [text_of(ev, applied(ev, function, item)) for item in given.items])


@library("concatImapStrings")
def concat_imap_strings(ev: Evaluator, function: Lazy, items: Lazy) -> Value:
    return concat_imap_strings_sep(ev, Lazy.done(String("")), function, items)


@library("concatMapStringsSep")
def concat_map_strings_sep(ev: Evaluator, separator: Lazy, function: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    made = [text_of(ev, applied(ev, function, item)) for item in given.items]
    return _with_rest(ev, given, ev.string(separator), made)


@library("concatImapStringsSep")
def concat_imap_strings_sep(ev: Evaluator, separator: Lazy, function: Lazy, items: Lazy) -> Value:
    given = ev.list(items)
    made = [text_of(ev, applied(ev, function, Lazy.done(Int(n)), item)) for n, item in enumerate(given.items, 1)]
    return _with_rest(ev, given, ev.string(separator), made)


@library("concatMapAttrsStringSep")
def concat_map_attrs_string_sep(ev: Evaluator, separator: Lazy, function: Lazy, attrs: Lazy) -> Value:
    given = ev.closed_attrs(attrs)
    made = [
        text_of(ev, applied(ev, function, Lazy.done(String(name)), given.items[name])) for name in sorted(given.items)
    ]
    return _with_rest(ev, List([]), ev.string(separator), made)


@library("concatLines")
def concat_lines(ev: Evaluator, items: Lazy) -> Value:
    given = ev.list(items)
    parts: list[String | Unknown] = []
    for item in given.items:
        parts.extend((text_of(ev, item), String("\n")))
    if given.rest is not None:
        parts.append(given.rest)
    return joined(ev, parts)


@library("intersperse")
def intersperse(ev: Evaluator, separator: Lazy, items: Lazy) -> Value:
    result: list[Lazy] = []
    for item in ev.closed_list(items).items:
        if result:
            result.append(separator)
        result.append(item)
    return List(result)


@library("replicate")
def replicate(ev: Evaluator, number: Lazy, text: Lazy) -> Value:
    return operations.concatenate(ev, [ev.string(text)] * min(ev.integer(number), 1 << 20), None)


@library("optionalString")
def optional_string(ev: Evaluator, condition: Lazy, text: Lazy) -> Value:
    decision = ev.decide(condition.force(), None)
    if isinstance(decision, Unknown):
        return ev.either(decision, (text, Lazy.done(String(""))), decision.span)
    return text.force() if decision else String("")


def _truth(answer: bool | None, value: String) -> Value:
    if answer is None:
        unknown = value.unknown
        assert unknown is not None
        return unknown
    return Bool(answer)


@library("hasPrefix")
def has_prefix(ev: Evaluator, prefix: Lazy, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text), copy_paths=False)
    return value if isinstance(value, Unknown) else _truth(value.starts_with(ev.text(prefix)), value)


@library("hasSuffix")
def has_suffix(ev: Evaluator, suffix: Lazy, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text), copy_paths=False)
    return value if isinstance(value, Unknown) else _truth(value.ends_with(ev.text(suffix)), value)


@library("hasInfix")
def has_infix(ev: Evaluator, infix: Lazy, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text), copy_paths=False)
    if isinstance(value, Unknown):
        return value
    wanted = ev.text(infix)
    if value.known is not None:
        return Bool(wanted in value.known)
    if any(isinstance(part, str) and wanted in part for part in value.parts):
        return Bool(True)
    return _truth(None, value)


@library("stringToCharacters")
def string_to_characters(ev: Evaluator, text: Lazy) -> Value:
    given = operations.encoded(ev.text(text))
    return List([Lazy.done(String(operations.decoded(given[n : n + 1]))) for n in range(len(given))])


@library("stringAsChars")
def string_as_chars(ev: Evaluator, function: Lazy, text: Lazy) -> Value:
    return concat_map_strings(ev, function, Lazy.done(string_to_characters(ev, text)))


@library("charToInt")
def char_to_int(ev: Evaluator, character: Lazy) -> Value:
    return Int(operations.encoded(ev.text(character))[0])


@library("escape")
def escape(ev: Evaluator, characters: Lazy, text: Lazy) -> Value:
    given = ev.text(text)
    wanted = {ev.text(one) for one in ev.closed_list(characters).items}
    return String("".join(f"\\{c}" if c in wanted else c for c in given))


@library("escapeC")
def escape_c(ev: Evaluator, characters: Lazy, text: Lazy) -> Value:
    wanted = {ev.text(one) for one in ev.closed_list(characters).items}
    return String("".join(f"\\x{ord(c):X}" if c in wanted else c for c in ev.text(text)))


@library("escapeShellArg")
def escape_shell_arg(ev: Evaluator, value: Lazy) -> Value:
    text = operations.coerce(ev, value.force(), more=True)
    return _shell_quoted(ev, text)


def _shell_quoted(ev: Evaluator, text: String | Unknown) -> Value:
    if isinstance(text, Unknown):
        return joined(ev, [String("'"), text, String("'")])
    if text.known is None:
        return String.of(("'", *text.parts, "'"), text.span, text.context)
    if _SHELL_SAFE.fullmatch(text.known):
        return text
    quoted = text.known.replace("'", "'\\''")
    return String(f"'{quoted}'", context=text.context)


@library("escapeShellArgs")
def escape_shell_args(ev: Evaluator, items: Lazy) -> Value:
    given = ev.list(items)
    made = [operations.coerce(ev, escape_shell_arg(ev, item)) for item in given.items]
    return _with_rest(ev, given, String(" "), made)


@library("toShellVar")
def to_shell_var(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
    return joined(ev, [String(f"{ev.text(name)}="), operations.coerce(ev, escape_shell_arg(ev, value))])


@library("escapeNixString")
def escape_nix_string(ev: Evaluator, text: Lazy) -> Value:
    return String(json.dumps(ev.text(text), ensure_ascii=False).replace("$", "\\$"))


@library("escapeRegex")
def escape_regex(ev: Evaluator, text: Lazy) -> Value:
    return String(re.sub(r"([\\\[{()^$?*+|.])", r"\\\1", ev.text(text)))


@library("escapeXML")
def escape_xml(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    for old, new in (("&", "&amp;"), ('"', "&quot;"), ("'", "&apos;"), ("<", "&lt;"), (">", "&gt;")):
        given = given.replace(old, new)
    return String(given)


@library("escapeURL")
def escape_url(ev: Evaluator, text: Lazy) -> Value:
    from urllib.parse import quote

    return String(quote(operations.encoded(ev.text(text)), safe="-_.~"))


@library("escapeNixIdentifier")
def escape_nix_identifier(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    return String(given) if re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_'-]*", given) else escape_nix_string(ev, text)


def _ascii(upper: bool) -> dict[int, int]:
    small, large = range(ord("a"), ord("z") + 1), range(ord("A"), ord("Z") + 1)
    return dict(zip(small, large, strict=True)) if upper else dict(zip(large, small, strict=True))


_UPPER, _LOWER = _ascii(upper=True), _ascii(upper=False)


@library("toUpper")
def to_upper(ev: Evaluator, text: Lazy) -> Value:
    given = ev.string(text)
    return String.of([p.translate(_UPPER) if isinstance(p, str) else p for p in given.parts], given.span, given.context)


@library("toLower")
def to_lower(ev: Evaluator, text: Lazy) -> Value:
    given = ev.string(text)
    return String.of([p.translate(_LOWER) if isinstance(p, str) else p for p in given.parts], given.span, given.context)


@library("toSentenceCase")
def to_sentence_case(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    return String(given[:1].translate(_UPPER) + given[1:].translate(_LOWER))


@library("addContextFrom")
def add_context_from(ev: Evaluator, source: Lazy, text: Lazy) -> Value:
    return text.force()


@library("splitString")
def split_string(ev: Evaluator, separator: Lazy, text: Lazy) -> Value:
    between = ev.text(separator)
    given = ev.string(text)
    if given.known is None:
        raise NotKnown(given.unknown or Unknown(Why.STORE))
    parts = given.known.split(between) if between else ["", *given.known, ""]
    return List([Lazy.done(String(part, given.span)) for part in parts], given.span)


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
    given = ev.attrs(options)
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
        name = Lazy(lambda _: ev.select(value, "name"))
    return ev.select(ev.apply(builtin(ev, "parseDrvName"), name), part)


@library("nameFromURL")
def name_from_url(ev: Evaluator, url: Lazy, separator: Lazy) -> Value:
    base = ev.text(url).rstrip("/").rsplit("/", 1)[-1]
    return String(base.split(ev.text(separator))[0])


@library("enableFeature")
def enable_feature(ev: Evaluator, enable: Lazy, feature: Lazy) -> Value:
    return String(f"--{'enable' if ev.boolean(enable) else 'disable'}-{ev.text(feature)}")


@library("withFeature")
def with_feature(ev: Evaluator, enable: Lazy, feature: Lazy) -> Value:
    return String(f"--{'with' if ev.boolean(enable) else 'without'}-{ev.text(feature)}")


@library("fixedWidthString")
def fixed_width_string(ev: Evaluator, width: Lazy, filler: Lazy, text: Lazy) -> Value:
    value, wanted = ev.text(text), ev.integer(width)
    if len(value) > wanted:
        raise Failure(
            Kind.ERROR,
            "fixedWidthString: requested string length must not be shorter than actual length",
            catchable=True,
        )
    return String((ev.text(filler) * wanted)[: wanted - len(value)] + value)


@library("fixedWidthNumber")
def fixed_width_number(ev: Evaluator, width: Lazy, number: Lazy) -> Value:
    value = operations.coerce(ev, number.force(), more=True)
    return fixed_width_string(ev, width, Lazy.done(String("0")), Lazy.done(value))


@library("floatToString")
def float_to_string(ev: Evaluator, number: Lazy) -> Value:
    value = operations.coerce(ev, number.force(), more=True)
    return value


@library("isConvertibleWithToString", "isCoercibleToString")
def is_convertible_with_to_string(ev: Evaluator, value: Lazy) -> Value:
    found = ev.known(value)
    if isinstance(found, List):
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
    found = ev.known(value)
    text = operations.coerce(ev, found, copy_paths=False) if _holds(is_string_like(ev, value)) else String("")
    if isinstance(text, Unknown) or text.known is None:
        return Bool(True) if not isinstance(text, Unknown) and text.starts_with("/nix/store/") else Unknown(Why.STORE)
    return Bool(bool(re.fullmatch(r"/nix/store/[^/]+", text.known)))


@library("isValidPosixName")
def is_valid_posix_name(ev: Evaluator, name: Lazy) -> Value:
    return Bool(bool(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", ev.text(name))))


@library("toInt")
def to_int(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    if not re.fullmatch(r"[ \t\n]*-?(0|[1-9]\d*)[ \t\n]*", given):
        raise Failure(Kind.ERROR, f"toInt: Could not convert {given} to int.", catchable=True)
    return Int(int(given))


@library("toIntBase10")
def to_int_base10(ev: Evaluator, text: Lazy) -> Value:
    given = ev.text(text)
    if not re.fullmatch(r"[ \t\n]*-?\d+[ \t\n]*", given):
        raise Failure(Kind.ERROR, f"toIntBase10: Could not convert {given} to int.", catchable=True)
    return Int(int(given))


@library("commonPrefixLength")
def common_prefix_length(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    import os

    return Int(len(os.path.commonprefix([ev.text(first), ev.text(second)])))


@library("makeBinPath")
def make_bin_path(ev: Evaluator, packages: Lazy) -> Value:
    return make_search_path(ev, Lazy.done(String("bin")), packages)


@library("makeSearchPath")
def make_search_path(ev: Evaluator, directory: Lazy, packages: Lazy) -> Value:
    inner = ev.text(directory)
    given = ev.list(packages)
    made: list[String | Unknown] = []
    for item in given.items:
        if isinstance(item.force(), Null):
            continue
        made.append(operations.concatenate(ev, (text_of(ev, item), String(f"/{inner}")), None))
    return _with_rest(ev, given, String(":"), made)


@library("makeLibraryPath")
def make_library_path(ev: Evaluator, packages: Lazy) -> Value:
    return make_search_path(ev, Lazy.done(String("lib")), packages)


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


@library("levenshtein")
def levenshtein(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    one, other = ev.text(first), ev.text(second)
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return Int(row[-1])
