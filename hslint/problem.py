"""Rules and the problems that they yield: the model that rules and the engine share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from hslint.catalogue.release import Release
from hslint.edits import Edit
from hslint.hosts.host import Host
from hslint.record import Record
from hslint.source import Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Effect(Enum):
    """The effect of a problem if nothing is done."""

    REFUSED = "refused"  # Nix refuses the configuration
    FAILS = "fails"  # the service does not start
    INSECURE = "insecure"
    EXPOSED = "exposed"  # it can be abused, to a limited extent
    IGNORED = "ignored"  # Headscale does not read it, or reads something else
    BROKEN = "broken"  # the service starts, but a feature or clients do not work
    ADVICE = "advice"

    @property
    def severity(self) -> Severity:
        match self:
            case Effect.REFUSED | Effect.FAILS | Effect.INSECURE:
                return Severity.ERROR
            case Effect.EXPOSED | Effect.IGNORED | Effect.BROKEN:
                return Severity.WARNING
            case Effect.ADVICE:
                return Severity.NOTE


class Fix(Record):
    """A fix: edits with a title. Safe: the text means the same afterwards, or what stands there cannot work at all."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class PlacedNote(Record):
    """A note with its place."""

    message: str
    at: Span


class Note(Record):
    """A related place, and what it has to do with the problem. One without a place is not shown."""

    message: str
    at: Span | None


class Problem(Record):
    """A problem that a rule yields. The message: lower case, no full stop, under 100 characters; what is wrong with the user's own names, and what follows."""

    message: str
    at: Span | None
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None
    #: Where this problem is worse or milder than the rule's others.
    effect: Effect | None = None
    #: What is taken for granted of the host although nothing says it, as a clause.
    where: str = ""
    #: Options below `services.headscale` that are missing: without them this would be no problem, or what stands here was meant for them.
    absent: tuple[str, ...] = ()
    #: The ids of what is known to be wrong with the release, the worst first, where that is what the problem is about.
    advisories: tuple[str, ...] = ()

    def placed(self) -> PlacedProblem | None:
        """The problem as it is reported, without notes that have no place and a fix that has no edits; None without a place."""
        if self.at is None:
            return None
        notes = tuple(PlacedNote(note.message, note.at) for note in self.notes if note.at is not None)
        fix = self.fix if self.fix is not None and self.fix.edits else None
        return PlacedProblem(self.message, self.at, notes, fix, self.effect, self.where, self.absent, self.advisories)


class PlacedProblem(Record):
    """A problem as it is reported."""

    message: str
    at: Span
    notes: tuple[PlacedNote, ...] = ()
    fix: Fix | None = None
    effect: Effect | None = None
    where: str = ""
    absent: tuple[str, ...] = ()
    advisories: tuple[str, ...] = ()
    #: What follows from it elsewhere, which is not reported by itself.
    consequences: tuple[PlacedNote, ...] = ()

    @property
    def places(self) -> tuple[Span, ...]:
        """Its own place, and those of its notes."""
        return (self.at, *(note.at for note in self.notes))

    def is_about(self, other: PlacedProblem) -> bool:
        """Whether two problems share a place, or something that is missing."""
        return any(
            here.contains(there) or there.contains(here) for here in self.places for there in other.places
        ) or any(
            _is_within(one, another) or _is_within(another, one) for one in self.absent for another in other.absent
        )


def _is_within(option: str, above: str) -> bool:
    return option == above or option.startswith(f"{above}.")


Check = Callable[[Host], Iterator[Problem]]


class Origin(Record):
    """The distribution that a rule was installed with: its name, its version, and the address where it is documented."""

    name: str
    version: str
    documentation: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Rule(Record):
    name: str
    subject: str
    effect: Effect
    summary: str
    check: Check
    #: The series of Headscale ("0.26") that the rule speaks of, both ends included.
    since: str | None = None
    until: str | None = None
    #: Rules that may name the cause of what this one reports; see `explains`.
    yields_to: tuple[str, ...] = ()
    #: Whether the rule has something to say of a host on which Headscale is off.
    when_disabled: bool = False
    #: Whether a problem in a file is none as long as another host that has the file runs Headscale: the file is there for that one.
    unless_shared: bool = False
    #: Whether the rule's advice is about names that will do for now: an upgrade lists them although nothing changes.
    renames: bool = False
    #: The setting whose changed default the rule speaks of: an upgrade says no more about it.
    default_of: str | None = None
    #: Whether the rule speaks of the release itself, whatever is configured: another rule's examples need not be free of it.
    of_release: bool = False
    module: str = ""
    #: None for hslint's own.
    origin: Origin | None = None

    @property
    def url(self) -> str:
        if self.origin is not None:
            return self.origin.documentation or "https://github.com/hslint/hslint/blob/main/docs/plugins.md"
        if not self.module:  # what looks after suppressions is no file below rules/
            return f"https://github.com/hslint/hslint/blob/main/docs/{self.subject}.md#{self.name}"
        return f"https://github.com/hslint/hslint/blob/main/rules/{self.subject}/{self.name.replace('-', '_')}.md"

    def explains(self, cause: PlacedProblem, rule: Rule, problem: PlacedProblem) -> bool:
        """Whether this rule's report of a cause says already what another rule reports on the same host: one cause, one report. The
        other rule yields to this one, the two problems are about one place or one missing option, and the cause is no milder.
        """
        severity, milder = (cause.effect or self.effect).severity, (problem.effect or rule.effect).severity
        return self.name in rule.yields_to and severity.rank <= milder.rank and cause.is_about(problem)

    def speaks_of(self, release: Release) -> bool:
        return (self.since is None or release.reaches(self.since)) and (
            self.until is None or self.until == release.series or not release.reaches(self.until)
        )


def rule(
    effect: Effect,
    *,
    since: str | None = None,
    until: str | None = None,
    yields_to: tuple[str, ...] = (),
    when_disabled: bool = False,
    unless_shared: bool = False,
    renames: bool = False,
    default_of: str | None = None,
    of_release: bool = False,
) -> Callable[[Check], Rule]:
    """Make a rule of a function: its name is the rule's, its docstring (one sentence) the summary, its folder the subject."""

    def declare(check: Check) -> Rule:
        module = check.__module__
        return Rule(
            name=check.__name__.replace("_", "-"),
            subject=module.rsplit(".", 2)[-2] if "." in module else "",
            effect=effect,
            summary=" ".join((check.__doc__ or "").split()),
            check=check,
            since=since,
            until=until,
            yields_to=yields_to,
            when_disabled=when_disabled,
            unless_shared=unless_shared,
            renames=renames,
            default_of=default_of,
            of_release=of_release,
            module=module,
        )

    return declare


def shortened(message: str, *clauses: str) -> str:
    """The message with as many of the clauses as keep it under 100 characters."""
    for clause in clauses:
        if len(message) + len(clause) + 2 < 100:
            message = f"{message}; {clause}"
    return message
