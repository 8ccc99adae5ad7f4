"""What gives a project's files their meaning outside themselves: `lib`, `pkgs`, `nixosSystem`, `<nixpkgs>`, the inputs of a flake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from hslint.catalogue import ModuleEra
from hslint.hosts.inputs import (
    CHANNEL,
    ForeignModule,
    Input,
    InputKind,
    InputPath,
    NamedOnDemand,
    inside_input,
    kind_of,
)
from hslint.hosts.lock import parse_url
from hslint.hosts.models import model
from hslint.hosts.pins import pins_imported, pins_of
from hslint.hosts.release import Inferred, Wanted, module_in, module_of_flake
from hslint.modules import BaseModules, Configuration, Foreign, evaluate_modules, library_extra
from hslint.record import Record, replace
from hslint.values.evaluate import Evaluator
from hslint.values.packages import package, package_set, with_overlays
from hslint.values.value import (
    Attrs,
    Closure,
    Lazy,
    List,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

#: Where no flake and no argument says it: what a server most likely is.
DEFAULT_SYSTEM = "x86_64-linux"


class NixosSystem(Record):
    """A configuration made by `nixosSystem`: what hosts look for in `native` of `nixosConfigurations.<name>`."""

    configuration: Configuration
    nixpkgs: Input | None


class NixOS:
    """The world around the files of one evaluation."""

    def __init__(self, ev: Evaluator, wanted: Wanted, directory: str | None = None) -> None:
        self.ev = ev
        self.wanted = wanted
        #: Where npins or niv keep what they pin.
        self.directory = directory or ev.project.root
        #: Directories of the project that a flake takes as inputs (`path:./x`).
        self.path_inputs: set[str] = set()
        #: The nixpkgs inputs of the project's flake.
        self.inputs: Sequence[Input] = ()
        self._packages: dict[tuple[str, Input | None], Value] = {}
        ev.search = self.search
        ev.importer = self.imported
        ev.fetcher = self.fetched

    @property
    def pinned(self) -> Sequence[Input]:
        """Every nixpkgs that the project pins."""
        return self.inputs or self._pins

    @cached_property
    def _pins(self) -> Sequence[Input]:
        pins = pins_of(self.ev.project, self.directory).values()
        return [pin for pin in pins if pin.kind is InputKind.NIXPKGS]

    @property
    def nixpkgs(self) -> Input | None:
        """The nixpkgs that what stands outside any host most likely sees."""
        return next(iter(self.pinned), None)

    # -- lib and pkgs --------------------------------------------------------------------------------------------------

    @cached_property
    def lib(self) -> Attrs:
        # Late: many a module never asks for it.
        from hslint.values.nixpkgs_lib import library

        return library(self.ev, library_extra(self.ev))

    @cached_property
    def _lib(self) -> Lazy:
        return Lazy(lambda _: self.lib)

    def flake_lib(self, nixpkgs: Input = CHANNEL) -> Attrs:
        """`nixpkgs.lib`: the library, and nixosSystem."""
        system = Lazy.done(self.nixos_system(nixpkgs))
        evaluate = Attrs(
            {"evalModules": self.lib.items.get("evalModules", system)}, rest=Unknown(Why.FUNCTION, "lib.nixos")
        )
        items = {**self.lib.items, "nixosSystem": system, "nixos": Lazy.done(evaluate)}
        made = self.lib.replaced(items, self.lib.rest, self.lib.maybe, None)
        from hslint.values.nixpkgs_lib import extension

        items["extend"] = extension(Lazy.done(made))
        return made

    def packages(self, system: str, nixpkgs: Input | None) -> Value:
        """`pkgs` of a nixpkgs."""
        found = self._packages.get((system, nixpkgs))
        if found is None:
            found = self._packages[system, nixpkgs] = package_set(self.ev, system, self._lib, nixpkgs)
        return found

    def foreign_packages(self, given: Input) -> Value:
        """`packages.<system>` of an input: whatever name is asked for is a package."""
        return NamedOnDemand(lambda name: package(given.name if name == "default" else name, given))

    def overlay(self, given: Input) -> Value:
        """An overlay of an input: Headscale's adds its package, others add packages nobody here looks into."""
        added = {"headscale": Lazy.done(package("headscale", given))} if given.kind is InputKind.HEADSCALE else {}
        return Primitive("overlay", 2, lambda ev, final, prev: Attrs(dict(added)))

    # -- what lies outside ---------------------------------------------------------------------------------------------

    def input(self, given: Input) -> Value:
        from hslint.hosts.flake import input_value

        return input_value(self, given)

    def evaluate_model(self, name: str) -> Value:
        """A well-known flake's library, from the model of it that ships with hslint."""
        function = self.ev.evaluate(model(name).expression)
        packages = Primitive("packagesFor", 1, lambda ev, system: self.packages(ev.text(system), self.nixpkgs))
        unknown = Attrs({}, rest=Unknown(Why.INPUT, name))
        # The library of a flake, as these flakes get theirs from nixpkgs.
        lib = Lazy.done(self.flake_lib(self.nixpkgs or CHANNEL))
        arguments = Attrs({"lib": lib, "packagesFor": Lazy.done(packages), "open": Lazy.done(unknown)})
        if isinstance(function, Closure) and function.node.formals is not None:
            wanted = {formal.name for formal in function.node.formals}
            arguments = Attrs({name: lazy for name, lazy in arguments.items.items() if name in wanted})
        return self.ev.apply(function, Lazy.done(arguments))

    def search(self, name: str) -> Value:
        """`<nixpkgs>` and what lies below it."""
        head, _, tail = name.partition("/")
        if head in ("nixpkgs", "nixos", "nixos-unstable", "unstable", "stable"):
            return String.of((InputPath(CHANNEL), f"/{tail}" if tail else ""))
        return Unknown(Why.ENVIRONMENT, f"<{name}>")

    def imported(self, value: Value) -> Value | None:
        """What `import` gives for something outside the project; None for a path that is to be read."""
        inside = inside_input(value)
        if inside is None:
            pins = pins_imported(self.ev.project, value.path) if isinstance(value, Path) else None
            return Attrs({name: Lazy(self.input, pin) for name, pin in pins.items()}) if pins is not None else None
        given, path = inside
        path = path.removesuffix("/default.nix").rstrip("/")
        if given.kind is InputKind.NIXPKGS:
            match path:
                case "":
                    return Primitive("nixpkgs", 1, lambda ev, arguments: self._nixpkgs(given, arguments.force()))
                case "/lib":
                    return self.lib
                case "/nixos/lib/eval-config.nix" | "/nixos/lib/eval-config":
                    return self.nixos_system(given)
                case "/nixos":
                    return Primitive("nixos", 1, lambda ev, arguments: self._nixos(given, ev.attrs(arguments)))
                case _:
                    pass
        if given.kind is InputKind.SYSTEMS and not path:
            systems = self.evaluate_model("flake-utils")
            return self.ev.select(systems, "defaultSystems")
        return Unknown(Why.INPUT, f"inputs.{given.name}{path}")

    def fetched(self, fetcher: str, what: Value) -> Value | None:
        """What a fetcher gives, when it fetches something that is understood."""
        fields = {"url": Lazy.done(what)} if isinstance(what, String) else what.items if isinstance(what, Attrs) else {}
        texts = {
            name: text for name, lazy in fields.items() if isinstance(text := lazy.outcome(), String) and text.known
        }
        if "url" not in texts or texts["url"].known is None:
            return None
        source = parse_url(texts["url"].known)
        ref = texts["ref"].known if "ref" in texts else None
        source = replace(source, ref=(ref or source.ref).removeprefix("refs/heads/").removeprefix("refs/tags/"))
        given = Input(source.repo, kind_of("", source), source, fetcher)
        if given.kind is InputKind.OTHER:
            return None
        return self.input(given) if fetcher != "fetchTarball" else String.of((InputPath(given),), texts["url"].span)

    def _nixpkgs(self, nixpkgs: Input, arguments: Value) -> Value:
        """`import nixpkgs { system = …; overlays = …; }`."""
        if not isinstance(arguments, Attrs):
            return self.packages(DEFAULT_SYSTEM, nixpkgs)
        system = DEFAULT_SYSTEM
        for name in ("system", "localSystem"):
            lazy = arguments.get(name)
            named = lazy.outcome() if lazy is not None else None
            if isinstance(named, String) and named.known is not None:
                system = named.known
        overlays = lazy.outcome() if (lazy := arguments.get("overlays")) is not None else None
        listed = overlays.items if isinstance(overlays, List) else ()
        return with_overlays(self.ev, self.packages(system, nixpkgs), listed)

    def _nixos(self, nixpkgs: Input, arguments: Attrs) -> Value:
        """`import <nixpkgs/nixos> { configuration = …; }`."""
        configuration = arguments.get("configuration")
        modules = List([configuration] if configuration is not None else [])
        return self.ev.apply(self.nixos_system(nixpkgs), Lazy.done(Attrs({"modules": Lazy.done(modules)})))

    # -- systems -------------------------------------------------------------------------------------------------------

    def nixos_system(self, nixpkgs: Input) -> Primitive:
        """`lib.nixosSystem`, and `eval-config.nix`, of a nixpkgs."""
        return Primitive("nixosSystem", 1, lambda ev, arguments: self._system(nixpkgs, arguments))

    def _system(self, nixpkgs: Input, arguments: Lazy) -> Value:
        ev = self.ev
        given = ev.attrs(arguments)

        def argument(name: str) -> Lazy | None:
            lazy = given.get(name)
            return None if lazy is None or isinstance(lazy.outcome(), Null) else lazy

        modules = argument("modules")
        if modules is None:
            listed = List([], rest=given.rest)
        else:
            value = modules.force()
            listed = List([], rest=value) if isinstance(value, Unknown) else ev.list(modules)
        special: dict[str, Lazy] = {}
        special_rest: Unknown | None = None
        special_args = argument("specialArgs")
        match special_args.force() if special_args is not None else None:
            case Attrs() as found:
                special.update(found.items)
                special_rest = found.rest
            case Unknown() as unknown:
                special_rest = unknown
            case _:
                pass
        lib = argument("lib")
        library_value = lib.force() if lib is not None else None
        return self.system_value(
            list(listed.items),
            special,
            nixpkgs,
            system=argument("system"),
            pkgs=argument("pkgs"),
            extra=argument("extraArgs"),
            lib=library_value if isinstance(library_value, Attrs) else None,
            unknown_modules=listed.rest,
            unknown_arguments=special_rest,
        )

    def system_value(
        self,
        modules: Sequence[Lazy],
        special: Mapping[str, Lazy],
        nixpkgs: Input | None = None,
        *,
        system: Lazy | None = None,
        pkgs: Lazy | None = None,
        extra: Lazy | None = None,
        lib: Attrs | None = None,
        unknown_modules: Unknown | None = None,
        unknown_arguments: Unknown | None = None,
    ) -> Attrs:
        """A NixOS configuration as a value: `config`, `options`, `pkgs`; its NixosSystem is in `native`."""
        configuration = self.configuration(
            modules, special, nixpkgs, system, pkgs, extra, lib, unknown_modules, unknown_arguments
        )
        items = {
            "config": Lazy(lambda _: configuration.config),
            "options": Lazy(lambda _: configuration.options),
            "pkgs": pkgs or Lazy(lambda _: self.packages(DEFAULT_SYSTEM, nixpkgs)),
            "lib": Lazy(lambda _: lib or self.lib),
            "extendModules": Lazy.done(
                Primitive(
                    "extendModules", 1, lambda ev, more: self._extended(modules, special, nixpkgs, ev.attrs(more))
                )
            ),
        }
        return Attrs(items, rest=Unknown(Why.FUNCTION, "nixosSystem"), native=NixosSystem(configuration, nixpkgs))

    def _extended(
        self, modules: Sequence[Lazy], special: Mapping[str, Lazy], nixpkgs: Input | None, more: Attrs
    ) -> Value:
        added, arguments = more.get("modules"), more.get("specialArgs")
        return self.system_value(
            [*modules, *(self.ev.list(added).items if added is not None else ())],
            {**special, **(self.ev.attrs(arguments).items if arguments is not None else {})},
            nixpkgs,
        )

    def configuration(
        self,
        modules: Sequence[Lazy],
        special: Mapping[str, Lazy],
        nixpkgs: Input | None,
        system: Lazy | None = None,
        pkgs: Lazy | None = None,
        extra: Lazy | None = None,
        lib: Attrs | None = None,
        unknown_modules: Unknown | None = None,
        unknown_arguments: Unknown | None = None,
    ) -> Configuration:
        name = system.outcome() if system is not None else None
        known = name.known if isinstance(name, String) and name.known is not None else DEFAULT_SYSTEM
        arguments = {"pkgs": pkgs or Lazy(lambda _: self.packages(known, nixpkgs))}
        if extra is not None and isinstance(found := extra.outcome(), Attrs):
            arguments.update(found.items)
        modules_path = String.of((InputPath(CHANNEL), "/nixos/modules"))
        return evaluate_modules(
            self.ev,
            modules,
            {"modulesPath": Lazy.done(modules_path), **special},
            BaseModules(self.wanted.module_of(module_in(nixpkgs)).value, arguments, self._foreign),
            Lazy.done(lib) if lib is not None else self._lib,
            unknown_modules=unknown_modules,
            unknown_arguments=unknown_arguments,
        )

    def _foreign(self, value: Value) -> Foreign | None:
        """What a module that lies outside the project means."""
        if isinstance(value, Attrs) and isinstance(value.native, ForeignModule):
            return self._foreign_module(value.native)
        inside = inside_input(value)
        if inside is None:
            return None
        given, path = inside
        if given.kind is InputKind.NIXPKGS:
            if path.startswith("/nixos/modules/services/networking/headscale"):
                return self._headscale(module_in(given), f"{given.name}{path}", path.removeprefix("/nixos/modules/"))
            return Foreign.harmless(f"{given.name}{path}")
        if given.kind is InputKind.HEADSCALE and path.startswith("/nix"):
            name = f"{given.name}{path}"
            return self._headscale(module_of_flake(given), name, name)
        if given.kind is InputKind.WITHOUT_HEADSCALE:
            return Foreign.harmless(f"{given.name}{path}")
        return Foreign.opening(Unknown(Why.INPUT, f"inputs.{given.name}{path}"))

    def _foreign_module(self, module: ForeignModule) -> Foreign:
        name = f"inputs.{module.input.name}.nixosModules.{module.name}"
        match module.input.kind:
            case InputKind.HEADSCALE:
                return self._headscale(module_of_flake(module.input), name, name)
            case (
                InputKind.NIXPKGS
                | InputKind.WITHOUT_HEADSCALE
                | InputKind.FLAKE_PARTS
                | InputKind.FLAKE_UTILS
                | InputKind.SNOWFALL_LIB
            ):
                return Foreign.harmless(name)
            case _:
                return Foreign.opening(Unknown(Why.INPUT, name))

    def _headscale(self, module: Inferred[ModuleEra], name: str, key: str) -> Foreign:
        module = self.wanted.module_of(module)
        return Foreign.headscale(module.value, name, key, module.among)


__all__ = ["DEFAULT_SYSTEM", "NixOS", "NixosSystem"]
