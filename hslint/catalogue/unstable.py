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
    """A release and a module's name; not `settled` when the day lies so near a change that either side is possible."""

    headscale: Release
    module: str
    settled: bool


def unstable_at(day: date) -> Held | None:
    """What nixos-unstable, nixpkgs-unstable and master held on a day; None before May 2023, of which nothing is known here."""
    found = None
    for since, held in stored("unstable").items():
        start = date.fromisoformat(since)
        if day < start:
            break
        release = parse(held["headscale"])
        assert release is not None
        found = Held(release, held["module"], settled=found is None or day - start > SETTLES_AFTER)
    return found
