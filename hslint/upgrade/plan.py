"""The plan: every host checked at each release on its way; what is new there is what the upgrade brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum

from hslint import suppression
from hslint.catalogue.published import newest_like
from hslint.catalogue.release import OLDEST, Release
from hslint.checking import Checked, check
from hslint.finding import Crash, Finding
from hslint.plugins import rules
from hslint.problem import Effect
from hslint.record import Record, replace
from hslint.runner import CLOSED
from hslint.upgrade import defaults
from hslint.upgrade.path import CannotUpgrade, UpgradePath, Wanted, host_way, refuse_going_back
from hslint.upgrade.steps import StepPlan, steps
from hslint.values.budget import with_deep_stack

#: A problem of one host, also when its message names another release: host, rule, place, and which of several there.
_Key = tuple[str, str, str, int, int, int]


class Kind(Enum):
    """The kind of change that a release brings; in the order in which to act."""

    BREAKS = "breaks"
    SILENT = "goes silent"
    DEFAULT = "changes its default"
    RENAME = "should be renamed"
    ADVICE = "advice"

    @property
    def rank(self) -> int:
        """0 for what to do first."""
        return list(Kind).index(self)


class Entry(Record):
    """One thing to do. `release` is the one on the way that brings it; `passing` means that the target does not have it any more."""

    finding: Finding
    release: Release
    route: bool = False

    @property
    def kind(self) -> Kind:
        match self.finding.effect:
            case Effect.REFUSED | Effect.FAILS | Effect.INSECURE | Effect.EXPOSED | Effect.BROKEN:
                return Kind.BREAKS
            case Effect.IGNORED:
                return Kind.SILENT
            case Effect.ADVICE:
                rule = self.finding.rule
                if rule.default_of is not None or rule is defaults.RULE:
                    return Kind.DEFAULT
                return Kind.RENAME if rule.renames else Kind.ADVICE


class Plan(Record):
    """`target` is a release whose settings are known, `to` the one that hosts move to."""

    target: Release
    to: Release
    hosts: tuple[UpgradePath, ...]
    steps: tuple[StepPlan, ...]
    entries: tuple[Entry, ...]
    #: Problems that are there already, whatever the release: `hslint check` shows them.
    already: int
    #: The hosts as they will be.
    checked: Checked
    crashes: tuple[Crash, ...]
    #: Remarks on the check of the hosts as they are.
    remarks: tuple[str, ...] = ()

    def named(self, release: Release) -> Release:
        """The release to take for one on the way: the newest patch of its series, unless the target is another one."""
        return self.to if release == self.target else newest_like(release)

    @property
    def fails(self) -> bool:
        """Whether there is something to do that is at least as bad as the settings let pass, or a release to stop at."""
        worst = self.checked.settings.fail_on.rank
        return bool(self.stops) or any(entry.finding.severity.rank <= worst for entry in self.entries)

    @property
    def stops(self) -> tuple[StepPlan, ...]:
        """The releases before the target that may not be skipped."""
        return tuple(
            step
            for step in self.steps
            if any(host.origin and step.release in host.releases[:-1] for host in self.hosts)
        )


def plan(wanted: Wanted, buffers: Mapping[str, bytes] | None = None) -> Plan:
    """Check the hosts behind the paths at each release on their way. Raises CannotInspect and what `check` raises."""
    return with_deep_stack(_plan, wanted, buffers or {})


def _plan(wanted: Wanted, buffers: Mapping[str, bytes]) -> Plan:
    checks = _Checks(wanted, buffers)
    now = checks.now
    ways = tuple(host_way(wanted, host) for host in now.inspection.hosts if host.active)
    refuse_going_back(wanted, ways)
    after = checks.at(wanted.target)
    modules = {host.name: host.module.name for host in after.inspection.hosts}
    ways = tuple(replace(each, module_after=modules.get(each.name, each.module)) for each in ways)
    before = _baseline(checks, ways)
    entries = _merged(list(_entries(checks, ways, before, after)))
    crashes = tuple(
        {(crash.rule.name, crash.host): crash for checked in checks.all for crash in checked.crashes}.values()
    )
    return Plan(
        wanted.target,
        wanted.to,
        ways,
        steps(ways, after.inspection.hosts, wanted.to),
        tuple(sorted(entries, key=_order)),
        len({id(finding) for key, finding in _keyed(after).items() if not _is_new(finding, before.get(key))}),
        after,
        crashes,
        now.inspection.remarks,
    )


def introduced_findings(wanted: Wanted, texts: Mapping[str, bytes], after: Checked) -> list[Finding]:
    """The findings that fixes may apply to in files with these texts, which `after` has checked at the target: what moving there brings, and what
    is wrong already, wherever that has a safe fix.
    """
    checks = _Checks(wanted, texts)
    before = _baseline(checks, [host_way(wanted, host) for host in checks.now.inspection.hosts])
    keys = _keyed(after)
    new = {id(finding) for key, finding in keys.items() if _is_new(finding, before.get(key))}
    already = {id(finding) for finding in after.certain if finding.problem.fix is not None and finding.problem.fix.safe}
    return [finding for finding in after.findings if id(finding) in new | already]


class _Checks:
    """The files checked as they are, and as of any release; each once."""

    def __init__(self, wanted: Wanted, buffers: Mapping[str, bytes]) -> None:
        self._wanted = wanted
        self._buffers = buffers
        self._at: dict[Release | None, Checked] = {}

    def at(self, release: Release | None) -> Checked:
        found = self._at.get(release)
        if found is None:
            request = replace(self._wanted.request, moved_to=release)
            found = self._at[release] = check(self._wanted.paths, request, self._buffers)
            if (late := found.inspection.late) is not None:
                raise CannotUpgrade(found.inspection.describe(late))
        return found

    @property
    def now(self) -> Checked:
        return self.at(self._wanted.origin)

    @property
    def all(self) -> Iterable[Checked]:
        return self._at.values()


def _start(checks: _Checks, each: UpgradePath) -> Checked:
    """The check of a host where it starts: by the oldest release that it may run."""
    host = next((host for host in checks.now.inspection.hosts if host.name == each.name), None)
    certain = host is not None and host.runs.release.certain
    return checks.now if certain else checks.at(each.origin or OLDEST)


def _baseline(checks: _Checks, ways: Sequence[UpgradePath]) -> dict[_Key, Finding]:
    """The findings of each host where it starts; for one that runs no Headscale, now."""
    starts = {each.name: each for each in ways}
    found = {key: finding for key, finding in _keyed(checks.now).items() if key[0] not in starts}
    for name, each in starts.items():
        found.update((key, finding) for key, finding in _keyed(_start(checks, each)).items() if key[0] == name)
    return found


def _entries(
    checks: _Checks, ways: Sequence[UpgradePath], before: Mapping[_Key, Finding], after: Checked
) -> Iterator[Entry]:
    """One entry a host and problem that there was not `before`."""
    at_target = _keyed(after)
    seen: set[_Key] = set()
    reported = frozenset(rule.default_of for rule in rules() if rule.default_of is not None)
    ahead = {each.name for each in ways if each.ahead}
    earlier = {
        host.name: host for each in ways for host in _start(checks, each).inspection.hosts if host.name == each.name
    }
    for release in sorted({release for each in ways for release in each.releases}):
        checked = checks.at(release)
        passing_through = {each.name: each for each in ways if release in each.releases}
        for key, finding in _keyed(checked).items():
            if key in seen or key[0] not in passing_through or not _is_new(finding, before.get(key)):
                continue
            final = at_target.get(key)
            if final is not None and _is_new(final, before.get(key)):
                seen.add(key)
                yield Entry(replace(final, hosts=(key[0],)), release)
            elif final is None and finding.effect in (Effect.REFUSED, Effect.FAILS):
                seen.add(key)
                yield Entry(replace(finding, hosts=(key[0],)), release, route=True)
        for host in checked.inspection.hosts:
            if host.name not in passing_through or not host.active:
                continue
            if passing_through[host.name].origin is not None:
                for problem in defaults.changed(earlier[host.name], host, reported):
                    depends_on = (CLOSED,) if host.has_unresolved_imports else ()
                    yield Entry(Finding(defaults.RULE, problem, (host.name,), depends_on=depends_on), release)
            earlier[host.name] = host
    for key, finding in at_target.items():
        if key not in seen and key[0] not in ahead and _is_new(finding, before.get(key)):
            yield Entry(replace(finding, hosts=(key[0],)), _first_release(ways, key[0], after))


def _first_release(ways: Sequence[UpgradePath], host: str, after: Checked) -> Release:
    """The release on a host's way at which to say what holds for all of it."""
    mine = next((each for each in ways if each.name == host and each.releases), None)
    return mine.releases[0] if mine is not None else after.inspection.hosts[0].release


