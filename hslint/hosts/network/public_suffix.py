"""The Public Suffix List: domain names below which anybody can register a name, at a registry or a provider."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from hslint.hosts.network.address import is_local


class Suffix(Enum):
    """The kind of owner of a public suffix."""

    REGISTRY = "icann"  # `com`, `co.uk`: a registry sells names below it
    PROVIDER = "private"  # `duckdns.org`, `github.io`: a provider gives them to its customers


def public_suffix(name: str) -> Suffix | None:
    """The kind of public suffix that a name is, or None, by the Public Suffix List; without regard to capitals and dots at the ends.

    A name with a wildcard below it counts as well: what lies below `nom.br` (`*.nom.br`) belongs to others. What only the list's
    rule for every name of one label says is no suffix: there is no registry of names below `tailnet`.
    """
    name = _ascii(name.strip(".").lower())
    first, _, above = name.partition(".")
    if not name or (above and is_local(name)):
        return None  # `home.arpa` is reserved for home networks (RFC 8375)
    for suffix in Suffix:
        groups = _groups(suffix)
        siblings, below = groups.get(above, "").split(), groups.get(name)
        if f"!{first}" in siblings:
            return None
        if first in siblings or (above and "*" in siblings):
            return suffix
        if below is not None and (not above or "*" in below.split()):
            return suffix
    return None


def _groups(suffix: Suffix) -> Mapping[str, str]:
    """The names that rules end in below a name, by that: "co org *" of `uk`; an exception is `!city`."""
    groups: Mapping[str, str] = _stored()[suffix.value]
    return groups


@cache
def _stored() -> Mapping[str, Any]:
    stored: Mapping[str, Any] = json.loads(Path(__file__).with_name("public_suffixes.json").read_bytes())
    return stored


def _ascii(name: str) -> str:
    """The name as DNS has it; what cannot be written so is no name."""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name
