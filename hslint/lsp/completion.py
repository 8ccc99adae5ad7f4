"""Completions in a module: options, keys of the release in use, and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum as Enumeration

from hslint.catalogue.keys import Key, Schema, readers, schema
from hslint.catalogue.module_versions import ModuleVersion, module_version
from hslint.catalogue.release import NEWEST, RELEASES, Release
from hslint.catalogue.term import Enum, ListOf, NullOr, Scalar, Term, spelled
from hslint.hosts.host import HEADSCALE, Host
from hslint.lsp.position import Cursor
from hslint.record import Record
from hslint.reporters.values import one_line
from hslint.values.constant import to_nix

_STEPS = tuple(HEADSCALE.split("."))
_DURATIONS = ("30s", "5m", "1h", "24h")


class Sort(Enumeration):
    """The kind of an item, in the order in which they are listed."""

    NAME = 0
    GROUP = 1
    VALUE = 2
    ELSEWHERE = 3


class Item(Record):
    """A completion. `detail` is one line, `about` a paragraph of Markdown."""

    label: str
    sort: Sort
    detail: str = ""
    about: str = ""


class Known(Record):
    """The release and the module in use at the cursor."""

    release: Release
    module: ModuleVersion | None

    @property
    def schema(self) -> Schema:
        return schema(self.release)


def known_at(path: str, hosts: Sequence[Host]) -> Known:
    """The release and module of the hosts that a file is part of; without any, what the first host runs, or the newest."""
    using = [host for host in hosts if any(file.path == path for file in host.configuration.files)]
    host = next(iter(using or hosts), None)
    if host is None:
        return Known(NEWEST, module_version("in-repo"))
    return Known(host.release, host.module)


def items(cursor: Cursor, known: Known) -> list[Item]:
    """The completions at a place: what fits is listed first, what only other releases read comes last."""
    path = cursor.path
    if path[: len(_STEPS)] != _STEPS:
        rest = _STEPS[len(path) :]
        fits = not cursor.is_value and rest and path == _STEPS[: len(path)]
        return [Item(rest[0], Sort.GROUP, "Headscale" if len(rest) == 1 else "")] if fits else []
    below = path[len(_STEPS) :]
    if cursor.is_value:
        return [*_values(below, known)]
    if below[:1] == ("settings",):
        return [*_keys(".".join(below[1:]), known)]
    return [*_options(".".join(below), known)]


# -- names ---------------------------------------------------------------------------------------------------------------


def _options(above: str, known: Known) -> Iterator[Item]:
    """Options of the module beside `settings`."""
    prefix = f"{above}." if above else ""
    seen: set[str] = set()
    for path, option in known.module.options.items() if known.module is not None else ():
        name, dot, _ = path.removeprefix(prefix).partition(".")
        if not path.startswith(prefix) or name in seen:
            continue
        seen.add(name)
        if dot or path == "settings":
            yield Item(name, Sort.GROUP, "settings of Headscale" if name == "settings" else "options")
        else:
            yield Item(name, Sort.NAME, spelled(option.type), _default(option.default) if option.has_default else "")


def _keys(above: str, known: Known) -> Iterator[Item]:
    """Keys below a set of settings, and names of sets; those of other releases are marked."""
    seen: set[str] = set()
    for key in known.schema.below(above):
        name, is_key = _step(key.path, above)
        if name not in seen:
            seen.add(name)
            yield _key(name, key) if is_key else Item(name, Sort.GROUP, "settings")
    for release in reversed(RELEASES):
        for key in schema(release).below(above):
            name, _ = _step(key.path, above)
            if name not in seen:
                seen.add(name)
                yield Item(name, Sort.ELSEWHERE, f"not in {known.release.series}: {_read_by(key.path)}", key.what)


def _step(path: str, above: str) -> tuple[str, bool]:
    """The next name on the way to a key, and whether it is the key's own."""
    name, dot, _ = path.removeprefix(f"{above}." if above else "").partition(".")
    return name, not dot


def _key(name: str, key: Key) -> Item:
    deprecated = "\n\nDeprecated: Headscale warns of it." if key.deprecated else ""
    about = f"{key.what}\n\n{_default(key.default)}\n\nVariable: `{key.environment}`{deprecated}\n\n[Documentation]({key.page})"
    return Item(name, Sort.NAME, f"{spelled(key.type)}, {_read_by(key.path)}", about)


def _read_by(path: str) -> str:
    """The releases that read a key: "since 0.26", "until 0.22"."""
    found = readers(path)
    since = f"since {found[0].series}" if found and found[0] != RELEASES[0] else ""
    until = f"until {found[-1].series}" if found and found[-1] < RELEASES[-1] else ""
    return " ".join(filter(None, (since, until))) or "in every release"


def _default(default: object) -> str:
    return f"Default: `{_nix(default)}`" if default is not None else "No default"


# -- values --------------------------------------------------------------------------------------------------------------


def _values(below: tuple[str, ...], known: Known) -> Iterator[Item]:
    if below[:1] == ("settings",):
        key = known.schema.key(".".join(below[1:]))
        if key is not None:
            yield from _of_type(key.type, key.default)
    elif known.module is not None and (option := known.module.option(".".join(below))) is not None:
        yield from _of_type(option.type, option.default if option.has_default else None)


def _of_type(type_: Term, default: object) -> Iterator[Item]:
    match type_:
        case NullOr(of):
            yield from _of_type(of, default)
            yield Item("null", Sort.VALUE)
        case Enum(values):
            for value in values:
                yield Item(_nix(value), Sort.VALUE, "default" if value == default else "")
        case Scalar("bool"):
            for flag in (True, False):
                yield Item(_nix(flag), Sort.VALUE, "default" if flag is default else "")
        case Scalar("duration" | "prometheus duration"):
            for each in dict.fromkeys((*((default,) if isinstance(default, str) and default else ()), *_DURATIONS)):
                yield Item(_nix(each), Sort.VALUE, "default" if each == default else "")
        case ListOf(_):
            yield Item("[ ]", Sort.VALUE)
        case _ if default not in (None, "", [], {}) and isinstance(default, str | int | float):
            yield Item(_nix(default), Sort.VALUE, "default")
        case _:
            pass


def _nix(value: object) -> str:
    """A constant as it is written in Nix."""
    return one_line(to_nix(value), ())
