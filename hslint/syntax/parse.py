"""Bytes → an expression and what is wrong with it. Nothing here raises: a file that cannot be read is a hole with a problem."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hslint.source import SourceFile, Span
from hslint.syntax.grammar import Node, parser
from hslint.syntax.lower import lower
from hslint.syntax.nodes import Expression, Hole
from hslint.syntax.problems import ProblemKind, SyntaxProblem


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file as Nix reads it."""

    file: SourceFile
    expression: Expression
    problems: tuple[SyntaxProblem, ...]


#: A comma before the brace that ends formals. Text inside strings matches too, which does no harm: what strings say is
#: taken from the file itself, and blanking a comma never moves the end of one.
_TRAILING_COMMA = re.compile(rb",(?=(?:\s|#[^\n]*\n)*\}\s*[:@])")


def parse(file: SourceFile) -> Parsed:
    text = file.text
    repaired = _TRAILING_COMMA.sub(b" ", text) if b"," in text else text
    root = parser().parse(repaired).root_node
    expression, problems = lower(file, root)
    if root.has_error and not problems:
        place = _first_error(root)
        problems.append(SyntaxProblem("syntax error", Span(file, place.start_byte, place.end_byte)))
    return Parsed(file, expression, tuple(problems))


def _first_error(node: Node) -> Node:
    while True:
        for child in node.children:
            if child.has_error:
                node = child
                break
        else:
            return node
        if node.is_error or node.is_missing:
            return node
