"""Where a variable finds its value: scopes as the text nests them, and as they stand while it is evaluated."""

from __future__ import annotations

from hslint.record import Record
from hslint.values.value import Lazy


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


class Lexical(Record):
    """Bound by a construct around the use: so many scopes out."""

    hops: int


class Dynamic(Record):
    """Bound, if at all, by one of the `with`s around the use, the innermost first."""

    hops: tuple[int, ...]


class Unbound(Record):
    """Bound by nothing: Nix refuses the whole file."""


class StaticScope(Record):
    """A scope as the text tells it: its names, or None for a `with`.

    `with` never shadows what a `let`, `rec`, function or builtin binds, however far out (Nix manual, "With-expressions").
    """

    names: frozenset[str] | None
    outer: StaticScope | None

    def resolve(self, name: str) -> Lexical | Dynamic | Unbound:
        withs: list[int] = []
        hops = 0
        scope: StaticScope | None = self
        while scope is not None:
            if scope.names is None:
                withs.append(hops)
            elif name in scope.names:
                return Lexical(hops)
            hops += 1
            scope = scope.outer
        return Dynamic(tuple(withs)) if withs else Unbound()
