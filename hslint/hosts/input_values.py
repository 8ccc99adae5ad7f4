"""Stand-in values for the inputs of a flake that are not part of the project, by what is known of them."""

from __future__ import annotations

from hslint.catalogue import FIRST_WITH_MODULE, Release
from hslint.hosts.inputs import (
    Input,
    InputKind,
    NamedOnDemand,
    foreign_flake_modules,
    foreign_module,
    foreign_modules,
    metadata,
)
from hslint.hosts.nixos import NixOS
from hslint.hosts.release import release_without_module
from hslint.values.packages import package
from hslint.values.value import Attrs, Lazy, Unknown, Value, Why

#: The outputs with NixOS modules.
_MODULES = frozenset(("nixosModules", "nixosModule"))


class FlakeWithoutModule(Attrs):
    """Headscale's flake at a release from before it had a NixOS module."""

    __slots__ = ("_release",)

    def __init__(self, items: dict[str, Lazy], rest: Unknown, given: Input, release: Release) -> None:
        super().__init__({name: lazy for name, lazy in items.items() if name not in _MODULES}, rest=rest, native=given)
        self._release = release

    def certainly_lacks(self, name: str) -> bool:
        return name in _MODULES

    def why_missing(self, name: str) -> str:
        detail = f"Headscale's flake has one from {FIRST_WITH_MODULE.series} on, and is of {self._release}"
        return detail if name in _MODULES else ""


def input_value(nixos: NixOS, given: Input) -> Value:
    """The stand-in value of an input that is not part of the project."""
    common = metadata(given)
    unknown = Unknown(Why.INPUT, f"inputs.{given.name}")

    release = None
    if given.kind is InputKind.HEADSCALE:
        release = release_without_module(given)

    def flake(items: dict[str, Lazy]) -> Attrs:
        if release is not None:
            return FlakeWithoutModule(items, unknown, given, release)
        return Attrs(items, rest=unknown, native=given)

    def attrs(more: dict[str, Lazy]) -> Attrs:
        return flake({**common, **more, "outputs": Lazy(lambda _: flake(more))})

    modules = Lazy(lambda _: foreign_modules(given))
    if given.kind.model is not None:
        made = nixos.evaluate_model(given.kind.model, given.nixpkgs)
        return attrs({"nixosModules": modules, **made.items}) if isinstance(made, Attrs) else unknown
    match given.kind:
        case InputKind.NIXPKGS:
            return attrs(
                {
                    "lib": Lazy(lambda _: nixos.flake_lib(given)),
                    "legacyPackages": Lazy(lambda _: NamedOnDemand(lambda system: nixos.packages(system, given))),
                    "nixosModules": modules,
                }
            )
        case InputKind.NIXPKGS_LIB:
            return attrs({"lib": Lazy(lambda _: nixos.lib)})
        case InputKind.SYSTEMS:
            return attrs({})
        case _:
            by_system = Lazy(lambda _: NamedOnDemand(lambda system: nixos.foreign_packages(given)))
            flake_modules = {}
            if given.kind is not InputKind.OTHER:
                of_flakes = foreign_flake_modules(given)
                flake_modules = {
                    "flakeModules": Lazy.done(of_flakes),
                    "flakeModule": Lazy(lambda _: nixos.ev.select(of_flakes, "default")),
                }
            return attrs(
                {
                    **flake_modules,
                    "nixosModules": modules,
                    "nixosModule": Lazy(lambda _: foreign_module(given, "default")),
                    "modules": Lazy(lambda _: Attrs({"nixos": modules}, rest=unknown)),
                    "packages": by_system,
                    "legacyPackages": by_system,
                    "defaultPackage": Lazy(lambda _: NamedOnDemand(lambda system: package(given.name, given))),
                    "overlays": Lazy(lambda _: NamedOnDemand(lambda name: nixos.overlay(given))),
                    "overlay": Lazy(lambda _: nixos.overlay(given)),
                }
            )
