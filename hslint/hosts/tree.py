"""The Nix files of a project: a listing of them, with the ones that give machines and the flake of each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from hslint.hosts import git_ignore
from hslint.hosts.discovery import CannotInspect, RootKind, Scope, lies_in, upwards
from hslint.root import LeadsOutside
from hslint.source import Project
from hslint.syntax.comments import POLICIES

#: Directories that hold no configuration.
_SKIPPED = frozenset({"node_modules", "__pycache__", "result", "target", "vendor"})

#: More directories than a configuration has unless it is a repository: the path was `/usr`, or a directory of projects.
_TOO_MANY = 10_000

#: A file that stands for a whole machine where no flake does.
CONFIGURATION = "configuration.nix"

#: Files that tools which deploy several machines are given (colmena; nixops and morph).
_HIVES = ("hive.nix", "network.nix", "nixops.nix", "morph.nix")

#: Directories of pinned sources, below the directory that they are for.
_PINS = ("npins/sources.json", "nix/sources.json")


def is_policy(path: str) -> bool:
    """Whether a file that was named is a policy rather than a module."""
    return path.endswith(POLICIES)


class Tree:
    """The files of one project, without what git ignores. A file that is named is there whatever git thinks of it."""

    def __init__(self, project: Project, scope: Scope) -> None:
        self.project = project
        self.root = scope.root.path
        #: Whether nothing says that what lies below the root belongs together.
        self.unmarked = scope.root.kind is RootKind.NOTHING
        self._named = tuple(target.path for target in scope.targets)
        self._patterns: dict[str, git_ignore.Patterns] = {}
        start: git_ignore.Patterns = ()
        if scope.root.kind is RootKind.REPOSITORY:
            start = git_ignore.repository_patterns(project)
        files = self._walk(start, honour=scope.root.kind is RootKind.REPOSITORY, recursive=scope.recursive)
        files.update(path for path in project.buffers if path.endswith(".nix") and self._holds(path, scope))
        files.update(t.path for t in scope.targets if not t.directory and not is_policy(t.path))
        #: The policies that were named.
        self.policies: tuple[str, ...] = tuple(
            dict.fromkeys(t.path for t in scope.targets if not t.directory and is_policy(t.path))
        )
        #: In the order of the paths.
        self.files: tuple[str, ...] = tuple(sorted(files))

    def _holds(self, path: str, scope: Scope) -> bool:
        return lies_in(path, self.root) if scope.recursive else os.path.dirname(path) == self.root

    def _walk(self, start: git_ignore.Patterns, *, honour: bool, recursive: bool) -> set[str]:
        """Hidden directories and links are passed over."""
        found: set[str] = set()
        pending = [(self.root, start)]
        visited = 0
        while pending:
            directory, patterns = pending.pop()
            visited += 1
            if visited > _TOO_MANY and self.unmarked:
                raise CannotInspect(
                    f"{self.root}: has more than {_TOO_MANY} directories below it, and neither a flake nor a repository; "
                    "name the directory that you mean"
                )
            try:
                with self.project.tree.scan(directory) as listing:
                    entries = [
                        (entry.name, entry.is_file(follow_symlinks=False), entry.is_dir(follow_symlinks=False))
                        for entry in listing
                        if not entry.name.startswith(".") or entry.name == ".gitignore"
                    ]
            except (LeadsOutside, OSError):
                continue
            if honour and any(name == ".gitignore" for name, *_ in entries):
                patterns = git_ignore.with_directory(patterns, self.project, directory)
            if patterns:
                self._patterns[directory] = patterns
            for name, is_file, is_directory in entries:
                path = f"{directory.rstrip('/')}/{name}"
                if name.endswith(".nix") and is_file:
                    found.add(path)
                elif recursive and name not in _SKIPPED and is_directory:
                    if not patterns or not self._is_ignored(patterns, path, directory=True):
                        pending.append((path, patterns))
        return found

    def _is_ignored(self, patterns: git_ignore.Patterns, path: str, *, directory: bool) -> bool:
        if any(lies_in(path, named) or lies_in(named, path) for named in self._named if named != self.root):
            return False
        return git_ignore.ignores(patterns, path, directory=directory)

    def kept(self, paths: Iterable[str]) -> Iterable[str]:
        """The paths of files that git does not ignore. Directories are left out by the walk already."""
        return filter(self._is_kept, paths) if self._patterns else paths

    def _is_kept(self, path: str) -> bool:
        patterns = self._patterns.get(os.path.dirname(path))
        return patterns is None or not self._is_ignored(patterns, path, directory=False)

    def files_of(self, directory: str) -> Sequence[str]:
        """The files directly in a directory."""
        return self._by_directory.get(directory, ())

    @cached_property
    def _by_directory(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path.rpartition("/")[0] or "/", []).append(path)
        return found

    # -- what stands for machines --------------------------------------------------------------------------------------

    @cached_property
    def _entries(self) -> Mapping[str, list[str]]:
        """The files with a name that may stand for machines, by that name."""
        found: dict[str, list[str]] = {name: [] for name in ("flake.nix", "default.nix", CONFIGURATION, *_HIVES)}
        for path in self.files:
            if (named := found.get(path[path.rfind("/") + 1 :])) is not None:
                named.append(path)
        return found

    @cached_property
    def flakes(self) -> tuple[str, ...]:
        """The directories of all flakes, the outermost first."""
        found = map(os.path.dirname, self.kept(self._entries["flake.nix"]))
        return tuple(sorted(found, key=lambda directory: (directory.count("/"), directory)))

    @cached_property
    def configurations(self) -> tuple[str, ...]:
        """Every configuration.nix."""
        return tuple(self.kept(self._entries[CONFIGURATION]))

    @cached_property
    def sets_of_machines(self) -> tuple[str, ...]:
        """Files that may give several machines: hives, and the default.nix of a directory with pinned sources or of the root."""
        hives = [path for name in _HIVES for path in self._entries[name]]
        tops = [path for path in self._entries["default.nix"] if self._is_top(os.path.dirname(path))]
        flakes = set(self.flakes)
        return tuple(path for path in self.kept(sorted((*hives, *tops))) if os.path.dirname(path) not in flakes)

    def _is_top(self, directory: str) -> bool:
        return directory == self.root or self.is_pinned(directory)

    def is_pinned(self, directory: str) -> bool:
        """Whether npins or niv pin sources for a directory."""
        return any(self.project.exists(os.path.join(directory, name)) for name in _PINS)

    def flake_of(self, path: str) -> str | None:
        """The directory of the nearest flake above a file."""
        known = set(self.flakes)
        return next((above for above in upwards(os.path.dirname(path), self.root) if above in known), None)

    def territory_of(self, path: str) -> str:
        """The directory whose inputs or pins a file sees: that of the nearest flake, or of the nearest pinned sources."""
        flakes = set(self.flakes)
        for above in upwards(os.path.dirname(path), self.root):
            if above in flakes or self.is_pinned(above):
                return above
        return self.root
