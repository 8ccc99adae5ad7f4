"""A set of modules evaluated together: what each option is, and how it came about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hslint.modules.definition import Definition
from hslint.modules.foreign import ImportedModule
from hslint.source import SourceFile, Span
from hslint.values.value import Attrs, Failure, Lazy, Unknown


@dataclass(frozen=True, slots=True)
class Setting:
    """One option, or one path inside a freeform option, with everything that was said about it.

    winners      the definitions that make the value, in the order in which they merge
    losers       those of lower priority
    default      the default of the declaration, whether or not it is in effect
    declared_at  the places of its declarations in the project; empty for options of NixOS and for freeform paths
    """

    option: str
    value: Lazy
    winners: tuple[Definition, ...]
    losers: tuple[Definition, ...]
    default: Lazy | None = None
    declared_at: tuple[Span, ...] = ()
    type: str | None = None


@dataclass(frozen=True, slots=True)
class OptionFailure:
    """Something that Nix would refuse: a conflict, a wrong type, an option that does not exist."""

    option: str
    failure: Failure
    definitions: tuple[Definition, ...] = ()


class Configuration:
    """The outcome of evaluating modules. Everything is computed when it is first asked for."""

    @property
    def config(self) -> Attrs:
        """`config` as Nix code sees it from outside: raises Failure where a definition has no option."""
        raise NotImplementedError

    @property
    def options(self) -> Attrs:
        raise NotImplementedError

    def setting(self, path: str) -> Setting | None:
        """An option by its path (names with dots are quoted: `services.nginx.virtualHosts."a.b"`), declared or freeform; None
        when nobody declares or defines it.
        """
        raise NotImplementedError

    def settings_below(self, path: str) -> Iterator[Setting]:
        """The leaves that somebody defines (or declares with a default) below a path, in the order of their names."""
        raise NotImplementedError

    def definitions_below(self, path: str) -> Iterator[Definition]:
        """Every definition of the project below a path, winners or not, decided or not."""
        raise NotImplementedError

    @property
    def open(self) -> tuple[tuple[Unknown, Span | None], ...]:
        """What could not be followed and may define anything."""
        raise NotImplementedError

    @property
    def failures(self) -> tuple[OptionFailure, ...]:
        """What Nix refuses: below services.headscale option by option, and definitions that belong to no option."""
        raise NotImplementedError

    @property
    def error(self) -> Failure | None:
        """What Nix refuses the whole configuration with (an option that does not exist, a module that is none), if it does."""
        raise NotImplementedError

    @property
    def imported_modules(self) -> tuple[ImportedModule, ...]:
        raise NotImplementedError

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The files of the project that became modules, in order."""
        raise NotImplementedError
