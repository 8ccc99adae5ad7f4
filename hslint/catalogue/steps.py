"""The requirements of upgrading to a release: databases it migrates, releases that may not be skipped, clients."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from hslint.catalogue.data import Json, stored
from hslint.catalogue.module_versions import (
    CHANNELS,
    DESCRIBED,
    ModuleVersion,
    module_version,
    packaged_in,
    version_in_repository,
)
from hslint.catalogue.published import settings_of
from hslint.catalogue.release import PREVIEW, RELEASES, Release, parse
from hslint.record import Record


class ManualStep(Record):
    """Something to do at a step that no setting shows; it concerns configurations that give the setting `when` a value."""

    when: str
    do: str


class Step(Record):
    """A release as something to move to.

    migrates_from       the oldest release whose database it takes over: older migrations are gone (hscontrol/db/db.go)
    refuses_skips       does not start with a database that a release of its kind, more than one minor away or newer, used
                        last (hscontrol/db/versioncheck.go); what ran before the first such release left no trace
    clients             the oldest Tailscale client that it serves, where that changed (hscontrol/capver)
    """

    release: Release
    migrates_from: Release
    refuses_skips: bool
    clients: str | None
    duties: tuple[ManualStep, ...]


@cache
def step(release: Release) -> Step:
    read = stored("steps")[str(release)]
    oldest = parse(read["migrates_from"])
    assert oldest is not None
    duties = tuple(ManualStep(entry["when"], entry["do"]) for entry in read["duties"])
    return Step(release, oldest, read["refuses_skips"], read["clients"], duties)


def releases_between(origin: Release, target: Release) -> tuple[Release, ...]:
    """The releases to go through, one of each series, as Headscale's upgrade guide asks for; the target is the last."""
    return tuple(
        release for release in (*RELEASES, PREVIEW) if origin.series != release.series and origin < release <= target
    )


def channels_with(release: Release) -> tuple[str, ...]:
    """The NixOS releases that package it."""
    return tuple(channel for channel in CHANNELS[:-1] if packaged_in(channel) == release)


def days_with(release: Release) -> tuple[date, date | None] | None:
    """The first and last day on which nixpkgs' moving branches held it; without a last one they still do."""
    first: date | None = None
    for since, held in stored("unstable").items():
        day = date.fromisoformat(since)
        if _settings(held["headscale"]) == release:
            first = first or day
        elif first is not None:
            return first, day - timedelta(days=1)
    return None if first is None else (first, None)


def skipped_by_channels(origin: Release, target: Release) -> tuple[tuple[str, str, tuple[Release, ...]], ...]:
    """Moves from one NixOS release to the next that pass over series between the two: from, to, and what is passed over."""
    found: list[tuple[str, str, tuple[Release, ...]]] = []
    for before, after in pairwise(CHANNELS):
        had, has = packaged_in(before), packaged_in(after)
        if had is None or has is None or has <= origin or had >= target:
            continue
        passed = releases_between(had, has)[:-1]
        if passed:
            found.append((before, after, passed))
    return tuple(found)


def module_at(release: Release, like: ModuleVersion) -> ModuleVersion:
    """The module that goes with a release, from where `like` is: nixpkgs, or Headscale's own repository (where there was one)."""
    name = version_in_repository(release) if like.source == "in-repo" else None
    version = module_version(name or f"nixpkgs-{_channel_for(release)}")
    return version or like


def _channel_for(release: Release) -> str:
    """The NixOS release whose module goes with it; between two of them the one whose text the moving branches had."""
    channels = channels_with(release)
    if channels:
        return channels[0]
    held = [held["module"] for held in stored("unstable").values() if _settings(held["headscale"]) == release]
    seen = [module for module in held if module != DESCRIBED]
    return seen[-1].removeprefix("nixpkgs-") if seen else CHANNELS[-1]


def _settings(text: str) -> Release | None:
    """The release whose settings stand for the one named."""
    release = parse(text)
    return settings_of(release) if release is not None else None


def switches(key: str) -> tuple[tuple[str, tuple[Json, ...]], ...]:
    """The settings that decide whether anything reads a key, each with the values that do; none: any but the empty one."""
    found: list[tuple[str, tuple[Json, ...]]] = []
    for group, condition in stored("groups").items():
        if key.startswith((f"{group}.", f"{group}_")) and key not in condition:
            found += [(switch, tuple(values)) for switch, values in condition.items()]
    return tuple(found)
