"""What nixpkgs' moving branches held on a day: for hosts whose lock file pins a revision and no NixOS release."""

from __future__ import annotations

from datetime import date, timedelta

from hslint.catalogue.data import stored
from hslint.catalogue.release import Release, parse
from hslint.record import Record

# Days after a release of Headscale, or a pull request to nixpkgs, in which a branch may still hold what was there before: the
# dates of the data are the earliest possible ones, and channels follow master by some days.
SETTLES_AFTER = timedelta(days=21)


class Held(Record):
    """A release and a module's name."""

    headscale: Release
    module: str


def unstable_at(day: date) -> tuple[Held, ...]:
    """What nixos-unstable, nixpkgs-unstable and master may have held on a day, oldest first: several soon after a change.

    Nothing before May 2023, of which nothing is known here.
    """
    found: list[Held] = []
    for since, held in stored("unstable").items():
        start = date.fromisoformat(since)
        if day < start:
            break
        if day - start > SETTLES_AFTER:
            found.clear()
        release = parse(held["headscale"])
        assert release is not None
        found.append(Held(release, held["module"]))
    return tuple(found)
