"""The text of a string literal: escapes, line endings and the indentation of ''…''.

Both follow Nix's lexer (lexer.l, `unescapeStr`) and parser (parser-state.hh, `stripIndentation`) token by token, because what
counts as one token decides which white space goes.
"""

from __future__ import annotations

import re

_ESCAPE_OR_CR = re.compile(rb"\\(.)|\r\n?", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}

#: The tokens of an indented string: a plain run, or an escape. Order does not matter: no two can start alike and match.
_INDENTED = re.compile(
    rb"(?P<plain>(?:[^$']++|\$[^{']|'[^'$])+)|(?P<dollar>''\$|\$)|(?P<quotes>''')|''\\(?P<escape>.)|(?P<quote>')",
    re.DOTALL,
)
_FIRST_LINE = re.compile(rb" *\n")


def decode(text: bytes) -> str:
    """Nix strings are bytes; what is not UTF-8 stands as surrogates."""
    return text.decode("utf-8", "surrogateescape")


def unescape(text: bytes) -> bytes:
    """The inside of "…" between interpolations: escapes decoded, CR LF and a lone CR made LF (an escaped CR stays)."""
    if b"\\" not in text and b"\r" not in text:
        return text
    return _ESCAPE_OR_CR.sub(_replace, text)


def _replace(match: re.Match[bytes]) -> bytes:
    escaped: bytes | None = match.group(1)
    if escaped is None:
        return b"\n"
    return _ESCAPED.get(escaped, escaped)


def dedent(pieces: list[bytes | None]) -> list[bytes | None]:
    """The inside of ''…'': raw text between interpolations (None) → the text that Nix makes of it, in the same places.

    Whitespace-only lines do not count for the indentation, only spaces count as indentation (a tab ends it), escapes and
    interpolations end the white space of their line, and a last line of spaces goes unless it is not one token.
    """
    tokens: list[tuple[int, bytes | None, bool]] = []  # index of the piece, text, whether its spaces are indentation
    for index, piece in enumerate(pieces):
        if piece is None:
            tokens.append((index, None, False))
            continue
        at = 0
        if index == 0 and (first := _FIRST_LINE.match(piece)):
            at = first.end()
        while at < len(piece):
            match = _INDENTED.match(piece, at)
            if match is None:  # cannot happen in a string that ended; keep the bytes
                tokens.append((index, piece[at:], False))
                break
            at = match.end()
            if match.group("plain") is not None:
                tokens.append((index, match.group("plain"), True))
            elif match.group("escape") is not None:
                tokens.append((index, _ESCAPED.get(match.group("escape"), match.group("escape")), False))
            else:
                tokens.append(
                    (index, b"$" if match.group("dollar") else b"''" if match.group("quotes") else b"'", False)
                )
    indent = _indentation(tokens)
    out: list[list[bytes] | None] = [None if piece is None else [] for piece in pieces]
    at_start, dropped = True, 0
    for number, (index, text, _) in enumerate(tokens):
        into = out[index]
        if text is None or into is None:
            at_start, dropped = False, 0
            continue
        lines = text.split(b"\n")
        for line_number, line in enumerate(lines):
            if line_number:
                at_start, dropped = True, 0
            if not at_start:
                continue
            words = line.lstrip(b" ")
            spaces = len(line) - len(words)
            lines[line_number] = line[min(spaces, max(0, indent - dropped)) :]
            at_start, dropped = not words, 0 if words else dropped + spaces
        if number == len(tokens) - 1 and len(lines) > 1 and not lines[-1].strip(b" "):
            lines[-1] = b""
        into.append(b"\n".join(lines))
    return [None if part is None else b"".join(part) for part in out]


def _indentation(tokens: list[tuple[int, bytes | None, bool]]) -> int:
    """The smallest number of spaces before the first thing of a line."""
    smallest = 1_000_000  # Nix's own number
    at_start, spaces = True, 0
    for _, text, plain in tokens:
        if text is None or not plain:
            if at_start:
                at_start = False
                smallest = min(smallest, spaces)
            continue
        for line_number, line in enumerate(text.split(b"\n")):
            if line_number:
                at_start, spaces = True, 0
            if at_start:
                words = line.lstrip(b" ")
                spaces += len(line) - len(words)
                if words:
                    at_start = False
                    smallest = min(smallest, spaces)
    return smallest
