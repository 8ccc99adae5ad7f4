"""Makes and names the hosts of one project, and keeps what could not be evaluated (hslint.hosts.search looks for them)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from hslint.catalogue import ModuleVersion, module_version, resolve, why_unknown
from hslint.hosts import machines
from hslint.hosts.coverage import Coverage
from hslint.hosts.discovery import CannotInspect, Scope, lies_in
from hslint.hosts.flake import Flake
from hslint.hosts.git_index import TrackedFiles
from hslint.hosts.host import HEADSCALE, REST_OF_CONFIGURATION, Container, Host, UntrackedImport
from hslint.hosts.inputs import CHANNEL, Input
from hslint.hosts.inspection import Options, SkippedHosts
from hslint.hosts.lock import read_lock
from hslint.hosts.nixos import NixOS, NixosSystem, SystemArguments
from hslint.hosts.release import Inferred, Runs, Wanted, agreement, bounded_below, module_in, named_release, release_of
from hslint.hosts.surroundings import Surroundings
from hslint.hosts.tree import CONFIGURATION, Tree
from hslint.modules import Configuration
from hslint.record import Entity, Record, replace
from hslint.source import Project, SourceFile, Span
from hslint.syntax.parse import Parsed, parse
from hslint.values.assumptions import Assumptions
from hslint.values.conditions import Atom
from hslint.values.evaluate import NixEvaluator
from hslint.values.evaluator import Evaluator
from hslint.values.value import Failure, Kind, Lazy, NotKnown, Path, String, Unknown, Why

#: Where nothing that was read says whether Headscale is on, it is: what is wrong with it is wrong wherever it runs.
HEADSCALE_IS_ON = {Atom(f"{HEADSCALE}.enable"): True}


class Territory(Entity):
    """The part of a project that sees the same inputs: those of a flake, or those that npins or niv pin."""

    directory: str
    ev: Evaluator
    nixos: NixOS
    hosts: list[Host]
    flake: Flake | None
    #: Whether there may be hosts of it that were not found.
    unread: bool = False


#: How a host is made anew, by an inspector that assumes something else; None where it does not exist then.
Recipe = Callable[["Inspector"], Host | None]


class Inspector:
    """Makes and names the hosts of one project."""

    def __init__(
        self,
        project: Project,
        scope: Scope,
        options: Options,
        assumptions: Assumptions | None = None,
        tree: Tree | None = None,
    ) -> None:
        self.project = project
        self.scope = scope
        self.options = options
        self.wanted = wanted_of(options)
        self.tree = tree or Tree(project, scope)
        self.assumptions = assumptions or Assumptions(HEADSCALE_IS_ON)
        self.hosts: dict[str, Host] = {}
        self.named_hosts: set[str] = set()
        #: One for each reason, however many hosts it keeps from being evaluated.
        self.skipped: dict[tuple[str, Span | None, str, bool], SkippedHosts] = {}
        self.parsed: dict[str, Parsed] = {}
        self.territories: dict[str, Territory] = {}
        self.tracked: TrackedFiles | None = None
        self._others: dict[tuple[frozenset[tuple[Atom, bool]], bool], Inspector] = {}
        self._agreements: dict[tuple[str, int], Runs | None] = {}

    def assuming(self, assumptions: Assumptions) -> Inspector:
        """An inspector that has found nothing yet, for the same project, with evaluators of its own: those of one set of assumptions
        are shared by all hosts that are made anew under it.
        """
        key = None if assumptions.greedy else (frozenset(assumptions.holds.items()), assumptions.closed)
        other = self._others.get(key) if key is not None else None
        if other is None:
            other = Inspector(self.project, self.scope, self.options, assumptions, self.tree)
            other.parsed, other.tracked, other._others = self.parsed, self.tracked, self._others
            if key is not None:
                self._others[key] = other
        return other

    @contextmanager
    def each(self, within: str) -> Iterator[None]:
        """One flake, entry or file: what cannot be evaluated of it is named, and the others go on, each with a budget of its own."""
        self.territory(within if within.endswith(".nix") else os.path.join(within, "flake.nix")).ev.renew()
        try:
            yield
        except CannotInspect:
            raise
        except NotKnown as unknown:
            self.skip((), unknown.unknown, within)
        except Failure as failure:
            self.skip((), failure, within)
        except RecursionError:
            self.skip((), Failure(Kind.RECURSION, "it nests more deeply than hslint can follow"), within)
        except Exception as error:
            if os.environ.get("HSLINT_TRACEBACK"):
                raise
            message = f"internal-error: {type(error).__name__}: {error}".rstrip(": ")
            self.skip((), Failure(Kind.ERROR, message), within, defect=True)

    def is_named_file(self, path: str) -> bool:
        return any(not target.directory and target.path == path for target in self.scope.targets)

    def unique(self, name: str, within: str) -> str:
        """The host's name; where another flake has one of that name, with the flake before it, as Nix would write it."""
        relative = self.relative(within)
        return name if name not in self.hosts else f"{relative}#{name}"

    def files_of(self, system: NixosSystem) -> frozenset[str]:
        with system.configuration.turn(again=False):
            return frozenset(file.path for file in system.configuration.files)
        return frozenset()

    # -- containers ----------------------------------------------------------------------------------------------------

    def containers(self, hosts: Iterable[Host]) -> None:
        """Headscale in a NixOS container is a host of its own."""
        for machine in hosts:
            with machine.configuration.turn(again=False):
                self._containers_of(machine)

    def _containers_of(self, machine: Host) -> None:
        for name, configuration in machine.configuration.containers.items():
            host = _contained(machine, name, configuration)
            if host.decided or host.configures_headscale:
                self.hosts[host.name] = host
                if machine.name in self.named_hosts:
                    self.named_hosts.add(host.name)

    # -- hosts ---------------------------------------------------------------------------------------------------------

    def territory(self, path: str) -> Territory:
        directory = self.tree.territory_of(path)
        found = self.territories.get(directory)
        if found is None:
            ev = NixEvaluator(
                self.project,
                parse,
                deadline=self.options.deadline,
                assumptions=self.assumptions,
                parsed=self.parsed,
            )
            nixos = Surroundings(ev, self.wanted, directory)
            flake = None
            if directory in self.tree.flakes:
                flake = Flake(directory, read_lock(self.project, directory), nixos)
                nixos.inputs = nixos.inputs or flake.nixpkgs()
            found = self.territories[directory] = Territory(directory, ev, nixos, [], flake)
        return found

    def add(self, territory: Territory, name: str, system: NixosSystem, recipe: Recipe) -> Host:
        host = self.host(territory, name, system, recipe)
        territory.hosts.append(host)
        self.hosts[name] = host
        return host

    def whole(self, territory: Territory, path: str) -> NixosSystem:
        """A module as a whole configuration. Arguments that a flake or a hive may pass, and that are not seen, are unknown."""
        machine = os.path.basename(path) == CONFIGURATION
        passed = not machine or self.tree.flakes or self.tree.sets_of_machines
        unknown = Unknown(Why.ARGUMENT, "") if passed else None
        nixpkgs = territory.nixos.nixpkgs or (CHANNEL if machine else None)
        return territory.nixos.system(SystemArguments([Lazy.done(Path(path))], {}, nixpkgs, unknown_arguments=unknown))

    def configuration(self, path: str, name: str) -> Host:
        """A file as a whole configuration."""
        return WholeRecipe(path, name)(self)

    def standalone(
        self, path: str, name: str, modules: Callable[[Territory], Sequence[Lazy]], agreed: Runs | None = None
    ) -> Host:
        """Modules of a file as a host without the configuration around them; of what the hosts beside them run, where those agree."""
        territory = self.territory(path)
        agreed = agreed or self._agreed(territory)
        system = self.part(territory, modules(territory), agreed.module if agreed is not None else None)
        return self.host(
            territory,
            name,
            system,
            lambda other: other.standalone(path, name, modules, agreed),
            agreed=agreed,
            alone=True,
        )

    def _agreed(self, territory: Territory) -> Runs | None:
        """The release and module that all hosts of a territory with Headscale share; None where they differ or none is known."""
        key = (territory.directory, len(territory.hosts))
        if key not in self._agreements:
            running: list[tuple[str, Runs]] = []
            for host in territory.hosts:
                with host.configuration.turn():
                    if host.is_enabled:
                        running.append((host.name, host.runs))
            self._agreements[key] = agreement(running)
        return self._agreements[key]

    def part(
        self, territory: Territory, modules: Sequence[Lazy], module: Inferred[ModuleVersion] | None = None
    ) -> NixosSystem:
        """Modules without the configuration around them: arguments and other modules may be anything."""
        return territory.nixos.system(
            SystemArguments(
                modules,
                {},
                territory.nixos.nixpkgs,
                unknown_modules=REST_OF_CONFIGURATION,
                unknown_arguments=Unknown(Why.ARGUMENT, ""),
                module=module,
            ),
        )

    def host(
        self,
        territory: Territory,
        name: str,
        system: NixosSystem,
        recipe: Recipe,
        *,
        agreed: Runs | None = None,
        alone: bool = False,
    ) -> Host:
        """A host; `recipe` makes it anew. `agreed` is what it runs as far as it says nothing itself."""
        wanted = self._wanted_of_host(name)
        if wanted.module != self.wanted.module:
            system = system.remade(wanted)
        return Host(
            name,
            system.configuration,
            lambda host: self._runs(territory, host, system.nixpkgs, wanted, agreed),
            self.project,
            self.parsed,
            alone=alone,
            reopen=lambda assumptions: recipe(self.assuming(assumptions)),
            nix_files=self.tree.files,
            find_untracked=None if alone or self.tracked is None else lambda host: self._untracked(territory, host),
        )

    def _wanted_of_host(self, name: str) -> Wanted:
        """The release and module that the user asks for: on the command line, in the settings of the host, or in those for all hosts."""
        own = self.options.hosts.get(name)
        if own is None:
            return self.wanted
        options = self.options
        if own.headscale is not None:
            options = replace(options, headscale=own.headscale, headscale_from=own.place)
        if own.module is not None:
            options = replace(options, module=own.module, module_from=own.place)
        return wanted_of(options)

    def _runs(
        self, territory: Territory, host: Host, nixpkgs: Input | None, wanted: Wanted, agreed: Runs | None
    ) -> Runs:
        module, imports_it = module_in(nixpkgs), False
        for imported in host.configuration.imported_modules:
            foreign = imported.foreign
            if foreign is not None and foreign.version is not None and imported.counted and not imported.disabled:
                module, imports_it = Inferred(foreign.version, foreign.name, imported.at, foreign.among), True
        package = host.setting("package")
        chosen = package.written and package.name_at is not None
        runs = Runs(release_of(package, territory.nixos.pinned), module)
        if agreed is not None:
            runs = runs.unless_known(agreed, release=not chosen, module=not imports_it)
        version = host.nixos("system.stateVersion").value if not runs.known else None
        if isinstance(version, String) and version.known is not None:
            runs = bounded_below(runs, version.known, release=not chosen)
        return Runs(wanted.release_of(runs.release), wanted.module_of(runs.module))

    def _untracked(self, territory: Territory, host: Host) -> Iterator[UntrackedImport]:
        """The files of the project that the host consists of, git does not track, and a flake in the repository therefore lacks."""
        assert self.tracked is not None
        mine: dict[str, Span] = {}
        for module in host.configuration.imported_modules:
            if module.at is not None:
                mine[module.key] = mine[os.path.join(module.key, "default.nix")] = module.at
        others = {file.path for each in territory.hosts for file in each.configuration.files}
        for path, at in territory.ev.import_places.items():
            # What the flake imports itself, or a module of this host does.
            if at.file.path.startswith("/") and (at.file.path in mine or at.file.path not in others):
                mine.setdefault(path, at)
        path_inputs = {directory for each in self.territories.values() for directory in each.nixos.path_inputs}
        for path, at in mine.items():
            parsed = self.parsed.get(path)
            real = os.path.realpath(path)
            if parsed is None or not os.path.lexists(path) or any(lies_in(real, each) for each in path_inputs):
                continue
            if lies_in(real, self.project.root) and not self.tracked.holds(os.path.relpath(real, self.project.root)):
                yield UntrackedImport(parsed.file, self.relative(path), at)

    # -- bookkeeping ---------------------------------------------------------------------------------------------------

    def read(self, path: str) -> Parsed | None:
        """A file's text, parsed; it counts as one that hosts consist of only once it was evaluated."""
        known = self.parsed.get(path)
        if known is not None:
            return known
        file = self.project.read(path)
        return parse(file) if isinstance(file, SourceFile) else None

    def relative(self, path: str) -> str:
        return self.project.relative(path)

    def coverage(self) -> Coverage:
        return Coverage(list(self.hosts.values()))

    def skip(
        self,
        names: tuple[str, ...],
        why: Failure | Unknown,
        within: str,
        *,
        modules: bool = False,
        defect: bool = False,
    ) -> None:
        said = why.message if isinstance(why, Failure) else why.reason
        reason = self.project.shortened(said).strip().partition("\n")[0]
        found = SkippedHosts(names, why, reason, within, modules, defect)
        key = (found.reason, found.at, within, bool(names) and modules)
        before = self.skipped.get(key)
        merged = tuple(dict.fromkeys((*before.names, *names))) if before is not None else names
        self.skipped[key] = replace(found, names=merged)
        territory = self.territories.get(within)
        if territory is not None:
            territory.unread = True


