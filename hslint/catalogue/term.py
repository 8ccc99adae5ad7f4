"""Types as small terms: those of NixOS options and those of Headscale's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from hslint.record import Record


class Scalar(Record):
    """A type without parts.

    NixOS: str, bool, int, port, path, package, settings (the freeform YAML submodule).
    Headscale: str, bool, int, port, path, url, secret, address (host:port), ip, prefix (CIDR), domain, resolver (IP or URL),
    record (a DNS record), duration (Go), prometheus duration, milliseconds, seconds, file mode, sslmode.
    """

    name: str


class NullOr(Record):
    of: Term


class ListOf(Record):
    of: Term


class AttrsOf(Record):
    of: Term


class Enum(Record):
    values: tuple[str, ...]


class Submodule(Record):
    """A submodule's options by name; an option without a default is absent from `defaults`."""

    options: Mapping[str, Term]
    defaults: Mapping[str, object]


Term: TypeAlias = Scalar | NullOr | ListOf | AttrsOf | Enum | Submodule


def term(stored: Any) -> Term:
    """A term from its JSON form: a name, or an object with one member."""
    match stored:
        case str():
            return Scalar(stored)
        case {"nullOr": of}:
            return NullOr(term(of))
        case {"listOf": of}:
            return ListOf(term(of))
        case {"attrsOf": of}:
            return AttrsOf(term(of))
        case {"enum": values}:
            return Enum(tuple(values))
        case {"submodule": options}:
            return Submodule(
                {name: term(option["type"]) for name, option in options.items()},
                {name: option["default"] for name, option in options.items() if "default" in option},
            )
        case _:
            raise ValueError(f"not a type term: {stored!r}")


def spelled(of: Term) -> str:
    """A term as NixOS's manual writes it: `null or list of str`."""
    match of:
        case Scalar(name):
            return name
        case NullOr(inner):
            return f"null or {spelled(inner)}"
        case ListOf(inner):
            return f"list of {spelled(inner)}"
        case AttrsOf(inner):
            return f"attribute set of {spelled(inner)}"
        case Enum(values):
            return "one of " + ", ".join(f'"{value}"' for value in values)
        case Submodule(_):
            return "submodule"
