"""Rules × hosts → findings. One crashing rule is one crash in the report; the others go on.

A host is shown to the rules more than once: as far as it is known, and under assumptions. What is found with nothing assumed is
certain, what is found only under assumptions names the fewest that it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hslint.finding import Crash, Finding, Holds, Report
from hslint.hosts.host import Host
from hslint.problem import PlacedProblem, Rule
from hslint.record import Record
from hslint.values.assumptions import Assumptions, Atom
from hslint.values.value import Bool, Failure, NotKnown, Unknown

#: Assumptions of one host that are tried one by one and the other way round; beyond that only "all guards hold" is asked.
ATOMS = 3

#: What the view with closed imports takes for granted: that nothing which could not be followed adds to the configuration …
CLOSED = "nothing that could not be read sets more"
#: … and that the module is that of the newest NixOS, where nothing says which one it is.
NEWEST = "the NixOS release in use is the newest"

Key = tuple[str, str, int, int, str]


class _Seen(Record):
    """A problem on one host: `where` Headscale is on, and what else it depends on."""

    rule: Rule
    problem: PlacedProblem
    where: tuple[str, ...]
    depends_on: tuple[str, ...]

    @property
    def cost(self) -> tuple[int, int]:
        return len(self.depends_on), len(self.where)


def run(hosts: Iterable[Host], rules: Sequence[Rule]) -> Report:
    """What `rules` see on `hosts`; the same problem on several hosts is one finding."""
    merged: dict[Key, tuple[_Seen, list[Host]]] = {}
    crashes: dict[tuple[str, str, str], Crash] = {}
    for host in hosts:
        for key, seen in _Survey(host, rules, crashes).found.items():
            known, having = merged.get(key, (seen, []))
            merged[key] = (min(known, seen, key=lambda each: each.cost), [*having, host])
    findings = [
        Finding(
            seen.rule,
            seen.problem,
            tuple(dict.fromkeys(host.name for host in having)),
            _holds(seen.rule, seen.problem, having),
            where=seen.where,
            depends_on=seen.depends_on,
        )
        for seen, having in merged.values()
    ]
    findings.sort(key=_order)
    return Report(tuple(findings), tuple(crashes.values()))


class _Survey:
    """One host seen with nothing assumed, and under every set of assumptions that is worth asking."""

    def __init__(self, host: Host, rules: Sequence[Rule], crashes: dict[tuple[str, str, str], Crash]) -> None:
        self.rules = rules
        self.crashes = crashes
        self.found: dict[Key, _Seen] = {}
        #: What every finding may take for granted without naming it.
        self.granted = dict(host.assumptions.holds)
        problems = self._judged(host)
        self._take(problems, (), ())
        if not host.assumptions.guards or not self._assume(host):
            self._add(host, problems, self.granted, {})
        self._mute()

    def _assume(self, host: Host) -> bool:
        """Look at the host where Headscale is on, then where all guards hold, then the other way round. Says whether Headscale
        is on only under assumptions.
        """
        assumptions = Assumptions(self.granted, greedy=True)
        guarded = host.assuming(assumptions)
        if guarded is None:
            return False
        enable = guarded.setting("enable")
        on = dict(assumptions.holds) if isinstance(enable.value, Bool | Unknown) else self.granted
        all_hold = self._judged(guarded)
        rest = {atom: holds for atom, holds in assumptions.holds.items() if atom not in on}
        if not rest:
            self._add(guarded, all_hold, on, {})
        else:
            if on != self.granted and (started := host.assuming(Assumptions(on))) is not None:
                self._add(started, self._judged(started), on, {})
            self._single_out(host, guarded, all_hold, on, rest)
        for atom in [atom for atom in assumptions.contested if atom not in on][:ATOMS]:
            turned = {atom: not assumptions.holds[atom]}
            other = host.assuming(Assumptions({**on, **turned}, greedy=True))
            if other is not None:
                self._add(other, self._judged(other), on, turned)
        return on != self.granted

    def _single_out(
        self,
        host: Host,
        guarded: Host,
        all_hold: dict[Key, tuple[Rule, PlacedProblem]],
        on: dict[Atom, bool],
        rest: dict[Atom, bool],
    ) -> None:
        """Attribute what is found where all guards hold to single ones of them, as far as that is enough."""
        if len(rest) > 1 and all_hold.keys() - self.found.keys():
            for atom in list(rest)[:ATOMS]:
                one = {atom: rest[atom]}
                other = host.assuming(Assumptions({**on, **one}))
                if other is not None:
                    self._add(other, self._judged(other), on, one)
        self._add(guarded, all_hold, on, rest)

    def _add(
        self,
        host: Host,
        problems: dict[Key, tuple[Rule, PlacedProblem]],
        on: dict[Atom, bool],
        assumed: dict[Atom, bool],
    ) -> None:
        """Take what was found under assumptions, and what is found besides if nothing unread sets more."""
        where, depends_on = _stated(on, self.granted), _stated(assumed, {})
        self._take(problems, where, depends_on)
        if host.is_open or host.undated is not None:
            where = where if host.undated is None else (*where, NEWEST)
            depends_on = (*depends_on, CLOSED) if host.is_open else depends_on
            closed = host.with_closed_imports()
            if closed is not None:
                self._take(self._judged(closed), where, depends_on)

    def _take(
        self, problems: dict[Key, tuple[Rule, PlacedProblem]], where: tuple[str, ...], depends_on: tuple[str, ...]
    ) -> None:
        for key, (rule, problem) in problems.items():
            seen = _Seen(rule, problem, where, depends_on)
            known = self.found.get(key)
            if known is None or seen.cost < known.cost:
                self.found[key] = seen

    def _mute(self) -> None:
        """Leave out what follows from a cause that another rule names wherever this is found."""
        for key, seen in list(self.found.items()):
            causes = (cause for cause in self.found.values() if cause.rule.name in seen.rule.yields_to)
            if any(set(cause.depends_on) <= set(seen.depends_on) for cause in causes):
                del self.found[key]

    def _judged(self, host: Host) -> dict[Key, tuple[Rule, PlacedProblem]]:
        """The problems of one view of the host, less those whose cause another rule has named already."""
        by_rule: dict[str, list[tuple[Rule, PlacedProblem]]] = {}
        for rule in self.rules:
            if not rule.speaks_of(host.release) or not (host.active or rule.when_disabled):
                continue
            problems: list[PlacedProblem] = []
            try:
                problems.extend(_problems(rule, host))
            except Exception as error:  # noqa: BLE001 - a rule's defect must not take the run down
                crash = Crash(rule, host.name, f"{type(error).__name__}: {error}")
                self.crashes[crash.rule.name, crash.host, crash.error] = crash
            if problems:
                by_rule[rule.name] = [(rule, problem) for problem in problems]
        return {
            (rule.name, problem.at.file.path, problem.at.start, problem.at.end, problem.message): (rule, problem)
            for problems in by_rule.values()
            for rule, problem in problems
            if not any(other in by_rule for other in rule.yields_to)
        }


def _stated(assumed: dict[Atom, bool], granted: dict[Atom, bool]) -> tuple[str, ...]:
    return tuple(atom.stated(holds=holds) for atom, holds in assumed.items() if atom not in granted)


def _holds(rule: Rule, problem: PlacedProblem, hosts: Sequence[Host]) -> Holds | None:
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


def _problems(rule: Rule, host: Host) -> Iterator[PlacedProblem]:
    """What a rule sees on a host, up to where it asks for something that cannot be told, or that Nix itself stops at."""
    try:
        for problem in rule.check(host):
            placed = problem.placed()
            if placed is not None:
                yield placed
    except (NotKnown, Failure):
        return


def _order(finding: Finding) -> tuple[str, int, int, int, str]:
    at = finding.problem.at
    return at.file.path, at.start, at.end, finding.severity.rank, finding.rule.name


__all__ = ["ATOMS", "CLOSED", "run"]
