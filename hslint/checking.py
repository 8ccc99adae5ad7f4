"""One check, for every door: the command line, the editor and the hooks get their findings here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from hslint import suppression
from hslint.catalogue import ModuleEra, Release
from hslint.finding import Certainty, Crash, Finding
from hslint.hosts import CannotInspect, Inspection, Options, open_project
from hslint.plugins import rules as all_rules
from hslint.problem import Rule, Severity
from hslint.record import Entity, Record, replace
from hslint.runner import run
from hslint.settings import Settings, find_settings
from hslint.source import Project
from hslint.values.budget import Deadline, with_deep_stack


class Request(Record):
    """What is asked for. Names are rules or subjects, checked by the caller; they go before the settings file's."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    headscale: str | None = None
    module: str | ModuleEra | None = None
    alone: bool = False
    host: str | None = None
    #: Show everything found in the project of a named module, not only what concerns it.
    whole_project: bool = False
    #: Judge every host as it will be, or was, with this release; its module moves along.
    moved_to: Release | None = None
    #: When to stop; by default after the time limit of the project's settings.
    deadline: Deadline | None = None
    #: Show possible findings as well as certain ones.
    possible: bool = False


class Checked(Entity):
    """The outcome: findings in the order of their places, with severities and suppressions applied."""

    inspection: Inspection
    findings: tuple[Finding, ...]
    crashes: tuple[Crash, ...]
    settings: Settings
    #: Whether possible findings are shown to people.
    shows_possible: bool = False

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that people are shown: the certain ones, unless they ask for more."""
        return self.findings if self.shows_possible else self.certain

    @property
    def certain(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.certainty is Certainty.CERTAIN)

    def covers(self, path: str) -> bool:
        """Whether the file went into one of the hosts."""
        return path in self._files

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(path for host in self.inspection.hosts for path in host.parsed)

    @cached_property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """The files that could not be read although hosts consist of them, or they were named: from the root, and why."""
        project = self.inspection.project
        return tuple((project.relative(path), why.value) for path, why in sorted(project.unreadable.items()))

    @property
    def gaps(self) -> Iterator[str]:
        """What could not be evaluated or read, one line each."""
        yield from map(self.inspection.told, self.inspection.unjudged)
        yield from (f"{path} {why}: nothing is known of what is in it" for path, why in self.unread)

    @property
    def troubles(self) -> Iterator[str]:
        """What kept the check from being complete, one line each."""
        yield from self.gaps
        for crash in self.crashes:
            yield f"internal-error: the rule {crash.rule.name} failed on {crash.host}: {crash.error}"

    @property
    def judged_nothing(self) -> bool:
        """Whether there are hosts or files, and none of them could be evaluated: that nothing was found then means nothing."""
        if self.unread:
            return not any(host.configuration.files for host in self.inspection.hosts)
        return bool(self.inspection.unjudged) and not self.inspection.hosts

    @property
    def fails(self) -> bool:
        """Whether there is something certain that is at least as bad as the settings let pass."""
        return any(finding.severity.rank <= self.settings.fail_on.rank for finding in self.certain)


def names(rules: Sequence[Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """The rules' names, and their subjects."""
    known = (*rules, *suppression.RULES)
    return frozenset(rule.name for rule in known), frozenset(rule.subject for rule in known)


def check(paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None = None) -> Checked:
    """Judge what lies behind the paths. Raises CannotInspect, InvalidSettings and BrokenPlugin; and Interrupted when the
    request's deadline is cancelled. What it has no time for is told as hosts that could not be evaluated.
    """
    return with_deep_stack(_check, paths, request, buffers)


def inspect(
    paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None = None
) -> tuple[Inspection, Settings]:
    """The hosts behind the paths, as the request and the project's settings want them seen. What is asked of them later may
    raise Interrupted, until `Inspection.unlimited`.
    """
    settings = _settings(paths)
    name = os.path.basename(settings.file)
    options = Options(
        request.headscale or settings.headscale,
        request.module or settings.module,
        request.alone,
        request.host,
        headscale_from="--headscale" if request.headscale else name,
        module_from="--module" if request.module else name,
        moved_to=request.moved_to,
        deadline=request.deadline or Deadline(settings.time_limit),
    )
    return open_project(paths, options, buffers), settings


def _settings(paths: Sequence[str]) -> Settings:
    from hslint.hosts.discovery import Target, project_root

    start = os.path.abspath(paths[0]) if paths else os.getcwd()
    directory = start if os.path.isdir(start) else os.path.dirname(start)
    root, _ = project_root(Target(directory, True))
    return find_settings(Project(root), directory, *names(all_rules()))


def _check(paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None) -> Checked:
    known = all_rules()
    rule_names, subjects = names(known)
    inspection, settings = inspect(paths, request, buffers)
    chosen = [rule for rule in known if _chosen(rule, request, settings)]
    hosts = inspection.hosts
    report = run(hosts, chosen, inspection.deadline)
    inspection = inspection.without(report.not_run, len(chosen), report.cut_short)
    findings = [_with_severity(finding, settings) for finding in report.findings]
    files = {path: parsed.file for host in hosts for path, parsed in host.parsed.items() if path.startswith("/")}
    # A comment may well speak of what there was no time to find.
    ran = frozenset[str]() if inspection.cut_short or report.cut_short else frozenset(rule.name for rule in chosen)
    judged = suppression.suppress(findings, files.values(), ran, rule_names | subjects)
    shown = tuple(
        finding
        for finding in judged
        if (finding.rule not in suppression.RULES or _chosen(finding.rule, request, settings))
        and not settings.ignores_at(finding.rule.name, finding.rule.subject, finding.problem.at.file.path)
        and (request.whole_project or _concerns(inspection, finding))
    )
    return Checked(inspection, shown, report.crashes, settings, request.possible or settings.possible)


def _chosen(rule: Rule, request: Request, settings: Settings) -> bool:
    if request.select:
        chosen = rule.name in request.select or rule.subject in request.select
    else:
        chosen = settings.selects(rule.name, rule.subject)
    return chosen and rule.name not in request.ignore and rule.subject not in request.ignore


def _with_severity(finding: Finding, settings: Settings) -> Finding:
    wanted = settings.severity_of(finding.rule.name, finding.rule.subject, finding.effect)
    return finding if wanted is finding.severity else replace(finding, severity_override=wanted)


def _concerns(inspection: Inspection, finding: Finding) -> bool:
    """A named module is shown what stands in it, and what has to do with it."""
    problem = finding.problem
    return inspection.concerns(problem.at) or any(inspection.concerns(note.at) for note in problem.notes)


__all__ = ["CannotInspect", "Checked", "Request", "Severity", "check", "inspect", "names"]
