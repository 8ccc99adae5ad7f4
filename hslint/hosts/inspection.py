"""The outcome of looking for hosts: the hosts of the projects, the skipped ones, and the part that the report is limited to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from hslint.catalogue import ModuleVersion, Release
from hslint.hosts.discovery import CannotInspect, lies_in
from hslint.hosts.host import Host
from hslint.hosts.tree import is_policy
from hslint.record import Record, replace
from hslint.source import Project, SourceFile, Span
from hslint.values.budget import Deadline
from hslint.values.value import Failure, Unknown, Why

if TYPE_CHECKING:
    from hslint.hosts.secrets import Secrets


class HostOptions(Record):
    """The settings of one host; `place` is where they stand, as text for messages."""

    headscale: str | None
    module: str | None
    place: str


class Options(Record):
    """The options of an inspection, from the command line and the settings."""

    headscale: str | None = None
    #: A name, or a module that the catalogue does not have.
    module: str | ModuleVersion | None = None
    alone: bool = False
    host: str | None = None
    #: What says so.
    headscale_from: str = "--headscale"
    module_from: str = "--module"
    #: Evaluate every host as it will be, or was, with this release.
    moved_to: Release | None = None
    deadline: Deadline = Deadline()
    #: Limit nothing to the paths: report on their projects as a whole.
    whole_project: bool = False
    #: What is asked for of single hosts, by their names.
    hosts: Mapping[str, HostOptions] = MappingProxyType({})


class SkippedHosts(Record):
    """Hosts, or modules that no host uses, that could not be evaluated: because Nix would stop, or because a budget, the stack or a defect
    of hslint ended the evaluation.

    Without names: an unknown number of hosts, which an output holds or may hold. `within` is the flake, entry or file that they are of,
    empty where that does not matter.
    """

    names: tuple[str, ...]
    why: Failure | Unknown
    #: The same in one line, for messages.
    reason: str
    within: str = ""
    #: Whether the names are those of modules.
    modules: bool = False
    #: Whether it is hslint's fault for certain.
    defect: bool = False
    #: Whether time ran out.
    late: bool = False

    @property
    def at(self) -> Span | None:
        """The place in the project where it went wrong; models of other flakes have none."""
        span = self.why.span
        return span if span is not None and span.file.path.startswith("/") else None

    @property
    def file(self) -> str:
        """The file to open where there is no better place."""
        return self.within if not self.within or self.within.endswith(".nix") else f"{self.within}/flake.nix"


class Inspection(Record):
    """The hosts found, those that could not be evaluated, and which places the user asked about."""

    #: The project of the first path: what the places in reports are relative to.
    project: Project
    hosts: Sequence[Host]
    #: Files and directories that the report is limited to, and hosts all of whose findings belong to it. Without files: everything.
    named: tuple[str, ...] = ()
    named_hosts: frozenset[str] = frozenset()
    skipped: tuple[SkippedHosts, ...] = ()
    #: Every project of the run, the first one included.
    projects: tuple[Project, ...] = ()
    deadline: Deadline = Deadline()
    #: The lock files that nothing could be made of, by path, and why.
    malformed: Mapping[str, str] = MappingProxyType({})
    #: Settings for hosts that there are none of, one line each.
    stray_settings: tuple[str, ...] = ()
    #: The inspections that this one was made of, by limiting or joining them.
    parts: tuple[Inspection, ...] = ()

    @property
    def cut_short(self) -> bool:
        """Whether time ran out before all hosts were found and evaluated."""
        return self.late is not None

    @property
    def late(self) -> SkippedHosts | None:
        """The last hosts that there was no time for."""
        return next((each for each in reversed(self.skipped) if each.late), None)

    def without(self, not_run: Mapping[Host, int], rules: int, broken_off: Mapping[Host, str]) -> Inspection:
        """Without the hosts for which so many of the rules could not be run in time, or whose evaluation broke off, and with no
        deadline from here on: what is reported of the others must not end half-way.
        """
        for host in self.hosts:
            host.configuration.evaluation.ev.deadline = None
        cut: dict[int, list[str]] = {}
        for host, missed in not_run.items():
            cut.setdefault(missed, []).append(host.name)
        late = (
            out_of_time(tuple(names), "" if missed == rules else f" before {missed} of {rules} rules were run")
            for missed, names in cut.items()
        )
        reasons: dict[str, list[str]] = {}
        for host, reason in broken_off.items():
            if host not in not_run and self.concerns_host(host):
                reasons.setdefault(reason, []).append(host.name)
        broken = (SkippedHosts(tuple(names), Unknown(Why.BUDGET), reason) for reason, names in reasons.items())
        hosts = [host for host in self.hosts if host not in not_run and host not in broken_off]
        return replace(self, hosts=hosts, skipped=(*self.skipped, *late, *broken))

    def describe(self, skipped: SkippedHosts) -> str:
        """One line for messages: which hosts, where it went wrong, and why."""
        names = skipped.names
        word = "module" if skipped.modules else "host"
        which = f"{word}{'' if len(names) == 1 else 's'} {', '.join(names)}" if names else self._unnamed(skipped)
        at = skipped.at
        place = "" if at is None else f"{self.project.relative(at.file.path)}:{at.file.position(at.start).line + 1}: "
        return f"{which} could not be evaluated: {place}{skipped.reason}"

    def _unnamed(self, skipped: SkippedHosts) -> str:
        if skipped.late:
            return "hosts of the project"
        if not skipped.within or skipped.within == self.project.root:
            return "hosts of the flake"
        return f"hosts of {self.project.relative(skipped.within)}"

    def owner(self, path: str) -> Project | None:
        """The project that a file lies in."""
        return next(self._owners(path), None)

    def read(self, path: str, file: SourceFile) -> bool:
        """Whether a file is one that was read for one of the projects, rather than hslint's own model of something outside."""
        return any(project.read(path) is file for project in self._owners(path))

    def _owners(self, path: str) -> Iterator[Project]:
        return (project for project in self.projects or (self.project,) if project.contains(path))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks on the evaluation, one line each: releases that are checked as others, and stray settings."""
        hosts: dict[str, list[str]] = {}
        for host in self.limited().hosts:
            with host.configuration.turn():
                for remark in host.runs.remarks if host.active else ():
                    hosts.setdefault(remark, []).append(host.name)
        of_hosts = (
            f"host{'' if len(names) == 1 else 's'} {', '.join(names)}: {remark}" for remark, names in hosts.items()
        )
        return (*of_hosts, *self.stray_settings)

    @property
    def unread(self) -> Mapping[str, str]:
        """The files that could not be read, and why, although hosts consist of them, or are pinned by them, or they lie in what was named."""
        unreadable = (project.unreadable.items() for project in self.projects or (self.project,))
        found = {path: why.value for files in unreadable for path, why in files} | dict(self.malformed)
        if not self.named or not found:
            return found
        evaluators = {host.configuration.evaluation.ev for host in self.hosts if self.concerns_host(host)}
        imported = {path for ev in evaluators for path in ev.imported}
        return {path: why for path, why in found.items() if _told_of(path) in imported or self._is_named(path)}

    @property
    def nothing_evaluated(self) -> bool:
        """Whether none of the hosts and modules that were asked about could be evaluated, and some could not."""
        return bool(self.skipped) and not self.limited().hosts

    # -- what the report is limited to ---------------------------------------------------------------------------------

    def concerns(self, span: Span) -> bool:
        """Whether a place lies in a named file or directory, or is the value of what is defined there (`base_domain = domain;`)."""
        return not self.named or self._is_named(span.file.path) or span in self._forwarded

    def limited(self) -> Inspection:
        """The inspection without the hosts that have nothing to do with what was named."""
        if not self.named:
            return self
        return replace(self, hosts=[host for host in self.hosts if self.concerns_host(host)], parts=(self,))

    def concerns_host(self, host: Host) -> bool:
        """Whether a host has to do with what was named: is made by it, or imports or is given something of it."""
        if not self.named or host.name in self.named_hosts:
            return True
        with host.configuration.turn(again=False):
            return (
                any(self._is_named(file.path) for file in host.configuration.files)
                or any(
                    d.place is not None and self._is_named(d.place.file.path)
                    for setting in host.defined("")
                    for d in setting.definitions
                )
                or self._is_policy_of(host)
            )
        return True  # unknown

    def _is_policy_of(self, host: Host) -> bool:
        from hslint.hosts.policy import policy_file  # late: only where a policy may have been named

        file = policy_file(host) if any(map(is_policy, self.named)) else None
        return file is not None and self._is_named(file.path)

    def _is_named(self, path: str) -> bool:
        return any(lies_in(path, named) for named in self.named)

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of the projects, whatever the report is limited to."""
        from hslint.hosts.secrets import Secrets  # late: only where there is something to show

        if len(self.parts) == 1:
            return self.parts[0].secrets
        return Secrets(self.projects or (self.project,), self._all_hosts)

    @property
    def _all_hosts(self) -> Sequence[Host]:
        return [host for part in self.parts for host in part._all_hosts] if self.parts else self.hosts

    @cached_property
    def _forwarded(self) -> frozenset[Span]:
        """The places of values that named files give to options of Headscale."""
        return frozenset(
            span
            for host in self.hosts
            for setting in host.defined("")
            if setting.value is not None
            and (span := setting.value.span) is not None
            and any(d.place is not None and self._is_named(d.place.file.path) for d in setting.definitions)
        )


