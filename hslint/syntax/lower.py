"""Tree → nodes: what the grammar found, as the expressions that Nix's own parser would make of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import lru_cache

from hslint.record import Record
from hslint.source import SourceFile, Span
from hslint.syntax.bindings import Bindings
from hslint.syntax.grammar import ERROR, Node
from hslint.syntax.literals import (
    attribute_path,
    floating,
    indented_string,
    integer,
    path,
    search_path,
    string,
    uri,
)
from hslint.syntax.lowering import KEYWORDS, NESTING_LIMIT, Lowering
from hslint.syntax.nodes import (
    Assert,
    AttributeSet,
    Binary,
    Call,
    CurrentPosition,
    Expression,
    Formal,
    Function,
    HasAttribute,
    Hole,
    If,
    Let,
    ListOf,
    Name,
    Select,
    Unary,
    Variable,
    With,
)
from hslint.syntax.operators import operators_by_rank
from hslint.syntax.problems import Related, SyntaxProblem
from hslint.syntax.symbols import symbol

#: Python frames from one expression to the next one inside it, by the longest way (`{ "${…}" = …; }`).
_FRAMES_A_LEVEL = 9

#: Operators that cannot be chained without parentheses (`%nonassoc` in Nix's parser.y), by group.
_NOT_CHAINED = {b"==": 1, b"!=": 1, b"<": 2, b">": 2, b"<=": 2, b">=": 2}


class Lowered(Record):
    expression: Expression
    problems: list[SyntaxProblem]
    #: The tree holds something that Nix may read otherwise, or not at all: ask the recogniser.
    doubtful: bool
    #: Sets within joined sets that are joined in turn: Nix before 2.24 calls them defined twice.
    joined_late: list[Span]


def lower(file: SourceFile, root: Node, operators: Mapping[int, str]) -> Lowered:
    """The expression of a whole file. Only what the grammar leaves out is a problem here; its own errors become holes.

    `operators` says what really stands at an offset where a repair put `||`.
    """
    lowering = _Expressions(file, operators, broken=root.has_error)
    limit = sys.getrecursionlimit()
    needed = NESTING_LIMIT * _FRAMES_A_LEVEL + 2_000
    if needed > limit:
        sys.setrecursionlimit(needed)
    try:
        expression = lowering.file_expression(root)
    except RecursionError:  # the caller has used up the stack
        expression = lowering.too_deep(root)
    finally:
        sys.setrecursionlimit(limit)
    return Lowered(expression, lowering.problems, lowering.doubtful, lowering.late)


class _Expressions(Lowering):
    """Every kind of node; trees are walked by recursion as deep as NESTING_LIMIT, chains by loops."""

    def __init__(self, file: SourceFile, operators: Mapping[int, str], *, broken: bool) -> None:
        super().__init__(file)
        self._operators = operators
        self._broken = broken
        self._handlers = _Expressions._handlers_by_symbol()
        self._depth = 0

    # -- what every node goes through

    def file_expression(self, root: Node) -> Expression:
        parts = self.parts(root)
        if len(parts) == 1 and parts[0].kind_id != ERROR:
            return self.expression(parts[0])
        self.doubtful = True
        return self.hole(root)

    def expression(self, node: Node) -> Expression:
        kind = node.kind_id
        parenthesized = self.kinds.parenthesized
        while kind == parenthesized:
            inner = self.parts(node)
            if len(inner) != 1:
                return self.hole(node)
            node = inner[0]
            kind = node.kind_id
        handler = self._handlers.get(kind)
        if handler is None:
            return self.hole(node)
        if self._depth >= NESTING_LIMIT:
            return self.too_deep(node)
        if self._broken and node.has_error and self._is_torn(node):
            return self.hole(node)
        self._depth += 1
        lowered = handler(self, node)
        self._depth -= 1
        return lowered

    # -- in files with syntax errors: what cannot be trusted

    def _is_torn(self, node: Node) -> bool:
        """Whether a bracket of this node, or part of it, is missing, so that what it holds may belong elsewhere.

        Sets and lets lose only the bindings that could not be read.
        """
        holds_bindings = node.kind_id in self.kinds.sets or node.kind_id == self.kinds.let
        return any(child.is_missing or (child.kind_id == ERROR and not holds_bindings) for child in node.children)

    def _leaks(self, node: Node) -> bool:
        """Whether an error inside a value may have swallowed what follows it; closed brackets keep errors in."""
        todo = [node]
        while todo:
            node = todo.pop()
            if node.kind_id == ERROR or node.is_missing:
                return True
            if node.kind_id not in self.kinds.bracketed:
                todo.extend(child for child in node.children if child.has_error)
            elif any(child.is_missing for child in node.children):
                return True
        return False

    def _names_unknown(self, body: Expression, bindings: Bindings | None = None) -> Expression:
        """Where a binder of names could not be read in full, a name that is bound nowhere else may be bound there."""
        if bindings is not None and not bindings.incomplete:
            return body
        unreadable = Hole(body.file, body.start, body.start, "a syntax error")
        return With(body.file, body.start, body.end, unreadable, body)

    # -- names

    def _variable(self, node: Node) -> Expression:
        name = self.identifier(node)
        if name == "__curPos":
            return CurrentPosition(self.file, node.start_byte, node.end_byte)
        if not name:
            return self.hole(node)
        if name == "or":
            self.doubtful = True
        return Variable(self.file, node.start_byte, node.end_byte, name)

    # -- lists, sets, let

    def _list(self, node: Node) -> Expression:
        parts = self.parts(node)
        items = [self.hole(part) if part.kind_id == ERROR else self.expression(part) for part in parts]
        if self.doubtful:
            items = self._old_or(items)
        return ListOf(self.file, node.start_byte, node.end_byte, tuple(items))

    def _old_or(self, values: list[Expression]) -> list[Expression]:
        """`[ f or ]` and `g f or`: a bare `or` is the argument of what stands before it (parser.y, `expr_simple OR_KW`)."""
        joined: list[Expression] = []
        for value in values:
            if isinstance(value, Variable) and value.name == "or" and joined:
                holder: Select | None = None
                function = joined[-1]
                # `a.b or f or`: the last `or` belongs to the default, unless the whole selection stands in parentheses.
                while (
                    isinstance(function, Select)
                    and function.default is not None
                    and not self.text[function.end : value.start].strip()
                ):
                    holder, function = function, function.default
                called = Call(self.file, function.start, value.end, function, value)
                if holder is None:
                    joined[-1] = called
                else:
                    holder.default = called
            else:
                joined.append(value)
        return joined

    def _set(self, node: Node) -> Expression:
        return self._recursive_or_not(node, False)

    def _recursive_set(self, node: Node) -> Expression:
        return self._recursive_or_not(node, True)

    def _recursive_or_not(self, node: Node, recursive: bool) -> Expression:
        made = AttributeSet(self.file, node.start_byte, node.end_byte, recursive, {}, (), ())
        bindings = Bindings(self, made)
        for part in self.parts(node):
            self._bindings_in(part, bindings)
        return self._names_unknown(made, bindings) if recursive else made

    def _bindings_in(self, node: Node, bindings: Bindings) -> None:
        kinds = self.kinds
        if node.kind_id == ERROR:
            bindings.unreadable(self.hole(node))
            return
        if node.kind_id != kinds.binding_set:
            return
        for statement in node.named_children:
            kind = statement.kind_id
            if kind == kinds.binding:
                self._binding(statement, bindings)
            elif kind == kinds.inherit:
                self._inherit(statement, bindings, None)
            elif kind == kinds.inherit_from:
                self._inherit_from(statement, bindings)
            elif kind == ERROR:
                bindings.unreadable(self.hole(statement))

    def _binding(self, node: Node, bindings: Bindings) -> None:
        parts = self.parts(node)
        if not parts or parts[0].kind_id == ERROR:
            bindings.unreadable(self.hole(node))
            return
        path = attribute_path(self, parts[0])
        if len(parts) == 2 and parts[1].kind_id != ERROR and not (node.has_error and self._leaks(parts[1])):
            value = self.expression(parts[1])
        else:
            value = self.hole(node)
            bindings.unreadable(value)
        bindings.add(path, value, (node.start_byte, node.end_byte))

    def _inherit_from(self, node: Node, bindings: Bindings) -> None:
        parts = self.parts(node)
        if not parts or parts[0].kind_id == ERROR or parts[0].kind_id == self.kinds.inherited_attrs:
            bindings.unreadable(self.hole(node))
            return
        self._inherit(node, bindings, bindings.source(self.expression(parts[0])))

    def _inherit(self, node: Node, bindings: Bindings, source: int | None) -> None:
        for part in node.named_children:
            if part.kind_id == ERROR:
                bindings.unreadable(self.hole(part))
            elif part.kind_id == self.kinds.inherited_attrs:
                for name in attribute_path(self, part):
                    bindings.inherit(name, source)

    def _let(self, node: Node) -> Expression:
        made = AttributeSet(self.file, node.start_byte, node.end_byte, True, {}, (), ())
        bindings = Bindings(self, made)
        body: Expression | None = None
        for part in self.parts(node):
            if part.kind_id == self.kinds.binding_set or part.kind_id == ERROR:
                self._bindings_in(part, bindings)
            elif body is None:
                body = self.expression(part)
        for dynamic in made.dynamic:
            if not isinstance(dynamic.name.name, Hole):
                self.problem("dynamic attributes are not allowed in let", dynamic.name.start, dynamic.name.end)
        if body is None:
            body = self.hole(node)
        let = Let(self.file, node.start_byte, node.end_byte, made.attributes, made.sources, body)
        return self._names_unknown(let, bindings)

    def _old_let(self, node: Node) -> Expression:
        made = self._recursive_or_not(node, True)
        start, end = node.start_byte, node.end_byte
        return Select(self.file, start, end, made, (Name(self.file, start, start + 3, "body"),), None)

    # -- functions and the rest of the language

    def _function(self, node: Node) -> Expression:
        parameter: str | None = None
        formals: tuple[Formal, ...] | None = None
        ellipsis = formals_broken = False
        at = node.start_byte
        parts = self.parts(node)
        for part in parts:
            kind = part.kind_id
            if kind == ERROR:
                return self.hole(node)
            if kind == self.kinds.identifier:
                parameter = self._parameter(part)
                at = part.start_byte
            elif kind == self.kinds.formals:
                formals, ellipsis = self._formals(part)
                formals_broken = part.has_error
        if not parts or parts[-1].kind_id in (self.kinds.identifier, self.kinds.formals):
            return self.hole(node)
        if parameter is not None and formals is not None:
            for formal in formals:
                if formal.name == parameter:
                    self.problem(
                        f"duplicate function argument '{parameter}'",
                        max(at, formal.start),
                        max(at, formal.start) + len(parameter.encode()),
                        related=(
                            Related("first named here", self._span(min(at, formal.start), len(parameter.encode()))),
                        ),
                    )
        body = self.expression(parts[-1])
        if formals_broken:
            body = self._names_unknown(body)
        return Function(self.file, node.start_byte, node.end_byte, parameter, formals, ellipsis, body)

    def _parameter(self, node: Node) -> str:
        name = self.identifier(node)
        if name == "or" or name in KEYWORDS:
            self.doubtful = True
        return name

    def _span(self, start: int, length: int) -> Span:
        return Span(self.file, start, start + length)

    def _formals(self, node: Node) -> tuple[tuple[Formal, ...], bool]:
        kinds = self.kinds
        formals: dict[str, Formal] = {}
        ellipsis = False
        for part in node.named_children:
            kind = part.kind_id
            if kind == kinds.ellipses:
                ellipsis = True
            elif kind == kinds.formal:
                parts = self.parts(part)
                name_node = parts[0]
                name = self._parameter(name_node)
                if not name:
                    continue
                default: Expression | None = None
                if len(parts) == 2 and parts[1].kind_id != ERROR:
                    default = self.expression(parts[1])
                elif len(parts) > 1:
                    default = self.hole(part)
                formal = Formal(name, self.file, name_node.start_byte, name_node.end_byte, default)
                first = formals.get(name)
                if first is not None:
                    self.problem(
                        f"duplicate function argument '{name}'",
                        formal.start,
                        formal.end,
                        related=(Related("first named here", first.span),),
                    )
                else:
                    formals[name] = formal
            elif kind == ERROR:
                ellipsis = True  # what stood here is unknown: do not refuse an argument
        return tuple(formals.values()), ellipsis

    def _call(self, node: Node) -> Expression:
        chain: list[Node] = []
        apply = self.kinds.apply
        while node.kind_id == apply:
            parts = self.exactly(node, 2)
            if parts is None:
                break
            chain.append(parts[1])
            node = parts[0]
        start = node.start_byte
        called = self.hole(node) if node.kind_id == apply else self.expression(node)
        chain.reverse()
        arguments = [(self.expression(argument), argument.end_byte) for argument in chain]
        if self.doubtful:
            joined = self._old_or([called, *(argument for argument, _ in arguments)])
            if len(joined) <= len(arguments):
                called = joined[0]
                arguments = [(argument, argument.end) for argument in joined[1:]]
        for argument, end in arguments:
            called = Call(self.file, start, end, called, argument)
        return called

    def _select(self, node: Node) -> Expression:
        parts = self.parts(node)
        if not 2 <= len(parts) <= 3 or any(part.kind_id == ERROR for part in parts):
            return self.hole(node)
        target = self.expression(parts[0])
        path = attribute_path(self, parts[1])
        default = self.expression(parts[2]) if len(parts) == 3 else None
        return Select(self.file, node.start_byte, node.end_byte, target, path, default)

    def _has_attribute(self, node: Node) -> Expression:
        parts = self.has_attribute_parts(node)
        if parts is None:
            return self.hole(node)
        return HasAttribute(
            self.file, node.start_byte, node.end_byte, self.expression(parts[0]), attribute_path(self, parts[1])
        )

    def _with(self, node: Node) -> Expression:
        parts = self.exactly(node, 2)
        if parts is None:
            return self.hole(node)
        return With(self.file, node.start_byte, node.end_byte, self.expression(parts[0]), self.expression(parts[1]))

    def _assert(self, node: Node) -> Expression:
        parts = self.exactly(node, 2)
        if parts is None:
            return self.hole(node)
        return Assert(self.file, node.start_byte, node.end_byte, self.expression(parts[0]), self.expression(parts[1]))

    def _if(self, node: Node) -> Expression:
        parts = self.exactly(node, 3)
        if parts is None:
            return self.hole(node)
        condition, then, otherwise = parts
        for keyword, branch in ((b"then", then), (b"else", otherwise)):
            start = branch.start_byte
            if self.text[start - 4 : start] == keyword and self.text[start] not in b'({["':
                self.doubtful = True  # `a ? b thenc`: one name for Nix, a keyword and a name for the grammar
        return If(
            self.file,
            node.start_byte,
            node.end_byte,
            self.expression(condition),
            self.expression(then),
            self.expression(otherwise),
        )

    def _unary(self, node: Node) -> Expression:
        operand = self.operand(node)
        if operand is None:
            return self.hole(node)
        start = node.start_byte
        operator = self.text[start : start + 1].decode("ascii", "replace")
        return Unary(self.file, start, node.end_byte, operator, self.expression(operand))

    def _binary(self, node: Node) -> Expression:
        if self._operators:
            return operators_by_rank(self, node, self._operators)
        binary = self.kinds.binary
        chain: list[tuple[Node, Node, str]] = []
        while node.kind_id == binary:
            operands = self.operands(node)
            if operands is None:
                break
            left, operator, right = operands
            chain.append((node, right, operator.type))
            group = _NOT_CHAINED.get(operator.type.encode())
            if group is not None:
                self._not_chained(left, right, operator, group)
            node = left
        lowered = self.hole(node) if node.kind_id == binary else self.expression(node)
        for whole, right, sign in reversed(chain):
            lowered = Binary(self.file, whole.start_byte, whole.end_byte, sign, lowered, self.expression(right))
        return lowered

    def _not_chained(self, left: Node, right: Node, operator: Node, group: int) -> None:
        """`1 == 1 == 1`: Nix stops at the second operator, whichever way the grammar nests them."""
        for side in (left, right):
            if side.kind_id != self.kinds.binary:
                continue
            operands = self.operands(side)
            if operands is not None and _NOT_CHAINED.get(operands[1].type.encode()) == group:
                second = operator if side is left else operands[1]
                self.problem(
                    f"unexpected '{second.type}': comparisons cannot be chained", second.start_byte, second.end_byte
                )

    @staticmethod
    @lru_cache(maxsize=1)
    def _handlers_by_symbol() -> dict[int, Callable[[_Expressions, Node], Expression]]:
        by_name: dict[str, Callable[[_Expressions, Node], Expression]] = {
            "variable_expression": _Expressions._variable,
            "integer_expression": integer,
            "float_expression": floating,
            "string_expression": string,
            "indented_string_expression": indented_string,
            "path_expression": path,
            "hpath_expression": path,
            "spath_expression": search_path,
            "uri_expression": uri,
            "list_expression": _Expressions._list,
            "attrset_expression": _Expressions._set,
            "rec_attrset_expression": _Expressions._recursive_set,
            "let_attrset_expression": _Expressions._old_let,
            "let_expression": _Expressions._let,
            "function_expression": _Expressions._function,
            "apply_expression": _Expressions._call,
            "select_expression": _Expressions._select,
            "has_attr_expression": _Expressions._has_attribute,
            "with_expression": _Expressions._with,
            "assert_expression": _Expressions._assert,
            "if_expression": _Expressions._if,
            "unary_expression": _Expressions._unary,
            "binary_expression": _Expressions._binary,
        }
        return {symbol(name): handler for name, handler in by_name.items()}
