"""A string of Nix that is the text of a file → the text, and where each part of it was written."""

from __future__ import annotations

import re
from bisect import bisect_right

from hslint.policy.hujson import HOLE, Locate
from hslint.source import SourceFile, Span
from hslint.syntax.nodes import Text
from hslint.syntax.parse import parse
from hslint.values.value import String, Unknown

_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def text_with_places(value: String, around: Span | None) -> tuple[bytes, Locate]:
    """The text of a string, with holes for what is not known of it, and where its parts stand: in the literal that it was written as,
    else where it is used.
    """
    text = "".join(HOLE if isinstance(part, Unknown) else part for part in value.parts)
    encoded = text.encode("utf-8", "surrogateescape")
    span = value.span
    literal = _literal(span) if span is not None else None
    places = _places(text, literal) if literal is not None else None
    whole = span if span is not None and literal is not None else around or span
    if places is None or span is None:
        return encoded, lambda start, end: whole
    return encoded, _Located(text, places, span)


class _Located:
    """Maps ranges of the bytes of a text to places in a literal."""

    def __init__(self, text: str, places: list[int | None], literal: Span) -> None:
        self.places = places
        self.literal = literal
        self.starts: list[int] | None = None
        if not text.isascii():
            at = 0
            self.starts = []
            for character in text:
                self.starts.append(at)
                at += len(character.encode("utf-8", "surrogateescape"))

    def __call__(self, start: int, end: int) -> Span | None:
        first, last = self._character(start), self._character(max(start, end - 1))
        if not self.places:
            return self.literal
        begin = self.places[min(first, len(self.places) - 1)]
        finish = self.places[min(last, len(self.places) - 1)]
        if begin is None or finish is None or finish < begin:
            return self.literal
        if end <= start:
            beyond = first >= len(self.places)
            return Span(self.literal.file, begin + beyond, begin + beyond)
        # The last character may have several bytes; in the file it has as many.
        size = 1 if self.starts is None else self._size(last, end)
        return Span(self.literal.file, begin, finish + size)

    def _character(self, byte: int) -> int:
        return byte if self.starts is None else max(0, bisect_right(self.starts, byte) - 1)

    def _size(self, character: int, end: int) -> int:
        assert self.starts is not None
        return max(1, end - self.starts[character])


def _literal(span: Span) -> Text | None:
    """The string literal that stands at a place: what is before it in the file is made blank, so that places stay true."""
    if not span.text.startswith(('"', "''")):
        return None
    alone = SourceFile(span.file.path, b" " * span.start + span.file.text[span.start : span.end])
    node = parse(alone).expression
    return node if isinstance(node, Text) and (node.start, node.end) == (span.start, span.end) else None


def _places(text: str, literal: Text) -> list[int | None] | None:
    """For each character of a text the byte of the literal's file that it stands at; None for what was interpolated.

    None altogether where the text is not what the literal makes.
    """
    pattern = "".join(re.escape(part) if isinstance(part, str) else "(.*?)" for part in literal.parts)
    match = re.fullmatch(pattern, text, re.DOTALL)
    if match is None:
        return None
    raw = literal.file.text
    quotes = 2 if raw.startswith(b"''", literal.start) else 1
    at, end = literal.start + quotes, literal.end - quotes
    places: list[int | None] = []
    group = 0
    for number, part in enumerate(literal.parts):
        if isinstance(part, str):
            following = literal.parts[number + 1] if number + 1 < len(literal.parts) else None
            stop = end if following is None or isinstance(following, str) else raw.rfind(b"${", at, following.start)
            aligned = _aligned(part, raw[at : max(at, stop)], at, escapes=quotes == 1)
            if aligned is None:
                return None
            places.extend(aligned)
        else:
            group += 1
            places.extend([None] * len(match[group]))
            at = raw.find(b"}", part.end) + 1
    return places


def _aligned(part: str, raw: bytes, offset: int, *, escapes: bool) -> list[int | None] | None:
    """The offset of each character of a piece in its raw text, which has indentation and escapes besides."""
    written = raw.decode("utf-8", "surrogateescape")
    found: list[int | None] = []
    at, byte = 0, offset
    for character in part:
        while at < len(written):
            size = len(written[at].encode("utf-8", "surrogateescape"))
            if escapes and written[at] == "\\" and at + 1 < len(written):
                meant = _ESCAPED.get(written[at + 1], written[at + 1])
                if meant == character:
                    found.append(byte + 1)
                    byte += 1 + len(written[at + 1].encode("utf-8", "surrogateescape"))
                    at += 2
                    break
                return None
            at += 1
            byte += size
            if written[at - 1] == character:
                found.append(byte - size)
                break
        else:
            return None
    return found
