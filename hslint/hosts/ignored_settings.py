"""Settings that a host's Headscale does not read: misspelt, misplaced, removed, or not there yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from hslint.catalogue.data import stored
from hslint.catalogue.keys import (
    How,
    Key,
    Removal,
    Schema,
    first_release_reading,
    last_release_reading,
)
from hslint.catalogue.module_versions import read_by_a_module
from hslint.catalogue.release import Release
from hslint.catalogue.spelling import nearest
from hslint.hosts.setting import Setting
from hslint.record import Record
from hslint.source import Span
from hslint.values.value import Attrs, Null

if TYPE_CHECKING:
    from hslint.catalogue.module_versions import ModuleVersion
    from hslint.modules import Configuration


class Configured(Protocol):
    """What the check of ignored settings asks of a host (hslint.hosts.host)."""

    configuration: Configuration

    @property
    def schema(self) -> Schema: ...

    @property
    def module(self) -> ModuleVersion: ...

    def setting(self, option: str) -> Setting: ...

    def key(self, setting: Setting) -> str: ...

    def written(self, below: str = ...) -> Sequence[Setting]: ...


class UnreadReason(Enum):
    """Why a key is not read (each is one rule's business)."""

    UNKNOWN = "unknown"  # no release reads it, and no key is like it but for spelling
    MISPLACED = "misplaced"  # the right words in the wrong place, or a well-known wrong word
    REMOVED = "removed"  # earlier releases read it
    TOO_NEW = "too new"  # later releases read it


class IgnoredSetting(Record):
    """A key that is not read, or a whole set of such keys under one name (`dns_config`).

    `settings` are the leaves. `since` is the first release that reads a key which is too new,
    `is_set` says that the key is the name of a set of several.
    """

    key: str
    standing: UnreadReason
    settings: tuple[Setting, ...]
    at: Span
    meant: Key | None = None
    removal: Removal | None = None
    since: Release | None = None
    is_set: bool = False

    @property
    def setting(self) -> Setting:
        return self.settings[0]

    def stands_for(self, path: str) -> bool:
        """Whether a key is what was meant, or lies in a set that was: what its absence leads to has this cause."""
        return self.meant is not None and f"{path}.".startswith(f"{self.meant.path}.")


def unread(host: Configured) -> tuple[IgnoredSetting, ...]:
    """Every key of the configuration's own that the release does not read, in the order of the names."""
    groups: dict[str, list[tuple[str, Setting]]] = {}
    for setting in host.written("settings"):
        key = host.key(setting)
        # A module that declares an option among the settings has a use for it that is not seen here.
        if _is_read(host, key) or host.configuration.declared_by_project(setting.option):
            continue
        groups.setdefault(_leaving(host.schema, key), []).append((key, setting))
    return tuple(found for top, leaves in groups.items() for found in _judged(host, top, leaves))


def _is_read(host: Configured, key: str) -> bool:
    """Whether the release reads the key, or a set it is or lies in; the module's start script may be what reads it."""
    schema = host.schema
    if schema.key(key) is not None or schema.is_open(key) or schema.is_group(key):
        return True
    if host.module.password_file == f"settings.{key}":
        return True
    parts = key.split(".")
    return any(schema.key(".".join(parts[:length])) is not None for length in range(1, len(parts)))


def _leaving(schema: Schema, key: str) -> str:
    """The shortest beginning of the key that no key of the release begins with."""
    parts = key.split(".")
    for length in range(1, len(parts)):
        beginning = ".".join(parts[:length])
        if not schema.is_group(beginning):
            return beginning
    return key


def _judged(host: Configured, top: str, leaves: list[tuple[str, Setting]]) -> Iterator[IgnoredSetting]:
    schema = host.schema
    whole = schema.removed(top)
    if whole is not None and (top != leaves[0][0] or len(leaves) > 1):
        settings = tuple(setting for _, setting in leaves)
        at = _place_of(host, top) or settings[0].name_at
        if at is None:
            return
        if last_release_reading(top) is not None or schema.removed_below(top):
            yield IgnoredSetting(top, UnreadReason.REMOVED, settings, at, removal=whole, is_set=True)
        else:
            meant = nearest(schema, top)
            standing = UnreadReason.MISPLACED if meant is not None else UnreadReason.UNKNOWN
            yield IgnoredSetting(top, standing, settings, at, meant, whole, is_set=True)
        return
    found = [_leaf(schema, key, setting) for key, setting in leaves]
    ignored = [unread for unread in found if unread is not None]
    if len(ignored) > 1 and all(unread.standing is UnreadReason.UNKNOWN and unread.meant is None for unread in ignored):
        at = _place_of(host, top) or ignored[0].at
        yield IgnoredSetting(top, UnreadReason.UNKNOWN, tuple(unread.setting for unread in ignored), at, is_set=True)
        return
    yield from ignored


def _leaf(schema: Schema, key: str, setting: Setting) -> IgnoredSetting | None:
    at = setting.name_at
    removal = schema.removed(key)
    # An empty set says nothing, unless the key alone stops Headscale.
    empty = isinstance(setting.value, Attrs) and not setting.value.items
    if at is None or (empty and (removal is None or removal.how is not How.REFUSED)):
        return None
    meant = nearest(schema, key)
    if removal is not None:
        if last_release_reading(key) is not None or read_by_a_module(key):
            return IgnoredSetting(key, UnreadReason.REMOVED, (setting,), at, meant, removal)
        standing = UnreadReason.MISPLACED if meant is not None else UnreadReason.UNKNOWN
        return (
            None if isinstance(setting.value, Null) else IgnoredSetting(key, standing, (setting,), at, meant, removal)
        )
    if isinstance(setting.value, Null):
        return None
    first, last = first_release_reading(key), last_release_reading(key)
    if first is not None and first > schema.release:
        return IgnoredSetting(key, UnreadReason.TOO_NEW, (setting,), at, since=first)
    if last is not None:
        return IgnoredSetting(key, UnreadReason.REMOVED, (setting,), at, meant)
    standing = UnreadReason.MISPLACED if meant is not None and _elsewhere(key, meant.path) else UnreadReason.UNKNOWN
    return IgnoredSetting(key, standing, (setting,), at, meant)


def _elsewhere(key: str, meant: str) -> bool:
    """Whether it is more than the spelling of one name that is wrong."""
    return key.lower() in stored("mistakes") or key.lower().rpartition(".")[0] != meant.rpartition(".")[0]


def _place_of(host: Configured, key: str) -> Span | None:
    """The place of the name of a set of settings."""
    return host.setting(f"settings.{key}").name_at
