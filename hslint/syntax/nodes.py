"""The Nix expressions that the evaluator walks: what a file says, without its layout.

A node knows its file and its byte range. Parentheses are gone, attribute paths are unfolded (`a.b = 1; a.c = 2;` is one
nested set, as Nix's own parser makes it), indented strings are dedented and escapes are decoded. Nodes are written once by the
lowering and never changed.
"""

from __future__ import annotations

from hslint.record import Entity
from hslint.source import SourceFile, Span


class Node(Entity):
    file: SourceFile
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


class Integer(Node):
    value: int


class Floating(Node):
    value: float


class Text(Node):
    """A string of any spelling ("…", ''…'', an unquoted URI): literal pieces and interpolated expressions in turn.

    Nix strings are bytes; undecodable ones stand as surrogates (`surrogateescape`). Empty pieces are left out, so `()` is "".
    """

    parts: tuple[str | Expression, ...]


class PathLiteral(Node):
    """`./x`, `../x`, `/x`, `~/x`, also with interpolation: `./${name}.nix`. The first part is always text, as written."""

    parts: tuple[str | Expression, ...]


class SearchPath(Node):
    """`<nixpkgs>`, `<nixpkgs/nixos>`: the text between the angle brackets."""

    name: str


class Variable(Node):
    name: str


class ListOf(Node):
    items: tuple[Expression, ...]


class Name(Entity):
    """One step of an attribute path: a known name, or an expression that gives it (`.${x}`, `."a-${b}"`)."""

    file: SourceFile
    start: int
    end: int
    name: str | Expression

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


class Attribute(Entity):
    """One attribute of a set or a `let`, under a name known from the text.

    `name` is where the name was written (of `a.b = 1;` in the inner set: the `b`), `binding` the range of the whole statement
    that made it (`a.b = 1;`, for an `inherit` the one name in it).
    `outer` says that the value belongs to the scope around the set (`inherit x;`), which only matters in `rec` and `let`.
    """

    file: SourceFile
    start: int
    end: int
    binding: tuple[int, int]
    value: Expression
    outer: bool = False

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)

    @property
    def binding_span(self) -> Span:
        return Span(self.file, *self.binding)


class DynamicAttribute(Entity):
    """`${name} = value;`: the name is known only when the set is evaluated; a null name drops the attribute."""

    name: Name
    attribute: Attribute


class InheritFrom(Node):
    """The value of `x` in `inherit (source) x;`: `source` is number `source` of the set's `sources`, evaluated once for all its names."""

    source: int
    name: str


class AttributeSet(Node):
    recursive: bool
    attributes: dict[str, Attribute]
    dynamic: tuple[DynamicAttribute, ...]
    sources: tuple[Expression, ...]


class Let(Node):
    """`let … in body`. (The old `let { …; body = …; }` is a selection of `body` from a recursive set.)"""

    attributes: dict[str, Attribute]
    sources: tuple[Expression, ...]
    body: Expression


class Select(Node):
    """`target.a.b`, `target.a.b or default`. Each step's own span says which one was missing."""

    target: Expression
    path: tuple[Name, ...]
    default: Expression | None


class HasAttribute(Node):
    target: Expression
    path: tuple[Name, ...]


class Formal(Entity):
    name: str
    file: SourceFile
    start: int
    end: int
    default: Expression | None

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


class Function(Node):
    """`name: body`, `{ formals }: body`, `name@{ formals }: body`. Without formals, `parameter` is a name."""

    parameter: str | None
    formals: tuple[Formal, ...] | None
    ellipsis: bool
    body: Expression


class Call(Node):
    """`function argument`; `f x y` is a call of a call, as in Nix."""

    function: Expression
    argument: Expression


class With(Node):
    namespace: Expression
    body: Expression


class Assert(Node):
    condition: Expression
    body: Expression


class If(Node):
    condition: Expression
    then: Expression
    otherwise: Expression


class Binary(Node):
    """`left operator right`; the operator as written: + - * / ++ // == != < <= > >= && || -> (pipes are calls already)."""

    operator: str
    left: Expression
    right: Expression


class Unary(Node):
    """`!x`, `-x`."""

    operator: str
    operand: Expression


class CurrentPosition(Node):
    """`__curPos`."""


class Hole(Node):
    """A part that could not be read (a syntax error, nesting past the budget): evaluates to Unknown. `why` is a text for messages."""

    why: str


Expression = (
    Integer
    | Floating
    | Text
    | PathLiteral
    | SearchPath
    | Variable
    | ListOf
    | InheritFrom
    | AttributeSet
    | Let
    | Select
    | HasAttribute
    | Function
    | Call
    | With
    | Assert
    | If
    | Binary
    | Unary
    | CurrentPosition
    | Hole
)
