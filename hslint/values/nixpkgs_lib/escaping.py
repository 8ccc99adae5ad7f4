"""lib.strings: how texts are written in the languages around Nix (shell, URLs, regular expressions, XML, Nix itself)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.builtins.data import to_json
from hslint.values.builtins.strings import replace_strings
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib.attrsets import written_name, written_text
from hslint.values.nixpkgs_lib.strings import joined, size, with_rest
from hslint.values.primitive import Registry
from hslint.values.text import encoded
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, List, String, Unknown, Value

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()

#: Texts that the shell reads as they are.
_SHELL_SAFE = re.compile(r"[A-Za-z0-9,._+:@%/-]+")
_SHELL_SPECIAL = re.compile(r"[^A-Za-z0-9,._+:@%/-]")
_POSIX_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@library("escape")
def escape(ev: Evaluator, characters: Lazy, text: Lazy) -> Value:
    wanted = [ev.text(one) for one in ev.closed_list(characters).items]
    old = List([constant(one) for one in wanted])
    new = List([constant(f"\\{one}") for one in wanted])
    return replace_strings(ev, Lazy.done(old), Lazy.done(new), text)


@library("escapeC")
def escape_c(ev: Evaluator, characters: Lazy, text: Lazy) -> Value:
    wanted = [ev.text(one) for one in ev.closed_list(characters).items]
    old = List([constant(one) for one in wanted])
    new = List([constant(f"\\x{encoded(one)[0]:02x}") for one in wanted])
    return replace_strings(ev, Lazy.done(old), Lazy.done(new), text)


@library("escapeShellArg")
def escape_shell_arg(ev: Evaluator, value: Lazy) -> Value:
    return shell_quoted(ev, operations.coerce(ev, value.force(), more=True, copy_paths=False))


def shell_quoted(ev: Evaluator, text: String | Unknown) -> String | Unknown:
    """A word for the shell. Whether a half-known one stands in quotes is sure only where a known part needs them."""
    if isinstance(text, Unknown):
        return text.of_something_else
    if text.known is not None:
        ev.spend(len(text.known) >> 4)
        if _SHELL_SAFE.fullmatch(text.known):
            return text
        return String("'" + text.known.replace("'", "'\\''") + "'", text.span, context=text.context)
    known = [part for part in text.parts if isinstance(part, str)]
    parts = [part.replace("'", "'\\''") if isinstance(part, str) else part for part in text.parts]
    unknown = text.unknown
    assert unknown is not None
    border: str | Unknown = "'" if any(_SHELL_SPECIAL.search(part) for part in known) else unknown
    return String.of((border, *parts, border), text.span, text.context)


@library("escapeShellArgs")
def escape_shell_args(ev: Evaluator, items: Lazy) -> Value:
    given = ev.list(items)
    ev.spend(4 * len(given.items))
    made = [operations.coerce(ev, escape_shell_arg(ev, item)) for item in given.items]
    return with_rest(ev, given, String(" "), made)


@library("isValidPosixName")
def is_valid_posix_name(ev: Evaluator, name: Lazy) -> Value:
    return Bool(bool(_POSIX_NAME.fullmatch(ev.text(name))))


@library("toShellVar")
def to_shell_var(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
    """A list becomes an array of Bash, a set an associative one."""
    variable = ev.text(name)
    if not _POSIX_NAME.fullmatch(variable):
        raise Failure(Kind.ERROR, f"toShellVar: {variable} is not a valid shell variable name", catchable=True)
    found = ev.known(value)
    if isinstance(found, Attrs) and found.get("outPath") is None and found.get("__toString") is None:
        given = ev.closed_attrs(value)
        entries: list[String | Unknown] = []
        ev.spend(budget.THUNK * len(given.items))
        for key in sorted(given.items):
            index = operations.coerce(ev, escape_shell_arg(ev, constant(key)))
            word = operations.coerce(ev, escape_shell_arg(ev, given.items[key]))
            entries.append(operations.concatenate(ev, (String("["), index, String("]="), word), None))
        inner = operations.coerce(ev, with_rest(ev, List([]), String(" "), entries))
        return joined(ev, [String(f"declare -A {variable}=("), inner, String(")")])
    if isinstance(found, List):
        inner = operations.coerce(ev, escape_shell_args(ev, value))
        return joined(ev, [String(f"declare -a {variable}=("), inner, String(")")])
    return joined(ev, [String(f"{variable}="), operations.coerce(ev, escape_shell_arg(ev, value))])


@library("toShellVars")
def to_shell_vars(ev: Evaluator, variables: Lazy) -> Value:
    given = ev.closed_attrs(variables)
    ev.spend(budget.THUNK * len(given.items))
    written = [to_shell_var(ev, constant(name), given.items[name]) for name in sorted(given.items)]
    made = [operations.coerce(ev, variable) for variable in written]
    return with_rest(ev, List([]), String("\n"), made)


@library("escapeNixString")
def escape_nix_string(ev: Evaluator, text: Lazy) -> Value:
    """A string as Nix would write it; of anything else its JSON."""
    value = ev.known(text)
    if isinstance(value, String):
        return String(written_text(ev.text(text)))
    return escape(ev, Lazy.done(List([constant("$")])), Lazy.done(to_json(ev, value)))


@library("escapeNixIdentifier")
def escape_nix_identifier(ev: Evaluator, text: Lazy) -> Value:
    return String(written_name(ev.text(text)))


@library("escapeRegex")
def escape_regex(ev: Evaluator, text: Lazy) -> Value:
    given = ev.string(text)
    ev.spend(size(given) >> 1)
    parts = [re.sub(r"([\\\[{()^$?*+|.])", r"\\\1", p) if isinstance(p, str) else p for p in given.parts]
    return String.of(parts, given.span, given.context)


_XML = str.maketrans({"&": "&amp;", '"': "&quot;", "'": "&apos;", "<": "&lt;", ">": "&gt;"})


@library("escapeXML")
def escape_xml(ev: Evaluator, text: Lazy) -> Value:
    given = ev.string(text)
    ev.spend(size(given) >> 3)
    return String.of([p.translate(_XML) if isinstance(p, str) else p for p in given.parts], given.span, given.context)


_URL_SPECIAL = re.compile(r"[\t\n\r\x20-\x7e]")
_URL_SAFE = re.compile(r"[A-Za-z0-9_.~-]")


@library("escapeURL")
def escape_url(ev: Evaluator, text: Lazy) -> Value:
    """Characters beyond ASCII stay, and so do control characters but for tabs and line breaks."""

    def escaped(found: re.Match[str]) -> str:
        return found[0] if _URL_SAFE.match(found[0]) else f"%{ord(found[0]):02X}"

    given = ev.string(text)
    ev.spend(2 * size(given))
    parts = [_URL_SPECIAL.sub(escaped, p) if isinstance(p, str) else p for p in given.parts]
    return String.of(parts, given.span, given.context)
