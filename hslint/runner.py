"""Rules × hosts → findings. One crashing rule is one crash in the report; the others go on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hslint.catalogue.release import Release
from hslint.finding import Crash, Finding, Holds, Report
from hslint.hosts.host import Host
from hslint.rule import Problem, Rule
from hslint.source import Span
from hslint.values.budget import Deadline, Interrupted
from hslint.values.value import Failure, NotKnown

#: Spans compare whole files; a path and two offsets are as good.
Place = tuple[str, int, int]


def run(hosts: Iterable[Host], rules: Sequence[Rule], deadline: Deadline | None = None) -> Report:
    """What `rules` see on `hosts`; the same problem on several hosts is one finding. Raises Interrupted when the deadline is
    cancelled.
    """
    return _Run(rules, deadline or Deadline()).report(hosts)


class _Run:
    """Every rule is asked at most once for each host and release: what it sees may be many findings, and each wants to know."""

    def __init__(self, rules: Sequence[Rule], deadline: Deadline) -> None:
        self.rules = rules
        self.deadline = deadline
        self.crashes: list[Crash] = []
        self.not_run: dict[Host, int] = {}
        self.cut_short: dict[Host, str] = {}
        self._released: dict[tuple[Host, Release], Host] = {}
        self._places: dict[tuple[str, Host], frozenset[Place]] = {}

    def report(self, hosts: Iterable[Host]) -> Report:
        hosts = list(hosts)
        seen: dict[tuple[object, ...], tuple[Rule, Problem, dict[Host, None]]] = {}
        for host in hosts:
            for rule, problem in self._judge(host):
                key = (rule.name, *_place(problem.at), problem.message)
                seen.setdefault(key, (rule, problem, {}))[2][host] = None
        findings = [
            Finding(rule, problem, tuple(host.name for host in having), self._holds(rule, problem, tuple(having)))
            for rule, problem, having in seen.values()
            if not (rule.unless_shared and _runs_elsewhere(problem, hosts))
        ]
        findings.sort(key=_order)
        return Report(tuple(findings), tuple(self.crashes), self.not_run, self.cut_short)

    def _holds(self, rule: Rule, problem: Problem, hosts: Sequence[Host]) -> Holds | None:
        """For which releases a problem holds, where no host's is known: the rule is asked again, as if each of them were in use."""
        among = hosts[0].runs.release.among
        if not among or any(host.runs.release.among != among for host in hosts):
            return None
        at = _place(problem.at)
        releases = tuple(
            release for release in among if any(at in self._places_at(rule, host, release) for host in hosts)
        )
        return Holds(releases, among) if releases and releases != among else None

    def _places_at(self, rule: Rule, host: Host, release: Release) -> frozenset[Place]:
        """Where a rule sees problems on a host if that ran another release; nowhere if it has nothing to say of that one."""
        moved = self._released.get((host, release))
        if moved is None:
            moved = self._released[host, release] = host.with_release(release)
        places = self._places.get((rule.name, moved))
        if places is None:
            found = self._problems(rule, moved) if rule.speaks_of(release) else ()
            places = self._places[rule.name, moved] = frozenset(_place(problem.at) for problem in found)
        return places

    def _judge(self, host: Host) -> list[tuple[Rule, Problem]]:
        """The problems of one host, less those whose cause another rule has named already, or may name that was not run."""
        by_rule: dict[str, list[tuple[Rule, Problem]]] = {}
        with host.configuration.turn():
            self._ask(host, by_rule)
        if host.configuration.cut_short is not None:
            self.cut_short[host] = host.configuration.cut_short
        return [
            found
            for problems in by_rule.values()
            for found in problems
            if not any(other in by_rule for other in found[0].yields_to)
        ]

    def _ask(self, host: Host, by_rule: dict[str, list[tuple[Rule, Problem]]]) -> None:
        """What each rule sees on a host, by the rule's name."""
        for number, rule in enumerate(self.rules):
            try:
                self.deadline.check()
                if rule.speaks_of(host.release) and (host.active or rule.when_disabled):
                    problems = [(rule, problem) for problem in self._problems(rule, host)]
                    if problems:
                        for release in host.runs.release.among:
                            self._places_at(rule, host, release)
                        by_rule[rule.name] = problems
            except Interrupted:
                if self.deadline.cancelled:
                    raise
                self.not_run[host] = len(self.rules) - number
                by_rule.update((missed.name, []) for missed in self.rules[number:])
                return

    def _problems(self, rule: Rule, host: Host) -> list[Problem]:
        """What a rule sees on a host, up to where it asks for something that cannot be told, that Nix itself stops at, or that
        it crashes on.
        """
        found: list[Problem] = []
        try:
            found.extend(rule.check(host))
        except (NotKnown, Failure):
            pass
        except (RecursionError, MemoryError) as error:
            host.configuration.broke_off(error)
        except Exception as error:  # noqa: BLE001 - a rule's defect must not take the run down
            crash = Crash(rule, host.name, f"{type(error).__name__}: {error}")
            if crash not in self.crashes:
                self.crashes.append(crash)
        return found


def _runs_elsewhere(problem: Problem, hosts: Sequence[Host]) -> bool:
    """Whether a host that has the problem's file among its modules runs Headscale."""
    path = problem.at.file.path
    return any(host.active and any(file.path == path for file in host.configuration.files) for host in hosts)


def _place(span: Span) -> Place:
    return span.file.path, span.start, span.end


def _order(finding: Finding) -> tuple[str, int, int, int, str]:
    at = finding.problem.at
    return at.file.path, at.start, at.end, finding.severity.rank, finding.rule.name
