"""The inferred Headscale release and module version of a host, with the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from hslint.catalogue import (
    NEWEST,
    OLDEST,
    RELEASES,
    ChannelContents,
    ModuleVersion,
    Packaged,
    Release,
    Resolved,
    before_known,
    channel_of,
    module_version,
    newest_like,
    packaged_in,
    packages_of_stable,
    packages_of_unstable,
    resolve,
    unstable_at,
    version_in_repository,
)
from hslint.catalogue.module_versions import CHANNELS
from hslint.catalogue.steps import module_at
from hslint.hosts.inputs import Input, InputKind
from hslint.hosts.lock import Source
from hslint.record import Record, replace
from hslint.source import Span
from hslint.values.packages import Package
from hslint.values.value import Attrs, Failure, Null, String, Unknown, Why

if TYPE_CHECKING:
    from hslint.hosts.setting import Setting

T = TypeVar("T")


class Inferred(Record, Generic[T]):
    """A fact inferred about a host, with its evidence.

    because  what says so, in a few words: "input nixpkgs: nixos-25.11", "--headscale"
    at       where it is written, when that is a place in the project
    among    all that it may be, oldest first, where that is more than the value, which then is the newest of them
    asked    whether the user asks what would follow if it were so
    named    the release that is asked for or pinned, or the newest one, where the value is another one whose settings stand for its
    packaged for a release: which it may be, to the patch; nothing where that is not known
    """

    value: T
    because: str
    at: Span | None = None
    among: tuple[T, ...] = ()
    asked: bool = False
    named: Resolved | None = None
    packaged: tuple[Packaged, ...] = ()

    @property
    def certain(self) -> bool:
        return not self.among

    @property
    def alternatives(self) -> tuple[T | Resolved | Packaged | None, ...]:
        """The inferred alternatives, without the evidence."""
        return (self.value, self.named, *self.among, *self.packaged)


class Runs(Record):
    """The release and module version of a host. Package and module are inferred apart: they need not come from the same place."""

    release: Inferred[Release]
    module: Inferred[ModuleVersion]

    @property
    def known(self) -> bool:
        """Whether both are what the configuration says, and not what the command line asks for."""
        return all(each.certain and not each.asked for each in (self.release, self.module))

    @property
    def release_name(self) -> str:
        """The release as it is asked for or pinned: `0.29.7`, also where a known one stands in for it."""
        return self.release.named.text if self.release.named is not None else str(self.release.value)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks for every report: which release is checked by the settings of another one."""
        named, because = self.release.named, self.release.because
        return (f"Headscale {named.described} ({because})",) if named is not None and self.release.certain else ()

    def unless_known(self, agreed: Runs, *, release: bool, module: bool) -> Runs:
        """The same, with what other hosts agree on in place of what only was concluded, for the package and the module."""
        same_release = not release or agreed.release.alternatives == self.release.alternatives
        same_module = not module or agreed.module.alternatives == self.module.alternatives
        return Runs(self.release if same_release else agreed.release, self.module if same_module else agreed.module)

    def __str__(self) -> str:
        release, module = self.release, self.module
        others = ", ".join(each.series for each in release.among[:-1]) if len(release.among) < len(RELEASES) else ""
        perhaps = f", or {others}" if others else ""
        shown = release.named.described if release.named is not None else release.value
        return f"Headscale {shown} ({release.because}{perhaps}), module {module.value.name} ({module.because})"


class Wanted(Record):
    """The release and module that the command line or the settings name; it goes before anything inferred."""

    release: Inferred[Release] | None = None
    module: Inferred[ModuleVersion] | None = None
    #: Check every host as it will be, or was, with this release: its module moves along.
    moved_to: Release | None = None

    def release_of(self, found: Inferred[Release]) -> Inferred[Release]:
        """The release to check against on a host of which `found` was concluded."""
        found = self.release or found
        return found if self.moved_to is None else Inferred(self.moved_to, found.because, asked=True)

    def module_of(self, found: Inferred[ModuleVersion]) -> Inferred[ModuleVersion]:
        """The module to check against on a host of which `found` was concluded."""
        found = self.module or found
        if self.moved_to is None:
            return found
        return Inferred(module_at(self.moved_to, found.value), found.because, found.at, asked=True)


_NEWEST_KNOWN = "newest known"


def _known_version(name: str) -> ModuleVersion:
    found = module_version(name)
    assert found is not None
    return found


# -- nixpkgs -----------------------------------------------------------------------------------------------------------


def dated(nixpkgs: Input) -> bool:
    """Whether anything says which nixpkgs it is."""
    return bool(_held(nixpkgs))


def release_in(nixpkgs: Input) -> Inferred[Release]:
    """The release that a nixpkgs packages: by its branch, and for the unstable branches by its date; the oldest known in one from before that."""
    found = _newest_of([held.headscale for held in _held(nixpkgs)], _said(nixpkgs))
    return undecided() if found is None else replace(found, packaged=_packages(nixpkgs))


