"""Syntax problems of a file as data: reading never fails."""

from __future__ import annotations

from enum import Enum

from hslint.record import Record
from hslint.source import Span


class ProblemKind(Enum):
    """Why Nix (or hslint) cannot read a place."""

    SYNTAX = "syntax error"
    UNDEFINED_VARIABLE = "undefined variable"
    TOO_DEEP = "nested too deeply"  # hslint's own limit, not Nix's
    UNREADABLE = "not Nix"  # an encrypted blob, or a file that the grammar cannot make sense of


class Related(Record):
    """A related place of a problem: where a name was first defined."""

    message: str
    span: Span


class SyntaxProblem(Record):
    """One problem at one place; the message is lower case without a full stop."""

    message: str
    span: Span
    kind: ProblemKind = ProblemKind.SYNTAX
    related: tuple[Related, ...] = ()
