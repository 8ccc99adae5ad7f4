"""The position of an offset in a half-typed Nix text: the option path around it, by its words and braces alone.

A tree has holes just at the cursor. What is needed here, the names between the top of a module and the cursor, can be read off
the tokens before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from hslint.record import Record

_TOKEN = re.compile(
    rb"""(?P<space>\s+|\#[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>"(?:[^"\\]|\\.)*"|''(?:[^']|'(?!')|'''|''\\.|''\$)*'')
    |(?P<open>\$\{|[{(\[])
    |(?P<close>[})\]])
    |(?P<name>[A-Za-z_][A-Za-z0-9_'-]*)
    |(?P<sign>==|[=;.:,]|.)""",
    re.VERBOSE | re.DOTALL,
)


class Cursor(Record):
    """`path` is the option in whose place the cursor is; a name is being written (`partial` of it so far), or a value."""

    path: tuple[str, ...]
    partial: str
    is_value: bool
    #: Where the partial text begins, in bytes.
    start: int


class _Frame(NamedTuple):
    """An open brace: `{`, `(`, `[`, or the bindings of a `let`; `path` is what is inside it, None where that is no option."""

    opener: str
    path: tuple[str, ...] | None
    #: The names of the binding so far, and whether its value has begun.
    names: tuple[str, ...] = ()
    in_value: bool = False
    #: Semicolons that end a `with` or an `assert` rather than the binding.
    pending: int = 0

    @property
    def value_path(self) -> tuple[str, ...] | None:
        if self.path is None or self.opener not in ("{", "let"):
            return self.path
        return (*self.path, *self.names) if self.in_value else None


def cursor_at(text: bytes, offset: int) -> Cursor | None:
    """The place of an offset in a module; None inside comments, and where no option can stand."""
    frames = [_Frame("(", ())]
    last: tuple[str, bytes, int] | None = None
    for kind, token, start in _tokens(text[:offset]):
        if kind == "unfinished":
            # An open string or comment: a value is being written, or nothing.
            return _value(frames[-1], token, start) if token[:1] == b'"' else None
        frames = _after(frames, kind, token)
        last = kind, token, start
    top = frames[-1]
    partial, start = "", offset
    if last is not None and last[0] == "name" and last[2] + len(last[1]) == offset:
        partial, start = last[1].decode("utf-8", "replace"), last[2]
    if top.opener in ("{", "let") and not top.in_value:
        if top.path is None or top.opener == "let":
            return None
        names = top.names[:-1] if partial and top.names else top.names
        return Cursor(_option((*top.path, *names)), partial, is_value=False, start=start)
    path = top.value_path
    return None if path is None else Cursor(_option(path), partial, is_value=True, start=start)


def _value(top: _Frame, token: bytes, start: int) -> Cursor | None:
    path = top.value_path
    if path is None or b"\n" in token:
        return None
    return Cursor(_option(path), token.decode("utf-8", "replace"), is_value=True, start=start)


def _option(path: tuple[str, ...]) -> tuple[str, ...]:
    """The option's name: without the `config` of a module that also declares options, or of a container."""
    for position in range(len(path) - 1, -1, -1):
        if path[position] == "config":
            return path[position + 1 :]
    return path


def _tokens(text: bytes) -> Iterator[tuple[str, bytes, int]]:
    """The tokens but for blanks and comments; a string or comment without an end is "unfinished"."""
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        assert found is not None and found.lastgroup is not None
        token = found.group()
        if token in (b'"', b"'") and found.lastgroup == "sign":
            yield "unfinished", text[position:], position
            return
        if found.lastgroup == "space":
            if token.startswith(b"#") and found.end() == len(text):
                yield "unfinished", token, position
            if token.startswith(b"/*") and not token.endswith(b"*/"):
                yield "unfinished", token, position
        else:
            yield found.lastgroup, token, position
        position = found.end()


def _after(frames: list[_Frame], kind: str, token: bytes) -> list[_Frame]:
    """The open braces behind a token."""
    *below, top = frames
    word = token.decode("utf-8", "replace")
    match kind:
        case "open":
            opener = "(" if word == "${" else word
            path = top.value_path if opener != "(" or word != "${" else None
            return [*frames, _Frame(opener, path)]
        case "close":
            return below if len(frames) > 1 and top.opener != "let" else frames
        case "name" if word == "let":
            return [*frames, _Frame("let", None)]
        case "name" if word == "in" and top.opener == "let":
            return below
        case "name" if word in ("with", "assert"):
            return [*below, top._replace(pending=top.pending + 1)]
        case "sign" if word == ";":
            if top.pending:
                return [*below, top._replace(pending=top.pending - 1)]
            return [*below, top._replace(names=(), in_value=False)]
        case _ if top.opener not in ("{", "let") or top.in_value:
            return frames
        case "sign" if word == "=":
            return [*below, top._replace(in_value=True)]
        case "name" if word not in ("rec", "inherit"):
            return [*below, top._replace(names=(*top.names, word))]
        case "text":
            return [*below, top._replace(names=(*top.names, word.strip('"')))]
        case _:
            return frames
