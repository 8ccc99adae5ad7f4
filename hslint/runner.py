"""Rules × hosts → findings. One crashing rule is one crash in the report; the others go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hslint.finding import Crash, Finding, Holds, Report
from hslint.hosts.host import Host
from hslint.rule import Problem, Rule
from hslint.values.value import Failure, NotKnown


def run(hosts: Iterable[Host], rules: Sequence[Rule]) -> Report:
    """What `rules` see on `hosts`; the same problem on several hosts is one finding."""
    hosts = list(hosts)
    seen: dict[tuple[object, ...], tuple[Rule, Problem, list[Host]]] = {}
    crashes: list[Crash] = []
    for host in hosts:
        for rule, problem in _judge(host, rules, crashes):
            key = (rule.name, problem.at.file.path, problem.at.start, problem.at.end, problem.message)
            kept = seen.setdefault(key, (rule, problem, []))
            if host not in kept[2]:
                kept[2].append(host)
    findings = [
        Finding(rule, problem, tuple(host.name for host in having), _holds(rule, problem, having))
        for rule, problem, having in seen.values()
        if not (rule.unless_shared and _runs_elsewhere(problem, hosts))
    ]
    findings.sort(key=_order)
    return Report(tuple(findings), tuple(crashes))


def _runs_elsewhere(problem: Problem, hosts: Sequence[Host]) -> bool:
    """Whether a host that has the problem's file among its modules runs Headscale."""
    path = problem.at.file.path
    return any(host.active and any(file.path == path for file in host.configuration.files) for host in hosts)


def _holds(rule: Rule, problem: Problem, hosts: Sequence[Host]) -> Holds | None:
    """For which releases a problem holds, where no host's is known: the rule is asked again, as if each of them were in use."""
    among = hosts[0].runs.release.among
    if not among or any(host.runs.release.among != among for host in hosts):
        return None
    releases = tuple(
        release
        for release in among
        if rule.speaks_of(release)
        and any(problem.at == other.at for host in hosts for other in _problems(rule, host.with_release(release)))
    )
    return Holds(releases, among) if releases and releases != among else None


def _problems(rule: Rule, host: Host) -> list[Problem]:
    """What a rule sees on a host; nothing where it asked for something that cannot be told, or that Nix itself stops at."""
    try:
        return list(rule.check(host))
    except (NotKnown, Failure, RecursionError):
        return []


def _order(finding: Finding) -> tuple[str, int, int, int, str]:
    at = finding.problem.at
    return at.file.path, at.start, at.end, finding.severity.rank, finding.rule.name


def _judge(host: Host, rules: Sequence[Rule], crashes: list[Crash]) -> list[tuple[Rule, Problem]]:
    """The problems of one host, less those whose cause another rule has named already."""
    by_rule: dict[str, list[tuple[Rule, Problem]]] = {}
    for rule in rules:
        if not rule.speaks_of(host.release) or not (host.active or rule.when_disabled):
            continue
        try:
            problems = [(rule, problem) for problem in _problems(rule, host)]
        except Exception as error:  # noqa: BLE001 - a rule's defect must not take the run down
            crashes.append(Crash(rule, host.name, f"{type(error).__name__}: {error}"))
            continue
        if problems:
            by_rule[rule.name] = problems
    return [
        found
        for problems in by_rule.values()
        for found in problems
        if not any(other in by_rule for other in found[0].yields_to)
    ]
