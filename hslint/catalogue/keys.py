"""The schema of a release's configuration: keys, types, defaults, limits, and removed keys."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeAlias

from hslint.catalogue import go
from hslint.catalogue.data import Json, stored
from hslint.catalogue.reading import Read, read
from hslint.catalogue.release import RELEASES, Release
from hslint.catalogue.term import AttrsOf, Enum, Term, term
from hslint.record import Record

DOCUMENTATION = "https://headscale.net/stable"

LimitKind: TypeAlias = Literal["above", "at_least", "at_most", "not_empty", "starts_with", "within", "prefix_above"]
_LIMIT_KINDS: tuple[LimitKind, ...] = (
    "above",
    "at_least",
    "at_most",
    "not_empty",
    "starts_with",
    "within",
    "prefix_above",
)

# refused: Headscale does not start; crashes: it ends later; warned: it says so and goes on; misread: it reads something else in silence
Otherwise: TypeAlias = Literal["refused", "crashes", "warned", "misread"]


class Limit(Record):
    """A limit on a value: a number or duration (`65s`) as bound, prefixes of a text, ranges that a CIDR must lie within."""

    kind: LimitKind
    bound: Json


class Constraint(Record):
    """A limit on one key and what follows from breaking it; without a limit, what follows from a value outside the enum.

    It holds only while `while_key` reads as true, above zero or not empty (or as one of `while_values`, when there are some). Limits that
    relate two keys (server_url and base_domain, say) are the rules' business.
    """

    limit: Limit | None
    otherwise: Otherwise
    read_as: str | None = None
    while_key: str | None = None
    while_values: tuple[str, ...] = ()
    unless_zero: bool = False

    @property
    def stops(self) -> bool:
        """Whether Headscale ends when the limit is broken."""
        return self.otherwise in ("refused", "crashes")

    def applies_while(self, read: Read) -> bool:
        """Whether the limit holds, by what is read of `while_key`."""
        if self.while_values:
            return read in self.while_values
        if isinstance(read, str) and go.duration(read) is None:
            return read != ""
        return read if isinstance(read, bool) else _number(read) > 0


class Key(Record):
    """A key that a release reads.

    `default` is what Headscale sets by itself; None when it sets nothing and reads the type's empty value ("" 0 false []).
    `deprecated` keys are read, with a warning in the log.
    """

    path: str
    type: Term
    default: Json
    constraint: Constraint | None
    deprecated: bool

    def takes(self, read: Read) -> bool:
        """Whether what is read of the key keeps its limit, or is one of its values. Ranges of addresses are the rules' business."""
        if self.constraint is None or (self.constraint.unless_zero and _number(read) <= 0):
            return True
        match self.constraint.limit:
            case None:
                return not isinstance(self.type, Enum) or read in self.type.values
            case Limit("above", bound):
                return _number(read) > _number(bound)
            case Limit("at_least", bound):
                return _number(read) >= _number(bound)
            case Limit("at_most", bound):
                return _number(read) <= _number(bound)
            case Limit("not_empty"):
                return bool(read)
            case Limit("starts_with", list(starts)):
                return str(read).startswith(tuple(map(str, starts)))
            case _:
                return True

    @property
    def needed(self) -> bool:
        """Whether Headscale does not start where nothing gives the key a value; its constraint says when that counts."""
        return self.constraint is not None and self.constraint.stops and not self.takes(self.read(None))

    def read(self, value: Json) -> Read:
        """The effective value of a key for a value in the file; for null its own default, else the type's empty value."""
        return read(self.type, self.default if value is None else value)

    def read_nothing(self) -> Read:
        """The effective value where not even the default counts."""
        return read(self.type, None)

    @property
    def what(self) -> str:
        return _described(self.path)["what"]

    @property
    def page(self) -> str:
        return f"{DOCUMENTATION}/{_described(self.path)['page']}/"

    @property
    def before(self) -> str | None:
        """The behaviour of releases without the key, where its default does something else."""
        return _described(self.path).get("before")

    @property
    def environment(self) -> str:
        """The variable that overrides the file (viper's AutomaticEnv with the prefix HEADSCALE_)."""
        return environment_variable(self.path)


class How(enum.Enum):
    """The way a release treats a key that it does not use (any more)."""

    REFUSED = "refused"
    """does not start when the key is set, whatever its value; null counts as unset"""
    REFUSED_UNLESS_REPLACED = "refused unless replaced"
    """does not start, unless the new key is set too: then it warns and ignores the old one"""
    WARNED = "warned"
    """warns in the log and ignores it"""
    IGNORED = "ignored"
    """says nothing and ignores it"""


