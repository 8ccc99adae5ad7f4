"""Nix values as hslint knows them: exact, half known, or unknown with a reason.

Values are never changed after they are made; they are plain slotted classes because making a frozen dataclass costs three
times as much and an evaluation makes hundreds of thousands. Every value carries the span of the expression that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from hslint.source import Span
from hslint.values.conditions import Condition

if TYPE_CHECKING:
    from hslint.syntax import nodes


class Why(Enum):
    """Why a value is unknown from the files alone (closed: a new reason is a new member)."""

    SYNTAX = "could not be parsed"
    INPUT = "comes from a flake input that is not read"
    PACKAGE = "belongs to a package"
    STORE = "exists only once built or fetched"
    ENVIRONMENT = "depends on the machine that evaluates"
    ARGUMENT = "is an argument that is not given here"
    OPTION = "is an option of a module that hslint does not model"
    OUTSIDE = "lies outside the project"
    FILE = "comes from a file that cannot be read"
    FUNCTION = "comes from a function that hslint does not model"
    CONDITION = "depends on a condition that cannot be decided"
    OPEN = "may be set in a place that cannot be followed"
    BUDGET = "takes more work to evaluate than hslint spends"


class Unknown:
    """An unknown value. `detail` names the culprit (an input, a function, a path); `may_be` the possible values, when they are few.

    `term` says what the value is of, where that is not what `detail` names: a formula, or the expression at a place
    (hslint.values.assumptions).
    """

    __slots__ = ("detail", "may_be", "span", "term", "why")

    def __init__(
        self,
        why: Why,
        detail: str = "",
        span: Span | None = None,
        may_be: tuple[Lazy, ...] = (),
        term: Condition | Span | None = None,
    ) -> None:
        self.why = why
        self.detail = detail
        self.span = span
        self.may_be = may_be
        self.term = term

    def __repr__(self) -> str:
        return f"Unknown({self.why.name}, {self.detail!r})"

    def attribute(self, name: str, span: Span | None = None, may_be: tuple[Lazy, ...] = ()) -> Unknown:
        """An attribute of a set that is unknown, or open, for this reason."""
        detail = self.detail
        if len(detail) < 80:
            detail = f"{detail}.{name}" if detail else name
        return Unknown(self.why, detail, span, may_be)

    @property
    def of_something_else(self) -> Unknown:
        """The reason why another value is unknown: what this one may be says nothing about that."""
        return Unknown(self.why, self.detail, self.span, (), self.term) if self.may_be else self

    @property
    def reason(self) -> str:
        """One clause for messages: `inputs.foo comes from a flake input that is not read`."""
        if self.why is Why.CONDITION and self.detail:
            return f"{self.why.value}: {self.detail}"
        return f"{self.detail} {self.why.value}" if self.detail else self.why.value


def derived(unknown: Unknown, span: Span | None, term: Condition | None = None) -> Unknown:
    """The unknown result of an expression, at `span`, that has an unknown operand."""
    return Unknown(unknown.why, unknown.detail, span, (), term or span)


class Failure(Exception):
    """A Nix evaluation error: an error of the evaluated configuration, never one of hslint.

    `kind` is from the closed vocabulary below (the reference suites' KINDS), `message` speaks as Nix does, `catchable` says whether
    `builtins.tryEval` catches it (throw and assert only; Nix manual, builtins.tryEval). `related` are other places that it takes,
    such as the first declaration of an option that is declared twice. `option` is the innermost option whose value fails,
    `likely` what is probably wrong, for messages.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        span: Span | None = None,
        *,
        catchable: bool = False,
        related: tuple[Span, ...] = (),
        likely: str = "",
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.span = span
        self.catchable = catchable
        self.related = related
        self.likely = likely
        self.option: tuple[str, ...] | None = None


class Kind(Enum):
    """Kinds of evaluation errors."""

    UNKNOWN_OPTION = "unknown-option"
    CONFLICT = "conflict"
    NULL_CONFLICT = "null-conflict"
    TYPE = "type"
    UNDEFINED_OPTION = "undefined-option"
    READ_ONLY = "read-only"
    DECLARED_TWICE = "declared-twice"
    RECURSION = "recursion"
    UNSUPPORTED_ATTRIBUTE = "unsupported-attribute"
    UNDEFINED_VARIABLE = "undefined-variable"
    MISSING_ATTRIBUTE = "missing-attribute"
    MISSING_FILE = "missing-file"
    MISSING_ARGUMENT = "missing-argument"
    SYNTAX = "syntax"
    COERCION = "coercion"
    CONDITION = "condition"
    CALL = "call"
    ERROR = "error"  # throw, abort, assert, and whatever has no name of its own


class NotKnown(Exception):
    """Raised by the accessors that need a known value; a primitive's wrapper turns it back into an Unknown.

    That is the value of something else than what was asked for, so what the latter may be says nothing about it.
    """

    def __init__(self, unknown: Unknown) -> None:
        super().__init__(unknown.reason)
        self.unknown = unknown.of_something_else


class Null:
    __slots__ = ("span",)

    def __init__(self, span: Span | None = None) -> None:
        self.span = span

    def __repr__(self) -> str:
        return "Null()"


class Bool:
    __slots__ = ("span", "value")
    __match_args__ = ("value",)

    def __init__(self, value: bool, span: Span | None = None) -> None:
        self.value = value
        self.span = span

    def __repr__(self) -> str:
        return f"Bool({self.value})"


class Int:
    __slots__ = ("span", "value")
    __match_args__ = ("value",)

    def __init__(self, value: int, span: Span | None = None) -> None:
        self.value = value
        self.span = span

    def __repr__(self) -> str:
        return f"Int({self.value})"


class Float:
    __slots__ = ("span", "value")
    __match_args__ = ("value",)

    def __init__(self, value: float, span: Span | None = None) -> None:
        self.value = value
        self.span = span

    def __repr__(self) -> str:
        return f"Float({self.value})"


#: The string context of nearly every string (Nix manual, "String context").
NO_CONTEXT: frozenset[str] = frozenset()


class String:
    """A string, perhaps only half known: `known` is its text, or None while a part of `parts` is Unknown.

    Nix strings are bytes; bytes that are no UTF-8 stand as surrogates. `context` holds store paths the string refers to.
    """

    __slots__ = ("context", "known", "parts", "span")
    __match_args__ = ("known",)

    def __init__(
        self,
        known: str | None,
        span: Span | None = None,
        *,
        parts: tuple[str | Unknown, ...] | None = None,
        context: frozenset[str] = NO_CONTEXT,
    ) -> None:
        self.known = known
        self.span = span
        self.context = context
        self.parts: tuple[str | Unknown, ...] = parts if parts is not None else (known,) if known else ()

    @classmethod
    def of(
        cls, parts: Iterable[str | Unknown], span: Span | None = None, context: frozenset[str] = NO_CONTEXT
    ) -> String:
        """A string of pieces; neighbouring known pieces are joined."""
        joined: list[str | Unknown] = []
        run: list[str] = []
        for part in parts:
            if isinstance(part, str):
                if part:
                    run.append(part)
                continue
            if run:
                joined.append("".join(run))
                run = []
            joined.append(part)
        if run:
            joined.append("".join(run))
        if not joined:
            return cls("", span, context=context)
        if len(joined) == 1 and isinstance(joined[0], str):
            return cls(joined[0], span, context=context)
        return cls(None, span, parts=tuple(joined), context=context)

    @property
    def unknown(self) -> Unknown | None:
        """The first unknown part."""
        return next((part for part in self.parts if isinstance(part, Unknown)), None)

    def starts_with(self, prefix: str) -> bool | None:
        """Whether the text starts with `prefix`; None when it is unknown."""
        if self.known is not None:
            return self.known.startswith(prefix)
        head = self.parts[0]
        if isinstance(head, Unknown):
            return None
        if head.startswith(prefix):
            return True
        return None if prefix.startswith(head) else False

    def ends_with(self, suffix: str) -> bool | None:
        if self.known is not None:
            return self.known.endswith(suffix)
        tail = self.parts[-1]
        if isinstance(tail, Unknown):
            return None
        if tail.endswith(suffix):
            return True
        return None if suffix.endswith(tail) else False

    def __repr__(self) -> str:
        return f"String({self.known!r})" if self.known is not None else f"String(parts={self.parts!r})"


class Path:
    """A Nix path value: an absolute, normalised path."""

    __slots__ = ("path", "span")
    __match_args__ = ("path",)

    def __init__(self, path: str, span: Span | None = None) -> None:
        self.path = path
        self.span = span

    def __repr__(self) -> str:
        return f"Path({self.path!r})"


class List:
    """A list. `rest` says that there may be more elements than `items`, at unknown places, and why.

    `places` are the expressions that its elements were written as; None where no list literal wrote them.
    """

    __slots__ = ("items", "places", "rest", "span")

    def __init__(
        self,
        items: Sequence[Lazy],
        span: Span | None = None,
        rest: Unknown | None = None,
        places: Sequence[Span | None] | None = None,
    ) -> None:
        self.items = items
        self.span = span
        self.rest = rest
        self.places = places

    def placed(self) -> Sequence[Lazy]:
        """The elements, each remembering where in the list it was written."""
        if self.places is None:
            return self.items
        return [
            Alias(item, place) if place is not None else item
            for item, place in zip(self.items, self.places, strict=True)
        ]

    def __repr__(self) -> str:
        return f"List({len(self.items)}{'+' if self.rest else ''})"


class Attrs:
    """An attribute set. `rest` says that there may be more names than those in `items` (whose values may then be other, too:
    see `maybe`), and why.

    `maybe` names attributes of `items` that may be absent. `native` carries what a Python module attached (an option type, …):
    it survives only as long as the very same set is passed on.
    """

    __slots__ = ("items", "maybe", "native", "rest", "span")

    def __init__(
        self,
        items: dict[str, Lazy],
        span: Span | None = None,
        rest: Unknown | None = None,
        native: object = None,
        maybe: frozenset[str] = frozenset(),
    ) -> None:
        self.items = items
        self.span = span
        self.rest = rest
        self.native = native
        self.maybe = maybe

    def __repr__(self) -> str:
        return f"Attrs({', '.join(list(self.items)[:8])}{', ...' if self.rest or len(self.items) > 8 else ''})"

    def get(self, name: str) -> Lazy | None:
        return self.items.get(name)

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        """This set with other items, as `//` makes it: a kind of set that knows more names than its items keeps them."""
        return Attrs(items, span, rest, None, maybe)

    def lacks(self, name: str) -> bool:
        """Whether a name that `get` does not find is surely absent, so that `with` looks further out."""
        return self.rest is None

    def certainly_lacks(self, name: str) -> bool:
        """Whether selecting a name that `get` does not find is an error, rather than something unknown."""
        return self.rest is None

    def unseen(self, name: str) -> Unknown | None:
        """The value of a name that `get` does not find in a closed set, where that is no error."""
        return None

    def why_missing(self, name: str) -> str:
        """A hint on why a name is missing, for messages."""
        return ""

    def __contains__(self, name: str) -> bool:
        return name in self.items

    def __iter__(self) -> Iterator[str]:
        return iter(self.items)


class Scope:
    """The names that one construct binds (`let`, `rec`, a function), or the namespace of one `with`, and the scope around it."""

    __slots__ = ("names", "namespace", "outer", "sources")

    def __init__(
        self,
        names: dict[str, Lazy],
        outer: Scope | None,
        namespace: Lazy | None = None,
        sources: tuple[Lazy, ...] = (),
    ) -> None:
        self.names = names
        self.outer = outer
        self.namespace = namespace
        self.sources = sources

    def at(self, hops: int) -> Scope:
        scope: Scope = self
        for _ in range(hops):
            assert scope.outer is not None
            scope = scope.outer
        return scope


class Closure:
    """A function written in Nix."""

    __slots__ = ("node", "scope", "span")

    def __init__(self, node: nodes.Function, scope: Scope, span: Span | None = None) -> None:
        self.node = node
        self.scope = scope
        self.span = span

    def __repr__(self) -> str:
        return f"Closure({self.node.parameter or '{…}'})"


class Primitive:
    """A function written in Python: a builtin, a function of `lib`, a stand-in. `arguments` are those already given."""

    __slots__ = ("arguments", "arity", "name", "run", "span", "takes")

    def __init__(
        self,
        name: str,
        arity: int,
        run: Callable[..., Value],
        arguments: tuple[Lazy, ...] = (),
        span: Span | None = None,
        takes: Mapping[str, bool] | None = None,
    ) -> None:
        self.name = name
        self.arity = arity
        self.run = run  # called as run(evaluator, *arguments)
        self.arguments = arguments
        self.span = span
        self.takes = takes  # what `builtins.functionArgs` says, for functions of an attribute set

    def __repr__(self) -> str:
        return f"Primitive({self.name}/{self.arity - len(self.arguments)})"


Function = Closure | Primitive
Value = Null | Bool | Int | Float | String | Path | List | Attrs | Closure | Primitive | Unknown


class _Ledger:
    """The presumptions of an evaluation that something does not fail, recorded for `builtins.tryEval`.

    An undecided `assert` holds, and an alternative that throws is not the one that is taken: else there would be no configuration
    to speak of. Only `tryEval` makes something of a failure, so it has to know whether what it tries rests on a presumption.
    A `Lazy` whose value was found under one makes it again for whoever forces it; hence it makes no difference whether the value
    was first asked for inside the `tryEval` or before.

    Assumptions about guards (hslint.values.assumptions) come first: a condition that one of them decides needs no presumption.

    made  how often something was presumed; it only grows: whoever compares it before and after a computation knows whether
          the computation rests on a presumption
    last  what the last presumption is about
    """

    __slots__ = ("last", "made")

    def __init__(self) -> None:
        self.made = 0
        self.last: Unknown | None = None


LEDGER = _Ledger()


def presume(about: Unknown) -> None:
    """Record that what is computed now presumes that something unknown is no error."""
    LEDGER.made += 1
    LEDGER.last = about


class Lazy:
    """A value that is computed when it is first asked for, and at most once.

    suspended → being forced → done (or failed: the failure is kept and raised again). Forcing a value while it is being
    forced is Nix's infinite recursion. What was found under a presumption stays suspended in name: forcing it again gives the
    same value, and presumes again (`presume`).
    `place` is where the name that this value stands under was written, `binding` the whole statement, when there is one.
    """

    __slots__ = ("_argument", "_run", "_value", "binding", "place")

    def __init__(
        self,
        run: Callable[[Any], Value] | None,
        argument: Any = None,
        place: Span | None = None,
        binding: Span | None = None,
        value: Value | Failure | None = None,
    ) -> None:
        self._run = run
        self._argument = argument
        self._value: Value | Failure | None = value
        self.place = place
        self.binding = binding

    @classmethod
    def done(cls, value: Value, place: Span | None = None) -> Lazy:
        return cls(None, None, place, None, value)

    @classmethod
    def failed(cls, failure: Failure) -> Lazy:
        return cls(None, None, None, None, failure)

    @property
    def is_done(self) -> bool:
        return (self._run is None and self._value is not None) or self._run is _presuming

    def force(self) -> Value:
        """The value; raises Failure where Nix would stop."""
        value = self._value
        if value is not None:
            if isinstance(value, Failure):
                raise value
            return value
        run = self._run
        if run is None:
            raise Failure(Kind.RECURSION, "infinite recursion encountered", self.place)
        self._run = None
        argument = self._argument
        made = LEDGER.made
        try:
            value = run(argument)
        except NotKnown as unknown:
            value = unknown.unknown
        except Failure as failure:
            if LEDGER.made != made:
                self._run, self._argument = _presuming, (failure, LEDGER.last)
                raise
            self._value = failure
            raise
        except BaseException:
            self._run = run  # an interrupted computation (a budget, a Ctrl-C) may be asked again
            raise
        if LEDGER.made != made:
            self._run, self._argument = _presuming, (value, LEDGER.last)
            return value
        self._value = value
        self._argument = None
        return value

    def outcome(self) -> Value | Failure:
        """The value, or the failure as data; what nests too deeply is unknown."""
        try:
            return self.force()
        except Failure as failure:
            return failure
        except RecursionError:
            return Unknown(Why.BUDGET, "", self.place)


def _presuming(found: tuple[Value | Failure, Unknown | None]) -> Value:
    """A value found under a presumption, which is made again for whoever forces it."""
    value, LEDGER.last = found
    LEDGER.made += 1
    if isinstance(value, Failure):
        raise value
    return value


class Alias(Lazy):
    """The value of another name: `x = y;`, `inherit y;`. It is that very value, only its place differs.

    Nix compares and prints by the identity of values (Nix manual, "Value identity optimization"); see `identity`.
    """

    __slots__ = ("target",)

    def __init__(self, target: Lazy, place: Span | None = None, binding: Span | None = None) -> None:
        super().__init__(Lazy.force, target, place, binding)
        self.target = target


def identity(lazy: Lazy) -> Lazy:
    """The Lazy that holds the value itself."""
    while isinstance(lazy, Alias):
        lazy = lazy.target
    return lazy


def type_name(value: Value) -> str:
    """The word Nix uses in its messages for the value's type (`value is a string while a set was expected`)."""
    match value:
        case Null():
            return "null"
        case Bool():
            return "a Boolean"
        case Int():
            return "an integer"
        case Float():
            return "a float"
        case String():
            return "a string"
        case Path():
            return "a path"
        case List():
            return "a list"
        case Attrs():
            return "a set"
        case Closure():
            return "a function"
        case Primitive():
            return "a built-in function" if not value.arguments else "a partially applied built-in function"
        case Unknown():
            return "an unknown value"
