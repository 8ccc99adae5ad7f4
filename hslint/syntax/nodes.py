"""The Nix expressions that the evaluator walks: what a file says, without its layout.

A node knows its file and its byte range. Parentheses are gone, attribute paths are unfolded (`a.b = 1; a.c = 2;` is one
nested set, as Nix's own parser makes it), indented strings are dedented and escapes are decoded. Nodes are written once by the
lowering and never changed; they are not frozen only because a frozen dataclass costs three times as much to make. They have
no repr and no positional patterns: both cost every start of hslint time, and a repr would print the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from hslint.source import SourceFile, Span


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Node:
    file: SourceFile
    start: int
    end: int

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Integer(Node):
    value: int


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Floating(Node):
    value: float


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Text(Node):
    """A string of any spelling ("…", ''…'', an unquoted URI): literal pieces and interpolated expressions in turn.

    Nix strings are bytes; undecodable ones stand as surrogates (`surrogateescape`). Empty pieces are left out, so `()` is "".
    """

    parts: tuple[str | Expression, ...]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class PathLiteral(Node):
    """`./x`, `../x`, `/x`, `~/x`, also with interpolation: `./${name}.nix`. The first part is always text, as written."""

    parts: tuple[str | Expression, ...]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class SearchPath(Node):
    """`<nixpkgs>`, `<nixpkgs/nixos>`: the text between the angle brackets."""

    name: str


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Variable(Node):
    name: str


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class ListOf(Node):
    items: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Name:
    """One step of an attribute path: a known name, or an expression that gives it (`.${x}`, `."a-${b}"`)."""

    file: SourceFile
    start: int
    end: int
    name: str | Expression

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Attribute:
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class DynamicAttribute:
    """`${name} = value;`: the name is known only when the set is evaluated; a null name drops the attribute."""

    name: Name
    attribute: Attribute


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class InheritFrom(Node):
    """The value of `x` in `inherit (source) x;`: `source` is number `source` of the set's `sources`, evaluated once for all its names."""

    source: int
    name: str


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class AttributeSet(Node):
    recursive: bool
    attributes: dict[str, Attribute]
    dynamic: tuple[DynamicAttribute, ...]
    sources: tuple[Expression, ...]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Let(Node):
    """`let … in body`. (The old `let { …; body = …; }` is a selection of `body` from a recursive set.)"""

    attributes: dict[str, Attribute]
    sources: tuple[Expression, ...]
    body: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Select(Node):
    """`target.a.b`, `target.a.b or default`. Each step's own span says which one was missing."""

    target: Expression
    path: tuple[Name, ...]
    default: Expression | None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class HasAttribute(Node):
    target: Expression
    path: tuple[Name, ...]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Formal:
    name: str
    file: SourceFile
    start: int
    end: int
    default: Expression | None

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Function(Node):
    """`name: body`, `{ formals }: body`, `name@{ formals }: body`. Without formals, `parameter` is a name."""

    parameter: str | None
    formals: tuple[Formal, ...] | None
    ellipsis: bool
    body: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Call(Node):
    """`function argument`; `f x y` is a call of a call, as in Nix."""

    function: Expression
    argument: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class With(Node):
    namespace: Expression
    body: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Assert(Node):
    condition: Expression
    body: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class If(Node):
    condition: Expression
    then: Expression
    otherwise: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Binary(Node):
    """`left operator right`; the operator as written: + - * / ++ // == != < <= > >= && || -> (pipes are calls already)."""

    operator: str
    left: Expression
    right: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Unary(Node):
    """`!x`, `-x`."""

    operator: str
    operand: Expression


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class CurrentPosition(Node):
    """`__curPos`."""


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Hole(Node):
    """What could not be read (a syntax error, nesting past the budget): evaluates to Unknown. `why` says it for people."""

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
