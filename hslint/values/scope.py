"""Lexical scopes, in which variables are resolved to indices. `Scope` (hslint.values.value) is one while it is evaluated."""

from __future__ import annotations

from hslint.record import Record


class Lexical(Record):
    """Bound by a construct around the use: so many scopes out."""

    hops: int


class Dynamic(Record):
    """Bound, if at all, by one of the `with`s around the use, the innermost first."""

    hops: tuple[int, ...]


class Unbound(Record):
    """Bound by nothing: Nix refuses the whole file."""


class StaticScope(Record):
    """A scope as the text has it: its names, or None for a `with`.

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