def _told_of(path: str) -> str:
    """The file whose import makes a file count: a lock file counts where its flake does."""
    directory, name = os.path.split(path)
    return os.path.join(directory, "flake.nix") if name == "flake.lock" else path


def joined(inspections: Sequence[Inspection]) -> Inspection:
    """One inspection of several projects. Nothing of one is limited by what was named in another."""
    if len(inspections) == 1:
        return inspections[0]
    first = inspections[0]
    return Inspection(
        first.project,
        [host for each in inspections for host in each.hosts],
        # Where everything of a project is asked for, that is its root.
        tuple(path for each in inspections for path in each.named or (each.project.root,)),
        frozenset(name for each in inspections for name in each.named_hosts),
        tuple(skipped for each in inspections for skipped in each.skipped),
        tuple(each.project for each in inspections),
        first.deadline,
        {path: why for each in inspections for path, why in each.malformed.items()},
        tuple(stray for each in inspections for stray in each.stray_settings),
        tuple(inspections),
    )


def with_host(inspections: Sequence[Inspection], name: str) -> list[Inspection]:
    """The inspections with that host alone. Raises CannotInspect where there is none of that name, or it was skipped; time may have run
    out before it was found.
    """
    known = [host.name for each in inspections for host in each.hosts]
    if name in known:
        chosen = [(each, [host for host in each.hosts if host.name == name]) for each in inspections]
        return [replace(each, hosts=hosts, skipped=()) for each, hosts in chosen if hosts]
    if any(each.cut_short for each in inspections):
        return [replace(each, hosts=()) for each in inspections]
    skipped = (each.describe(skipped) for each in inspections for skipped in each.skipped if name in skipped.names)
    raise CannotInspect(next(skipped, f"--host {name}: no such host; found: {', '.join(known) or 'none'}"))


def out_of_time(names: tuple[str, ...] = (), before: str = "") -> SkippedHosts:
    """Skipped hosts that there was no time for; without names, those that were not even found."""
    return SkippedHosts(names, Unknown(Why.BUDGET), f"the time limit was reached{before}", late=True)


__all__ = [
    "CannotInspect",
    "HostOptions",
    "Inspection",
    "Options",
    "SkippedHosts",
    "joined",
]
