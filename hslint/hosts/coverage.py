"""The coverage of files by hosts: which files are modules of a host, and which settings of Headscale a host has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from hslint.hosts.host import HEADSCALE, Host
from hslint.hosts.standalone import Standalone
from hslint.source import Span


class Coverage:
    """The modules and definitions of some hosts."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        self._hosts = hosts

    @cached_property
    def modules(self) -> frozenset[str]:
        """The files that are modules of a host, disabled ones among them."""
        keys: set[str] = set()
        for host in self._hosts:
            with host.configuration.turn(again=False):
                keys.update(module.key for module in host.imported_modules if module.key.startswith("/"))
        return frozenset(keys | {f"{key}/default.nix" for key in keys if not key.endswith(".nix")})

    def covers(self, found: Standalone, path: str) -> bool:
        """Whether a host has seen what a module sets: has the module, has one around it, or has the definitions."""
        if path in self.modules and not found.is_nested:
            return True  # what stands beside the module's own settings is of options of the user's own
        return self._has(found) or self._defines(found.settings) or path in self._undecided

    @cached_property
    def _undecided(self) -> frozenset[str]:
        """The files that were evaluated for hosts which could not be evaluated to the end: what is in them may be theirs. These hosts
        are named, and what they have used up is not spent once more on their modules.
        """
        cut = (host.configuration.evaluation.ev for host in self._hosts if host.configuration.cut_short is not None)
        return frozenset(path for ev in cut for path in ev.imported)

    def _has(self, found: Standalone) -> bool:
        """Whether a module of a host was written there, or around it."""
        here = found.module.node.span
        loaded = self._loaded.get(here.file.path, ())
        return any(at == here or (at.contains(here) and not found.is_nested) for at in loaded)

    def _defines(self, settings: Iterable[Span]) -> bool:
        """Whether any host has a definition that was written there."""
        return any(
            span.start <= start < span.end for span in settings for start in self._places.get(span.file.path, ())
        )

    @cached_property
    def _loaded(self) -> dict[str, list[Span]]:
        """The places of modules of hosts that are no files, by file."""
        found: dict[str, list[Span]] = {}
        for host in self._hosts:
            with host.configuration.turn(again=False):
                for module in host.imported_modules:
                    if module.at is not None and (not module.key.startswith("/") or ":anon-" in module.key):
                        found.setdefault(module.at.file.path, []).append(module.at)
        return found

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for host in self._hosts:
            with host.configuration.turn(again=False):
                failing = (definition for failure in host.failures for definition in failure.definitions)
                for definition in (*host.configuration.definitions_below(HEADSCALE), *failing):
                    if definition.place is not None:
                        found.setdefault(definition.place.file.path, []).append(definition.place.start)
        return found
