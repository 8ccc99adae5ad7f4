"""Which Headscale release and which NixOS module a host runs, and what says so."""

from __future__ import annotations

from datetime import UTC, datetime

from hslint.catalogue import (
    NEWEST,
    ModuleEra,
    Release,
    channel_of,
    era_in_repository,
    module_era,
    packaged_in,
    resolve,
    unstable_at,
)
from hslint.catalogue.eras import CHANNELS
from hslint.hosts.inputs import Input
from hslint.hosts.lock import Source
from hslint.record import Record


class Guess(Record):
    """A release or a module, and what says so; `certain` is false for the newest known, which stands in when nothing does."""

    release: Release
    module: ModuleEra
    why: str
    certain: bool


class Wanted(Record):
    """What the user says on the command line or in the settings; it goes before anything inferred."""

    release: Release | None = None
    release_from: str = "--headscale"
    module: ModuleEra | None = None
    module_from: str = "--module"


def newest() -> Guess:
    module = module_era("in-repo")
    assert module is not None
    return Guess(NEWEST, module, "newest known", False)


def newest_in_nixpkgs() -> Guess:
    """What stands in where a flake's nixpkgs says nothing of its age: the module of the newest NixOS release."""
    module = module_era(f"nixpkgs-{CHANNELS[-2]}")
    assert module is not None
    return Guess(NEWEST, module, "newest known", False)


def packaged(nixpkgs: Input) -> Guess | None:
    """What a nixpkgs input packages: by its branch, and for the unstable branches by its date."""
    source = nixpkgs.source
    channel = channel_of(_branch(source))
    if channel is None and source.modified is None:
        return None
    if channel in (None, "unstable"):
        return _by_date(nixpkgs) if source.modified is not None else None
    assert channel is not None
    release, module = packaged_in(channel), module_era(f"nixpkgs-{channel}")
    if release is None or module is None:
        return None
    return Guess(release, module, f"input {nixpkgs.name}: {_branch(source)}", True)


def _branch(source: Source) -> str:
    return source.ref.rsplit("/", 1)[-1]


def _by_date(nixpkgs: Input) -> Guess | None:
    assert nixpkgs.source.modified is not None
    day = datetime.fromtimestamp(nixpkgs.source.modified, UTC).date()
    held = unstable_at(day)
    module = module_era(held.module) if held is not None else None
    if held is None or module is None:
        return None
    return Guess(
        held.headscale, module, f"input {nixpkgs.name}: {_branch(nixpkgs.source) or 'nixpkgs'} of {day}", held.settled
    )


def from_headscale_flake(headscale: Input) -> tuple[Release, str] | None:
    """The release of the headscale input, where its reference names a tag."""
    for text in (_branch(headscale.source), headscale.source.ref):
        resolved = resolve(text) if text else None
        if resolved is not None:
            return resolved.known, f"input {headscale.name}: {text}"
    return None


def module_of_flake(headscale: Input) -> ModuleEra:
    """The module that the headscale input exports, by its tag; without one the newest known."""
    tagged = from_headscale_flake(headscale)
    era = module_era(era_in_repository(tagged[0]) or "in-repo") if tagged else module_era("in-repo")
    assert era is not None
    return era


__all__ = ["Guess", "Wanted", "from_headscale_flake", "module_of_flake", "newest", "packaged"]