def module_in(nixpkgs: Input | None) -> Inferred[ModuleVersion]:
    """The module of a nixpkgs. Where nothing says how old it is, as with channels, that of the newest NixOS release; where nothing
    says which nixpkgs either, Headscale's own.
    """
    held = _held(nixpkgs) if nixpkgs is not None else ()
    if nixpkgs is not None and held:
        found = _newest_of([_known_version(each.module) for each in held], _said(nixpkgs))
        assert found is not None
        return found
    known_versions = tuple(_known_version(f"nixpkgs-{channel}") for channel in CHANNELS)
    return Inferred(
        known_versions[-2] if nixpkgs is not None else _known_version("in-repo"), _NEWEST_KNOWN, among=known_versions
    )


def named_release(
    resolved: Resolved, because: str, at: Span | None = None, *, asked: bool = False
) -> Inferred[Release]:
    """A release that is asked for or pinned by its number."""
    packaged = (Packaged(resolved.exact),) if resolved.exact is not None else ()
    named = resolved if resolved.stands_in else None
    return Inferred(resolved.known, because, at, asked=asked, named=named, packaged=packaged)


def undecided(because: str = _NEWEST_KNOWN, at: Span | None = None) -> Inferred[Release]:
    """It may be any release; the newest one stands in."""
    newest = resolve(str(newest_like(NEWEST)))
    return Inferred(NEWEST, because, at, RELEASES, named=newest if newest is not None and newest.stands_in else None)


def _newest_of(found: Iterable[T], because: str) -> Inferred[T] | None:
    among: list[T] = []
    for each in found:
        if each not in among:
            among.append(each)
    return Inferred(among[-1], because, among=tuple(among) if len(among) > 1 else ()) if among else None


def _held(nixpkgs: Input) -> tuple[ChannelContents, ...]:
    if _is_older_than_known(nixpkgs):
        return (ChannelContents(OLDEST, f"nixpkgs-{CHANNELS[0]}"),)
    channel, day = channel_of(_branch(nixpkgs.source)), _day(nixpkgs.source)
    if channel in (None, "unstable"):
        return unstable_at(day) if day is not None else ()
    assert channel is not None
    release = packaged_in(channel)
    return (ChannelContents(release, f"nixpkgs-{channel}"),) if release is not None else ()


def _packages(nixpkgs: Input) -> tuple[Packaged, ...]:
    """The releases that a nixpkgs may package, as far as that is known to the patch."""
    if nixpkgs.patched or _is_older_than_known(nixpkgs):
        return ()
    channel, day = channel_of(_branch(nixpkgs.source)), _day(nixpkgs.source)
    if channel in (None, "unstable"):
        return packages_of_unstable(day) if day is not None else ()
    assert channel is not None
    return packages_of_stable(channel, day)


def _is_older_than_known(nixpkgs: Input) -> bool:
    """Whether it is certainly from before the oldest module that is known."""
    branch, day = _branch(nixpkgs.source), _day(nixpkgs.source)
    if before_known(branch):
        return True
    return channel_of(branch) in (None, "unstable") and day is not None and not unstable_at(day)


def _said(given: Input) -> str:
    """The part of an input's reference that dates it."""
    branch, day = _branch(given.source), _day(given.source)
    stable = channel_of(branch) not in (None, "unstable")
    said = f"{branch or given.source.repo} of {day}" if day is not None and not stable else branch
    older = (
        f", older than all known; nixpkgs-{CHANNELS[0]} stands in"
        if given.kind is InputKind.NIXPKGS and _is_older_than_known(given)
        else ""
    )
    return f"{given.label}: {said}{older}"


def _branch(source: Source) -> str:
    return source.ref.rsplit("/", 1)[-1]


def _day(source: Source) -> date | None:
    return datetime.fromtimestamp(source.modified, UTC).date() if source.modified is not None else None


# -- Headscale's own flake ---------------------------------------------------------------------------------------------


def release_of_flake(headscale: Input) -> Inferred[Release]:
    """The release of the headscale input: by its tag; without one, what was being worked on when it was locked."""
    for text in (_branch(headscale.source), headscale.source.ref):
        tagged = resolve(text) if text else None
        if tagged is not None:
            return named_release(tagged, f"{headscale.label}: {text}")
    day = _day(headscale.source)
    held = unstable_at(day) if day is not None else ()
    if not held:
        said = f"{_said(headscale)}, older than all known"
        return undecided() if day is None else Inferred(OLDEST, said)
    last = RELEASES.index(held[-1].headscale)
    found = _newest_of([*(each.headscale for each in held), *RELEASES[last : last + 2]], _said(headscale))
    assert found is not None
    return found


