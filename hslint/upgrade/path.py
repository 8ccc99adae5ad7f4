"""The upgrade path of each host: the release that it runs, and those between it and the target."""

from __future__ import annotations

from collections.abc import Sequence

from hslint.catalogue.channels import Packaged
from hslint.catalogue.published import NEWEST_PUBLISHED, Resolved, resolve, settings_of, why_unknown
from hslint.catalogue.release import KNOWN_SERIES, NO_SUCH_RELEASE, OLDEST, RELEASES, Release
from hslint.catalogue.steps import releases_between
from hslint.checking import Request
from hslint.hosts import CannotInspect
from hslint.hosts.host import Host
from hslint.record import Record
from hslint.spelling import nearest_few


class CannotUpgrade(CannotInspect):
    """An error of the command line: no upgrade; the message says why, and what to ask for."""


class UpgradePath(Record):
    """The upgrade path of one host. Without an `origin` its start is unknown; empty `releases` mean that nothing lies ahead."""

    name: str
    origin: Release | None
    origin_from: str
    module: str
    module_after: str
    releases: tuple[Release, ...]
    ahead: bool = False
    #: The origin as the project or the user names it, and what it is to the patch, as far as that is known.
    origin_name: str = ""
    packaged: tuple[Packaged, ...] = ()


class Wanted(Record):
    """The upgrade to plan: the releases themselves, to the patch. Without an origin each host's own release is where it starts."""

    paths: tuple[str, ...]
    to: Release = NEWEST_PUBLISHED
    since: Release | None = None
    host: str | None = None

    @property
    def target(self) -> Release:
        """The release whose settings stand for those of the one moved to."""
        return settings_of(self.to)

    @property
    def origin(self) -> Release | None:
        """The release whose settings stand for those of the one in use."""
        return None if self.since is None else settings_of(self.since)

    @property
    def request(self) -> Request:
        """The request that checks a host as it will be."""
        return Request(host=self.host, moved_to=self.target, whole_hosts=True, without_baseline=True)


def release_named(option: str, text: str) -> Resolved:
    """The release that a text names, of a series that is known. Raises CannotUpgrade, with the nearest one."""
    resolved, unknown = resolve(text, previews=True), why_unknown(text)
    if resolved is not None and unknown is None:
        return resolved
    names = [release.series for release in RELEASES] + [str(release) for release in RELEASES]
    near = nearest_few(text, names, 1, 0.0)[0]
    raise CannotUpgrade(f"{option} {text}: {unknown or f'{NO_SUCH_RELEASE}; the nearest is {near}, {KNOWN_SERIES}'}")


def host_way(wanted: Wanted, host: Host) -> UpgradePath:
    """The upgrade path of a host: its origin, and the releases from there to the target."""
    running = host.runs.release
    origin = None if running.among == RELEASES else (running.among or (running.value,))[0]
    ahead = origin is not None and origin.series != wanted.target.series and origin > wanted.target
    releases = releases_between(origin or OLDEST, wanted.target)
    said = "--from" if wanted.origin is not None else running.because
    packaged = (Packaged(wanted.since),) if wanted.since is not None else running.packaged
    if origin == wanted.target and packaged and all(package.release < wanted.to for package in packaged):
        releases = (wanted.target,)  # only to another patch release
    name = str(wanted.since) if wanted.since is not None else host.runs.release_name if running.certain else str(origin)
    return UpgradePath(
        host.name, origin, said, host.module.name, host.module.name, releases, ahead, name if origin else "", packaged
    )


def refuse_going_back(wanted: Wanted, ways: Sequence[UpgradePath]) -> None:
    """Raise CannotUpgrade where no host would move forward."""
    if ways and all(each.ahead for each in ways):
        first = ways[0]
        raise CannotUpgrade(
            f"--to {wanted.to}: {first.name} runs {first.origin_name} ({first.origin_from}) already, and Headscale takes no "
            "database back to an earlier release: restore a copy from before the upgrade instead"
        )
