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
    floating,
    indented_string,
    integer,
    interpolated,
    path,
    search_path,
    string,
    uri,
)
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
    Text,
    Unary,
    Variable,
    With,
)
from hslint.syntax.operators import operators_by_rank
from hslint.syntax.problems import ProblemKind, Related, SyntaxProblem
from hslint.syntax.symbols import kinds, symbol

#: How deep sets, lists, functions, operators … may lie in each other; parentheses and chains of one operator are free.
#: Nix itself gives up at a parser stack of 10,000; what people write stays below 60.
NESTING_LIMIT = 1_000

#: Python frames from one expression to the next one inside it, by the longest way (`{ "${…}" = …; }`).
_FRAMES_A_LEVEL = 9

#: Operators that cannot be chained without parentheses (`%nonassoc` in Nix's parser.y), by group.
_NOT_CHAINED = {b"==": 1, b"!=": 1, b"<": 2, b">": 2, b"<=": 2, b">=": 2}

_KEYWORDS = frozenset({"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"})


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
    lowering = Lowering(file, operators, broken=root.has_error)
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


class Lowering:
    """One file being lowered; trees are walked by recursion as deep as NESTING_LIMIT, chains by loops."""

    def __init__(self, file: SourceFile, operators: Mapping[int, str], *, broken: bool) -> None:
        self.file = file
        self.text = file.text
        self.problems: list[SyntaxProblem] = []
        self.doubtful = False
        self.late: list[Span] = []
        self.kinds = kinds()
        self._operators = operators
        self._broken = broken
        self._handlers = Lowering._handlers_by_symbol()
        self._depth = 0
        self._names: dict[bytes, str] = {}

    # -- what every node goes through

    def file_expression(self, root: Node) -> Expression:
        parts = self._parts(root)
        if len(parts) == 1 and parts[0].kind_id != ERROR:
            return self.expression(parts[0])
        self.doubtful = True
        return self.hole(root)

    def expression(self, node: Node) -> Expression:
        kind = node.kind_id
        parenthesized = self.kinds.parenthesized
        while kind == parenthesized:
            inner = self._parts(node)
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

    # -- the children of a node

    def _parts(self, node: Node) -> list[Node]:
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

    def _identifier(self, node: Node) -> str:
        """The name that stands here, one object for all its places."""
        raw = self.text[node.start_byte : node.end_byte]
        name = self._names.get(raw)
        if name is None:
            name = self._names[raw] = sys.intern(raw.decode("utf-8", "replace"))
        return name

    # -- names

    def _variable(self, node: Node) -> Expression:
        name = self._identifier(node)
        if name == "__curPos":
            return CurrentPosition(self.file, node.start_byte, node.end_byte)
        if not name:
            return self.hole(node)
        if name == "or":
            self.doubtful = True
        return Variable(self.file, node.start_byte, node.end_byte, name)

    # -- lists, sets, let

    def _list(self, node: Node) -> Expression:
        parts = self._parts(node)
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
        for part in self._parts(node):
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
        parts = self._parts(node)
        if not parts or parts[0].kind_id == ERROR:
            bindings.unreadable(self.hole(node))
            return
        path = self.attribute_path(parts[0])
        if len(parts) == 2 and parts[1].kind_id != ERROR and not (node.has_error and self._leaks(parts[1])):
            value = self.expression(parts[1])
        else:
            value = self.hole(node)
            bindings.unreadable(value)
        bindings.add(path, value, (node.start_byte, node.end_byte))

    def _inherit_from(self, node: Node, bindings: Bindings) -> None:
        parts = self._parts(node)
        if not parts or parts[0].kind_id == ERROR or parts[0].kind_id == self.kinds.inherited_attrs:
            bindings.unreadable(self.hole(node))
            return
        self._inherit(node, bindings, bindings.source(self.expression(parts[0])))

    def _inherit(self, node: Node, bindings: Bindings, source: int | None) -> None:
        for part in node.named_children:
            if part.kind_id == ERROR:
                bindings.unreadable(self.hole(part))
            elif part.kind_id == self.kinds.inherited_attrs:
                for name in self.attribute_path(part):
                    bindings.inherit(name, source)

    def attribute_path(self, node: Node) -> tuple[Name, ...]:
        """The steps of `a.b."c".${d}`, or the names of an `inherit`."""
        kinds = self.kinds
        steps: list[Name] = []
        for part in node.named_children:
            kind = part.kind_id
            start, end = part.start_byte, part.end_byte
            if kind == kinds.identifier:
                name = self._identifier(part)
                if name in _KEYWORDS:
                    self.problem(f"unexpected keyword '{name}', expected an attribute name", start, end)
                steps.append(Name(self.file, start, end, name))
            elif kind == kinds.string:
                steps.append(Name(self.file, start, end, _static(string(self, part))))
            elif kind == kinds.interpolation:
                steps.append(Name(self.file, start, end, _static(interpolated(self, part))))
            elif kind != kinds.comment:
                steps.append(Name(self.file, start, end, self.hole(part)))
        if not steps:
            steps.append(Name(self.file, node.start_byte, node.end_byte, self.hole(node)))
        return tuple(steps)

    def _let(self, node: Node) -> Expression:
        made = AttributeSet(self.file, node.start_byte, node.end_byte, True, {}, (), ())
        bindings = Bindings(self, made)
        body: Expression | None = None
        for part in self._parts(node):
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
        parts = self._parts(node)
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
        name = self._identifier(node)
        if name == "or" or name in _KEYWORDS:
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
                parts = self._parts(part)
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
        parts = self._parts(node)
        if not 2 <= len(parts) <= 3 or any(part.kind_id == ERROR for part in parts):
            return self.hole(node)
        target = self.expression(parts[0])
        path = self.attribute_path(parts[1])
        default = self.expression(parts[2]) if len(parts) == 3 else None
        return Select(self.file, node.start_byte, node.end_byte, target, path, default)

    def has_attribute_parts(self, node: Node) -> list[Node] | None:
        return self.exactly(node, 2)

    def _has_attribute(self, node: Node) -> Expression:
        parts = self.has_attribute_parts(node)
        if parts is None:
            return self.hole(node)
        return HasAttribute(
            self.file, node.start_byte, node.end_byte, self.expression(parts[0]), self.attribute_path(parts[1])
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

    def operand(self, node: Node) -> Node | None:
        parts = self.exactly(node, 1)
        return None if parts is None else parts[0]

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
    def _handlers_by_symbol() -> dict[int, Callable[[Lowering, Node], Expression]]:
        by_name: dict[str, Callable[[Lowering, Node], Expression]] = {
            "variable_expression": Lowering._variable,
            "integer_expression": integer,
            "float_expression": floating,
            "string_expression": string,
            "indented_string_expression": indented_string,
            "path_expression": path,
            "hpath_expression": path,
            "spath_expression": search_path,
            "uri_expression": uri,
            "list_expression": Lowering._list,
            "attrset_expression": Lowering._set,
            "rec_attrset_expression": Lowering._recursive_set,
            "let_attrset_expression": Lowering._old_let,
            "let_expression": Lowering._let,
            "function_expression": Lowering._function,
            "apply_expression": Lowering._call,
            "select_expression": Lowering._select,
            "has_attr_expression": Lowering._has_attribute,
            "with_expression": Lowering._with,
            "assert_expression": Lowering._assert,
            "if_expression": Lowering._if,
            "unary_expression": Lowering._unary,
            "binary_expression": Lowering._binary,
        }
        return {symbol(name): handler for name, handler in by_name.items()}


def _static(name: Expression) -> str | Expression:
    """Nix takes a name in quotes or `${"…"}` for a plain one when nothing is interpolated."""
    if isinstance(name, Text):
        if not name.parts:
            return ""
        if len(name.parts) == 1 and isinstance(name.parts[0], str):
            return sys.intern(name.parts[0])
    return name
