"""Rules × hosts → findings. One crashing rule is one crash in the report; the others go on.

A host is shown to the rules more than once: as far as it is known, and under assumptions. What is found with nothing assumed is
certain, what is found only under assumptions names the fewest that it needs.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice

from hslint.catalogue.release import Release
from hslint.finding import Crash, Finding, Holds, Report
from hslint.hosts.host import Host
from hslint.problem import PlacedNote, PlacedProblem, Rule
from hslint.record import Record, replace
from hslint.source import Span
from hslint.values.assumptions import Assumptions
from hslint.values.budget import Deadline, Interrupted
from hslint.values.conditions import Atom
from hslint.values.value import Failure, NotKnown

#: Assumptions of one host that are tried one by one and the other way round; beyond that only "all guards hold" is asked.
ATOMS = 3

#: What the view with closed imports takes for granted: that nothing which could not be followed adds to the configuration.
CLOSED = "nothing that could not be read sets more"

#: Spans compare whole files; a path and two offsets are as good.
Place = tuple[str, int, int]
#: What makes two problems one: rule, place and message.
Key = tuple[str, Place, str]
Found = dict[Key, tuple[Rule, PlacedProblem]]
Truth = dict[Atom, bool]


class _Seen(Record):
    """A problem on one view of a host: `where` Headscale is on, and what else it depends on."""

    rule: Rule
    problem: PlacedProblem
    view: Host
    where: tuple[str, ...]
    depends_on: tuple[str, ...]

    @property
    def cost(self) -> tuple[int, int]:
        return len(self.depends_on), len(self.where)


def run(
    hosts: Iterable[Host],
    rules: Sequence[Rule],
    deadline: Deadline | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """The findings of `rules` on `hosts`; the same problem on several hosts is one finding. `progress` takes which host it is. Raises Interrupted
    when the deadline is cancelled.
    """
    return _Run(rules, deadline or Deadline()).report(list(hosts), progress)


class _Run:
    """Every rule is asked at most once for each view of a host and release: what it sees may be many findings, and each wants to
    know.
    """

    def __init__(self, rules: Sequence[Rule], deadline: Deadline) -> None:
        self.rules = rules
        self.deadline = deadline
        self.crashes: dict[Crash, None] = {}
        self.not_run: dict[Host, int] = {}
        self.cut_short: dict[Host, str] = {}
        self._released: dict[tuple[Host, Release], Host] = {}
        self._places: dict[tuple[str, Host], frozenset[Place]] = {}
        #: For files that configure Headscale and sets of undecided guards of which every assumption was tried on some host: what turns
        #: Headscale on there.
        self.tried: dict[tuple[frozenset[str], frozenset[Atom]], Truth] = {}
        #: What was tried the other way round, and what was attributed to single assumptions, on some host: the others give the
        #: same of the files that they share with it.
        self.turned: set[tuple[frozenset[str], frozenset[tuple[Atom, bool]]]] = set()
        self.attributed: set[Key] = set()

    def report(self, hosts: Sequence[Host], progress: Callable[[str], None] | None = None) -> Report:
        merged: dict[Key, list[tuple[Host, _Seen]]] = {}
        for number, host in enumerate(hosts, 1):
            if progress is not None:
                progress(f"host {number} of {len(hosts)}: {host.name}")
            for key, seen in _Survey(self, host).found.items():
                merged.setdefault(key, []).append((host, seen))
        findings = [
            self._finding(having)
            for having in merged.values()
            if not (having[0][1].rule.unless_shared and _runs_elsewhere(having[0][1].problem, hosts))
        ]
        findings.sort(key=_order)
        return Report(tuple(findings), tuple(self.crashes), self.not_run, self.cut_short)

    def _finding(self, having: Sequence[tuple[Host, _Seen]]) -> Finding:
        """One problem of several hosts, as the host shows it that needs the fewest assumptions."""
        best = min((seen for _, seen in having), key=lambda seen: seen.cost)
        follows = tuple(PlacedNote(f"follows from it: {note.message}", note.at) for note in best.problem.consequences)
        return Finding(
            best.rule,
            replace(best.problem, notes=best.problem.notes + follows, consequences=()),
            tuple(dict.fromkeys(host.name for host, _ in having)),
            self._holds(best.rule, best.problem, [seen.view for _, seen in having]),
            where=best.where,
            depends_on=best.depends_on,
        )

    def _holds(self, rule: Rule, problem: PlacedProblem, hosts: Sequence[Host]) -> Holds | None:
        """The releases for which a problem holds, where no host's is known: the rule is asked again, as if each of them were in use."""
        among = hosts[0].runs.release.among
        if not among or any(host.runs.release.among != among for host in hosts):
            return None
        at = _place(problem.at)
        releases = tuple(
            release for release in among if any(at in self._places_at(rule, host, release) for host in hosts)
        )
        return Holds(releases, among) if releases and releases != among else None

    def _places_at(self, rule: Rule, host: Host, release: Release) -> frozenset[Place]:
        """The places of a rule's problems on a host if that ran another release; nowhere if it has nothing to say of that one."""
        moved = self._released.get((host, release))
        if moved is None:
            moved = self._released[host, release] = host.with_release(release)
        places = self._places.get((rule.name, moved))
        if places is None:
            found = self._problems(rule, moved) if rule.speaks_of(release) else ()
            places = self._places[rule.name, moved] = frozenset(_place(problem.at) for problem in found)
        return places

    def check(self, view: Host, host: Host, *, refusals: bool = True) -> Found:
        """The problems of one view of a host, less those whose cause another rule has named already, or may name that was not
        run. Without `refusals` only what is wrong with Headscale is asked, not what Nix refuses anywhere.
        """
        found: Found = {}
        not_run: frozenset[str] = frozenset()
        with view.configuration.turn():
            not_run = self._ask(view, host, found, refusals=refusals)
        if view.configuration.cut_short is not None:
            self.cut_short[host] = view.configuration.cut_short
        causes = _causes({key: (rule, problem, ()) for key, (rule, problem) in found.items()})
        for key, cause in causes.items():
            rule, problem = found[cause]
            found[cause] = rule, _followed_by(problem, found[key][1])
        return {
            key: (rule, problem)
            for key, (rule, problem) in found.items()
            if key not in causes and not_run.isdisjoint(rule.yields_to)
        }

    def _ask(self, view: Host, host: Host, found: Found, *, refusals: bool) -> frozenset[str]:
        """Run each rule on a view of a host; returns the names of those that there was no time for."""
        for number, rule in enumerate(self.rules):
            try:
                self.deadline.check()
                asked = refusals if rule.when_disabled else view.active
                if asked and rule.speaks_of(view.release):
                    problems = self._problems(rule, view)
                    if problems:
                        for release in view.runs.release.among:
                            self._places_at(rule, view, release)
                    for problem in problems:
                        found[rule.name, _place(problem.at), problem.message] = rule, problem
            except Interrupted:
                if self.deadline.cancelled:
                    raise
                self.not_run.setdefault(host, len(self.rules) - number)
                return frozenset(missed.name for missed in self.rules[number:])
        return frozenset()

    def _problems(self, rule: Rule, host: Host) -> list[PlacedProblem]:
        """The problems that a rule yields on a host, up to where it raises something: a defect of the rule, whatever that is, since what the host
        does not know, or Nix would stop at, is given to rules as data.
        """
        found: list[PlacedProblem] = []
        try:
            for problem in rule.check(host):
                placed = problem.placed()
                if placed is not None:
                    found.append(placed)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a rule's defect must not take the run down
            if isinstance(error, RecursionError | MemoryError) and _is_of_evaluation(error):
                host.configuration.broke_off(error)
            else:
                self.crashes[Crash(rule, host.name, f"{type(error).__name__}: {error}".removesuffix(": "))] = None
        return found