def _keyed(checked: Checked) -> dict[_Key, Finding]:
    found: dict[_Key, Finding] = {}
    for finding in _real(checked):
        at = finding.problem.at
        for host in finding.hosts:
            number = 0
            while (key := (host, finding.rule.name, at.file.path, at.start, at.end, number)) in found:
                number += 1
            found[key] = finding
    return found


def _real(checked: Checked) -> list[Finding]:
    """Without what is said about suppressions: whether one is needed may differ from release to release."""
    return [finding for finding in checked.findings if finding.rule not in suppression.RULES]


def _is_new(finding: Finding, before: Finding | None) -> bool:
    """Whether it was not there, or less bad; old names that still work are reported at every upgrade, and other advice
    only where it begins with a release.
    """
    effects = list(Effect)
    if finding.effect is Effect.ADVICE and (finding.rule.renames or finding.rule.since is None):
        return finding.rule.renames
    return before is None or effects.index(finding.effect) < effects.index(before.effect)


def _merged(entries: Iterable[Entry]) -> list[Entry]:
    """The same problem on several hosts is one entry."""
    kept: dict[tuple[object, ...], Entry] = {}
    for entry in entries:
        at, message = entry.finding.problem.at, entry.finding.problem.message
        key = (entry.finding.rule.name, at.file.path, at.start, at.end, message, entry.route)
        known = kept.get(key)
        if known is None:
            kept[key] = entry
            continue
        names = tuple(dict.fromkeys((*known.finding.hosts, *entry.finding.hosts)))
        kept[key] = replace(
            known, finding=replace(known.finding, hosts=names), release=min(known.release, entry.release)
        )
    return list(kept.values())


def _order(entry: Entry) -> tuple[Release, int, str, int, str]:
    at = entry.finding.problem.at
    return entry.release, entry.kind.rank, at.file.path, at.start, entry.finding.rule.name
