"""Tree → nodes: numbers, strings, paths, and the names of attributes."""

from __future__ import annotations

import sys
from math import isinf

from hslint.syntax.grammar import ERROR, Node
from hslint.syntax.lowering import KEYWORDS, Lowering
from hslint.syntax.nodes import Expression, Floating, Hole, Integer, Name, PathLiteral, SearchPath, Text
from hslint.syntax.strings import decode, dedent, unescape

_LARGEST_INTEGER = 2**63 - 1


def integer(lowering: Lowering, node: Node) -> Expression:
    digits = lowering.text[node.start_byte : node.end_byte].lstrip(b"0") or b"0"
    if len(digits) > 19 or int(digits) > _LARGEST_INTEGER:
        lowering.problem(f"integer is larger than {_LARGEST_INTEGER}", node.start_byte, node.end_byte)
        return Hole(lowering.file, node.start_byte, node.end_byte, "an integer that Nix cannot hold")
    return Integer(lowering.file, node.start_byte, node.end_byte, int(digits))


def floating(lowering: Lowering, node: Node) -> Expression:
    value = float(lowering.text[node.start_byte : node.end_byte])
    if isinf(value):
        lowering.problem("number is too large for a float", node.start_byte, node.end_byte)
    return Floating(lowering.file, node.start_byte, node.end_byte, value)


def string(lowering: Lowering, node: Node) -> Text:
    """`"…"`."""
    start, end = node.start_byte, node.end_byte
    raw = lowering.text[start + 1 : end - 1]
    if b"${" not in raw and not node.has_error:
        text = decode(unescape(raw))
        return Text(lowering.file, start, end, (text,) if text else ())
    parts: list[str | Expression] = []
    for piece in _pieces(lowering, node, start + 1, end - 1):
        if not isinstance(piece, bytes):
            parts.append(interpolated(lowering, piece))
        elif piece:
            parts.append(decode(unescape(piece)))
    return Text(lowering.file, start, end, tuple(parts))


def indented_string(lowering: Lowering, node: Node) -> Text:
    """`''…''`."""
    start, end = node.start_byte, node.end_byte
    raw = lowering.text[start + 2 : end - 2]
    if b"${" not in raw and not node.has_error:
        whole = dedent([raw])[0]
        return Text(lowering.file, start, end, (decode(whole),) if whole else ())
    pieces = _pieces(lowering, node, start + 2, end - 2)
    parts: list[str | Expression] = []
    texts = dedent([piece if isinstance(piece, bytes) else None for piece in pieces])
    for piece, text in zip(pieces, texts, strict=True):
        if not isinstance(piece, bytes):
            parts.append(interpolated(lowering, piece))
        elif text:
            parts.append(decode(text))
    return Text(lowering.file, start, end, tuple(parts))


def uri(lowering: Lowering, node: Node) -> Expression:
    start, end = node.start_byte, node.end_byte
    return Text(lowering.file, start, end, (decode(lowering.text[start:end]),))


def path(lowering: Lowering, node: Node) -> Expression:
    start, end = node.start_byte, node.end_byte
    raw = lowering.text[start:end]
    if b"//" in raw or raw.endswith(b"/"):
        lowering.doubtful = True
    if b"${" not in raw:
        return PathLiteral(lowering.file, start, end, (decode(raw),))
    parts: list[str | Expression] = []
    for piece in _pieces(lowering, node, start, end):
        if not isinstance(piece, bytes):
            parts.append(interpolated(lowering, piece))
        elif piece:
            parts.append(decode(piece))
    return PathLiteral(lowering.file, start, end, tuple(parts))


def search_path(lowering: Lowering, node: Node) -> Expression:
    start, end = node.start_byte, node.end_byte
    return SearchPath(lowering.file, start, end, decode(lowering.text[start + 1 : end - 1]))


def interpolated(lowering: Lowering, node: Node) -> Expression:
    """The expression in `${…}`."""
    inner = lowering.exactly(node, 1)
    return lowering.hole(node) if inner is None else lowering.expression(inner[0])


def attribute_path(lowering: Lowering, node: Node) -> tuple[Name, ...]:
    """The steps of `a.b."c".${d}`, or the names of an `inherit`."""
    kinds = lowering.kinds
    steps: list[Name] = []
    for part in node.named_children:
        kind = part.kind_id
        start, end = part.start_byte, part.end_byte
        if kind == kinds.identifier:
            name = lowering.identifier(part)
            if name in KEYWORDS:
                lowering.problem(f"unexpected keyword '{name}', expected an attribute name", start, end)
            steps.append(Name(lowering.file, start, end, name))
        elif kind == kinds.string:
            steps.append(Name(lowering.file, start, end, _static(string(lowering, part))))
        elif kind == kinds.interpolation:
            steps.append(Name(lowering.file, start, end, _static(interpolated(lowering, part))))
        elif kind != kinds.comment:
            steps.append(Name(lowering.file, start, end, lowering.hole(part)))
    if not steps:
        steps.append(Name(lowering.file, node.start_byte, node.end_byte, lowering.hole(node)))
    return tuple(steps)


def _static(name: Expression) -> str | Expression:
    """Nix takes a name in quotes or `${"…"}` for a plain one when nothing is interpolated."""
    if isinstance(name, Text):
        if not name.parts:
            return ""
        if len(name.parts) == 1 and isinstance(name.parts[0], str):
            return sys.intern(name.parts[0])
    return name


def _pieces(lowering: Lowering, node: Node, at: int, end: int) -> list[bytes | Node]:
    """Raw text and interpolations in turn, from `at` to `end`; the text first, also where it is empty.

    The text comes from the file, not from the grammar: repairs may have changed what the grammar saw.
    """
    pieces: list[bytes | Node] = []
    interpolation = lowering.kinds.interpolation
    for part in node.named_children:
        if part.kind_id == interpolation or part.kind_id == ERROR:
            pieces.append(lowering.text[at : part.start_byte])
            pieces.append(part)
            at = part.end_byte
    pieces.append(lowering.text[at:end])
    return pieces
