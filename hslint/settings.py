"""hslint's own settings: `hslint.toml`, or `[tool.hslint]` in pyproject.toml, the nearest one up to the project root.

Nothing in it makes hslint load code. A key or a rule that does not exist is an error, with its place and the nearest right name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from hslint.catalogue import MODULE_VERSIONS, module_version, resolve, why_unknown
from hslint.problem import Effect, Severity
from hslint.record import Record
from hslint.source import Project, SourceFile, Span, Unreadable
from hslint.spelling import nearest
from hslint.syntax.parse import Parsed, parse
from hslint.values.budget import TIME_LIMIT


class InvalidSettings(Exception):
    """A settings file that cannot be used; the message says where and what to write."""

    def __init__(self, message: str, at: Span | None, path: str) -> None:
        place = ""
        if at is not None:
            position = at.file.position(at.start)
            place = f":{position.line + 1}:{position.column + 1}"
        super().__init__(f"{path}{place}: {message}")


class PathIgnore(Record):
    """Rules that say nothing about files whose path, seen from the settings file, or a directory around them matches the pattern."""

    pattern: str
    rules: tuple[str, ...]


class HostSettings(Record):
    """The release and the module of one host, and the place that says so."""

    headscale: str | None
    module: str | None
    at: str


class TeamRule(Record):
    """An `[[assert]]`: a condition, in Nix, that the value of an option must meet, and what to say where it does not."""

    #: Begins with TEAM, so that no rule of hslint can ever have the same one.
    name: str
    #: In full, as NixOS has it.
    option: str
    condition: Parsed
    message: str
    severity: Severity
    #: Its place, as text for messages.
    place: str


class Settings(Record):
    """The settings of a project. Names are rules or subjects; an empty `select` means every rule."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path_ignore: tuple[PathIgnore, ...] = ()
    severity: Mapping[str, Severity] = MappingProxyType({})
    headscale: str | None = None
    module: str | None = None
    hosts: Mapping[str, HostSettings] = MappingProxyType({})
    fail_on: Severity = Severity.NOTE
    #: What is milder is not reported, and cannot fail the check.
    min_severity: Severity = Severity.NOTE
    #: Whether a host that could not be evaluated makes the exit status 2.
    fail_on_unevaluated: bool = False
    #: The file of the baseline; empty when there is none.
    baseline: str = ""
    #: Show findings that depend on assumptions, too.
    possible: bool = False
    #: Seconds after which an analysis ends, whatever is left to do.
    time_limit: float = TIME_LIMIT
    team_rules: tuple[TeamRule, ...] = ()
    #: Where each key stands that the file has.
    origins: Mapping[str, str] = MappingProxyType({})
    #: The file that says so; empty when there is none.
    file: str = ""

    def written(self) -> dict[str, Any]:
        """Every key with its value as the file would have it; None for what is inferred, or not there."""
        hosts = {
            name: {key: value for key, value in (("headscale", own.headscale), ("module", own.module)) if value}
            for name, own in self.hosts.items()
        }
        rules = [
            {
                "name": rule.name,
                "option": rule.option,
                "condition": rule.condition.file.text.decode("utf-8", "replace"),
                "message": rule.message,
                "severity": rule.severity.value,
            }
            for rule in self.team_rules
        ]
        own_severities = {rule.name: rule.severity for rule in self.team_rules}
        return {
            "select": list(self.select),
            "ignore": list(self.ignore),
            "per-path-ignore": {each.pattern: list(each.rules) for each in self.per_path_ignore},
            "severity": {
                rule: level.value for rule, level in self.severity.items() if own_severities.get(rule) is not level
            },
            "headscale": self.headscale,
            "module": self.module,
            "hosts": hosts,
            "assert": rules,
            "fail-on": self.fail_on.value,
            "min-severity": self.min_severity.value,
            "baseline": os.path.relpath(self.baseline, os.path.dirname(self.file)) if self.baseline else None,
            "possible": self.possible,
            "fail-on-unevaluated": self.fail_on_unevaluated,
            "time-limit": self.time_limit,
        }

    def selects(self, rule: str, subject: str) -> bool:
        chosen = not self.select or rule in self.select or subject in self.select
        return chosen and rule not in self.ignore and subject not in self.ignore

    def ignores_at(self, rule: str, subject: str, path: str) -> bool:
        patterns = [e.pattern for e in self.per_path_ignore if rule in e.rules or subject in e.rules]
        if not patterns:
            return False
        relative = PurePath(os.path.relpath(os.path.realpath(path), os.path.dirname(self.file)))
        around = [str(above) for above in (relative, *relative.parents)]
        return any(fnmatch(name, str(PurePath(pattern))) for name in around for pattern in patterns)

    def severity_of(self, rule: str, subject: str, effect: Effect) -> Severity:
        return self.severity.get(rule) or self.severity.get(subject) or effect.severity


