"""The check pipeline shared by command line, language server and hooks: paths → projects → findings."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from hslint import baseline, suppression
from hslint.baseline import Baseline
from hslint.catalogue import ModuleVersion, Release
from hslint.finding import Certainty, Crash, Finding
from hslint.hosts import CannotInspect, Inspection, Options, joined
from hslint.hosts.discovery import Scope, by_real_directory, scopes
from hslint.hosts.inspection import HostOptions
from hslint.hosts.policy import policy_file
from hslint.hosts.search import inspect_projects
from hslint.plugins import rules as all_rules
from hslint.problem import Rule, Severity
from hslint.record import Entity, Record, replace
from hslint.runner import run
from hslint.settings import TEAM, TEAM_SUBJECT, Settings, find_settings
from hslint.source import Project, SourceFile
from hslint.team_rules import team_rules
from hslint.values.budget import Deadline, with_deep_stack


class Request(Record):
    """The options of a check. Names are rules or subjects, checked by the caller; they go before the settings file's."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    headscale: str | None = None
    module: str | ModuleVersion | None = None
    alone: bool = False
    host: str | None = None
    #: Report everything found in the projects of the paths, not only what concerns the paths.
    whole_project: bool = False
    #: Report everything found on the hosts that have to do with the paths.
    whole_hosts: bool = False
    #: Whether a host that could not be evaluated is reason enough to fail, whatever the settings say.
    fail_on_unevaluated: bool = False
    #: Check every host as it will be, or was, with this release; its module moves along.
    moved_to: Release | None = None
    #: When to stop; by default after the time limit of the project's settings.
    deadline: Deadline | None = None
    #: Show possible findings as well as certain ones.
    possible: bool = False
    #: The mildest severity that fails the check, and that is reported at all; None for what the settings say.
    fail_on: Severity | None = None
    min_severity: Severity | None = None
    #: The file of the baseline, in place of that of the settings.
    baseline: str | None = None
    #: Report what a baseline has as well.
    without_baseline: bool = False
    #: Called with what is being done, as a line for the terminal.
    progress: Callable[[str], None] | None = None


class Checked(Entity):
    """The outcome: findings in the order of their places, with severities and suppressions applied.

    `settings` are those of the first path. `fails` says whether there is something at least as bad as the settings of its project
    let pass, `incomplete` whether something was not evaluated although the settings ask for all of it.
    """

    inspection: Inspection
    findings: tuple[Finding, ...]
    crashes: tuple[Crash, ...]
    settings: Settings
    fails: bool = False
    incomplete: bool = False
    #: Whether possible findings are shown to people.
    shows_possible: bool = False
    #: What is not among the findings because a baseline has it.
    known: tuple[Finding, ...] = ()
    baselines: tuple[Baseline, ...] = ()

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings to show: the certain ones, and possible ones where asked for."""
        return self.findings if self.shows_possible else self.certain

    @property
    def certain(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.certainty is Certainty.CERTAIN)

    @cached_property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """The files that could not be read although hosts consist of them, or they were named: from the root, and why."""
        project = self.inspection.project
        return tuple((project.relative(path), why) for path, why in sorted(self.inspection.unread.items()))

    @property
    def gaps(self) -> Iterator[str]:
        """The parts that could not be evaluated or read, one line each."""
        yield from map(self.inspection.describe, self.inspection.skipped)
        yield from (f"{path} {why}: nothing is known of what is in it" for path, why in self.unread)

    @property
    def troubles(self) -> Iterator[str]:
        """The reasons why the check is incomplete, one line each."""
        yield from self.gaps
        for crash in self.crashes:
            yield f"internal-error: the rule {crash.rule.name} failed on {crash.host}: {crash.error}"

    @property
    def nothing_evaluated(self) -> bool:
        """Whether nothing that was asked about could be evaluated, so that no findings mean nothing."""
        if self.inspection.unread.keys() - self.inspection.malformed.keys():
            return not any(host.configuration.files for host in self.inspection.limited().hosts)
        return self.inspection.nothing_evaluated

    @property
    def could_not_run(self) -> bool:
        """Whether the findings cannot be taken for all that there is to find: exit status 2."""
        defect = any(skipped.defect for skipped in self.inspection.skipped)
        return bool(self.crashes) or defect or self.nothing_evaluated or self.incomplete


def names(rules: Sequence[Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """The rules' names, and their subjects."""
    known = (*rules, *suppression.RULES)
    return frozenset(rule.name for rule in known), frozenset(rule.subject for rule in known)


def check(paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None = None) -> Checked:
    """The outcome of checking paths. Raises CannotInspect, InvalidSettings and BrokenPlugin; and Interrupted when the
    request's deadline is cancelled. What it has no time for is reported as hosts that could not be evaluated.
    """
    return with_deep_stack(_check, paths, request, buffers)


