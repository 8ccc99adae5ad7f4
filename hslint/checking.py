"""One check, for every door: the command line, the editor and the hooks get their findings here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from hslint import suppression
from hslint.catalogue import ModuleEra, Release
from hslint.finding import Crash, Finding
from hslint.hosts import CannotInspect, Inspection, Options, open_project
from hslint.plugins import rules as all_rules
from hslint.record import Entity, Record, replace
from hslint.rule import Rule, Severity
from hslint.runner import run
from hslint.settings import Settings, find_settings
from hslint.source import Project
from hslint.values.budget import with_deep_stack
from hslint.values.value import Unknown


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


class Checked(Entity):
    """The outcome: findings in the order of their places, with severities and suppressions applied."""

    inspection: Inspection
    findings: tuple[Finding, ...]
    crashes: tuple[Crash, ...]
    settings: Settings

    def covers(self, path: str) -> bool:
        """Whether the file went into one of the hosts."""
        return path in self._files

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(path for host in self.inspection.hosts for path in host.parsed)

    @property
    def troubles(self) -> Iterator[str]:
        """What kept the check from being complete, one line each."""
        yield from map(self.inspection.told, self.inspection.unjudged)
        for crash in self.crashes:
            yield f"internal-error: the rule {crash.rule.name} failed on {crash.host}: {crash.error}"

    @property
    def judged_nothing(self) -> bool:
        """Whether there are hosts, and none of them could be evaluated: that nothing was found then means nothing."""
        return bool(self.inspection.unjudged) and not self.inspection.hosts

    @property
    def fails(self) -> bool:
        """Whether there is something at least as bad as the settings let pass."""
        return any(finding.severity.rank <= self.settings.fail_on.rank for finding in self.findings)


def names(rules: Sequence[Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """The rules' names, and their subjects."""
    known = (*rules, *suppression.RULES)
    return frozenset(rule.name for rule in known), frozenset(rule.subject for rule in known)


def check(paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None = None) -> Checked:
    """Judge what lies behind the paths. Raises CannotInspect, InvalidSettings and BrokenPlugin."""
    return with_deep_stack(_check, paths, request, buffers)


def inspect(
    paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None = None
) -> tuple[Inspection, Settings]:
    """The hosts behind the paths, as the request and the project's settings want them seen."""
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
    report = run(inspection.hosts, chosen)
    findings = [_with_severity(finding, settings) for finding in report.findings]
    files = {
        path: parsed.file for host in inspection.hosts for path, parsed in host.parsed.items() if path.startswith("/")
    }
    judged = suppression.suppress(findings, files.values(), {rule.name for rule in chosen}, rule_names | subjects)
    shown = tuple(
        finding
        for finding in judged
        if (finding.rule not in suppression.RULES or _chosen(finding.rule, request, settings))
        and not settings.ignores_at(finding.rule.name, finding.rule.subject, finding.problem.at.file.path)
        and (request.whole_project or _concerns(inspection, finding))
    )
    return Checked(inspection, tuple(_without_secrets(inspection, each) for each in shown), report.crashes, settings)


def _without_secrets(inspection: Inspection, finding: Finding) -> Finding:
    """The finding as it may be shown anywhere. Its edits are left as they are: they are not shown but applied."""
    said, problem = inspection.secrets.text, finding.problem
    notes = tuple(replace(note, message=said(note.message)) for note in problem.notes)
    hangs_on, fix = problem.hangs_on, problem.fix
    if hangs_on is not None and said(hangs_on.detail) != hangs_on.detail:
        hangs_on = Unknown(hangs_on.why, said(hangs_on.detail), hangs_on.span, hangs_on.may_be)
    if fix is not None:
        fix = replace(fix, title=said(fix.title))
    shown = replace(problem, message=said(problem.message), notes=notes, hangs_on=hangs_on, fix=fix)
    return replace(finding, problem=shown)


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