#: Where a configuration is evaluated, as rules ask about it.
_EVALUATION = ("hslint.values.", "hslint.modules.", "hslint.hosts.", "hslint.syntax.")


def _is_of_evaluation(error: RecursionError | MemoryError) -> bool:
    """Whether it is the evaluation that has used up the stack or the memory, rather than the rule that asked for it."""
    frames = Counter(
        frame.f_globals.get("__name__", "").startswith(_EVALUATION)
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )
    return frames[True] > frames[False]


class _Survey:
    """One host seen with nothing assumed, and under every set of assumptions that is worth asking."""

    def __init__(self, run: _Run, host: Host) -> None:
        self.run = run
        self.host = host
        self.found: dict[Key, _Seen] = {}
        #: The fewest assumptions that a rule's report at a place needs.
        self._least_cost: dict[tuple[str, Place], tuple[int, int]] = {}
        #: What every finding may take for granted without naming it.
        self.granted = dict(host.assumptions.holds)
        problems = self._check(host)
        self._take(host, problems, self.granted, {})
        try:
            if not (host.guards and host.active and host.has_guarded_parts and self._assume()):
                self._add(host, self.granted, {}, problems)
        except Interrupted:
            if run.deadline.cancelled:
                raise
            run.not_run.setdefault(host, len(run.rules))
        self._mute()

    @cached_property
    def _files(self) -> frozenset[str]:
        """The files that configure Headscale on the host, or may: hosts that share them have the same to say of a guard in them."""
        return frozenset(setting.at.file.path for setting in self.host.defined("") if setting.at is not None)

    def _turn(self, turned: Truth) -> tuple[frozenset[str], frozenset[tuple[Atom, bool]]]:
        return self._files, frozenset(turned.items())

    def _assuming(self, assumptions: Assumptions) -> Host | None:
        return self._reopened(lambda: self.host.assuming(assumptions))

    def _reopened(self, reopen: Callable[[], Host | None]) -> Host | None:
        """Another view of the host; None where there is none."""
        try:
            return reopen()
        except (Failure, NotKnown):
            return None
        except (RecursionError, MemoryError) as error:
            self.host.configuration.broke_off(error)
            self.run.cut_short[self.host] = self.host.configuration.cut_short or ""
            return None

    def _check(self, view: Host, *, refusals: bool = True) -> Found:
        return self.run.check(view, self.host, refusals=refusals)

    def _assume(self) -> bool:
        """Look at the host under assumptions; says whether Headscale is on only under some. Of hosts with the same guards all but
        the first are looked at only where it is on: the others have the same files.
        """
        guards = self._files, frozenset(self.host.guards)
        on = self.run.tried.get(guards)
        started = self._assuming(Assumptions(on)) if on is not None else None
        if on is None or started is None or not started.active:
            on = self.run.tried[guards] = self._try_all()
        else:
            self._add(started, on, {})
        return on != self.granted

    def _try_all(self) -> Truth:
        """Look at the host under every set of assumptions that is worth asking; returns those that turn Headscale on."""
        on = self.granted
        assumptions = Assumptions(on, greedy=True)
        guarded = self._assuming(assumptions)
        if guarded is None:
            return on
        with guarded.configuration.turn():
            if guarded.alone and not guarded.decided:
                guarded.defined("")  # Headscale is on elsewhere, and what this file sets holds where its guards do
            if guarded.is_enabled is not None:
                on = dict(assumptions.holds)
        all_hold = self._check(guarded, refusals=False)
        rest = {atom: holds for atom, holds in assumptions.holds.items() if atom not in on}
        if not rest:
            self._add(guarded, on, {})
        else:
            if on != self.granted and (started := self._assuming(Assumptions(on))) is not None:
                self._add(started, on, {})
            self._single_out(guarded, all_hold, on, rest)
        turns = (turned for turned in assumptions.turned(on) if self._turn(turned) not in self.run.turned)
        for turned in islice(turns, ATOMS):
            self.run.turned.add(self._turn(turned))
            other = self._assuming(Assumptions({**on, **turned}, greedy=True))
            if other is not None:
                self._take(other, self._check(other, refusals=False), on, turned)
        return on

    def _single_out(self, guarded: Host, all_hold: Found, on: Truth, rest: Truth) -> None:
        """Attribute what is found where all guards hold to single ones of them, as far as that is enough."""
        if len(rest) > 1 and all_hold.keys() - self.found.keys() - self.run.attributed:
            self.run.attributed.update(all_hold)
            for atom in list(rest)[:ATOMS]:
                one = {atom: rest[atom]}
                other = self._assuming(Assumptions({**on, **one}))
                if other is not None:
                    self._take(other, self._check(other, refusals=False), on, one)
        self._add(guarded, on, rest, all_hold)

    def _add(self, view: Host, on: Truth, assumed: Truth, problems: Found | None = None) -> None:
        """Take what is found under assumptions, and what is found besides if nothing unread sets more. What Nix refuses is asked
        only where nothing but `on` is assumed: where everything is on at once, it may well refuse what is not meant to be on together.
        """
        refusals = not assumed
        if problems is None:
            problems = self._check(view, refusals=refusals)
        self._take(view, problems, on, assumed)
        if view.has_unresolved_imports and view.configures_headscale:
            closed = self._reopened(view.with_closed_imports)
            if closed is not None:
                self._take(closed, self._check(closed, refusals=refusals), on, assumed, CLOSED)

    def _take(self, view: Host, problems: Found, on: Truth, assumed: Truth, *besides: str) -> None:
        """Keep the problems of a view that were not found under fewer assumptions."""
        where, depends_on = _stated(on, self.granted), (*_stated(assumed, {}), *besides)
        for key, (rule, problem) in problems.items():
            granted = (*where, problem.where) if problem.where else where
            seen = _Seen(rule, problem, view, granted, depends_on)
            known = self.found.get(key)
            # The same rule may say the same of a place in other words where it knows more.
            least = self._least_cost[key[:2]] = min(seen.cost, self._least_cost.get(key[:2], seen.cost))
            if seen.cost == least and (known is None or seen.cost < known.cost):
                self.found[key] = seen
            elif known is not None and problem.consequences:
                needs = [clause for clause in depends_on if clause not in known.depends_on]
                merged = _with_consequences(known.problem, problem.consequences, needs)
                self.found[key] = replace(known, problem=merged)

    def _mute(self) -> None:
        """Leave out what follows from a cause that another rule reports wherever this is found; the cause names what stands elsewhere."""
        causes = _causes({key: (seen.rule, seen.problem, seen.depends_on) for key, seen in self.found.items()})
        for key, cause in causes.items():
            seen, follows = self.found[cause], self.found[key]
            needs = [clause for clause in follows.depends_on if clause not in seen.depends_on]
            self.found[cause] = replace(seen, problem=_followed_by(seen.problem, follows.problem, *needs))
        self.found = {key: seen for key, seen in self.found.items() if key not in causes}


