"""The environment of a project's files: `lib`, `pkgs`, `nixosSystem`, `<nixpkgs>`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from hslint.catalogue import ModuleVersion
from hslint.hosts.inputs import (
    CHANNEL,
    ForeignModule,
    ImportedFile,
    Input,
    InputKind,
    InputPath,
    NamedOnDemand,
    foreign_module,
    inside_input,
    kind_of,
    same_tree,
)
from hslint.hosts.lock import Source, parse_url
from hslint.hosts.pins import pins_imported, pins_of
from hslint.hosts.release import Inferred, Wanted, module_in, module_of_flake
from hslint.modules import BaseModules, Configuration, Foreign, evaluate_modules, library_extra
from hslint.modules.foreign import NIXPKGS_KEY
from hslint.record import Record, replace
from hslint.values.evaluator import Evaluator
from hslint.values.packages import PackageSet, named_by_argument, package, package_set, with_overlays
from hslint.values.text import normalise_path
from hslint.values.value import (
    Attrs,
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

#: Where nixpkgs has the modules of NixOS.
_MODULES = "/nixos/modules"

#: Channels that people add beside the one that the machine follows.
_OTHER_CHANNELS = {
    name: Input(f"<{name}>", InputKind.NIXPKGS, Source("indirect", repo="nixpkgs", ref=name), "")
    for name in ("nixos-unstable", "unstable", "stable")
}


class SystemArguments(Record):
    """The arguments of `nixosSystem`, and which of them are unknown."""

    modules: Sequence[Lazy]
    special: Mapping[str, Lazy]
    nixpkgs: Input | None = None
    system: Lazy | None = None
    pkgs: Lazy | None = None
    extra: Lazy | None = None
    lib: Attrs | None = None
    #: Why there may be modules, and arguments of modules, beside these.
    unknown_modules: Unknown | None = None
    unknown_arguments: Unknown | None = None
    #: What is known of NixOS's own module for Headscale beside what the nixpkgs says.
    module: Inferred[ModuleVersion] | None = None


class NixosSystem(Record):
    """A configuration made by `nixosSystem`: what hosts look for in `native` of `nixosConfigurations.<name>`."""

    configuration: Configuration
    nixpkgs: Input | None
    #: The same with another module asked for.
    remade: Callable[[Wanted], NixosSystem]


class NixOS(ABC):
    """The environment of one evaluation; inputs and models are added above it (hslint.hosts.surroundings)."""

    def __init__(self, ev: Evaluator, wanted: Wanted, directory: str | None = None) -> None:
        self.ev = ev
        self.wanted = wanted
        #: Where npins or niv keep what they pin.
        self.directory = directory or ev.project.root
        #: Directories of the project that a flake takes as inputs (`path:./x`).
        self.path_inputs: set[str] = set()
        #: The lock files of the project that nothing could be made of, by path, and why.
        self.malformed: dict[str, str] = {}
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
        """The nixpkgs that an expression outside any host most likely sees."""
        return next(iter(self.pinned), None)

    # -- lib and pkgs --------------------------------------------------------------------------------------------------

    @cached_property
    def lib(self) -> Attrs:
        from hslint.values.nixpkgs_lib import library  # late: many a module never asks for it

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
        from hslint.values.nixpkgs_lib import extension  # late: as above

        items["extend"] = extension(Lazy.done(made))
        return made

    def packages(self, system: str, nixpkgs: Input | None) -> Value:
        """`pkgs` of a nixpkgs."""
        found = self._packages.get((system, nixpkgs))
        if found is None:
            of_nixpkgs = lambda packages: self._of_nixpkgs(nixpkgs or CHANNEL, packages)  # noqa: E731
            found = self._packages[system, nixpkgs] = package_set(self.ev, system, self._lib, nixpkgs, of_nixpkgs)
        return found

    def _of_nixpkgs(self, nixpkgs: Input, packages: PackageSet) -> dict[str, Lazy]:
        """The attributes of a package set that follow from its nixpkgs."""

        def nixos(ev: Evaluator, configuration: Lazy) -> Value:
            given = configuration.force()
            modules = given if isinstance(given, List) else List([configuration])
            arguments = Attrs({"modules": Lazy.done(modules), "pkgs": Lazy.done(packages)})
            return self._system(nixpkgs, Lazy.done(arguments))

        def patched(ev: Evaluator, arguments: Lazy) -> Value:
            """A patched source stands for the source; what the patches add is unknown."""
            source = ev.attrs(arguments).get("src")
            inside = inside_input(source.force()) if source is not None else None
            if inside is None:
                return named_by_argument(ev, arguments)
            return String.of((InputPath(replace(inside.input, patched=True)), inside.path))

        return {
            "path": Lazy.done(String.of((InputPath(nixpkgs),))),
            "nixos": Lazy.done(Primitive("nixos", 1, nixos)),
            "applyPatches": Lazy.done(Primitive("applyPatches", 1, patched)),
        }

    def foreign_packages(self, given: Input) -> Value:
        """`packages.<system>` of an input: whatever name is asked for is a package."""
        return NamedOnDemand(lambda name: package(given.name if name == "default" else name, given))

    def overlay(self, given: Input) -> Value:
        """An overlay of an input: Headscale's adds its package, the packages of others are unknown."""
        added = {"headscale": Lazy.done(package("headscale", given))} if given.kind is InputKind.HEADSCALE else {}
        return Primitive("overlay", 2, lambda ev, final, prev: Attrs(dict(added)))

    # -- what lies outside ---------------------------------------------------------------------------------------------

    @abstractmethod
    def input(self, given: Input) -> Value:
        """The stand-in value of an input that is not part of the project."""

    @abstractmethod
    def evaluate_model(self, name: str, own: Source | None = None) -> Value:
        """The outputs of a well-known flake, from the model of it that ships with hslint; `own` is the nixpkgs that it uses itself."""

    @abstractmethod
    def imported_framework(self, kind: InputKind) -> Value:
        """The value of `import inputs.<framework>`."""

    def search(self, name: str) -> Value:
        """`<nixpkgs>` and what lies below it."""
        head, _, tail = name.partition("/")
        given = CHANNEL if head in ("nixpkgs", "nixos") else _OTHER_CHANNELS.get(head)
        if given is not None:
            return String.of((InputPath(given), f"/{tail}" if tail else ""))
        return Unknown(Why.ENVIRONMENT, f"<{name}>")

    def imported(self, value: Value) -> Value | None:
        """The value of `import` for a path outside the project; None for a path that is to be read."""
        inside = inside_input(value)
        if inside is None:
            pins = pins_imported(self.ev.project, value.path) if isinstance(value, Path) else None
            return Attrs({name: Lazy(self.input, pin) for name, pin in pins.items()}) if pins is not None else None
        given = inside.input
        path = inside.path.removesuffix("/default.nix").rstrip("/")
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
                case "/flake.nix":
                    outputs = Primitive("outputs", 1, lambda ev, inputs: self.input(given))
                    return Attrs({"outputs": Lazy.done(outputs)}, rest=Unknown(Why.INPUT, f"{given.name}/flake.nix"))
                case _:
                    pass
        if not path and given.kind.model is not None:
            return self.imported_framework(given.kind)
        if given.kind is InputKind.SYSTEMS and not path:
            library = self.ev.select(self.evaluate_model("flake-utils"), "lib")
            return self.ev.select(library, "defaultSystems")
        return ImportedFile(inside)

    def fetched(self, fetcher: str, what: Value) -> Value | None:
        """The value of a fetcher's call, when it fetches something known."""
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
        patches = [Lazy.done(foreign_module(nixpkgs, "patches"))] if nixpkgs.patched else []
        return self.system_value(
            SystemArguments(
                [*listed.placed(), *patches],
                special,
                nixpkgs,
                system=argument("system"),
                pkgs=argument("pkgs"),
                extra=argument("extraArgs"),
                lib=library_value if isinstance(library_value, Attrs) else None,
                unknown_modules=listed.rest,
                unknown_arguments=special_rest,
            )
        )

    def system(self, given: SystemArguments, wanted: Wanted | None = None) -> NixosSystem:
        """A NixOS configuration, with what was asked for at first or something else."""
        configuration = self._configuration(given, wanted or self.wanted)
        return NixosSystem(configuration, given.nixpkgs, lambda other: self.system(given, other))

    def system_value(self, given: SystemArguments) -> Attrs:
        """A NixOS configuration as a value: `config`, `options`, `pkgs`; its NixosSystem is in `native`."""
        made = self.system(given)
        items = {
            "config": Lazy(lambda _: made.configuration.config),
            "options": Lazy(lambda _: made.configuration.options),
            "pkgs": given.pkgs or Lazy(lambda _: self.packages(DEFAULT_SYSTEM, given.nixpkgs)),
            "lib": Lazy(lambda _: given.lib or self.lib),
            "extendModules": Lazy.done(
                Primitive("extendModules", 1, lambda ev, more: self._extended(given, ev.attrs(more)))
            ),
        }
        return Attrs(items, rest=Unknown(Why.FUNCTION, "nixosSystem"), native=made)

    def _extended(self, given: SystemArguments, more: Attrs) -> Value:
        added, arguments = more.get("modules"), more.get("specialArgs")
        return self.system_value(
            replace(
                given,
                modules=[*given.modules, *(self.ev.list(added).items if added is not None else ())],
                special={**given.special, **(self.ev.attrs(arguments).items if arguments is not None else {})},
            )
        )

    def _configuration(self, given: SystemArguments, wanted: Wanted) -> Configuration:
        name = given.system.outcome() if given.system is not None else None
        known = name.known if isinstance(name, String) and name.known is not None else DEFAULT_SYSTEM
        arguments = {"pkgs": given.pkgs or Lazy(lambda _: self.packages(known, given.nixpkgs))}
        if given.extra is not None and isinstance(found := given.extra.outcome(), Attrs):
            arguments.update(found.items)
        own = given.nixpkgs or CHANNEL
        modules_path = String.of((InputPath(own), "/nixos/modules"))
        return evaluate_modules(
            self.ev,
            given.modules,
            {"modulesPath": Lazy.done(modules_path), **given.special},
            BaseModules(
                wanted.module_of(given.module or module_in(given.nixpkgs)).value,
                arguments,
                lambda value: self._foreign(value, own, wanted),
            ),
            Lazy.done(given.lib) if given.lib is not None else self._lib,
            unknown_modules=given.unknown_modules,
            unknown_arguments=given.unknown_arguments,
        )

    def _foreign(self, value: Value, nixpkgs: Input, wanted: Wanted) -> Foreign | None:
        """A module outside the project, as a configuration of a nixpkgs takes it. Its key is the path that names it; a
        function, such as `import` gives, has none.
        """
        if isinstance(value, Attrs) and isinstance(value.native, ForeignModule):
            return self._foreign_module(value.native, wanted)
        inside = value.inside if isinstance(value, ImportedFile) else inside_input(value)
        if inside is None:
            return None
        given, path = inside.input, normalise_path(inside.path) if inside.path else ""
        key = None if isinstance(value, ImportedFile) else inside.key
        name = f"{given.name}{path}"
        if given.kind is InputKind.NIXPKGS:
            if path != f"{_MODULES}/{NIXPKGS_KEY}":
                return Foreign.harmless(name)
            if key is not None and not inside.copied and same_tree(given, nixpkgs) is not False:
                key = inside.path.removeprefix(f"{_MODULES}/")
            return self._headscale(module_in(given), name, key, wanted)
        if given.kind is InputKind.HEADSCALE and path.startswith("/nix"):
            return self._headscale(module_of_flake(given), name, key, wanted)
        if given.kind is InputKind.WITHOUT_HEADSCALE:
            return Foreign.harmless(name)
        return Foreign.opening(Unknown(Why.INPUT, f"inputs.{name}"))

    def _foreign_module(self, module: ForeignModule, wanted: Wanted) -> Foreign:
        name = f"inputs.{module.input.name}.nixosModules.{module.name}"
        match module.input.kind:
            case InputKind.HEADSCALE:
                # `import ./nix/module.nix` in every release that has one: a function, without an identity.
                return self._headscale(module_of_flake(module.input), name, None, wanted)
            case InputKind.NIXPKGS | InputKind.WITHOUT_HEADSCALE:
                return Foreign.harmless(name)
            case kind if kind.model is not None:
                return Foreign.harmless(name)
            case _:
                return Foreign.opening(Unknown(Why.INPUT, name))

    def _headscale(self, module: Inferred[ModuleVersion], name: str, key: str | None, wanted: Wanted) -> Foreign:
        module = wanted.module_of(module)
        return Foreign.headscale(module.value, name, key, module.among)


__all__ = ["DEFAULT_SYSTEM", "NixOS", "NixosSystem", "SystemArguments"]
