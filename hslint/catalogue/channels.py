"""The Headscale release in each NixOS release and in nixpkgs' moving branches, by day; as far as it is known."""

from __future__ import annotations

from datetime import date, timedelta

from hslint.catalogue.data import stored
from hslint.catalogue.published import patches_since, settings_of
from hslint.catalogue.release import Release, parse
from hslint.record import Record

# Days after a release of Headscale, or a pull request to nixpkgs, in which a branch may still hold what was there before: the
# dates of the data are the earliest possible ones, and channels follow master by some days.
SETTLES_AFTER = timedelta(days=21)

#: The last day on which the contents of the moving branches were looked up (juanfont/headscale#3407).
UNSTABLE_SEEN_UNTIL = date(2026, 7, 29)


class ChannelContents(Record):
    """A release, by the one whose settings stand for it, and a module's name."""

    headscale: Release
    module: str


class Packaged(Record):
    """A release as it is packaged: with the advisories (their ids) that patches of the package close."""

    release: Release
    patched: tuple[str, ...] = ()


class Channel(Record):
    """A NixOS release. What it packages is None where that was not found.

    seen_until  the last day of which it is known, where it may have changed since
    patched     advisories that the package closes although its release does not, with the first day on which it may
    """

    name: str
    headscale: Release | None
    seen_until: date | None
    patched: tuple[tuple[str, date], ...]
    evidence: str


def channels() -> tuple[Channel, ...]:
    """The NixOS releases, oldest first."""
    return tuple(
        Channel(
            name,
            parse(entry["headscale"] or ""),
            date.fromisoformat(entry["seen_until"]) if entry["seen_until"] is not None else None,
            tuple((advisory, date.fromisoformat(since)) for advisory, since in entry["patched"].items()),
            entry["evidence"],
        )
        for name, entry in stored("stable").items()
    )


def packages_of_stable(name: str, day: date | None) -> tuple[Packaged, ...]:
    """The releases that a NixOS release may package on a day, without one today; nothing where that is not known."""
    channel = next((channel for channel in channels() if channel.name == name), None)
    if channel is None or channel.headscale is None:
        return ()
    if channel.seen_until is not None and (day is None or day > channel.seen_until):
        return ()
    patched = tuple(advisory for advisory, since in channel.patched if day is None or day >= since)
    return (Packaged(channel.headscale, patched),)


def packages_of_unstable(day: date) -> tuple[Packaged, ...]:
    """The releases that the moving branches may have packaged on a day: several soon after a change, and after the last look."""
    found = [release for release, _ in _entries_at(day)]
    if found and day > UNSTABLE_SEEN_UNTIL:
        found += patches_since(found[-1], day)[1:]
    return tuple(map(Packaged, dict.fromkeys(found)))


def newest_seen() -> tuple[tuple[str, Release, date | None], ...]:
    """The releases that the newest NixOS release and the moving branches package, with the day on which that was last seen."""
    stable = next(channel for channel in reversed(channels()) if channel.headscale is not None)
    assert stable.headscale is not None
    unstable = packages_of_unstable(UNSTABLE_SEEN_UNTIL)[-1].release
    return (
        (f"NixOS {stable.name}", stable.headscale, stable.seen_until),
        ("nixpkgs-unstable", unstable, UNSTABLE_SEEN_UNTIL),
    )


def unstable_at(day: date) -> tuple[ChannelContents, ...]:
    """The contents that nixos-unstable, nixpkgs-unstable and master may have had on a day, oldest first: several soon after a change.

    Nothing before May 2023, of which nothing is known here.
    """
    return tuple(dict.fromkeys(ChannelContents(settings_of(release), module) for release, module in _entries_at(day)))


def _entries_at(day: date) -> list[tuple[Release, str]]:
    found: list[tuple[Release, str]] = []
    for since, held in stored("unstable").items():
        start = date.fromisoformat(since)
        if day < start:
            break
        if day - start > SETTLES_AFTER:
            found.clear()
        release = parse(held["headscale"])
        assert release is not None
        found.append((release, held["module"]))
    return found
