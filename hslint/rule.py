"""All that a rule imports.

A rule is one function in one file, which takes a Host and yields Problems; its name is the file's name. Beside it stands its
page: the manual, and the examples that test it.

    @rule(Effect.FAILS, since="0.26")
    def override_needs_nameservers(host: Host) -> Iterator[Problem]:
        "Headscale does not start when override_local_dns is on and no global nameserver is given."
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from hslint.catalogue.release import Release
from hslint.hosts.host import Host, Setting
from hslint.source import Span
from hslint.values.value import Attrs, Bool, Float, Int, List, Null, Path, String, Unknown, Value

__all__ = [
    "Attrs",
    "Bool",
    "Edit",
    "Effect",
    "Fix",
    "Float",
    "Host",
    "Int",
    "Iterator",
    "List",
    "Note",
    "Null",
    "Path",
    "Problem",
    "Release",
    "Rule",
    "Setting",
    "Severity",
    "Span",
    "String",
    "Unknown",
    "Value",
    "rule",
]


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Effect(Enum):
    """What follows if nothing is done."""

    REFUSED = "refused"  # Nix refuses the configuration
    FAILS = "fails"  # the service does not start
    INSECURE = "insecure"
    IGNORED = "ignored"  # Headscale does not read it, or reads something else
    BROKEN = "broken"  # the service starts, but a feature or clients do not work
    ADVICE = "advice"

    @property
    def severity(self) -> Severity:
        match self:
            case Effect.REFUSED | Effect.FAILS | Effect.INSECURE:
                return Severity.ERROR
            case Effect.IGNORED | Effect.BROKEN:
                return Severity.WARNING
            case Effect.ADVICE:
                return Severity.NOTE


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of a span; an empty span inserts."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend it. Safe: the text means the same afterwards, or what stands there cannot work at all."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A related place, and what it has to do with the problem."""

    message: str
    at: Span


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule saw. The message: lower case, no full stop, under 100 characters; what is wrong with the user's own names, and what follows."""

    message: str
    at: Span
    notes: tuple[Note, ...] = ()
    fix: Fix | None = None
    #: Where this problem is worse or milder than the rule's others.
    effect: Effect | None = None
    #: What the problem hangs on, where it is not certain: an undecided condition, a module that could not be followed.
    hangs_on: Unknown | None = None


Check = Callable[[Host], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    subject: str
    effect: Effect
    summary: str
    check: Check
    #: The series of Headscale ("0.26") that the rule speaks of, both ends included.
    since: str | None = None
    until: str | None = None
    #: Rules whose report on the same host already says it: one cause, one report.
    yields_to: tuple[str, ...] = ()
    #: Whether the rule has something to say of a host on which Headscale is off.
    when_disabled: bool = False
    module: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        return f"https://github.com/hslint/hslint/blob/main/rules/{self.subject}/{self.name.replace('-', '_')}.md"

    def speaks_of(self, release: Release) -> bool:
        series = release.major, release.minor
        return (self.since is None or _series(self.since) <= series) and (
            self.until is None or series <= _series(self.until)
        )


def _series(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def rule(
    effect: Effect,
    *,
    since: str | None = None,
    until: str | None = None,
    yields_to: tuple[str, ...] = (),
    when_disabled: bool = False,
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
            module=module,
        )

    return declare
