"""Paths → hosts: the hosts of a flake, of the configurations of a tree, and of modules that no configuration uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from hslint.catalogue import ModuleEra, Release, module_era, resolve
from hslint.hosts import discovery
from hslint.hosts.discovery import CannotInspect, Target
from hslint.hosts.flake import Flake
from hslint.hosts.host import UNSEEN, Host
from hslint.hosts.inputs import Input
from hslint.hosts.lock import read_lock
from hslint.hosts.nixos import NixOS, NixosSystem
from hslint.hosts.parts import nixos_modules_in
from hslint.hosts.release import Inferred, Runs, Wanted, module_in, release_of
from hslint.record import Record, replace
from hslint.source import Project, Span
from hslint.syntax.parse import parse
from hslint.values.evaluate import Evaluator
from hslint.values.value import Attrs, Failure, Kind, Lazy, Null, Path, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.hosts.secrets import Secrets

#: Where flakes keep machines, by the tools that deploy them.
_CONFIGURATIONS = "nixosConfigurations"
_BY_SYSTEM = ("packages", "legacyPackages")
_HIVES = ("colmena", "colmenaHive")


class Options(Record):
    """What the user asks for."""

    headscale: str | None = None
    #: A name, or a module that the catalogue does not have.
    module: str | ModuleEra | None = None
    alone: bool = False
    host: str | None = None
    #: What says so.
    headscale_from: str = "--headscale"
    module_from: str = "--module"
    #: Judge every host as it will be, or was, with this release.
    moved_to: Release | None = None


class Unjudged(Record):
    """Hosts that could not be evaluated: what Nix would stop at, as far as can be told, or what cannot be told at all.

    Without names: an unknown number of them, which an output holds or may hold.
    """

    names: tuple[str, ...]
    why: Failure | Unknown
    #: The same in one line for people.
    reason: str

    @property
    def at(self) -> Span | None:
        """The place in the project where it went wrong; models of other flakes have none."""
        span = self.why.span
        return span if span is not None and span.file.path.startswith("/") else None


class Inspection(Record):
    """The hosts found, those that could not be evaluated, and which places the user asked about."""

    project: Project
    hosts: Sequence[Host]
    #: Set when single modules were named: only findings that touch them are shown.
    named: frozenset[str] = frozenset()
    unjudged: tuple[Unjudged, ...] = ()

    def told(self, unjudged: Unjudged) -> str:
        """One line for people: which hosts, where it went wrong, and why."""
        names = unjudged.names
        which = f"host{'' if len(names) == 1 else 's'} {', '.join(names)}" if names else "hosts of the flake"
        at = unjudged.at
        place = "" if at is None else f"{self.project.relative(at.file.path)}:{at.file.position(at.start).line + 1}: "
        return f"{which} could not be evaluated: {place}{unjudged.reason}"

    def concerns(self, span: Span) -> bool:
        """Whether a place lies in a named file, or is the value of what a named file defines (`base_domain = domain;`)."""
        return not self.named or span.file.path in self.named or span in self._handed_on

    @cached_property
    def secrets(self) -> Secrets:
        """What must not be shown of the project."""
        from hslint.hosts.secrets import Secrets  # only where there is something to show

        return Secrets(self.project, self.hosts)

    @cached_property
    def _handed_on(self) -> frozenset[Span]:
        """Where values were written that named files give to options of Headscale."""
        return frozenset(
            setting.value.span
            for host in self.hosts
            for setting in host.written("")
            if setting.value.span is not None
            and any(d.place is not None and d.place.file.path in self.named for d in setting.definitions)
        )


def open_project(paths: Sequence[str], options: Options, buffers: Mapping[str, bytes] | None = None) -> Inspection:
    """Find the hosts behind the paths. Raises CannotInspect for what cannot be inspected at all."""
    buffers = {os.path.abspath(path): text for path, text in (buffers or {}).items()}
    targets = [discovery.target(path, os.path.abspath(path) in buffers) for path in paths] or [
        discovery.target(".", False)
    ]
    wanted = _wanted(options)
    roots = [discovery.project_root(target) for target in targets]
    root = os.path.commonpath([root for root, _ in roots])
    inspection = _Inspector(Project(root, buffers), wanted, options)
    for target, (_, marked) in zip(targets, roots, strict=True):
        inspection.add(target, marked)
    return inspection.result()


def _wanted(options: Options) -> Wanted:
    release = module = None
    if options.headscale is not None:
        resolved = resolve(options.headscale)
        if resolved is None:
            raise CannotInspect(
                f"{options.headscale_from} {options.headscale}: not a release; write it like 0.28 or 0.28.0"
            )
        release = Inferred(resolved.known, options.headscale_from, asked=True)
    if options.module is not None:
        era = options.module if isinstance(options.module, ModuleEra) else module_era(options.module)
        if era is None:
            from hslint.catalogue import ERAS

            raise CannotInspect(
                f"{options.module_from} {options.module}: no such module; known are in-repo, {', '.join(ERAS)}"
            )
        module = Inferred(era, options.module_from, asked=True)
    return Wanted(release, module, options.moved_to)


class _Inspector:
    def __init__(self, project: Project, wanted: Wanted, options: Options) -> None:
        self.project = project
        self.wanted = wanted
        self.options = options
        self.ev = Evaluator(project, parse)
        self.nixos = NixOS(self.ev, wanted)
        self.hosts: dict[str, Host] = {}
        self.named: set[str] = set()
        self.whole = False
        #: One for each reason, however many hosts it keeps from being judged.
        self.unjudged: dict[tuple[str, Span | None], Unjudged] = {}
        self._flakes: set[str] = set()

    def result(self) -> Inspection:
        for host in list(self.hosts.values()):
            self._containers(host)
        hosts = [host for name, host in self.hosts.items() if self.options.host in (None, name)]
        named = frozenset[str]() if self.whole else frozenset(self.named)
        inspection = Inspection(self.project, hosts, named, tuple(self.unjudged.values()))
        if self.options.host is None:
            return inspection
        if hosts:
            return replace(inspection, unjudged=())
        known = ", ".join(self.hosts) or "none"
        missing = f"--host {self.options.host}: no such host; found: {known}"
        mine = (inspection.told(each) for each in inspection.unjudged if self.options.host in each.names)
        raise CannotInspect(next(mine, missing))

    def add(self, target: Target, marked: bool) -> None:
        flake = target.flake
        if self.options.alone and not target.directory and flake is None:
            self._module(target.path, alone=True)
            return
        if flake is not None and (
            target.path.endswith("flake.nix") or os.path.isfile(os.path.join(flake, "flake.nix"))
        ):
            self.whole = True
            self._flake(flake)
            self._strays(discovery.nix_files(flake))
            return
        if target.directory:
            self.whole = True
            self._directory(target.path)
            return
        self._named(target, marked)

    def _named(self, target: Target, marked: bool) -> None:
        """One module: judged on the hosts that use it, else by itself."""
        if discovery.is_entry(target.path) or not marked:
            flake = discovery.flake_above(target, self.project.root) if marked else None
            if flake is None:
                self.whole = True
                self._module(target.path, alone=False)
                return
        self.named.add(os.path.realpath(target.path))
        self.named.add(target.path)
        flake = discovery.flake_above(target, self.project.root)
        before = len(self.hosts)
        if flake is not None:
            self._flake(flake)
        else:
            for entry in filter(discovery.is_entry, discovery.nix_files(self.project.root)):
                self._module(entry, alone=False, name=self._entry_name(entry))
        self._settle()
        if target.path not in self.ev.imported:
            self._module(target.path, alone=len(self.hosts) > before)

    def _directory(self, directory: str) -> None:
        files = discovery.nix_files(directory)
        if not files:
            raise CannotInspect(f"{directory}: holds no .nix file")
        entries = [path for path in files if discovery.is_entry(path)]
        for entry in entries:
            self._module(entry, alone=False, name=self._entry_name(entry) if len(entries) > 1 else "default")
        self._strays(files)

    def _entry_name(self, path: str) -> str:
        return os.path.basename(os.path.dirname(path)) or "default"

    # -- flakes --------------------------------------------------------------------------------------------------------

    def _flake(self, directory: str) -> None:
        if directory in self._flakes:
            return
        self._flakes.add(directory)
        flake = Flake(directory, read_lock(self.project, directory), self.nixos)
        self.nixos.inputs = self.nixos.inputs or flake.nixpkgs()
        before = dict(self.unjudged)
        for output, machines in self._machines(flake):
            if machines and output != _CONFIGURATIONS:
                self.unjudged = (
                    before  # the same machines by another name: what kept the first from being read does not matter
                )
            for name, value in machines:
                self._host_of(name, value)
            if machines:
                return

    def _machines(self, flake: Flake) -> Iterator[tuple[str, Sequence[tuple[str, Lazy]]]]:
        """The outputs that may hold machines, the usual one first."""
        yield _CONFIGURATIONS, list(self._members(lambda: flake.output(_CONFIGURATIONS)))
        # `nix build .#nixosConfigurations.<host>`, as rebuild tools say it, looks below these as well.
        for output in _BY_SYSTEM:
            yield output, list(self._below_systems(flake, output))
        for hive in _HIVES:
            yield hive, list(self._hive(flake, hive))

    def _below_systems(self, flake: Flake, output: str) -> Iterator[tuple[str, Lazy]]:
        """The machines among the packages of each system; what is not seen there need not be there."""
        packages = Lazy(lambda _: flake.output(output) or Null()).outcome()
        for lazy in packages.items.values() if isinstance(packages, Attrs) else ():
            value = lazy.outcome()
            machines = value.items.get(_CONFIGURATIONS) if isinstance(value, Attrs) else None
            if machines is not None:
                yield from self._members(machines.force)

    def _members(self, of: Callable[[], Value | None]) -> Iterator[tuple[str, Lazy]]:
        try:
            value = of()
        except Failure as failure:
            self._not_judged((), failure)
            return
        if isinstance(value, Unknown):
            self._not_judged((), value)
        elif isinstance(value, Attrs):
            if value.rest is not None:
                self._not_judged((), value.rest)
            yield from sorted(value.items.items())

    def _hive(self, flake: Flake, name: str) -> Iterator[tuple[str, Lazy]]:
        """The nodes of a colmena hive: `{ meta; defaults; <node> = module; }`."""
        for node, lazy in (hive := dict(self._members(lambda: flake.output(name)))).items():
            if node in ("meta", "defaults", "network") or node.startswith("__"):
                continue
            modules = [*([hive["defaults"]] if "defaults" in hive else []), lazy]
            yield node, Lazy(lambda given: self._node(*given), (node, modules, hive.get("meta")))

    def _node(self, name: str, modules: Sequence[Lazy], meta: Lazy | None) -> Value:
        special: dict[str, Lazy] = {
            "name": Lazy.done(_string(name)),
            "nodes": Lazy.done(Unknown(Why.ARGUMENT, "nodes")),
        }
        given = meta.outcome() if meta is not None else None
        if isinstance(given, Attrs):
            for source in (given.get("specialArgs"), self._node_arguments(given, name)):
                arguments = source.outcome() if source is not None else None
                if isinstance(arguments, Attrs):
                    special.update(arguments.items)
        return self.nixos.system_value(modules, special, self.nixos.nixpkgs)

    def _node_arguments(self, meta: Attrs, name: str) -> Lazy | None:
        by_node = meta.get("nodeSpecialArgs")
        value = by_node.outcome() if by_node is not None else None
        return value.get(name) if isinstance(value, Attrs) else None

    def _host_of(self, name: str, lazy: Lazy) -> None:
        value = lazy.outcome()
        if isinstance(value, Attrs) and isinstance(value.native, NixosSystem):
            self.hosts[name] = self._host(name, value.native)
        elif isinstance(value, Failure | Unknown):
            self._not_judged((name,), value)
        else:
            self._not_judged((name,), Failure(Kind.ERROR, "is not a NixOS system", value.span))

    def _not_judged(self, names: tuple[str, ...], why: Failure | Unknown) -> None:
        said = why.message if isinstance(why, Failure) else why.reason
        found = Unjudged(names, why, self.project.shortened(said).strip().partition("\n")[0])
        before = self.unjudged.get((found.reason, found.at))
        self.unjudged[found.reason, found.at] = replace(found, names=(*before.names, *names)) if before else found

    # -- modules -------------------------------------------------------------------------------------------------------

    def _module(self, path: str, *, alone: bool, name: str = "default") -> None:
        """A host out of one module file. Alone, its arguments may be anything."""
        if any(host.name == name for host in self.hosts.values()) and name == "default":
            name = self.project.relative(path)
        entry = discovery.is_entry(path)
        system = self._alone(Lazy.done(Path(path))) if alone else self._whole(path, entry=entry)
        hosts = [self._host(name, system, alone=alone)]
        if alone or (not entry and not _stands_alone(hosts[0])):
            hosts = list(self._stray(path, name)) or hosts
        self.hosts.update((host.name, host) for host in hosts)

    def _whole(self, path: str, *, entry: bool) -> NixosSystem:
        """A module as a whole configuration. Only one that stands for a machine is known to be given no arguments."""
        unknown = None if entry else Unknown(Why.ARGUMENT, "")
        value = self.nixos.system_value([Lazy.done(Path(path))], {}, self.nixos.nixpkgs, unknown_arguments=unknown)
        assert isinstance(value.native, NixosSystem)
        return value.native

    def _strays(self, files: Iterable[str]) -> None:
        """Files that speak of Headscale and belong to no host, each judged by itself. Where no host could be found, what became
        of a file that something imports cannot be told either.
        """
        self._settle()
        used = set(self.ev.imported) if self.hosts else set()
        unused = (path for path in files if path not in used and not path.endswith("/flake.nix"))
        for path in discovery.mentioning_headscale(self.project, unused):
            self.hosts.update((host.name, host) for host in self._stray(path, self.project.relative(path)))

    def _stray(self, path: str, name: str) -> Iterator[Host]:
        """A module by itself, if it has anything to do with Headscale; of a file with modules in it, those."""
        inside = list(nixos_modules_in(self.ev, path))
        modules = inside or [("", Lazy.done(Path(path)))]
        for module, lazy in modules:
            host = self._host(f"{name}: {module}" if len(modules) > 1 else name, self._alone(lazy), alone=True)
            if host.written("") or any(failure.option.startswith("services.headscale.") for failure in host.failures):
                yield host
            elif not inside:
                parsed = self.ev.parsed.get(path)
                if parsed is not None and parsed.problems and b"services.headscale" in parsed.file.text:
                    yield host

    def _alone(self, module: Lazy) -> NixosSystem:
        """A module without the configuration around it: arguments and other modules may be anything."""
        value = self.nixos.system_value(
            [module],
            {},
            self.nixos.nixpkgs,
            unknown_modules=UNSEEN,
            unknown_arguments=Unknown(Why.ARGUMENT, ""),
        )
        assert isinstance(value.native, NixosSystem)
        return value.native

    def _settle(self) -> None:
        """Import what the hosts import, so that it is known which files belong to none."""
        for host in list(self.hosts.values()):
            _ = host.configuration.files

    def _host(self, name: str, system: NixosSystem, *, alone: bool = False) -> Host:
        return Host(
            name,
            system.configuration,
            lambda host: self._runs(host, system.nixpkgs),
            self.project,
            self.ev.parsed,
            alone=alone,
        )

    def _containers(self, machine: Host) -> None:
        """Headscale in a NixOS container is a host of its own."""
        for name, configuration in machine.configuration.containers.items():
            host = replace(machine, name=f"{machine.name}/{name}", configuration=configuration, contained=True)
            if host.decided or host.written():
                self.hosts[host.name] = host

    def _runs(self, host: Host, nixpkgs: Input | None) -> Runs:
        module = module_in(nixpkgs)
        for imported in host.configuration.imported_modules:
            foreign = imported.foreign
            if foreign is not None and foreign.era is not None and imported.counted and not imported.disabled:
                module = Inferred(foreign.era, foreign.name, imported.at, foreign.among)
        release = release_of(host.setting("package"), self.nixos.pinned)
        return Runs(self.wanted.release_of(release), self.wanted.module_of(module))


def _stands_alone(host: Host) -> bool:
    """Whether a module can be a whole configuration: it says whether Headscale is enabled, and needs nothing that others define."""
    return (host.active or host.decided) and all(
        failure.kind is not Kind.MISSING_ATTRIBUTE for failure in host.all_failures
    )


def _string(text: str) -> Value:
    from hslint.values.value import String

    return String(text)


__all__ = ["CannotInspect", "Inspection", "Options", "Unjudged", "open_project"]
