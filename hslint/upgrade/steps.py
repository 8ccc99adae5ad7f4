"""The releases on the way, and what each asks of those who run Headscale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hslint.catalogue.release import Release
from hslint.catalogue.steps import channels_with, days_with, step
from hslint.hosts.host import Host
from hslint.hosts.unread import Standing
from hslint.record import Record
from hslint.upgrade.path import HostWay


class StepPlan(Record):
    """One release that hosts go to on their way.

    channels    the NixOS releases that package it
    days        from when to when nixpkgs' moving branches had it, for a package from there
    required    what goes wrong for those who skip it, where Headscale enforces the way; None where it only asks for it
    clients     the oldest Tailscale client that it serves, where that changes
    duties      what to do at this step that no setting shows
    """

    release: Release
    hosts: tuple[str, ...]
    channels: tuple[str, ...]
    days: tuple[date, date | None] | None
    required: str | None
    clients: str | None
    duties: tuple[str, ...]


def steps(ways: Sequence[HostWay], hosts: Sequence[Host]) -> tuple[StepPlan, ...]:
    """The steps of all hosts whose origin is known, in order."""
    known = [each for each in ways if each.origin is not None]
    releases = sorted({release for each in known for release in each.releases})
    return tuple(_step(release, [each for each in known if release in each.releases], hosts) for release in releases)


def _step(release: Release, ways: Sequence[HostWay], hosts: Sequence[Host]) -> StepPlan:
    known = step(release)
    names = tuple(each.name for each in ways)
    mine = [host for host in hosts if host.name in names]
    return StepPlan(
        release,
        names,
        channels_with(release),
        days_with(release),
        next((reason for each in ways if (reason := _required(release, each)) is not None), None),
        known.clients,
        tuple(duty.do for duty in known.duties if any(_concerns(host, duty.when) for host in mine)),
    )


def _required(release: Release, each: HostWay) -> str | None:
    """Why Headscale does not start for those who leave this release out."""
    later = [step(other) for other in each.releases if other > release]
    for following in later:
        if following.migrates_from == release and each.origin is not None and each.origin < release:
            return f"{following.release.series} does not take over databases from before {release.series}"
    if later and step(release).refuses_skips and later[0].refuses_skips:
        return f"{later[0].release.series} does not start with a database that another release than {release.series} used last"
    return None


def _concerns(host: Host, key: str) -> bool:
    """Whether a setting has a value, under its name or an older one."""
    if host.setting(f"settings.{key}").is_empty is not True:
        return True
    return any(
        unread.standing is Standing.REMOVED
        and any(
            (removal := host.schema.removed(host.key(setting))) is not None and key in removal.replaced_by
            for setting in unread.settings
        )
        for unread in host.unread
    )
