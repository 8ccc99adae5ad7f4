"""Security advisories about releases of Headscale, as data.

Most were never published as advisories: they are fixes that upstream made, with an id of ours (`hs-` and the number of the change). Each
names where it was read, and how much of that was seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, Literal, TypeAlias

from hslint.catalogue.channels import Packaged
from hslint.catalogue.data import stored
from hslint.catalogue.release import Release, parse
from hslint.record import Record

# caution: no fault of a release that another one fixes, but something upstream warns of
Severity: TypeAlias = Literal["high", "moderate", "low", "caution"]

#: For scanners that want a number: the middle of the range that CVSS gives the word.
_SCORES: dict[Severity, float] = {"high": 8.0, "moderate": 5.5, "low": 2.0, "caution": 0.0}


class Given(Record):
    """A condition: a setting has a value."""

    key: str


class OneOf(Record):
    """A condition: a setting has one of these values."""

    key: str
    values: tuple[str, ...]


class Reachable(Record):
    """A condition: a listener is reachable from other machines: "metrics", "grpc"."""

    listener: str


class UnitSets(Record):
    """A condition: the service has something in its serviceConfig, as `MemoryMax`."""

    name: str


class Variable(Record):
    """A condition: the service has a variable in its environment."""

    name: str


Circumstance: TypeAlias = Given | OneOf | Reachable | UnitSets | Variable


class Advisory(Record):
    """One vulnerability, or caution, and the releases that it affects.

    short            what follows, for a message: half a sentence
    first, last      the releases that certainly have it; without a last one, all later ones
    earlier_unknown  whether releases before the first may have it, too
    rated_by         whose severity that is: that of upstream, of GitHub, or ours where there is none
    concerns         which hosts it matters for, in words; `where` as far as a configuration shows: all of it must hold
    closed_by        what closes it without another release: any of it does
    do               what else than upgrading helps
    evidence         what was read; `confidence` how far that goes
    """

    id: str
    title: str
    short: str
    date: date
    first: Release
    last: Release | None
    earlier_unknown: bool
    fixed_in: Release | None
    severity: Severity
    rated_by: str
    kind: str
    concerns: str
    where: tuple[Circumstance, ...]
    closed_by: tuple[Circumstance, ...]
    do: str
    evidence: str
    confidence: str
    sources: tuple[str, ...]

    def affects(self, release: Release) -> bool:
        return self.first <= release and (self.last is None or release <= self.last)

    @property
    def score(self) -> float:
        return _SCORES[self.severity]

    @property
    def fixed(self) -> str:
        """`fixed in 0.29.0`, or that it is in no release."""
        if self.fixed_in is None:
            return "fixed in no release"
        return f"fixed in {self.fixed_in}" + (", as announced" if self.confidence == "announced" else "")


@cache
def advisories() -> tuple[Advisory, ...]:
    """All advisories, the worst first, of those the newest."""
    every = [_advisory(name, entry) for name, entry in stored("advisories").items()]
    return tuple(sorted(every, key=lambda each: (-each.score, -each.date.toordinal())))


def advisory(name: str) -> Advisory | None:
    return next((each for each in advisories() if each.id.lower() == name.lower()), None)


def known_of(packages: Iterable[Packaged]) -> tuple[Advisory, ...]:
    """The advisories that certainly concern whatever a host runs: each of what it may be has them, and no package closes them."""
    packages = tuple(packages)
    return tuple(
        each
        for each in advisories()
        if each.severity != "caution"
        and packages
        and all(each.affects(package.release) and each.id not in package.patched for package in packages)
    )


def _advisory(name: str, entry: dict[str, Any]) -> Advisory:
    first = parse(entry["first"])
    assert first is not None
    return Advisory(
        name,
        entry["title"],
        entry["short"],
        date.fromisoformat(entry["date"]),
        first,
        parse(entry["last"] or ""),
        entry["earlier_unknown"],
        parse(entry["fixed_in"] or ""),
        entry["severity"],
        entry["rated_by"],
        entry["kind"],
        entry["concerns"],
        tuple(map(_circumstance, entry["where"])),
        tuple(map(_circumstance, entry["closed_by"])),
        entry["do"],
        entry["evidence"],
        entry["confidence"],
        tuple(entry["sources"]),
    )


def _circumstance(entry: dict[str, Any]) -> Circumstance:
    match entry:
        case {"given": key}:
            return Given(key)
        case {"one_of": [key, *values]}:
            return OneOf(key, tuple(values))
        case {"reachable": listener}:
            return Reachable(listener)
        case {"unit": name}:
            return UnitSets(name)
        case {"variable": name}:
            return Variable(name)
        case _:
            raise ValueError(f"not a circumstance: {entry!r}")
