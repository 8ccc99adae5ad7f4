"""Nix's own lexer (lexer.l), rule by rule: for files that the grammar stumbles over, and for comments.

Slower than the grammar by far, and exact: where a path ends, what `a//b` is, that `x:y` is a URI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from hslint.record import Entity


class Kind(Enum):
    """The kind of a token; the value is its name in messages. Operators, brackets and keywords are `SIGN`: their text says it."""

    SIGN = "sign"
    IDENTIFIER = "identifier"
    INTEGER = "integer"
    FLOAT = "floating-point number"
    STRING = "string"  # text inside "…" or behind the first piece of a path
    INDENTED = "text of an indented string"
    INDENTED_OPEN = "indented string"
    INDENTED_CLOSE = "end of an indented string"
    PATH = "path"
    PATH_END = "end of path"
    SEARCH_PATH = "'<…>' path"
    URI = "URI"
    COMMENT = "comment"
    INVALID = "character that Nix does not know"
    ERROR = "what the lexer itself refuses"
    END = "end of file"


class Token(Entity):
    kind: Kind
    start: int
    end: int
    #: Of a sign its text, of an ERROR the message.
    text: str = ""


class _State(Enum):
    DEFAULT = 0
    STRING = 1
    INDENTED = 2
    PATH = 3  # behind a piece that does not end with a slash
    PATH_SLASH = 4


_BLANK = re.compile(rb"[ \t\r\n]+")
_LINE_COMMENT = re.compile(rb"#[^\r\n]*")
_IDENTIFIER = re.compile(rb"[a-zA-Z_][a-zA-Z0-9_'-]*")
_INTEGER = re.compile(rb"[0-9]+")
_FLOAT = re.compile(rb"(?:[1-9][0-9]*\.[0-9]*|0?\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")
_PATH = re.compile(rb"[a-zA-Z0-9._+-]*(?:/[a-zA-Z0-9._+-]+)+/?")
_PATH_START = re.compile(rb"(?:[a-zA-Z0-9._+-]*|~)/(?=\$\{)")  # flex counts the `${` into its length
_HOME_PATH = re.compile(rb"~(?:/[a-zA-Z0-9._+-]+)+/?")
_PATH_PIECE = re.compile(rb"[a-zA-Z0-9._+-]*(?:/[a-zA-Z0-9._+-]+)+/?|[a-zA-Z0-9._+-]*/|[a-zA-Z0-9._+-]+")
_SEARCH_PATH = re.compile(rb"<[a-zA-Z0-9._+-]+(?:/[a-zA-Z0-9._+-]+)*>")
_URI = re.compile(rb"[a-zA-Z][a-zA-Z0-9+.-]*:[a-zA-Z0-9%/?:@&=+$,_.!~*'-]+")
_SIGN = re.compile(rb"\.\.\.|==|!=|<=|>=|&&|\|\||->|//|\+\+|<\||\|>|\$\{|[{}()\[\];:,.@?=<>!+*/-]")
_STRING_TEXT = re.compile(rb"(?:[^$\"\\]++|\$[^{\"\\]|\\.|\$\\.|\$(?=\"))+", re.DOTALL)
_INDENTED_TEXT = re.compile(rb"(?:[^$']++|\$[^{']|'[^'$])+|''\$|\$(?!\{)|'''|''\\.|'(?!')", re.DOTALL)
_INDENTED_OPEN = re.compile(rb"''(?: *\n)?")

#: Letters, digits, dots … in one piece. A longer run outside strings costs lexers time by its square (each token could begin a
#: path that goes on to its end): neither the grammar nor this lexer reads on.
_ENDLESS = re.compile(rb"[a-zA-Z0-9._+-]{4000}")

KEYWORDS = frozenset({"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"})


#: The message of that ERROR.
ENDLESS = "a run of names and signs without a blank that is too long to analyse"


def endless(text: bytes) -> bool:
    """Whether there is such a run anywhere; strings may hold them, so only `tokens` knows what it means."""
    return max(map(len, text.split(b"\n"))) >= 4000 and _ENDLESS.search(text) is not None


def tokens(text: bytes) -> Iterator[Token]:
    """All tokens, comments among them, up to and including END or the first ERROR."""
    states = [_State.DEFAULT]
    at = 0
    look_for_endless = endless(text)
    while True:
        state = states[-1]
        if state is _State.DEFAULT:
            if blank := _BLANK.match(text, at):
                at = blank.end()
            # A NUL outside a string ends the file for Nix: it is the number of the end token.
            if at >= len(text) or text[at] == 0:
                yield Token(Kind.END, at, at)
                return
            if look_for_endless and _ENDLESS.match(text, at):
                yield Token(Kind.ERROR, at, at + 1, ENDLESS)
                return
            token = _default(text, at)
            if token.kind is Kind.SIGN:
                if token.text in ("{", "${"):
                    states.append(_State.DEFAULT)
                elif token.text == "}" and len(states) > 1:
                    states.pop()
                elif token.text == '"':
                    states.append(_State.STRING)
            elif token.kind is Kind.INDENTED_OPEN:
                states.append(_State.INDENTED)
            elif token.kind is Kind.PATH:
                states.append(_State.PATH_SLASH if text[token.end - 1] == 0x2F else _State.PATH)
        elif state is _State.STRING:
            token = _in_string(text, at)
            if token.text == '"':
                states.pop()
            elif token.text == "${":
                states.append(_State.DEFAULT)
        elif state is _State.INDENTED:
            token = _in_indented(text, at)
            if token.kind is Kind.INDENTED_CLOSE:
                states.pop()
            elif token.text == "${":
                states.append(_State.DEFAULT)
        elif text.startswith(b"${", at):
            token = Token(Kind.SIGN, at, at + 2, "${")
            states[-1] = _State.PATH
            states.append(_State.DEFAULT)
        elif piece := _PATH_PIECE.match(text, at):
            token = Token(Kind.STRING, at, piece.end())
            states[-1] = _State.PATH_SLASH if text[piece.end() - 1] == 0x2F else _State.PATH
        elif state is _State.PATH:
            token = Token(Kind.PATH_END, at, at)
            states.pop()
        else:
            token = Token(Kind.ERROR, at - 1, at, "path has a trailing slash")
        yield token
        if token.kind is Kind.ERROR or token.kind is Kind.END:
            return
        at = token.end


def _default(text: bytes, at: int) -> Token:
    """The longest match at a place outside strings; of equally long ones, flex takes the rule that stands first."""
    first = text[at]
    if first == 0x23 and (comment := _LINE_COMMENT.match(text, at)):
        return Token(Kind.COMMENT, at, comment.end())
    if first == 0x2F and text.startswith(b"/*", at):
        end = text.find(b"*/", at + 2)
        # For Nix an unclosed one is the operators / and *, an error as well.
        return (
            Token(Kind.COMMENT, at, end + 2) if end >= 0 else Token(Kind.ERROR, at, at + 2, "comment is never closed")
        )
    if first == 0x22:
        return Token(Kind.SIGN, at, at + 1, '"')
    if first == 0x27 and (opening := _INDENTED_OPEN.match(text, at)):
        return Token(Kind.INDENTED_OPEN, at, opening.end())
    longest, kind = 0, Kind.INVALID
    end = at + 1
    for pattern, candidate in _LONGEST:
        match = pattern.match(text, at)
        if match is None:
            continue
        length = match.end() - at + (2 if pattern is _PATH_START else 0)
        if length > longest:
            longest, kind, end = length, candidate, match.end()
    if kind is Kind.SIGN:
        return Token(kind, at, end, text[at:end].decode("ascii"))
    if kind is Kind.IDENTIFIER:
        name = text[at:end].decode("ascii")
        return Token(Kind.SIGN if name in KEYWORDS else kind, at, end, name)
    if kind is Kind.INVALID:
        while end < len(text) and text[end] & 0xC0 == 0x80:
            end += 1
    return Token(kind, at, end)


_LONGEST = (
    (_SIGN, Kind.SIGN),
    (_IDENTIFIER, Kind.IDENTIFIER),
    (_INTEGER, Kind.INTEGER),
    (_FLOAT, Kind.FLOAT),
    (_PATH_START, Kind.PATH),
    (_PATH, Kind.PATH),
    (_HOME_PATH, Kind.PATH),
    (_SEARCH_PATH, Kind.SEARCH_PATH),
    (_URI, Kind.URI),
)


def _in_string(text: bytes, at: int) -> Token:
    if match := _STRING_TEXT.match(text, at):
        return _without_nul(text, Token(Kind.STRING, at, match.end()))
    if text.startswith(b'"', at):
        return Token(Kind.SIGN, at, at + 1, '"')
    if text.startswith(b"${", at):
        return Token(Kind.SIGN, at, at + 2, "${")
    return Token(Kind.END, len(text), len(text))


def _in_indented(text: bytes, at: int) -> Token:
    if match := _INDENTED_TEXT.match(text, at):
        return _without_nul(text, Token(Kind.INDENTED, at, match.end()))
    if text.startswith(b"''", at):
        return Token(Kind.INDENTED_CLOSE, at, at + 2)
    if text.startswith(b"${", at):
        return Token(Kind.SIGN, at, at + 2, "${")
    return Token(Kind.END, len(text), len(text))


def _without_nul(text: bytes, token: Token) -> Token:
    nul = text.find(b"\0", token.start, token.end)
    if nul < 0:
        return token
    return Token(Kind.ERROR, nul, nul + 1, "a NUL byte in a string")
