"""hslint's own settings: `hslint.toml`, or `[tool.hslint]` in pyproject.toml, the nearest one up to the project root.

Nothing in it makes hslint load code. A key or a rule that does not exist is an error, with its place and the nearest right name.
"""

from __future__ import annotations

import fnmatch
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from hslint.rule import Effect, Severity
from hslint.source import Project, SourceFile, Span


class InvalidSettings(Exception):
    """A settings file that cannot be used; the message says where and what to write."""

    def __init__(self, message: str, at: Span | None, path: str) -> None:
        place = ""
        if at is not None:
            position = at.file.position(at.start)
            place = f":{position.line + 1}:{position.column + 1}"
        super().__init__(f"{path}{place}: {message}")


@dataclass(frozen=True, slots=True)
class PathIgnore:
    """Rules that say nothing about files whose path, relative to the settings file, matches the pattern."""

    pattern: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project asks of hslint. Names are rules or subjects; an empty `select` means every rule."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path_ignore: tuple[PathIgnore, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    headscale: str | None = None
    module: str | None = None
    fail_on: Severity = Severity.NOTE
    directory: str = ""

    def selects(self, rule: str, subject: str) -> bool:
        chosen = not self.select or rule in self.select or subject in self.select
        return chosen and rule not in self.ignore and subject not in self.ignore

    def ignores_at(self, rule: str, subject: str, path: str) -> bool:
        relative = os.path.relpath(path, self.directory) if self.directory else path
        return any(
            (rule in entry.rules or subject in entry.rules) and fnmatch.fnmatch(relative, entry.pattern)
            for entry in self.per_path_ignore
        )

    def severity_of(self, rule: str, effect: Effect) -> Severity:
        return self.severity.get(rule, effect.severity)


_KEYS = ("select", "ignore", "per-path-ignore", "severity", "headscale", "module", "fail-on")


def find_settings(project: Project, start: str, rules: Collection[str], subjects: Collection[str]) -> Settings:
    """The settings that hold for a directory. Raises InvalidSettings."""
    directory = os.path.realpath(start)
    while project.contains(directory):
        for name, table in (("hslint.toml", ()), ("pyproject.toml", ("tool", "hslint"))):
            file = project.read(os.path.join(directory, name))
            if isinstance(file, SourceFile):
                content = _table(file, table, project.relative(file.path))
                if content is not None:
                    return _Reader(file, project.relative(file.path), rules, subjects).settings(content, directory)
        if directory == project.root:
            break
        directory = os.path.dirname(directory)
    return Settings()


def _table(file: SourceFile, path: Sequence[str], name: str) -> Mapping[str, Any] | None:
    try:
        content: Any = tomllib.loads(file.text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if path and b"hslint" not in file.text:
            return None  # somebody else's broken file
        raise InvalidSettings(f"is not valid TOML: {error}", None, name) from error
    for step in path:
        content = content.get(step) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else None


class _Reader:
    """Reads one table, and finds the place of what is wrong in it."""

    def __init__(self, file: SourceFile, name: str, rules: Collection[str], subjects: Collection[str]) -> None:
        self.file = file
        self.name = name
        self.names = [*rules, *subjects]

    def settings(self, table: Mapping[str, Any], directory: str) -> Settings:
        for key in table:
            if key not in _KEYS:
                raise self._wrong(key, f"unknown setting {key}{_nearest(key, _KEYS)}")
        severities: dict[str, Severity] = {}
        for rule, level in self._mapping(table, "severity").items():
            self._known(rule)
            severities[rule] = self._severity(level)
        ignores = tuple(
            PathIgnore(pattern, self._names(rules, pattern))
            for pattern, rules in self._mapping(table, "per-path-ignore").items()
        )
        return Settings(
            select=self._names(table.get("select", []), "select"),
            ignore=self._names(table.get("ignore", []), "ignore"),
            per_path_ignore=ignores,
            severity=severities,
            headscale=self._text(table, "headscale"),
            module=self._text(table, "module"),
            fail_on=self._severity(table["fail-on"]) if "fail-on" in table else Severity.NOTE,
            directory=directory,
        )

    def _names(self, value: Any, key: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self._wrong(key, f"{key} must be a list of rule names")
        for name in value:
            self._known(name)
        return tuple(value)

    def _known(self, name: str) -> None:
        if name not in self.names:
            raise self._wrong(name, f"unknown rule {name}{_nearest(name, self.names)}")

    def _mapping(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, f"{key} must be a table")
        return value

    def _text(self, table: Mapping[str, Any], key: str) -> str | None:
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, f'{key} must be a string, such as "0.28"')
        return value

    def _severity(self, value: Any) -> Severity:
        try:
            return Severity(value)
        except ValueError:
            raise self._wrong(str(value), f"{value} is no severity; write error, warning or note") from None

    def _wrong(self, word: str, message: str) -> InvalidSettings:
        found = re.search(rb"(?<![\w-])" + re.escape(word.encode()) + rb"(?![\w-])", self.file.text)
        at = self.file.span(found.start(), found.end()) if found else None
        return InvalidSettings(message, at, self.name)


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else ""
