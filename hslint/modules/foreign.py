"""Modules outside the project, as `hslint.hosts` describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.record import Record

if TYPE_CHECKING:
    from hslint.catalogue import ModuleVersion
    from hslint.source import Span
    from hslint.values.value import Unknown

#: The key under which nixpkgs has its module, and by which Headscale's own disables it.
NIXPKGS_KEY = "services/networking/headscale.nix"

#: The key of Headscale's own module where it stands in for an unknown one of nixpkgs: no configuration can name it.
STAND_IN_KEY = "<headscale>"


class Foreign(Record):
    """A module imported from outside the project.

    name      for messages: `inputs.sops-nix.nixosModules.sops`
    key       its identity: a module with a key counts once, and `disabledModules` names it by that. For modules of nixpkgs the
              path below nixos/modules. None for a function value, which counts as often as it is imported.
    version       when it is a Headscale module
    among     the versions that it may be of, where that is more than one
    unknown   why its definitions are unknown; None when it defines nothing that matters to Headscale
    """

    name: str
    key: str | None = None
    version: ModuleVersion | None = None
    unknown: Unknown | None = None
    among: tuple[ModuleVersion, ...] = ()

    @classmethod
    def harmless(cls, name: str, key: str | None = None) -> Foreign:
        """A module that defines nothing below services.headscale; it may declare options of its own."""
        return cls(name, key)

    @classmethod
    def headscale(
        cls, version: ModuleVersion, name: str, key: str | None, among: tuple[ModuleVersion, ...] = ()
    ) -> Foreign:
        """A Headscale module: Headscale's own, or that of nixpkgs."""
        return cls(name, key, version, among=among)

    @classmethod
    def opening(cls, unknown: Unknown) -> Foreign:
        """A module that may define anything."""
        return cls(unknown.detail, None, None, unknown)


class ImportedModule(Record):
    """A module that a configuration imports, each time it does: the same one twice stands here twice.

    `name` is a path relative to the project, or the name of a foreign module; `at` is the import's place, None for the
    modules that the configuration starts with. `counted` is false when it was already there, or is disabled.
    """

    name: str
    key: str
    at: Span | None
    foreign: Foreign | None = None
    counted: bool = True
    disabled: bool = False
