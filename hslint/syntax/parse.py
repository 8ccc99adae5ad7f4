"""Bytes → an expression and what is wrong with it. Nothing here raises: what cannot be read is a hole and a problem."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import TYPE_CHECKING

from hslint.record import Record
from hslint.source import SourceFile, Span
from hslint.syntax.grammar import parser
from hslint.syntax.lower import lower
from hslint.syntax.nodes import Expression, Hole
from hslint.syntax.problems import ProblemKind, SyntaxProblem

if TYPE_CHECKING:
    from hslint.syntax.comments import Comment, Suppression
    from hslint.syntax.recognise import Edit, Verdict


class Parsed(Record):
    """One file as Nix reads it. Where there are problems, `expression` holds what could be read, with holes in it."""

    file: SourceFile
    expression: Expression
    #: Why Nix refuses the file, without undefined variables; and hslint's own limit on nesting.
    problems: tuple[SyntaxProblem, ...]
    #: Nix's grammar does not fit: parts of the file are missing from `expression`, and names with them.
    broken: bool = False
    #: Names of sets that Nix joins since 2.24 only: `a.b = { }; a = { b.c = 1; };`.
    joined_late: tuple[Span, ...] = ()

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        from hslint.syntax.comments import comments  # late: few files speak to hslint

        return comments(self.file)

    @cached_property
    def suppressions(self) -> tuple[Suppression, ...]:
        from hslint.syntax.comments import suppressions  # late: as above

        return suppressions(self.file)

    def undefined_variables(self, global_names: AbstractSet[str] | None = None) -> tuple[SyntaxProblem, ...]:
        """Variables that are bound nowhere; Nix refuses such a file as a whole (`scopedImport` adds global names)."""
        from hslint.syntax.scopes import GLOBAL_NAMES, undefined_variables  # late: only files of a host need it

        if self.broken:
            return ()
        return undefined_variables(self.expression, GLOBAL_NAMES if global_names is None else global_names)


#: A comma before the brace that ends formals: legal, written by the official formatter, unknown to the grammar. Text in strings
#: matches too and does no harm: what strings say is taken from the file itself, and blanking a comma never moves the end of one.
#: What this misses (more comments in between) the recogniser finds.
_TRAILING_COMMA = re.compile(rb",(?=\s*(?:#[^\n]{0,200}\n\s*)?\}\s*[:@])")

#: White space for the grammar that is none for Nix.
_ODD_SPACE = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]")

#: Ends a line for Nix, and with it a comment, but not for the grammar.
_LONE_CARRIAGE_RETURN = re.compile(rb"\r(?!\n)")

_GIT_CRYPT = b"\0GITCRYPT"


def parse(file: SourceFile) -> Parsed:
    text = file.text
    if text.startswith(_GIT_CRYPT):
        return _not_nix(file, "encrypted by git-crypt: unlock the repository to have this file checked")
    if text.count(b"\0", 0, 8192) > 8 and _recognise(file).problem is not None:
        return _not_nix(file, "a binary file")  # the grammar would take seconds a megabyte to recover from it
    if _may_be_endless(text):
        problem = _recognise(file).problem
        if problem is not None and problem.kind is ProblemKind.TOO_DEEP:
            return Parsed(file, Hole(file, 0, len(text), problem.message), (problem,))
    repaired = _TRAILING_COMMA.sub(_blank_comma, text) if b"," in text else text
    root = parser().parse(repaired).root_node
    operators: dict[int, str] = {}
    if not root.has_error and not _has_odd_bytes(text):
        lowered = lower(file, root, operators)
        if not lowered.doubtful:
            return Parsed(file, lowered.expression, tuple(lowered.problems), joined_late=tuple(lowered.joined_late))
    verdict = _recognise(file)
    if verdict.repairs:
        operators = verdict.operators
        root = parser().parse(_edited(text, verdict.repairs)).root_node
    lowered = lower(file, root, operators)
    if verdict.problem is not None:
        # What else seems wrong may only be so because the tree is broken.
        return Parsed(file, lowered.expression, (verdict.problem,), broken=True)
    late = tuple(lowered.joined_late)
    return Parsed(file, lowered.expression, tuple(lowered.problems), broken=root.has_error, joined_late=late)


def _recognise(file: SourceFile) -> Verdict:
    from hslint.syntax.recognise import recognise  # late: few files need it

    return recognise(file)


def _may_be_endless(text: bytes) -> bool:
    if len(text) < 4000 or max(map(len, text.split(b"\n"))) < 4000:
        return False
    from hslint.syntax.tokens import endless  # late: few files need it

    return endless(text)


def _blank_comma(match: re.Match[bytes]) -> bytes:
    before = match.string[max(0, match.start() - 200) : match.start()].split()
    if not before or before[-1].endswith((b"{", b"...")):
        return b","  # `{ , }` and `{ ..., }` are errors
    return b"," if b":" in before[-1] else b" "  # a URI may end with a comma: the recogniser knows


def _has_odd_bytes(text: bytes) -> bool:
    if b"\0" in text or b"\f" in text or b"\v" in text:
        return True
    if b"\r" in text and b"#" in text and _LONE_CARRIAGE_RETURN.search(text):
        return True
    return not text.isascii() and _ODD_SPACE.search(text.decode("utf-8", "replace")) is not None


def _edited(text: bytes, edits: list[Edit]) -> bytes:
    changed = bytearray(text)
    for start, end, replacement in edits:
        changed[start:end] = replacement
    return bytes(changed)


def _not_nix(file: SourceFile, message: str) -> Parsed:
    whole = Hole(file, 0, len(file.text), message)
    return Parsed(file, whole, (SyntaxProblem(message, Span(file, 0, 0), ProblemKind.UNREADABLE),))
