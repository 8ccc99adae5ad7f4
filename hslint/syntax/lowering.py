"""Tree → nodes: what lowering keeps for one file, and how it takes the nodes of a tree apart."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod

from hslint.source import SourceFile, Span
from hslint.syntax.grammar import ERROR, Node
from hslint.syntax.nodes import Expression, Hole
from hslint.syntax.problems import ProblemKind, Related, SyntaxProblem
from hslint.syntax.symbols import kinds

#: How deep sets, lists, functions, operators … may lie in each other; parentheses and chains of one operator are free.
#: Nix itself gives up at a parser stack of 10,000; what people write stays below 60.
NESTING_LIMIT = 1_000

KEYWORDS = frozenset({"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"})


class Lowering(ABC):
    """One file being lowered. What an expression becomes, is the business of the one class below this (hslint.syntax.lower)."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.problems: list[SyntaxProblem] = []
        self.doubtful = False
        self.late: list[Span] = []
        self.kinds = kinds()
        self._names: dict[bytes, str] = {}

    @abstractmethod
    def expression(self, node: Node) -> Expression:
        """The expression that a node stands for."""

    def hole(self, node: Node) -> Hole:
        return Hole(self.file, node.start_byte, node.end_byte, "a syntax error")

    def too_deep(self, node: Node) -> Hole:
        why = "nested too deeply to analyse"
        if not any(problem.kind is ProblemKind.TOO_DEEP for problem in self.problems):
            self.problem(why, node.start_byte, node.start_byte + 1, ProblemKind.TOO_DEEP)
        return Hole(self.file, node.start_byte, node.end_byte, why)

    def problem(
        self,
        message: str,
        start: int,
        end: int,
        kind: ProblemKind = ProblemKind.SYNTAX,
        related: tuple[Related, ...] = (),
    ) -> None:
        self.problems.append(SyntaxProblem(message, Span(self.file, start, end), kind, related))

    def joined_late(self, start: int, end: int) -> None:
        self.late.append(Span(self.file, start, end))

    # -- the children of a node

    def parts(self, node: Node) -> list[Node]:
        """The named children without comments. An error among them stays: its parent is not what was written."""
        comment = self.kinds.comment
        return [part for part in node.named_children if part.kind_id != comment]

    def exactly(self, node: Node, number: int) -> list[Node] | None:
        parts = node.named_children
        if len(parts) != number:
            comment = self.kinds.comment
            parts = [part for part in parts if part.kind_id != comment]
            if len(parts) != number:
                return None
        for part in parts:
            if part.kind_id == ERROR:
                return None
        return parts

    def identifier(self, node: Node) -> str:
        """The name that stands here, one object for all its places."""
        raw = self.text[node.start_byte : node.end_byte]
        name = self._names.get(raw)
        if name is None:
            name = self._names[raw] = sys.intern(raw.decode("utf-8", "replace"))
        return name

    def operand(self, node: Node) -> Node | None:
        parts = self.exactly(node, 1)
        return None if parts is None else parts[0]

    def has_attribute_parts(self, node: Node) -> list[Node] | None:
        return self.exactly(node, 2)

    def operands(self, node: Node) -> tuple[Node, Node, Node] | None:
        parts = node.children
        if len(parts) != 3:
            comment = self.kinds.comment
            parts = [part for part in parts if part.kind_id != comment]
            if len(parts) != 3:
                return None
        left, operator, right = parts
        if left.kind_id == ERROR or right.kind_id == ERROR or operator.is_named:
            return None
        return left, operator, right
