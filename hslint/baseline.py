"""A baseline: findings that a project accepts for now. An entry is a rule, an option and its value, so that moved lines keep theirs."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

from hslint.finding import Certainty, Finding
from hslint.hosts.discovery import CannotInspect
from hslint.hosts.secrets import Secrets
from hslint.record import Record
from hslint.source import SourceFile
from hslint.syntax.enclosing import Binding, bindings
from hslint.syntax.nodes import AttributeSet
from hslint.syntax.parse import parse

VERSION = 1

#: The default path of `--write-baseline`.
DEFAULT = "hslint-baseline.json"

_MEMBERS = ("rule", "path", "option", "value")


class Entry(Record):
    """One finding as a baseline knows it. The path, from the baseline's directory, only decides between equal ones."""

    rule: str
    path: str
    #: The names around the place; empty where there are none.
    option: str
    #: What is written there, in one line and without secrets; None where that is a set of options.
    value: str | None

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.rule, self.option, self.value


class Baseline:
    """The entries of one file, and which of them a check has met."""

    def __init__(self, path: str, entries: Sequence[Entry]) -> None:
        self.path = path
        self.entries = tuple(entries)
        self._left = Counter(entries)

    @property
    def unmet(self) -> tuple[Entry, ...]:
        """The entries without a finding."""
        return tuple(self._left.elements())

    @property
    def met(self) -> tuple[Entry, ...]:
        return tuple((Counter(self.entries) - self._left).elements())

    def known(self, findings: Iterable[Finding], secrets: Secrets) -> list[Finding]:
        """Those of the findings that the baseline has, each for an entry of its own: the certain ones first, and those in files that did
        not move.
        """
        entered = _Entered(os.path.dirname(self.path), secrets)
        ordered = sorted(findings, key=lambda finding: finding.certainty is not Certainty.CERTAIN)
        named = [(finding, entered.entry(finding)) for finding in ordered]
        known = [finding for finding, entry in named if self._take(entry)]
        taken = set(map(id, known))
        by_key: dict[tuple[str, str, str | None], list[Entry]] = {}
        for entry in self._left.elements():
            by_key.setdefault(entry.key, []).append(entry)
        for finding, entry in named:
            others = by_key.get(entry.key)
            if id(finding) not in taken and others and self._take(others.pop()):
                known.append(finding)
        return known

    def _take(self, entry: Entry) -> bool:
        if self._left[entry] <= 0:
            return False
        self._left[entry] -= 1
        return True


class _Entered:
    """Makes entries of findings; each file is read for its options once."""

    def __init__(self, directory: str, secrets: Secrets) -> None:
        self.directory = directory
        self.secrets = secrets

    @cached_property
    def _bindings(self) -> dict[str, tuple[Binding, ...]]:
        return {}

    def entry(self, finding: Finding) -> Entry:
        at = finding.problem.at
        binding = self._around(at.file, at.start, at.end)
        path = os.path.relpath(at.file.path, self.directory)
        option = ".".join(binding.names) if binding is not None else ""
        return Entry(finding.rule.name, path, option, self._value(finding, binding))

    def _value(self, finding: Finding, binding: Binding | None) -> str | None:
        """The value that a finding is about: an element of the value where it stands in one, else the value."""
        at = finding.problem.at
        start, end = at.start, at.end
        if binding is not None:
            value = binding.value
            if not (value.start <= start and end <= value.end):
                start, end = value.start, value.end
            if isinstance(value, AttributeSet):
                return None
        return self._written(at.file, start, end)

    def _written(self, file: SourceFile, start: int, end: int) -> str:
        first, last = file.position(start), file.position(end)
        lines = [self.secrets.line(file, number) for number in range(first.line, last.line + 1)]
        lines[-1] = lines[-1][: last.column]
        lines[0] = lines[0][first.column :]
        return " ".join(" ".join(lines).split())

    def _around(self, file: SourceFile, start: int, end: int) -> Binding | None:
        """The innermost statement around a place."""
        if not file.path.endswith(".nix"):
            return None
        if file.path not in self._bindings:
            self._bindings[file.path] = tuple(bindings(parse(file).expression))
        around = [each for each in self._bindings[file.path] if each.start <= start and end <= each.end]
        return min(around, key=lambda each: (each.end - each.start, -len(each.names)), default=None)


def entries(findings: Iterable[Finding], path: str, secrets: Secrets) -> list[Entry]:
    """The entries of a baseline at a path that has these findings."""
    entered = _Entered(os.path.dirname(path), secrets)
    return sorted(map(entered.entry, findings), key=lambda each: (each.path, each.rule, each.option, each.value or ""))


def written(entries: Iterable[Entry]) -> bytes:
    """The text of a baseline, a line an entry."""
    rows = [json.dumps({name: getattr(each, name) for name in _MEMBERS}, ensure_ascii=True) for each in entries]
    body = ",\n".join(f"    {row}" for row in rows)
    listed = f"[\n{body}\n  ]" if rows else "[]"
    return f'{{\n  "version": {VERSION},\n  "entries": {listed}\n}}\n'.encode()


def read(path: str, shown: str, text: bytes) -> Baseline:
    """The baseline that a file holds. Raises CannotInspect with its name as `shown`."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = re.sub(r"^.*(line \d+ column \d+).*$", r": \1", str(error)) if isinstance(error, ValueError) else ""
        raise CannotInspect(f"{shown}: is no JSON{place}; --write-baseline makes it anew") from None
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
        raise CannotInspect(f"{shown}: is no baseline; --write-baseline makes one")
    if document.get("version") != VERSION:
        raise CannotInspect(f"{shown}: has a version that this hslint does not know; --write-baseline makes it anew")
    return Baseline(path, [*_entries(shown, document["entries"])])


def _entries(shown: str, rows: Sequence[Any]) -> Iterator[Entry]:
    for number, row in enumerate(rows, 1):
        match row:
            case {"rule": str(rule), "path": str(path), "option": str(option), "value": str() | None as value}:
                yield Entry(rule, path, option, value)
            case _:
                raise CannotInspect(
                    f"{shown}: entry {number} is none: it needs rule, path, option and value; --write-baseline makes it anew"
                )
