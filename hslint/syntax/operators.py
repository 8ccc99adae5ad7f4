"""Operators put in Nix's order again, for the rare file with operators that the grammar does not know (`|>`, `a//b`).

A repair made every such operator a `||`, so the tree has the right operands and the wrong nesting: take it apart, and build it
anew by the ranks of parser.y.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hslint.syntax.literals import attribute_path
from hslint.syntax.nodes import Binary, Call, Expression, HasAttribute, Unary

if TYPE_CHECKING:
    from hslint.syntax.grammar import Node
    from hslint.syntax.lowering import Lowering

#: Looser to tighter, with the pipes as the loosest of all.
RANKS = {
    "|>": 0,
    "<|": 0,
    "->": 1,
    "||": 2,
    "&&": 3,
    "==": 4,
    "!=": 4,
    "<": 5,
    ">": 5,
    "<=": 5,
    ">=": 5,
    "//": 6,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "++": 10,
}
NOT, NEGATE = 7, 12
RIGHT = frozenset({"<|", "->", "//", "++"})

_Placed = tuple[Expression, int, int]  # with its range in the file, parentheses included


def operators_by_rank(lowering: Lowering, top: Node, operators: Mapping[int, str]) -> Expression:
    """The expression of a whole chain of operators."""
    file = lowering.file
    kinds = lowering.kinds
    values: list[_Placed] = []
    pending: list[tuple[str, int, int]] = []  # operator, rank, offset (of a prefix operator)

    def reduce() -> None:
        sign, rank, start = pending.pop()
        right, _, end = values.pop()
        if rank in (NOT, NEGATE):
            values.append((Unary(file, start, end, sign, right), start, end))
            return
        left, start, _ = values.pop()
        made: Expression
        if sign == "|>":
            made = Call(file, start, end, right, left)
        elif sign == "<|":
            made = Call(file, start, end, left, right)
        else:
            made = Binary(file, start, end, sign, left, right)
        values.append((made, start, end))

    todo: list[Node | tuple[str, int, Node | None]] = [top]
    while todo:
        item = todo.pop()
        if isinstance(item, tuple):
            sign, offset, path = item
            if path is not None:
                while pending and pending[-1][1] > 11:
                    reduce()
                target, start, _ = values.pop()
                steps = attribute_path(lowering, path)
                values.append((HasAttribute(file, start, path.end_byte, target, steps), start, path.end_byte))
            elif sign in ("prefix!", "prefix-"):
                pending.append((sign[-1], NOT if sign[-1] == "!" else NEGATE, offset))
            else:
                rank = RANKS[sign]
                while pending and (pending[-1][1] > rank or (pending[-1][1] == rank and sign not in RIGHT)):
                    reduce()
                pending.append((sign, rank, offset))
            continue
        kind = item.kind_id
        if kind == kinds.binary and (operands := lowering.operands(item)) is not None:
            left, operator, right = operands
            sign = operators.get(operator.start_byte, operator.type)
            todo += (right, (sign, operator.start_byte, None), left)
        elif kind == kinds.unary and (operand := lowering.operand(item)) is not None:
            sign = "prefix" + file.text[item.start_byte : item.start_byte + 1].decode("ascii", "replace")
            todo += (operand, (sign, item.start_byte, None))
        elif kind == kinds.has_attr and (parts := lowering.has_attribute_parts(item)) is not None:
            todo += (("?", parts[1].start_byte, parts[1]), parts[0])
        elif kind == kinds.binary or kind == kinds.unary or kind == kinds.has_attr:
            values.append((lowering.hole(item), item.start_byte, item.end_byte))
        else:
            values.append((lowering.expression(item), item.start_byte, item.end_byte))
    while pending:
        reduce()
    return values[0][0]
