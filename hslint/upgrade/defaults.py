"""Settings that a configuration leaves out and whose default differs between two releases, or between their modules."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.catalogue.data import Json
from hslint.catalogue.keys import Key
from hslint.catalogue.steps import switches
from hslint.catalogue.term import AttrsOf, ListOf, Scalar
from hslint.hosts.host import Host
from hslint.problem import Effect, PlacedProblem, Rule, shortened
from hslint.source import Span
from hslint.values.to_python import to_python
from hslint.values.value import Unknown

RULE = Rule(
    "default-changed",
    "upgrade",
    Effect.ADVICE,
    "A setting that the configuration leaves out has another default after the upgrade.",
    lambda host: iter(()),
)

#: Two names of one thing (databaseConfig of Headscale).
_SAME = ({"sqlite", "sqlite3"},)


def changed(before: Host, after: Host, reported: frozenset[str]) -> Iterator[PlacedProblem]:
    """The defaults that differ between two releases of one host; rules report those of `reported`."""
    before, after = before.with_closed_imports() or before, after.with_closed_imports() or after
    for key in after.schema.keys.values():
        if key.path in reported or _written(after, key.path) or not _matters(after, key.path):
            continue
        now = _effective(after, key)
        known = before.schema.key(key.path)
        former = [removal.path for removal in after.schema.removals.values() if removal.replaced_by == (key.path,)]
        if any(_written(before, path) for path in former) or isinstance(now, Unknown):
            continue
        olds = (
            [known] if known is not None else [old for path in former if (old := before.schema.key(path)) is not None]
        )
        since = after.release.series
        message = None
        if olds:
            was = _effective(before, olds[0])
            if not isinstance(was, Unknown) and not _same(was, now):
                message = f"{key.path} is {_shown(now)} by default from {since} on, {_shown(was)} before"
                message = shortened(message, "write it to keep that")
        elif key.before is not None and _shown(now) != "empty":
            message = shortened(f"{key.path} is {_shown(now)} by default from {since} on", f"{key.before} before")
        if message is not None:
            yield PlacedProblem(message, _place(after, key.path))


def _written(host: Host, path: str) -> bool:
    return host.setting(f"settings.{path}").written


def _effective(host: Host, key: Key) -> Json | Unknown:
    """The effective value for Headscale: the module's value, or else its own default, or else the type's empty value."""
    value = host.setting(f"settings.{key.path}").value
    given = None if value is None else to_python(value)
    if given is not None:
        return given
    if key.default is not None:
        return key.default
    match key.type:
        case ListOf():
            return []
        case AttrsOf():
            return {}
        case Scalar("bool"):
            return False
        case Scalar("int" | "port" | "seconds" | "milliseconds"):
            return 0
        case _:
            return ""


def _matters(host: Host, path: str) -> bool:
    """Whether what decides about the key may be on."""
    key = host.schema.key(path)
    constraint = key.constraint if key is not None else None
    conditions = list(switches(path))
    if constraint is not None and constraint.while_key is not None:
        conditions.append((constraint.while_key, constraint.while_values))
    for switch, values in conditions:
        deciding = host.schema.key(switch)
        value = _effective(host, deciding) if deciding is not None else None
        if isinstance(value, Unknown):
            continue
        if value not in values if values else value in (None, "", False, 0):
            return False
    return True


def _same(one: Json, other: Json) -> bool:
    return one == other or any(one in pair and other in pair for pair in _SAME if isinstance(one, str))


def _shown(value: Json) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case "" | [] | {}:
            return "empty"
        case str():
            return f'"{value}"'
        case list():
            return "[ " + " ".join(_shown(item) for item in value) + " ]"
        case _:
            return str(value)


def _place(host: Host, path: str) -> Span:
    """The place to report it at, as nothing is written: at what makes it matter, at another setting of the group, else at Headscale itself."""
    for switch, _ in switches(path):
        setting = host.setting(f"settings.{switch}")
        if setting.name_at is not None:
            return setting.name_at
    return host.anchor