def _followed_by(cause: PlacedProblem, consequence: PlacedProblem, *depends_on: str) -> PlacedProblem:
    """The cause with what follows from it, where its own places do not lead the reader there already."""
    if any(place.shares_line_with(consequence.at) for place in cause.places):
        return cause
    return _with_consequences(cause, (PlacedNote(consequence.message, consequence.at),), depends_on)


def _with_consequences(
    cause: PlacedProblem, consequences: Sequence[PlacedNote], depends_on: Sequence[str]
) -> PlacedProblem:
    """The cause with more consequences, each once, under the assumptions that they need besides."""
    known = {(note.message, note.at) for note in cause.consequences}
    where = f" (where {' and '.join(depends_on)})" if depends_on else ""
    more = tuple(
        PlacedNote(note.message + where, note.at) for note in consequences if (note.message, note.at) not in known
    )
    return replace(cause, consequences=cause.consequences + more) if more else cause


def _causes(found: Mapping[Key, tuple[Rule, PlacedProblem, tuple[str, ...]]]) -> dict[Key, Key]:
    """Problems whose cause another rule reports wherever they are found, with that. What is not reported itself explains nothing."""
    by_rule: dict[str, list[Key]] = {}
    for key in found:
        by_rule.setdefault(key[0], []).append(key)
    causes: dict[Key, Key | None] = {}

    def cause_of(key: Key) -> Key | None:
        if key not in causes:
            causes[key] = None  # of rules that yield to each other one is reported
            rule, problem, needs = found[key]
            causes[key] = next(
                (
                    cause
                    for name in rule.yields_to
                    for cause in by_rule.get(name, ())
                    if found[cause][0].explains(found[cause][1], rule, problem)
                    and set(found[cause][2]) <= set(needs)
                    and cause_of(cause) is None
                ),
                None,
            )
        return causes[key]

    return {key: cause for key in found if (cause := cause_of(key)) is not None}


def _stated(assumed: Truth, granted: Truth) -> tuple[str, ...]:
    return tuple(atom.stated(holds=holds) for atom, holds in assumed.items() if atom not in granted)


def _runs_elsewhere(problem: PlacedProblem, hosts: Sequence[Host]) -> bool:
    """Whether a host that has the problem's file among its modules runs Headscale."""
    path = problem.at.file.path
    return any(host.active and any(file.path == path for file in host.configuration.files) for host in hosts)


def _place(span: Span) -> Place:
    return span.file.path, span.start, span.end


def _order(finding: Finding) -> tuple[str, int, int, int, str]:
    at = finding.problem.at
    return at.file.path, at.start, at.end, finding.severity.rank, finding.rule.name


__all__ = ["ATOMS", "CLOSED", "run"]