def inspect(
    paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None = None
) -> tuple[Inspection, Settings]:
    """The hosts that have to do with the paths, as the request and their projects' settings want them seen. What is asked of them
    later may raise Interrupted.
    """
    inspections, settings = _inspect(paths, request, by_real_directory(buffers))
    return joined([inspection.limited() for inspection in inspections]), settings[0]


def _inspect(
    paths: Sequence[str], request: Request, buffers: Mapping[str, bytes]
) -> tuple[list[Inspection], list[Settings]]:
    """The inspection of each project, and its settings."""
    found = scopes(paths, buffers)
    settings = [_as_requested(_settings(scope), request) for scope in found]
    options = [_options(request, each) for each in settings]
    inspections = inspect_projects(list(zip(found, options, strict=True)), buffers)
    by_root = {scope.root.path: each for scope, each in zip(found, settings, strict=True)}
    return inspections, [by_root[inspection.project.root] for inspection in inspections]


def _as_requested(settings: Settings, request: Request) -> Settings:
    """The settings with what the request says instead of them."""
    return replace(
        settings,
        fail_on=request.fail_on or settings.fail_on,
        min_severity=request.min_severity or settings.min_severity,
    )


def _options(request: Request, settings: Settings) -> Options:
    name = os.path.basename(settings.file)
    return Options(
        request.headscale or settings.headscale,
        request.module or settings.module,
        request.alone,
        request.host,
        headscale_from="--headscale" if request.headscale else name,
        module_from="--module" if request.module else name,
        moved_to=request.moved_to,
        deadline=request.deadline or Deadline(settings.time_limit),
        whole_project=request.whole_project,
        hosts={
            host: HostOptions(
                None if request.headscale else own.headscale, None if request.module else own.module, own.at
            )
            for host, own in settings.hosts.items()
        },
    )


def settings_of(path: str) -> tuple[Settings, Project]:
    """The settings that hold for a path, and its project. Raises CannotInspect and InvalidSettings."""
    (scope,) = scopes([path])
    return _settings(scope), Project(scope.root.path)


def _settings(scope: Scope) -> Settings:
    return find_settings(Project(scope.root.path), scope.targets[0].start, *names(all_rules()))


def _check(paths: Sequence[str], request: Request, buffers: Mapping[str, bytes] | None) -> Checked:
    inspections, settings = _inspect(paths, request, by_real_directory(buffers))
    known = all_rules()
    _check_selected(request, settings)
    baselines = _Baselines(request)
    parts = [_check_project(*each, request, known, baselines) for each in zip(inspections, settings, strict=True)]
    if len(parts) == 1:
        return parts[0]
    findings: dict[tuple[object, ...], Finding] = {}
    for part in parts:
        for finding in part.findings:
            at = finding.problem.at
            # Projects may lie in each other.
            key = (finding.rule.name, at.file.path, at.start, at.end, finding.problem.message)
            findings.setdefault(key, finding)
    return Checked(
        joined([part.inspection for part in parts]),
        tuple(sorted(findings.values(), key=lambda finding: finding.problem.at.file.path)),
        tuple(crash for part in parts for crash in part.crashes),
        settings[0],
        any(part.fails for part in parts),
        any(part.incomplete or part.nothing_evaluated for part in parts),
        any(part.shows_possible for part in parts),
        tuple(finding for part in parts for finding in part.known),
        baselines.used,
    )


