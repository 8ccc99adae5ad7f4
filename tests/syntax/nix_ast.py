"""What two expressions must share to be one for Nix: hslint's nodes and Nix's own printed syntax tree, brought to one form.

`nix-instantiate --parse` prints its tree fully parenthesised, so reading that print back asks nothing of precedence or layout.
Some differences are only of the print and are levelled: operators that are calls (`a - b` is `__sub a b`), the order of
formals, `a + b` and `"${a}${b}"`, pieces of strings that stand side by side.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any, assert_never

from hslint.source import SourceFile
from hslint.syntax import nodes
from hslint.syntax.parse import parse

Tree = Any

#: Where `~/x` lies for the real Nix of the tests (tests/real_nix.py).
HOME = "/nonexistent"

_CALLED = {"-": "__sub", "*": "__mul", "/": "__div"}


def canonical(expression: nodes.Expression, directory: str) -> Tree:
    """A nested tuple that is equal for expressions that Nix parses to one tree."""
    return _Canonical(directory).of(expression)


_PIECE = re.compile(
    r'"(?:[^"\\]|\\.)*"'
    r"|(?P<named>(?<![\w-])(?:assert|then|else|with|inherit|rec|let|in)(?= = ))"
    r"|assert |(?P<root>(?<=[ (])/(?=[ );]))|[][(){};,]|[a-zA-Z0-9_]+"
    r'|[^]["(){};,/a-zA-Z0-9_]+|.',
    re.DOTALL,
)


def read_print(text: str, directory: str) -> Tree:
    """The canonical tree of something that Nix printed.

    Three things of the print are not Nix: an `assert` without parentheses where it needs them, attributes named like a
    keyword without quotes, and the path `/`.
    """
    out: list[str] = []
    open_asserts: list[int] = [0]  # of every open bracket, how many; one that waits for the ; of its condition counts
    waiting: list[int] = [0]
    for match in _PIECE.finditer(text):
        piece = match.group()
        if piece == "assert ":
            out.append("(assert ")
            open_asserts[-1] += 1
            waiting[-1] += 1
            continue
        if match.group("named"):
            out.append(f'"{piece}"')
            continue
        if match.group("root"):
            out.append("/.")
            continue
        if piece in ("(", "[", "{"):
            open_asserts.append(0)
            waiting.append(0)
        elif piece == ";" and waiting[-1]:
            waiting[-1] -= 1
        elif piece in (")", "]", "}", ";", ","):
            out.append(")" * open_asserts[-1])
            open_asserts[-1] = 0
            if piece in (")", "]", "}"):
                open_asserts.pop()
                waiting.pop()
        out.append(piece)
    text = "".join(out) + ")" * open_asserts[-1]
    file = SourceFile(os.path.join(directory, "printed.nix"), text.encode("utf-8", "surrogateescape"))
    return canonical(parse(file).expression, directory)


class _Canonical:
    def __init__(self, directory: str) -> None:
        self.directory = directory

    def of(self, node: nodes.Expression, sources: tuple[nodes.Expression, ...] = ()) -> Tree:
        match node:
            case nodes.Integer():
                return node.value
            case nodes.Floating():
                return (
                    float(f"{node.value:g}")
                    if node.value != int(node.value) or node.value > 999999
                    else int(node.value)
                )
            case nodes.Text():
                return self.concatenated(
                    [("text", part) if isinstance(part, str) else self.of(part) for part in node.parts]
                )
            case nodes.PathLiteral():
                first, *rest = [("text", part) if isinstance(part, str) else self.of(part) for part in node.parts]
                return self.concatenated([("path", self.absolute(first[1])), *rest])
            case nodes.SearchPath():
                return ("call", ("call", "__findFile", "__nixPath"), ("text", node.name))
            case nodes.Variable():
                return node.name
            case nodes.ListOf():
                return ("list", *(self.of(item) for item in node.items))
            case nodes.InheritFrom():
                return ("select", self.of(sources[node.source]), (node.name,), None)
            case nodes.AttributeSet():
                kind = "rec" if node.recursive and node.attributes else "set"
                return (kind, *self.attributes(node.attributes, node.dynamic, node.sources))
            case nodes.Let():
                return ("let", *self.attributes(node.attributes, (), node.sources), self.of(node.body))
            case nodes.Select():
                default = None if node.default is None else self.of(node.default)
                return ("select", self.of(node.target), self.path(node.path), default)
            case nodes.HasAttribute():
                return ("has", self.of(node.target), self.path(node.path))
            case nodes.Function():
                formals = None
                if node.formals is not None:
                    listed = [(f.name, None if f.default is None else self.of(f.default)) for f in node.formals]
                    formals = (tuple(sorted(listed, key=lambda formal: formal[0])), node.ellipsis)
                return ("function", node.parameter, formals, self.of(node.body))
            case nodes.Call():
                arguments: list[Tree] = []
                function: nodes.Expression = node
                while isinstance(function, nodes.Call):
                    arguments.append(self.of(function.argument))
                    function = function.function
                made = self.of(function)
                for argument in reversed(arguments):
                    made = ("call", made, argument)
                return made
            case nodes.With():
                return ("with", self.of(node.namespace), self.of(node.body))
            case nodes.Assert():
                return ("assert", self.of(node.condition), self.of(node.body))
            case nodes.If():
                return ("if", self.of(node.condition), self.of(node.then), self.of(node.otherwise))
            case nodes.Unary():
                if node.operator == "-":
                    return ("call", ("call", "__sub", 0), self.of(node.operand))
                return ("!", self.of(node.operand))
            case nodes.Binary():
                return self.operation(node)
            case nodes.CurrentPosition():
                return "__curPos"
            case nodes.Hole():
                return ("hole", node.why)
            case _:
                assert_never(node)

    def operation(self, node: nodes.Binary) -> Tree:
        if node.operator == "+":
            terms: list[nodes.Expression] = []
            left: nodes.Expression = node
            while isinstance(left, nodes.Binary) and left.operator == "+":
                terms.append(left.right)
                left = left.left
            terms.append(left)
            return self.concatenated([self.of(term) for term in reversed(terms)])
        left_tree, right = self.of(node.left), self.of(node.right)
        match node.operator:
            case "-" | "*" | "/":
                return ("call", ("call", _CALLED[node.operator], left_tree), right)
            case "<":
                return ("call", ("call", "__lessThan", left_tree), right)
            case ">":
                return ("call", ("call", "__lessThan", right), left_tree)
            case "<=":
                return ("!", ("call", ("call", "__lessThan", right), left_tree))
            case ">=":
                return ("!", ("call", ("call", "__lessThan", left_tree), right))
            case operator:
                return (operator, left_tree, right)

    def concatenated(self, parts: Iterable[Tree]) -> Tree:
        """Literal pieces side by side become one; a sum of sums on the left is one sum."""
        merged: list[Tree] = []
        for number, part in enumerate(parts):
            pieces = part[1:] if number == 0 and isinstance(part, tuple) and part[0] == "+" else (part,)
            for piece in pieces:
                if isinstance(piece, tuple) and piece[0] == "text":
                    if merged and isinstance(merged[-1], tuple) and merged[-1][0] == "text":
                        merged[-1] = ("text", merged[-1][1] + piece[1])
                        continue
                merged.append(piece)
        merged = [piece for piece in merged if piece != ("text", "")]
        if not merged:
            return ("text", "")
        return merged[0] if len(merged) == 1 else ("+", *merged)

    def absolute(self, path: str) -> str:
        """A path literal as Nix resolves it when it parses; a slash before an interpolation stays."""
        if path.startswith("~/"):
            path = HOME + path[1:]
        whole = os.path.normpath(os.path.join(self.directory, path))
        return whole + "/" if path.endswith("/") and whole != "/" else whole

    def path(self, steps: tuple[nodes.Name, ...]) -> Tree:
        return tuple(step.name if isinstance(step.name, str) else ("name", self.of(step.name)) for step in steps)

    def attributes(
        self,
        attributes: dict[str, nodes.Attribute],
        dynamic: tuple[nodes.DynamicAttribute, ...],
        sources: tuple[nodes.Expression, ...],
    ) -> Tree:
        known = tuple(
            (name, attribute.outer, self.of(attribute.value, sources)) for name, attribute in sorted(attributes.items())
        )
        unknown = tuple((self.path((entry.name,)), self.of(entry.attribute.value)) for entry in dynamic)
        return known, unknown
