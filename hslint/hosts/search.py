"""Paths → projects → their hosts: of every flake and flake-less entry, of their containers, and of the modules that none of them uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from hslint.hosts import discovery, machines
from hslint.hosts.discovery import CannotInspect, Scope, lies_in, upwards
from hslint.hosts.git_index import tracked_files
from hslint.hosts.inspection import Inspection, Options, SkippedHosts, joined, out_of_time, with_host
from hslint.hosts.inspector import Inspector, MachineRecipe, Territory, WholeRecipe
from hslint.hosts.machines import Machines
from hslint.hosts.policy import policy_file
from hslint.hosts.unread_modules import unread_flake_modules
from hslint.hosts.unused_modules import UnusedModules
from hslint.record import replace
from hslint.source import Project
from hslint.spelling import nearest
from hslint.values.budget import Interrupted
from hslint.values.value import Attrs, Bool, Failure, Kind, Lazy, Path, Unknown, Value


def inspect_project(scope: Scope, options: Options, buffers: Mapping[str, bytes] | None = None) -> Inspection:
    """Find the hosts of one project. Raises CannotInspect for what cannot be inspected at all."""
    return _Search(Inspector(Project(scope.root.path, buffers), scope, options)).inspection()


def inspect_projects(
    found: Sequence[tuple[Scope, Options]], buffers: Mapping[str, bytes] | None = None
) -> list[Inspection]:
    """The hosts of each project. Raises CannotInspect for what cannot be inspected at all."""
    inspections = [inspect_project(scope, options, buffers) for scope, options in found]
    host = next((options.host for _, options in found if options.host is not None), None)
    return inspections if host is None else with_host(inspections, host)


def open_project(paths: Sequence[str], options: Options, buffers: Mapping[str, bytes] | None = None) -> Inspection:
    """The hosts of all projects of the paths, joined. Raises CannotInspect for what cannot be inspected at all."""
    buffers = discovery.by_real_directory(buffers)
    return joined(inspect_projects([(scope, options) for scope in discovery.scopes(paths, buffers)], buffers))


class _Search:
    """The search for the hosts of one project."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector
        self.project = inspector.project
        self.scope = inspector.scope
        self.options = inspector.options
        self.tree = inspector.tree

    def inspection(self) -> Inspection:
        """Raises Interrupted when the deadline is cancelled; once it has expired, there may be more hosts than those found."""
        try:
            if self.options.alone:
                self._alone_only()
            else:
                self._all()
        except Interrupted:
            if self.options.deadline.cancelled:
                raise
            late = out_of_time()
            self.inspector.skipped[late.reason, None, "", False] = late
        return Inspection(
            self.project,
            list(self.inspector.hosts.values()),
            self._named(),
            frozenset(self.inspector.named_hosts),
            tuple(each for each in self.inspector.skipped.values() if self._is_reported(each)),
            (self.project,),
            self.options.deadline,
            {path: why for each in self.inspector.territories.values() for path, why in each.nixos.malformed.items()},
            tuple(self._stray_settings()),
        )

    def _stray_settings(self) -> Iterator[str]:
        """The settings for hosts that there are certainly none of."""
        if self.options.alone or any(not each.names for each in self.inspector.skipped.values()):
            return
        known = [*self.inspector.hosts, *(name for each in self.inspector.skipped.values() for name in each.names)]
        for name, options in self.options.hosts.items():
            if name not in known:
                near = nearest(name, known)
                yield f"{options.place}: there is no host {name}" + (f"; did you mean {near}?" if near else "")

    def _all(self) -> None:
        for target in self.scope.targets:
            if target.directory and not any(lies_in(path, target.path) for path in self.tree.files):
                raise CannotInspect(f"{target.path}: {_why_nothing(self.scope)}")
        if self.tree.flakes:
            self.inspector.tracked = tracked_files(self.project)
        for directory in self.tree.flakes:
            with self.inspector.each(directory):
                self._flake(directory)
        for path in self.tree.sets_of_machines:
            with self.inspector.each(path):
                self._set_of_machines(path)
        self._configurations()
        self.inspector.containers(list(self.inspector.hosts.values()))
        UnusedModules(self.inspector).find()
        self._policies()

    def _alone_only(self) -> None:
        files = [t.path for t in self.scope.targets if not t.directory and os.path.basename(t.path) != "flake.nix"]
        files = [path for path in files if path not in self.tree.policies]
        if not files:
            self._all()
        for path in files:
            name = "default" if len(files) == 1 else self.inspector.relative(path)
            host = self.inspector.standalone(path, name, _module_file(path))
            self.inspector.hosts[host.name] = host
            self.inspector.containers([host])

    def _policies(self) -> None:
        """A policy that was named, and that no host is seen to use, is checked by itself."""
        if not self.tree.policies:
            return
        used = {file.path for host in self.inspector.hosts.values() if (file := policy_file(host)) is not None}
        for path in self.tree.policies:
            if path not in used:
                with self.inspector.each(path):
                    host = self.inspector.standalone(path, self.inspector.relative(path), _only_enabled)
                    host = replace(host, policy=path)
                    self.inspector.hosts[host.name] = host
                    self.inspector.named_hosts.add(host.name)

    # -- what the report is limited to ---------------------------------------------------------------------------------

    def _named(self) -> tuple[str, ...]:
        if self.options.whole_project:
            return ()
        named: list[str] = []
        for target in self.scope.targets:
            path = target.start if os.path.basename(target.path) == "flake.nix" else target.path
            if path == self.scope.root.path:
                return ()
            named.extend(dict.fromkeys((path, os.path.realpath(path))))
        return tuple(named)

    def _is_reported(self, skipped: SkippedHosts) -> bool:
        named = self._named()
        within = skipped.within
        return not named or not within or any(lies_in(within, each) or lies_in(each, within) for each in named)

    # -- flakes --------------------------------------------------------------------------------------------------------

    def _flake(self, directory: str) -> None:
        file = os.path.join(directory, "flake.nix")
        territory = self.inspector.territory(file)
        flake = territory.flake
        assert flake is not None
        unread: list[Failure | Unknown] = []
        for output in machines.of_flake(flake, territory.nixos):
            # Machines that another output has are the same ones by another name: what kept the first from being read does not matter.
            unread = [*output.unread] if output.found else [*unread, *output.unread]
            self._machines(territory, output, file, directory)
            if output.found:
                break
        for why in (*unread, *unread_flake_modules(flake)):
            self.inspector.skip((), why, directory)

    def _machines(self, territory: Territory, found: Machines, file: str, within: str) -> None:
        """The hosts of one output, or of a file that is no flake."""
        for name, lazy in found.found.items():
            territory.ev.renew()
            value = lazy.outcome()
            system = machines.system_of(lazy)
            if system is not None:
                unique = self.inspector.unique(name, within)
                host = self.inspector.add(territory, unique, system, MachineRecipe(file, found.output, name, unique))
                if self.inspector.is_named_file(file):
                    self.inspector.named_hosts.add(host.name)
            elif isinstance(value, Failure | Unknown):
                self.inspector.skip((name,), value, within)
            else:
                self.inspector.skip((name,), Failure(Kind.ERROR, "is not a NixOS system", value.span), within)

    # -- entries that are no flakes ------------------------------------------------------------------------------------

    def _set_of_machines(self, path: str) -> None:
        if self.tree.flake_of(path) is not None and os.path.basename(path) == "default.nix":
            return
        territory = self.inspector.territory(path)
        if path in territory.ev.imported:
            return  # the flake's own hosts are made of it
        for found in machines.of_file(territory.nixos, path):
            self._machines(territory, found, path, path)
            for why in found.unread:
                self.inspector.skip((), why, path)
            if found.found:
                return

    def _configurations(self) -> None:
        """The configuration.nix files that are machines of their own: none that another host imports, and none of a flake's whose
        hosts were found or may exist.
        """
        imported = self.inspector.coverage().modules if self.inspector.hosts else frozenset[str]()
        entries = [path for path in self.tree.configurations if path not in imported and not self._is_of_hosts(path)]
        made = {path: self.inspector.whole(self.inspector.territory(path), path) for path in entries}
        files = {path: self.inspector.files_of(system) for path, system in made.items()} if len(entries) > 1 else {}
        own = [path for path in entries if not any(path in files[other] for other in entries if other != path)]
        for path in own:
            name = "default" if len(own) == 1 else os.path.basename(os.path.dirname(path)) or "default"
            unique = self.inspector.unique(name, os.path.dirname(path))
            host = self.inspector.add(self.inspector.territory(path), unique, made[path], WholeRecipe(path, unique))
            if self.inspector.is_named_file(path):
                self.inspector.named_hosts.add(host.name)

    def _is_of_hosts(self, path: str) -> bool:
        """Whether a file belongs to a flake, or to a set of machines, that has hosts or may have some."""
        around = self.tree.flake_of(path)
        territory = self.inspector.territories.get(around) if around is not None else None
        if territory is not None:
            return bool(territory.hosts) or territory.unread
        return any(
            each.within == os.path.join(above, name)
            for above in upwards(os.path.dirname(path), self.project.root)
            for name in ("default.nix", "hive.nix", "network.nix")
            for each in self.inspector.skipped.values()
        )


def _why_nothing(scope: Scope) -> str:
    if scope.recursive:
        return "holds no .nix file"
    return "holds no .nix file itself, and all below it is too much to look at; name the flake or the directory that you mean"


def _only_enabled(territory: Territory) -> Sequence[Lazy]:
    """A module that says nothing but that Headscale is on."""
    module: Value = Bool(True)
    for name in ("enable", "headscale", "services"):
        module = Attrs({name: Lazy.done(module)})
    return [Lazy.done(module)]


def _module_file(path: str) -> Callable[[Territory], Sequence[Lazy]]:
    return lambda territory: [Lazy.done(Path(path))]