#: Every key of the file.
KEYS = (
    "select",
    "ignore",
    "per-path-ignore",
    "severity",
    "headscale",
    "module",
    "hosts",
    "assert",
    "fail-on",
    "min-severity",
    "baseline",
    "possible",
    "fail-on-unevaluated",
    "time-limit",
)


_HOST_KEYS = ("headscale", "module")

_ASSERT_KEYS = ("name", "option", "condition", "message", "severity")

#: What the names of a team's rules begin with, and the subject that they have.
TEAM, TEAM_SUBJECT = "team-", "team-rules"

_DAY = 24 * 60 * 60


def find_settings(project: Project, start: str, rules: Collection[str], subjects: Collection[str]) -> Settings:
    """The settings that hold for a directory. Raises InvalidSettings."""
    directory = os.path.realpath(start)
    while project.contains(directory):
        for name, table in (("hslint.toml", ()), ("pyproject.toml", ("tool", "hslint"))):
            path = os.path.join(directory, name)
            file = project.read(path)
            if isinstance(file, SourceFile):
                reader = _Reader(file, project.relative(path), table, (*rules, *subjects, TEAM_SUBJECT))
                content = reader.table()
                if content is not None:
                    return reader.settings(content)
            elif file is not Unreadable.MISSING and not table:
                raise InvalidSettings(file.value, None, project.relative(path))
        if directory == project.root:
            break
        directory = os.path.dirname(directory)
    return Settings()