class MachineRecipe(Record):
    """The recipe of a machine that an output, or a file that is no flake, gives under a name."""

    file: str
    output: str
    name: str
    host: str

    def __call__(self, inspector: Inspector) -> Host | None:
        territory = inspector.territory(self.file)
        outputs = (
            machines.of_flake(territory.flake, territory.nixos)
            if territory.flake is not None and os.path.basename(self.file) == "flake.nix"
            else machines.of_file(territory.nixos, self.file)
        )
        found = next((each for each in outputs if each.output == self.output), None)
        lazy = found.found.get(self.name) if found is not None else None
        system = machines.system_of(lazy) if lazy is not None else None
        return None if system is None else inspector.host(territory, self.host, system, self)


class WholeRecipe(Record):
    """The recipe of a file that is a whole configuration."""

    path: str
    host: str

    def __call__(self, inspector: Inspector) -> Host:
        territory = inspector.territory(self.path)
        return inspector.host(territory, self.host, inspector.whole(territory, self.path), self)


def _contained(machine: Host, name: str, configuration: Configuration) -> Host:
    """The host in a container of a machine."""

    def reopen(assumptions: Assumptions) -> Host | None:
        around = machine.reopen(assumptions)
        inside = around.configuration.containers.get(name) if around is not None else None
        return None if around is None or inside is None else _contained(around, name, inside)

    named = f"{machine.name}/{name}"
    return replace(machine, name=named, configuration=configuration, container=Container(machine, name), reopen=reopen)


def wanted_of(options: Options) -> Wanted:
    """The release and the module that were asked for. Raises CannotInspect for names of none."""
    release = module = None
    if options.headscale is not None:
        resolved = resolve(options.headscale, previews=True)
        if resolved is None:
            raise CannotInspect(
                f"{options.headscale_from} {options.headscale}: not a release; write it like 0.28 or 0.28.0"
            )
        unknown = why_unknown(options.headscale)
        if unknown is not None:
            raise CannotInspect(f"{options.headscale_from} {options.headscale}: {unknown}")
        release = named_release(resolved, options.headscale_from, asked=True)
    if options.module is not None:
        version = options.module if isinstance(options.module, ModuleVersion) else module_version(options.module)
        if version is None:
            from hslint.catalogue import MODULE_VERSIONS  # late: it reads what every module of NixOS declares

            raise CannotInspect(
                f"{options.module_from} {options.module}: no such module; known are in-repo, {', '.join(MODULE_VERSIONS)}"
            )
        module = Inferred(version, options.module_from, asked=True)
    return Wanted(release, module, options.moved_to)


__all__ = ["Inspector"]
