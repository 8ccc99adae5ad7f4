"""Modules that no host uses: each is evaluated by itself, with the modules that it belongs to, or named as not evaluated."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import combinations

from hslint.hosts.coverage import Coverage
from hslint.hosts.discovery import NEEDLE, upwards
from hslint.hosts.host import REST_OF_CONFIGURATION, Host
from hslint.hosts.inspector import Inspector, Territory
from hslint.hosts.standalone import Standalone, imports, lists_of_modules, modules_of, standalone_modules, value_of
from hslint.hosts.tree import is_policy
from hslint.source import SourceFile
from hslint.syntax.enclosing import Enclosed
from hslint.values.value import Failure, Kind, Lazy, List, Path, Unknown

#: Modules that nothing imports, of which one may turn out to lead to the others by a way that the text does not show.
_FEW = 4
#: From so many modules on, a directory is a library for others to import.
_MANY = 12


class UnusedModules:
    """The files that set `services.headscale` and are part of no host of an inspector."""

    def __init__(self, inspector: Inspector) -> None:
        self.inspector = inspector
        self.project = inspector.project
        self.tree = inspector.tree
        #: Files that are modules.
        self.files: dict[str, Standalone] = {}
        #: Modules inside other files.
        self.inner: dict[str, list[Standalone]] = {}
        #: Files that name Headscale, and are not seen to set anything.
        self.silent: list[str] = []

    def find(self) -> None:
        """Add them to the inspector's hosts, or name them as skipped."""
        inspector = self.inspector
        self._look(inspector.coverage())
        if not self.tree.flakes and not inspector.hosts and self._whole_configurations():
            return
        before = len(inspector.hosts)
        self._listed_together()
        self._led_to()
        coverage = Coverage(list(inspector.hosts.values())[before:])
        for path in self.silent:
            if path not in coverage.modules:
                with inspector.each(path):
                    self._file(path, self._part(path), sets_headscale=False)
        for path, modules in self.inner.items():
            with inspector.each(path):
                self._inner_modules(path, [module for module in modules if not coverage.covers(module, path)])

    def _look(self, coverage: Coverage) -> None:
        for path in self.project.mentioning(NEEDLE, self.tree.kept(self.tree.files)):
            parsed = self.inspector.read(path)
            if parsed is None:
                continue
            found = standalone_modules(parsed)
            unused = [each for each in found if not coverage.covers(each, path)]
            self.files.update((path, each) for each in unused if each.is_file)
            if inner := [each for each in unused if not each.is_file]:
                self.inner[path] = inner
            if not found and path not in coverage.modules and not path.endswith("/flake.nix"):
                self.silent.append(path)

    # -- whole configurations ------------------------------------------------------------------------------------------

    def _whole_configurations(self) -> bool:
        """Where nothing else makes hosts and one module leads to all that is about Headscale, that is the whole configuration; of
        several that rival each other, each is.
        """
        if len(self.files) > _MANY:
            return False
        inspector = self.inspector
        named = [t.path for t in inspector.scope.targets if not t.directory and not is_policy(t.path)]
        tops = {self._importer_of(path) for path in self.files or self.silent}
        candidates = dict.fromkeys((*sorted(tops), *named))
        if len(candidates) > _FEW:
            return False
        systems = {path: inspector.whole(inspector.territory(path), path) for path in candidates}
        files = {path: inspector.files_of(system) for path, system in systems.items()}
        about = {*self.files, *self.silent}
        # What was named and has nothing to do with the others is no rival of theirs.
        roots = [
            path
            for path in candidates
            if not any(path in files[other] for other in candidates if other != path)
            and (path in tops or not tops or files[path] & about)
        ]
        if not roots:
            return False
        named_after = inspector.relative if len(roots) > 1 else lambda _: "default"
        hosts = {path: inspector.configuration(path, named_after(path)) for path in roots}
        if any(path in tops and not _stands_alone(host) for path, host in hosts.items()) or not _are_rivals(
            hosts.values()
        ):
            return False
        for path, host in hosts.items():
            inspector.territory(path).hosts.append(host)
            inspector.hosts[host.name] = host
            if inspector.is_named_file(path):
                inspector.named_hosts.add(host.name)
            inspector.containers([host])
        return True

    def _importer_of(self, path: str) -> str:
        """The file beside or above that leads to a module, if one does."""
        seen: set[str] = set()
        while path not in seen:
            seen.add(path)
            directory, name = os.path.split(path)
            written = os.fsencode(os.path.basename(directory) if name == "default.nix" else name)
            around = upwards(directory, self.project.root)
            for other in (file for above in around for file in self.tree.files_of(above)):
                if other in seen or other.endswith("/flake.nix"):
                    continue
                file = self.project.read(other)
                if not isinstance(file, SourceFile) or written not in file.text:
                    continue
                parsed = self.inspector.read(other)
                if parsed is not None and imports(parsed, path, self.project.exists):
                    path = other
                    break
        return path

    # -- modules that belong together ----------------------------------------------------------------------------------

    def _listed_together(self) -> None:
        """Modules of one list belong to one host, also where what makes a host of it is not read."""
        for territory in list(self.inspector.territories.values()):
            for path in [*territory.ev.imported]:
                parsed = self.inspector.parsed.get(path)
                if parsed is None or not self.files:
                    continue
                for listed, files in lists_of_modules(parsed, self.files, self.project.exists):
                    if files & self.files.keys():
                        self._list(territory, listed, path)

    def _list(self, territory: Territory, listed: Enclosed, path: str) -> None:
        if not isinstance(value_of(territory.ev, listed).outcome(), List):
            return
        names = [name for name in listed.names if name != "outputs"]
        name = f"{self.inspector.relative(path)}: {'.'.join(names) or 'modules'}"
        host = self.inspector.standalone(path, name, lambda territory: _elements(territory, listed))
        self._keep_if_it_leads_on(host)

    def _keep_if_it_leads_on(self, host: Host) -> None:
        """Take a host that holds some of the files, which are no hosts of their own then."""
        seen = _files(host)
        if seen & self.files.keys() and _has_headscale(host):
            self.inspector.hosts[host.name] = host
            self.inspector.containers([host])
            for file in seen:
                self.files.pop(file, None)

    def _led_to(self) -> None:
        """A module and the file that imports it are one host; then the files that nothing leads to, each by itself."""
        if len(self.files) <= _MANY:
            for top in dict.fromkeys(self._importer_of(path) for path in self.files):
                if top not in self.files:
                    with self.inspector.each(top):
                        self._keep_if_it_leads_on(self._part(top))
        hosts: dict[str, Host] = {}
        for path in self.files:
            with self.inspector.each(path):
                hosts[path] = self._part(path)
        files = {path: _files(host) for path, host in hosts.items()}
        taken: set[str] = set()
        for path, host in hosts.items():
            others = (other for other in hosts if other != path and other not in taken)
            if any(path in files[other] for other in others):
                taken.add(path)
                continue
            with self.inspector.each(path):
                self._file(path, host)

    # -- single modules ------------------------------------------------------------------------------------------------

    def _part(self, path: str) -> Host:
        """A file as a part of a configuration."""
        return self.inspector.standalone(path, self.inspector.relative(path), lambda territory: [Lazy.done(Path(path))])

    def _file(self, path: str, host: Host, *, sets_headscale: bool = True) -> None:
        parsed = self.inspector.parsed.get(path)
        broken = parsed is not None and parsed.problems and b"services.headscale" in parsed.file.text
        if _has_headscale(host) or broken:
            self.inspector.hosts[host.name] = host
        elif sets_headscale:
            self._skip_unless_evaluated(host, path)
        self.inspector.containers([host])

    def _inner_modules(self, path: str, modules: Sequence[Standalone]) -> None:
        """Modules inside a file, each by itself, or with the others of its list."""
        inspector = self.inspector
        parsed = inspector.read(path)
        if parsed is not None:
            inspector.parsed.setdefault(path, parsed)
        names = [module.name for module in modules]
        contained = self._containers_of(path, modules)
        listed: set[int] = set()
        for module in modules:
            if module.container in contained:
                continue
            if module.siblings is not None:
                if id(module.siblings.node) in listed:
                    continue
                listed.add(id(module.siblings.node))
            name = module.name if names.count(module.name) == 1 else ".".join(module.module.names)
            shown = f"{inspector.relative(path)}: {name}" if len(modules) > 1 and name else inspector.relative(path)
            host = inspector.standalone(path, shown, partial(_inner, module))
            if _has_headscale(host):
                inspector.hosts[host.name] = host
            else:
                self._skip_unless_evaluated(host, path)

    def _containers_of(self, path: str, modules: Iterable[Standalone]) -> set[str | None]:
        """The containers of a file that became hosts."""
        wanted = {module.container for module in modules if module.container is not None}
        if not wanted:
            return set()
        machine = self._part(path)
        self.inspector.containers([machine])
        return {name for name in wanted if f"{machine.name}/{name}" in self.inspector.hosts}

    def _skip_unless_evaluated(self, host: Host, path: str) -> None:
        why = _not_followed(host)
        if why is not None:
            self.inspector.skip((host.name,), why, path, modules=True)