class _Baselines:
    """The baselines of a run: projects may share one."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self._read: dict[str, Baseline] = {}

    @property
    def used(self) -> tuple[Baseline, ...]:
        return tuple(self._read.values())

    def known(self, findings: Sequence[Finding], inspection: Inspection, settings: Settings) -> list[Finding]:
        """Those of the findings of a project that are in its baseline. Raises CannotInspect."""
        named = self.request.baseline
        path = os.path.abspath(named) if named is not None else settings.baseline
        if self.request.without_baseline or not path:
            return []
        if path not in self._read:
            text = _named_file(named) if named is not None else _project_file(inspection.project, path)
            self._read[path] = baseline.read(path, named or inspection.project.relative(path), text)
        return self._read[path].known(findings, inspection.secrets)


def _named_file(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise CannotInspect(f"{path}: no such baseline; --write-baseline --baseline {path} makes one") from None


def _project_file(project: Project, path: str) -> bytes:
    file = project.read(path)
    if isinstance(file, SourceFile):
        return file.text
    raise CannotInspect(
        f"{project.relative(path)}: the baseline of the settings {file.value}; --write-baseline makes it"
    )


def _check_project(
    inspection: Inspection, settings: Settings, request: Request, known: Sequence[Rule], baselines: _Baselines
) -> Checked:
    known = (*known, *team_rules(settings))
    rule_names, subjects = names(known)
    chosen = [rule for rule in known if _chosen(rule, request, settings)]
    hosts = inspection.hosts
    report = run(hosts, chosen, inspection.deadline, request.progress)
    inspection = inspection.without(report.not_run, len(chosen), report.cut_short)
    # What could not be evaluated may look as if it were not there.
    whole = frozenset(host.name for host in hosts if host not in report.cut_short)
    findings = [_with_severity(finding, settings) for finding in _only_on(report.findings, whole)]
    files = {path: parsed.file for host in hosts for path, parsed in host.parsed.items() if path.startswith("/")}
    files.update((file.path, file) for host in hosts if (file := policy_file(host)) is not None)
    # A comment may well speak of what there was no time to find.
    ran = frozenset[str]() if inspection.cut_short or report.cut_short else frozenset(rule.name for rule in chosen)
    unsuppressed = suppression.suppress(findings, files.values(), ran, rule_names | subjects)
    shown = tuple(
        finding
        for finding in unsuppressed
        if (finding.rule not in suppression.RULES or _chosen(finding.rule, request, settings))
        and finding.severity.rank <= settings.min_severity.rank
        and not settings.ignores_at(finding.rule.name, finding.rule.subject, finding.problem.at.file.path)
        and (request.whole_hosts or _concerns(inspection, finding))
    )
    limited = inspection.limited()
    if request.whole_hosts and limited is not inspection:
        shown = tuple(_only_on(shown, frozenset(host.name for host in limited.hosts)))
    in_baseline = baselines.known(shown, inspection, settings)
    left_out = set(map(id, in_baseline))
    shown = tuple(finding for finding in shown if id(finding) not in left_out)
    certain = (finding for finding in shown if finding.certainty is Certainty.CERTAIN)
    fails = any(finding.severity.rank <= settings.fail_on.rank for finding in certain)
    possible = request.possible or settings.possible
    strict = request.fail_on_unevaluated or settings.fail_on_unevaluated
    reported, silenced = (
        tuple(_without_secrets(inspection, finding) for finding in findings) for findings in (shown, in_baseline)
    )
    incomplete = strict and bool(inspection.skipped)
    return Checked(limited, reported, report.crashes, settings, fails, incomplete, possible, silenced, baselines.used)


def _check_selected(request: Request, settings: Sequence[Settings]) -> None:
    """Raises CannotInspect for a team rule that was asked for and that no project's settings define."""
    known = dict.fromkeys(rule.name for each in settings for rule in each.team_rules)
    for option, asked in (("--select", request.select), ("--ignore", request.ignore)):
        for name in asked:
            if name.startswith(TEAM) and name != TEAM_SUBJECT and name not in known:
                raise CannotInspect(
                    f"{option}: there is no rule {name}; the settings have {', '.join(known) or 'none'}"
                )


def _without_secrets(inspection: Inspection, finding: Finding) -> Finding:
    """The finding as it may be shown anywhere. Its edits are left as they are: they are not shown but applied."""
    said, problem = inspection.secrets.text, finding.problem
    notes = tuple(replace(note, message=said(note.message)) for note in problem.notes)
    fix = problem.fix
    if fix is not None:
        fix = replace(fix, title=said(fix.title))
    shown = replace(problem, message=said(problem.message), notes=notes, fix=fix)
    where, depends_on = tuple(map(said, finding.where)), tuple(map(said, finding.depends_on))
    return replace(finding, problem=shown, where=where, depends_on=depends_on)


def _chosen(rule: Rule, request: Request, settings: Settings) -> bool:
    if request.select:
        chosen = rule.name in request.select or rule.subject in request.select
    else:
        chosen = settings.selects(rule.name, rule.subject)
    return chosen and rule.name not in request.ignore and rule.subject not in request.ignore


def _with_severity(finding: Finding, settings: Settings) -> Finding:
    wanted = settings.severity_of(finding.rule.name, finding.rule.subject, finding.effect)
    return finding if wanted is finding.severity else replace(finding, severity_override=wanted)


def _only_on(findings: Iterable[Finding], hosts: frozenset[str]) -> Iterator[Finding]:
    """The findings on some of the hosts, as if there were no others."""
    for finding in findings:
        having = tuple(name for name in finding.hosts if name in hosts)
        if having or not finding.hosts:
            yield replace(finding, hosts=having)


def _concerns(inspection: Inspection, finding: Finding) -> bool:
    """Whether a finding belongs to what was named: it stands there, has its cause there, or is one of a host that was named."""
    if not inspection.named or not inspection.named_hosts.isdisjoint(finding.hosts):
        return True
    problem = finding.problem
    return any(map(inspection.concerns, (problem.at, *(note.at for note in problem.notes))))


__all__ = ["CannotInspect", "Checked", "Request", "Severity", "check", "inspect", "names", "settings_of"]
