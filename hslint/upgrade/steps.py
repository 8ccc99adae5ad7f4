"""The releases on the way, and what each asks of those who run Headscale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hslint.catalogue.advisories import Advisory
from hslint.catalogue.channels import Packaged
from hslint.catalogue.published import newest_like
from hslint.catalogue.release import Release
from hslint.catalogue.steps import channels_with, days_with, step
from hslint.hosts.exposure import exposed_to
from hslint.hosts.host import Host
from hslint.hosts.ignored_settings import UnreadReason
from hslint.record import Record
from hslint.upgrade.path import UpgradePath


class StepPlan(Record):
    """One release that hosts go to on their way.

    channels    the NixOS releases that package it
    days        from when to when nixpkgs' moving branches had it, for a package from there
    required    what goes wrong for those who skip it, where Headscale enforces the way; None where it only asks for it
    clients     the oldest Tailscale client that it serves, where that changes
    duties      what to do at this step that no setting shows
    closes      what is known to be wrong with the release before, and not with this one; `open` what is wrong with this one
    """

    release: Release
    hosts: tuple[str, ...]
    channels: tuple[str, ...]
    days: tuple[date, date | None] | None
    required: str | None
    clients: str | None
    duties: tuple[str, ...]
    closes: tuple[Advisory, ...] = ()
    open: tuple[Advisory, ...] = ()


def steps(ways: Sequence[UpgradePath], hosts: Sequence[Host], to: Release) -> tuple[StepPlan, ...]:
    """The steps of all hosts whose origin is known, in order; the last is to the release `to`."""
    known = [each for each in ways if each.origin is not None]
    releases = sorted({release for each in known for release in each.releases})
    return tuple(
        _step(release, [each for each in known if release in each.releases], hosts, to) for release in releases
    )


def _step(release: Release, ways: Sequence[UpgradePath], hosts: Sequence[Host], to: Release) -> StepPlan:
    known = step(release)
    names = tuple(each.name for each in ways)
    mine = [host for host in hosts if host.name in names]
    closed, still = _vulnerabilities(release, ways, mine, to)
    return StepPlan(
        release,
        names,
        channels_with(release),
        days_with(release),
        next((reason for each in ways if (reason := _required(release, each)) is not None), None),
        known.clients,
        tuple(duty.do for duty in known.duties if any(_concerns(host, duty.when) for host in mine)),
        closed,
        still,
    )


def _vulnerabilities(
    release: Release, ways: Sequence[UpgradePath], hosts: Sequence[Host], to: Release
) -> tuple[tuple[Advisory, ...], tuple[Advisory, ...]]:
    """The vulnerabilities that a step closes on any of the hosts; and those that are open there."""
    closed: list[Advisory] = []
    still: list[Advisory] = []
    packaged_as = {host.name: host for host in hosts}
    for each in ways:
        host = packaged_as.get(each.name)
        if host is None:
            continue
        earlier = [other for other in each.releases if other < release]
        before = (_packaged(earlier[-1], each, to),) if earlier else each.packaged
        after = exposed_to(host, [_packaged(release, each, to)])
        still += after
        closed += [advisory for advisory in exposed_to(host, before) if advisory not in after]
    return tuple(dict.fromkeys(closed)), tuple(dict.fromkeys(still))


def _packaged(release: Release, each: UpgradePath, to: Release) -> Packaged:
    return Packaged(to if release == each.releases[-1] else newest_like(release))


def _required(release: Release, each: UpgradePath) -> str | None:
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
        unread.standing is UnreadReason.REMOVED
        and any(
            (removal := host.schema.removed(host.key(setting))) is not None and key in removal.replaced_by
            for setting in unread.settings
        )
        for unread in host.ignored_settings
    )