def release_without_module(headscale: Input) -> Release | None:
    """The release of a headscale input that certainly exports no NixOS module: each that it may be is from before the first one."""
    release = release_of_flake(headscale)
    among = release.among or (release.value,)
    if any(version_in_repository(each) is not None for each in among):
        return None
    return release.named.asked if release.named is not None else release.value


def module_of_flake(headscale: Input) -> Inferred[ModuleVersion]:
    """The module that the headscale input exports; releases before the first that has one are none of its."""
    release = release_of_flake(headscale)
    known_versions = [version_in_repository(each) for each in release.among or (release.value,)]
    found = _newest_of([_known_version(version) for version in known_versions if version is not None], headscale.label)
    return found or Inferred(_known_version("in-repo"), headscale.label)


# -- what else says it ---------------------------------------------------------------------------------------------------


def agreement(running: Sequence[tuple[str, Runs]]) -> Runs | None:
    """The release and module that all of these hosts run; None where they differ, and where nothing says what they run."""
    if not running:
        return None
    (name, first), *others = running
    expected = (first.release.alternatives, first.module.alternatives)
    if any((runs.release.alternatives, runs.module.alternatives) != expected for _, runs in others):
        return None
    if first.release.among == RELEASES and not first.module.certain:
        return None
    said = f"as on host {name}"
    return Runs(
        # What is known to be wrong with a release is said where it runs, not again of modules beside.
        replace(first.release, because=f"{said}: {first.release.because}", packaged=()),
        replace(first.module, because=f"{said}: {first.module.because}"),
    )


def bounded_below(runs: Runs, state_version: str, *, release: bool) -> Runs:
    """The inferred releases without those older than the NixOS release that a host was installed with, where nothing else says which one it runs.
    `release` is whether the package is that of NixOS.
    """
    channel = channel_of(f"nixos-{state_version}")
    if channel is None:
        return runs
    first = min(CHANNELS.index(channel), len(CHANNELS) - 2)
    oldest = packaged_in(CHANNELS[first])
    if first == 0 or oldest is None:
        return runs
    because = f"at least that of system.stateVersion {state_version}"
    found, module = runs.release, runs.module
    if module.because == _NEWEST_KNOWN and module.value in module.among:
        module = replace(module, because=because, among=module.among[first:])
    if release and found.because == _NEWEST_KNOWN:
        found = replace(found, because=because, among=tuple(each for each in found.among if each >= oldest))
    return Runs(found, module)


# -- packages ----------------------------------------------------------------------------------------------------------


def release_of(package: Setting, pinned: Sequence[Input]) -> Inferred[Release]:
    """The release that `services.headscale.package` is; a package of an unknown nixpkgs is of one that is `pinned`."""
    value, at = package.value, package.here
    if isinstance(value, Unknown) and value.why is Why.OPEN and len(value.may_be) == 1:
        default = value.may_be[0].outcome()  # unless a file that was not read says otherwise
        value = None if isinstance(default, Failure) else default
    if not isinstance(value, Attrs) or not isinstance(value.native, Package):
        return _release_in_any(pinned, at)
    native = value.native
    version = native.version.outcome()
    if isinstance(version, String) and version.known is not None:
        resolved = resolve(version.known.removeprefix("refs/tags/"))
        if resolved is not None:
            return named_release(resolved, f"package {native.name} {version.known}", version.span or at)
    if not isinstance(version, Null):
        return undecided(f"package {native.name} of an unknown version", at)
    match native.origin:
        case Input(kind=InputKind.NIXPKGS) as nixpkgs if native.name == "headscale":
            found = release_in(nixpkgs)
        case Input(kind=InputKind.HEADSCALE) as headscale:
            found = release_of_flake(headscale)
        case Input() as other:
            found = undecided(f"package {native.name} of {other.label}")
        case _ if native.name == "headscale":
            found = _release_in_any(pinned)
        case _:
            found = undecided(f"package {native.name}")
    return replace(found, at=at)


def _release_in_any(pinned: Sequence[Input], at: Span | None = None) -> Inferred[Release]:
    """The release packaged by one of several candidate nixpkgs."""
    found = [release_in(nixpkgs) for nixpkgs in pinned]
    among = sorted({release for each in found for release in each.among or (each.value,)})
    newest = _newest_of(among, " or ".join(dict.fromkeys(each.because for each in found)))
    if newest is None or tuple(among) == RELEASES:
        return undecided(at=at)
    packaged = [package for each in found for package in each.packaged] if all(each.packaged for each in found) else []
    return replace(newest, at=at, packaged=tuple(dict.fromkeys(packaged)))


__all__ = [
    "Inferred",
    "Runs",
    "Wanted",
    "agreement",
    "bounded_below",
    "dated",
    "module_in",
    "module_of_flake",
    "named_release",
    "release_in",
    "release_of",
    "release_of_flake",
    "release_without_module",
    "undecided",
]