class _Reader:
    """Reads one table of one file, and finds the place of what is wrong in it."""

    def __init__(self, file: SourceFile, name: str, table: Sequence[str], names: Sequence[str]) -> None:
        self.file = file
        self.name = name
        self.header = table
        self.names = names
        #: Where in the file the table begins that is read, beyond the header: entries of an array have the same keys.
        self.start = 0

    def table(self) -> Mapping[str, Any] | None:
        """The table that is hslint's; None when the file holds none."""
        import tomllib

        try:
            content: Any = tomllib.loads(self.file.text.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise InvalidSettings("is not UTF-8", self.file.span(error.start, error.end), self.name) from None
        except tomllib.TOMLDecodeError as error:
            if self.header and b"hslint" not in self.file.text:
                return None  # a broken file of another tool
            raise InvalidSettings(f"is not valid TOML: {error}", None, self.name) from None
        for step in self.header:
            if not isinstance(content, dict) or step not in content:
                return None
            content = content[step]
        if not isinstance(content, dict):
            raise self._wrong(self.header[-1], f"{'.'.join(self.header)} must be a table")
        return content

    def settings(self, table: Mapping[str, Any]) -> Settings:
        for key in table:
            if key not in KEYS:
                raise self._wrong(key, f"unknown setting {key}{_nearest(key, KEYS)}")
        team_rules = self._team_rules(table)
        self.names = (*self.names, *(each.name for each in team_rules))
        severities = {each.name: each.severity for each in team_rules}
        for rule, level in self._mapping(table, "severity").items():
            self._known(rule)
            severities[rule] = self._severity(rule, level)
        ignores = tuple(
            PathIgnore(pattern, self._names(rules, pattern))
            for pattern, rules in self._mapping(table, "per-path-ignore").items()
        )
        headscale, module = self._text(table, "headscale"), self._text(table, "module")
        self._check_names(headscale, module)
        return Settings(
            select=self._names(table.get("select", []), "select"),
            ignore=self._names(table.get("ignore", []), "ignore"),
            per_path_ignore=ignores,
            severity=severities,
            headscale=headscale,
            module=module,
            hosts={name: self._host(name, entry) for name, entry in self._mapping(table, "hosts").items()},
            team_rules=team_rules,
            fail_on=self._severity("fail-on", table["fail-on"]) if "fail-on" in table else Severity.NOTE,
            min_severity=(
                self._severity("min-severity", table["min-severity"]) if "min-severity" in table else Severity.NOTE
            ),
            fail_on_unevaluated=self._truth(table, "fail-on-unevaluated"),
            baseline=self._path(table, "baseline"),
            possible=self._truth(table, "possible"),
            time_limit=self._seconds(table, "time-limit"),
            origins={key: self._origin(key) for key in table},
            file=self.file.path,
        )

    def _origin(self, key: str) -> str:
        """Where a key of the table stands: its own line before any table, or the first table that is called like it."""
        text = self.file.text
        own = rb"\s*\.\s*".join(map(re.escape, map(str.encode, self.header)))
        start = 0
        if self.header and (header := re.search(rb"^[ \t]*\[\s*" + own + rb"\s*\]", text, re.MULTILINE)):
            start = header.end()
        name = rb"[\"']?" + re.escape(key.encode()) + rb"[\"']?(?![\w-])"
        table = re.search(rb"^[ \t]*\[", text[start:], re.MULTILINE)
        top = text[start : start + table.start()] if table else text[start:]
        line = re.search(rb"^[ \t]*(" + name + rb")", top, re.MULTILINE)
        prefix = own + rb"\s*\.\s*" if self.header else b""
        found = line or re.search(rb"^[ \t]*\[+\s*" + prefix + rb"(" + name + rb")", text, re.MULTILINE)
        if found is None:
            return self.name
        position = self.file.position(found.start(1) + (start if found is line else 0))
        return f"{self.name}:{position.line + 1}:{position.column + 1}"

    def _check_names(self, headscale: str | None, module: str | None) -> None:
        """Raises InvalidSettings for a release or a module that the catalogue does not have."""
        if headscale is not None and resolve(headscale, previews=True) is None:
            raise self._wrong(headscale, f"{headscale} is no release; write it like 0.28 or 0.28.0")
        if headscale is not None and (unknown := why_unknown(headscale)) is not None:
            raise self._wrong(headscale, f"headscale = {headscale}: {unknown}")
        if module is not None and module_version(module) is None:
            raise self._wrong(module, f"there is no module {module}; known are in-repo, {', '.join(MODULE_VERSIONS)}")

    def _host(self, name: str, table: Any) -> HostSettings:
        if not isinstance(table, dict):
            raise self._wrong(name, f"hosts.{name} must be a table")
        for key in table:
            if key not in _HOST_KEYS:
                raise self._wrong(key, f"unknown setting {key} of host {name}{_nearest(key, _HOST_KEYS)}")
        headscale, module = self._text(table, "headscale"), self._text(table, "module")
        self._check_names(headscale, module)
        place = str(self._wrong(name, "")).removesuffix(": ")
        return HostSettings(headscale, module, place)

    def _team_rules(self, table: Mapping[str, Any]) -> tuple[TeamRule, ...]:
        entries = table.get("assert", [])
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise self._wrong("assert", "assert must be tables; write [[assert]] before each")
        headers = [found.start() for found in _ASSERT.finditer(self.file.text)]
        found: list[TeamRule] = []
        for number, entry in enumerate(entries):
            self.start = headers[number] if len(headers) == len(entries) else 0
            rule = self._team_rule(entry)
            if any(rule.name == other.name for other in found):
                raise self._wrong(
                    "option", f"another [[assert]] is called {rule.name} as well; give one of them a name of its own"
                )
            found.append(rule)
        self.start = 0
        return tuple(found)

    def _team_rule(self, entry: Mapping[str, Any]) -> TeamRule:
        for key in entry:
            if key not in _ASSERT_KEYS:
                raise self._wrong(key, f"unknown setting {key} of [[assert]]{_nearest(key, _ASSERT_KEYS)}")
        for key in ("option", "condition", "message"):
            if not isinstance(entry.get(key), str) or not entry[key].strip():
                word = key if key in entry else "assert"
                raise self._wrong(word, f"[[assert]] needs {_NEEDED[key]}")
        option = entry["option"]
        if option.partition(".")[0] == "settings":
            option = f"services.headscale.{option}"
        name = entry.get("name", option.removeprefix("services.headscale.").removeprefix("settings."))
        if not isinstance(name, str) or ("name" in entry and not _NAME.fullmatch(name)):
            raise self._wrong("name", "name must be small letters, digits and hyphens, such as metrics-are-private")
        name = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        condition = parse(SourceFile(self.file.path, entry["condition"].encode("utf-8", "surrogateescape")))
        if condition.problems:
            raise self._wrong("condition", f"condition is no Nix: {condition.problems[0].message}")
        severity = self._severity("severity", entry.get("severity", Severity.ERROR.value))
        place = str(self._wrong("option", "")).removesuffix(": ")
        message = " ".join(entry["message"].split())
        return TeamRule(f"{TEAM}{name.removeprefix(TEAM)}", option, condition, message, severity, place)

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

    def _path(self, table: Mapping[str, Any], key: str) -> str:
        """A path from the settings file, made absolute; empty without one."""
        value = table.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not value:
            raise self._wrong(key, f"{key} must be the path of a file, from this one")
        return os.path.normpath(os.path.join(os.path.dirname(self.file.path), value))

    def _truth(self, table: Mapping[str, Any], key: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, f"{key} must be true or false")
        return value

    def _seconds(self, table: Mapping[str, Any], key: str) -> float:
        value = table.get(key, TIME_LIMIT)
        # A boolean is a number to Python.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _DAY:
            raise self._wrong(key, f"{key} must be a number of seconds, above 0 and at most {_DAY}")
        return float(value)

    def _severity(self, key: str, value: Any) -> Severity:
        if not isinstance(value, str):
            raise self._wrong(key, f"{key} must be error, warning or note")
        try:
            return Severity(value)
        except ValueError:
            raise self._wrong(value, f"{value} is no severity; write error, warning or note") from None

    def _wrong(self, word: str, message: str) -> InvalidSettings:
        # Comments may hold the word too, and so may other tools' tables.
        text = _COMMENT.sub(lambda found: found["text"] or b" " * len(found[0]), self.file.text)
        header = re.search(rb"\[\s*" + rb"\s*\.\s*".join(map(re.escape, map(str.encode, self.header))), text)
        name = re.compile(rb"(?<![\w-])" + re.escape(word.encode()) + rb"(?![\w-])")
        found = name.search(text, max(header.start() if header and self.header else 0, self.start))
        at = self.file.span(found.start(), found.end()) if found else None
        return InvalidSettings(message, at, self.name)


#: The header of a team's rule.
_ASSERT = re.compile(rb"^[ \t]*\[\[\s*(?:tool\s*\.\s*hslint\s*\.\s*)?assert\s*\]\]", re.MULTILINE)

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")

_NEEDED = {
    "option": 'an option, such as "settings.log.level"',
    "condition": "a condition: Nix that is true or false of `value`, such as \"value != 'debug'\"".replace("'", '\\"'),
    "message": "a message that says what is wrong",
}

#: A comment, or a string, in which a `#` begins none.
_COMMENT = re.compile(rb"""(?P<text>"(?:\\.|[^"\\\n])*"|'[^'\n]*')|#[^\n]*""")


def _nearest(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else ""