def _inner(module: Standalone, territory: Territory) -> Sequence[Lazy]:
    return modules_of(territory.ev, module)


def _elements(territory: Territory, listed: Enclosed) -> Sequence[Lazy]:
    value = value_of(territory.ev, listed).outcome()
    return list(value.items) if isinstance(value, List) else []


def _files(host: Host) -> frozenset[str]:
    with host.configuration.turn(again=False):
        return frozenset(file.path for file in host.configuration.files)
    return frozenset()


def _has_headscale(host: Host) -> bool:
    """Whether a module has anything to do with Headscale that rules can speak of, or could not be evaluated to the end."""
    found = False
    with host.configuration.turn(again=False):
        found = host.configures_headscale or any(
            refused.option.startswith("services.headscale.") for refused in host.own_failures
        )
    return found or host.configuration.cut_short is not None


def _not_followed(host: Host) -> Failure | Unknown | None:
    """Why the settings of a module are not seen; None where it was evaluated, and sets nothing."""
    why: Failure | Unknown | None = None
    with host.configuration.turn(again=False):
        if host.failure is not None:
            why = host.failure
        elif not host.decided:
            why = next(
                (
                    opening.unknown
                    for opening in host.unresolved_imports
                    if opening.unknown is not REST_OF_CONFIGURATION
                ),
                None,
            )
    return why


def _are_rivals(hosts: Iterable[Host]) -> bool:
    """Whether no two of them are parts of one configuration: each turns Headscale on, and sets what the others set, too."""
    settings: list[frozenset[str]] = []
    for host in hosts:
        with host.configuration.turn(again=False):
            settings.append(frozenset(leaf.option for leaf in host.written("")) if host.is_enabled else frozenset())
    return all(len(one & other) > 1 for one, other in combinations(settings, 2))  # beside `enable`


def _stands_alone(host: Host) -> bool:
    """Whether a module can be a whole configuration: it says whether Headscale is enabled, and needs nothing that others define."""
    with host.configuration.turn(again=False):
        return (host.active or host.decided) and all(
            failure.kind is not Kind.MISSING_ATTRIBUTE for failure in host.all_failures
        )
    return False
