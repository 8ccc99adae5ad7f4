"""Modules of a flake (flake-parts and what is like it) that could not be followed: any of them may define hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.flake import Flake
from hslint.hosts.inputs import InputKind, kind_of
from hslint.modules.session import evaluations_of
from hslint.values.value import Failure, NotKnown, Unknown, Why

#: What an input's flake module is called where it could not be read.
_FLAKE_MODULE = re.compile(r"inputs\.([^.]+)\.flakeModules?(?:\.|$)")

#: Flakes with nothing about Headscale in them that make hosts all the same.
_MAKES_HOSTS = frozenset({"ez-configs"})


def unread_flake_modules(flake: Flake) -> Iterator[Unknown]:
    """Why each of them was not read, once; without those of flakes that are known to define no hosts."""
    seen: set[str] = set()
    for evaluation in evaluations_of(flake.nixos.ev):
        if evaluation.class_ != "flake":
            continue
        try:
            found = evaluation.openings()
        except (Failure, NotKnown):
            continue  # the outputs fail as well, and are named for it
        for unknown in found:
            if unknown.reason not in seen and not _defines_no_hosts(flake, unknown):
                seen.add(unknown.reason)
                yield unknown


def _defines_no_hosts(flake: Flake, unknown: Unknown) -> bool:
    named = _FLAKE_MODULE.match(unknown.detail) if unknown.why is Why.INPUT else None
    source = flake.sources().get(named[1]) if named is not None else None
    if named is None or source is None or source.slug.rpartition("/")[2] in _MAKES_HOSTS:
        return False
    return kind_of(named[1], source) is InputKind.WITHOUT_HEADSCALE
