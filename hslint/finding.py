"""A finding: a problem with its rule, and the hosts that have it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from hslint.catalogue.release import Release
from hslint.hosts.host import Host
from hslint.problem import Effect, PlacedProblem, Rule, Severity
from hslint.record import Record


class Certainty(Enum):
    CERTAIN = "certain"
    POSSIBLE = "possible"


class Holds(Record):
    """Those releases, of several that a host may run (`among`, oldest first), for which a problem was seen."""

    releases: tuple[Release, ...]
    among: tuple[Release, ...]

    def __str__(self) -> str:
        """As in "from 0.26 on", "up to 0.25" or "from 0.24 to 0.26"."""
        first, last = self.releases[0], self.releases[-1]
        within = self.among[self.among.index(first) : self.among.index(last) + 1]
        if within != self.releases:
            return "in " + ", ".join(release.series for release in self.releases)
        if first == self.among[0]:
            return f"up to {last.series}"
        return f"from {first.series} " + ("on" if last == self.among[-1] else f"to {last.series}")


class Finding(Record):
    """One problem, however many hosts have it."""

    rule: Rule
    problem: PlacedProblem
    hosts: tuple[str, ...]
    #: For which of the releases that may be in use it holds; None where the release is known, or it holds for all of them.
    holds: Holds | None = None
    #: What the project's settings make of it.
    severity_override: Severity | None = None
    #: Assumptions under which Headscale is on at all, as clauses ("`my.vpn.enable` is true"): taken for granted.
    where: tuple[str, ...] = ()
    #: What else must hold for it, as clauses; nothing for a certain finding.
    depends_on: tuple[str, ...] = ()

    @property
    def effect(self) -> Effect:
        return self.problem.effect or self.rule.effect

    @property
    def severity(self) -> Severity:
        return self.severity_override or self.effect.severity

    @property
    def certainty(self) -> Certainty:
        return Certainty.POSSIBLE if self.depends_on else Certainty.CERTAIN

    @property
    def condition(self) -> str:
        """The assumptions that it depends on, as a clause: "where `my.vpn.enable` is true"; empty where nothing is assumed."""
        clauses = (*self.where, *self.depends_on)
        return f"where {' and '.join(clauses)}" if clauses else ""

    @property
    def graded(self) -> str:
        """The severity as text: "error", or "possible error" where the finding depends on assumptions."""
        return f"possible {self.severity.value}" if self.depends_on else self.severity.value


class Crash(Record):
    """A rule that raised: a defect of the rule, which takes nothing else down with it."""

    rule: Rule
    host: str
    error: str


class Report(Record):
    """The outcome of a run: findings in the order of their places, the rules that crashed, and, for each host that time ran out
    on, how many rules were not run. `cut_short` names hosts that were not evaluated to the end, and why.
    """

    findings: tuple[Finding, ...]
    crashes: tuple[Crash, ...] = ()
    not_run: Mapping[Host, int] = MappingProxyType({})
    cut_short: Mapping[Host, str] = MappingProxyType({})