class Removal(Record):
    """A key that a release does not read although people write it: removed, renamed, or never read by any release."""

    path: str
    release: Release
    how: How
    replaced_by: tuple[str, ...]

    @property
    def what(self) -> str:
        return _described(self.path)["what"]

    @property
    def page(self) -> str:
        return f"{DOCUMENTATION}/{_described(self.path)['page']}/"

    @property
    def instead(self) -> str:
        """The way out, as half a sentence: `write prefixes.v4 and prefixes.v6, with the same ranges`."""
        return _described(self.path).get("instead", "delete it")

    @property
    def returns_as(self) -> tuple[str, ...]:
        """The keys under which a later release reads it again, where this one has nothing in its place."""
        later = (schema(release).removed(self.path) for release in RELEASES if release > self.release)
        return next((removal.replaced_by for removal in later if removal is not None and removal.replaced_by), ())

    @property
    def since(self) -> Release:
        """The first known release that treats the key as this one does (or did not read it already, for the oldest)."""
        since = self.release
        for release in reversed(RELEASES):
            if release < self.release:
                removal = schema(release).removed(self.path)
                if removal is None or removal.how is not self.how:
                    break
                since = release
        return since


class Schema(Record):
    """Everything a release reads. Paths are below `settings`, dotted; letter case does not matter, as viper lower-cases keys."""

    release: Release
    keys: Mapping[str, Key]
    removals: Mapping[str, Removal]

    def key(self, path: str) -> Key | None:
        return self.keys.get(path.lower())

    def removed(self, path: str) -> Removal | None:
        return self.removals.get(path.lower())

    def below(self, prefix: str) -> tuple[Key, ...]:
        """The keys below a path; below "" all of them."""
        start = prefix.lower() + "." if prefix else ""
        return tuple(key for path, key in self.keys.items() if path.startswith(start))

    def removed_below(self, prefix: str) -> tuple[Removal, ...]:
        start = prefix.lower() + "."
        return tuple(removal for path, removal in self.removals.items() if path.startswith(start))

    def is_group(self, path: str) -> bool:
        """Whether keys lie below the path, as `derp.server`."""
        return bool(self.below(path))

    def is_open(self, path: str) -> bool:
        """Whether the path is, or lies below, a map whose names are the user's own, as `oidc.extra_params`."""
        parts = path.lower().split(".")
        for length in range(1, len(parts) + 1):
            key = self.keys.get(".".join(parts[:length]))
            if key is not None:
                return isinstance(key.type, AttrsOf)
        return False


@cache
def schema(release: Release) -> Schema:
    """The schema of a known release (see release.resolve for any other)."""
    read = stored(f"releases/{release}")
    return Schema(
        release,
        {path: _key(path, entry) for path, entry in read["keys"].items()},
        {
            path: Removal(path, release, How(entry["how"]), tuple(entry["replaced_by"]))
            for path, entry in read["removed"].items()
        },
    )


def readers(path: str) -> tuple[Release, ...]:
    """The known releases that read a key, oldest first."""
    path = path.lower()
    # The files, not the schemas: asking about one key must not build those of eight releases.
    return tuple(release for release in RELEASES if path in stored(f"releases/{release}")["keys"])


def first_release_reading(path: str) -> Release | None:
    """The first known release that reads the key. For the oldest known one that means: it or an earlier one."""
    return next(iter(readers(path)), None)


def last_release_reading(path: str) -> Release | None:
    return next(reversed(readers(path)), None)


def environment_variable(path: str) -> str:
    return "HEADSCALE_" + path.upper().replace(".", "_")


def _described(path: str) -> dict[str, str]:
    described: dict[str, str] = stored("keys")[path]
    return described


def _number(of: object) -> int:
    """A number, or a duration in nanoseconds."""
    return (go.duration(of) or 0) if isinstance(of, str) else of if isinstance(of, int) else 0


def _key(path: str, entry: dict[str, Any]) -> Key:
    return Key(
        path,
        term(entry["type"]),
        entry.get("default"),
        _constraint(entry["constraint"]) if "constraint" in entry else None,
        entry.get("deprecated", False),
    )


def _constraint(entry: dict[str, Any]) -> Constraint:
    kind = next((kind for kind in _LIMIT_KINDS if kind in entry), None)
    match entry.get("while"):
        case None:
            while_key, while_values = None, ()
        case str(key):
            while_key, while_values = key, ()
        case dict(condition):
            ((while_key, values),) = condition.items()
            while_values = tuple(values)
        case other:
            raise ValueError(f"not a condition: {other!r}")
    return Constraint(
        Limit(kind, entry[kind]) if kind is not None else None,
        entry["otherwise"],
        entry.get("read_as"),
        while_key,
        while_values,
        entry.get("unless_zero", False),
    )
