"""Policies that are not there: files of the project, and those that `environment.etc` makes under another name."""

from __future__ import annotations

import os

from hslint.hosts.host import Host
from hslint.hosts.network.reading import entries, member, outcome
from hslint.source import Span, Unreadable
from hslint.spelling import within
from hslint.values.store_copies import original
from hslint.values.value import Attrs, Path, Value

#: So many letters may differ in a name that is meant to be the same.
_LETTERS = 2


def misnamed(host: Host, path: str) -> tuple[str, Span | None] | None:
    """The file in /etc that a path is nearly the name of, where none has that name; None where anything else may make it."""
    table = host.nixos("environment.etc").value
    wanted = path.removeprefix("/etc/")
    if (
        wanted == path
        or host.has_unresolved_imports
        or not isinstance(table, Attrs)
        or member(table, wanted) is not None
    ):
        return None
    near: tuple[str, Span | None] | None = None
    for name, lazy in entries(table):
        made = outcome(lazy)
        if wanted.startswith(f"{name}/") or not isinstance(made, Attrs) or "target" in made.items:
            return None
        if _is_near(name, wanted) and near is None:
            near = name, lazy.place
    return near


def missing(host: Host, value: Value | None) -> tuple[str, str] | None:
    """The path of a file of the project that a value names and that is not there, and of one beside it with nearly the same name."""
    found = original(value) if value is not None else None
    path = value.path if isinstance(value, Path) else found.path if found is not None else None
    beside = host.project.entries(os.path.dirname(path)) if path is not None else Unreadable.OUTSIDE
    if path is None or isinstance(beside, Unreadable) or host.project.exists(path) is not False:
        return None
    near = next((name for name in beside if _is_near(name, os.path.basename(path))), None)
    return None if near is None else (host.project.relative(path), near)


def _is_near(name: str, wanted: str) -> bool:
    if os.path.dirname(name) != os.path.dirname(wanted):
        return False
    return within(name, wanted, _LETTERS) or os.path.splitext(name)[0] == os.path.splitext(wanted)[0]
