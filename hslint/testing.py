"""A pytest plugin (`-p hslint.testing`) that runs the examples of rule pages, ours and third parties'.

A page is a Markdown file beside a rule's module. Every ```nix block is a complete module, or, headed by a line such as
`` `flake.nix`: ``, one file of an example of several, which ends at a heading, at a name that it has already, and at a line
"Headscale …" or "module …". A ```nix settings block is the body of `services.headscale.settings`, a ```nix config block that of a
module, and an ordinary Headscale is put around it (`hslint/excerpt.py`); `config`, `lib` and `pkgs` are in scope.
A comment line of carets marks a report on the line above it, one line for each report (`//` instead of `#` in ```hujson blocks,
which are policies):

    server_url = "hs.example.com";
    #            ^^^^^^^^^^^^^^^^ server-url-malformed

Marks and reports must agree, both ways, for the page's rule and for every other error or warning, except of rules that speak of the
release itself (`of_release`): examples of old releases would all be marked with what is known to be wrong with those; carets that reach the end of
their line also mark a place that goes on below. A ```nix fixed block is what all fixes of the page's rule make of the example before
it. A line that begins with "Headscale 0.26" or "module nixpkgs-25.11" (or both) says what the next example is checked against. A line such as
"git tracks `flake.nix` and `vpn.nix`:" puts the next example into a git repository that has these files in its index, and no others.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import pytest

from hslint.checking import Request, check
from hslint.excerpt import SETS, Surroundings, surroundings
from hslint.finding import Finding
from hslint.fixes import apply
from hslint.plugins import rules as all_rules
from hslint.problem import Severity

_FENCE = re.compile(rf"^```(nix|hujson)(?: (fixed|{'|'.join(SETS)}))?$")
_FILE = re.compile(r"^`([\w./-]+)`:$")
_MARK = re.compile(r"^\s*(?:#|//)\s*(\^+) ((?:possible )?[\w-]+)$")
_BY = re.compile(
    r"^(?:Headscale (?P<release>\d[\d.]*(?:-dev)?)(?: |,|$))?.*?(?:module (?P<module>(?:in-repo|nixpkgs)\S*?))?[.,:]?$"
)

_TRACKED = re.compile(r"^git tracks (`.*`):$")

#: The file of an example that names none.
_MODULE = "configuration.nix"
_POLICY = "policy.hujson"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A report that an example expects: file, line and columns from 0, and the rule."""

    file: str
    line: int
    start: int
    end: int
    rule: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line + 1}:{self.start + 1}-{self.end + 1} {self.rule}"


@dataclass(slots=True)
class Example:
    """One example of a page: its files, whole and without the marks, the marks, and what the fix must make of it."""

    line: int
    release: str | None = None
    module: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    fixed: dict[str, str] = field(default_factory=dict)
    #: What the page does not show of a file of which it shows an excerpt.
    around: dict[str, Surroundings] = field(default_factory=dict)
    #: The files that git tracks; None where the example lies in no repository.
    tracked: tuple[str, ...] | None = None
    #: Whether the next block begins another example: it has no name, is what a fix yields, or a heading follows.
    complete: bool = False

    def add(self, name: str, text: list[str], kind: str | None) -> None:
        shown = "\n".join(line for line in text if not _MARK.match(line)) + "\n"
        around = self.around[name] = surroundings(kind, shown) if kind is not None else Surroundings()
        number = around.first_line - 1
        for line in text:
            mark = _MARK.match(line)
            if mark is None:
                number += 1
            else:
                self.marks.append(Mark(name, number, mark.start(1), mark.end(1), mark[2]))
        self.files[name] = around.around(shown)

    def add_fixed(self, name: str, text: list[str]) -> None:
        """What the fix must make of a file, of which as much is shown as before."""
        self.fixed[name] = self.around.get(name, Surroundings()).around("\n".join(text) + "\n")
        self.complete = True

    def as_shown(self, mark: Mark) -> str:
        """A mark with its place in what the page shows."""
        around = self.around.get(mark.file, Surroundings())
        line = mark.line - around.first_line
        if 0 <= line < self.files.get(mark.file, "").count("\n") - around.first_line - around.after.count("\n"):
            return str(replace(mark, line=line))
        return f"{mark.file}, outside of what is shown: {mark.rule}"


def examples(page: str) -> Iterator[Example]:
    """The examples of a page, in order."""
    current: Example | None = None
    release: str | None = None
    module: str | None = None
    tracked: tuple[str, ...] | None = None
    name: str | None = None
    block: list[str] | None = None
    language: str = "nix"
    word: str | None = None
    for number, line in enumerate(page.splitlines(), 1):
        if block is not None:
            if line != "```":
                block.append(line)
                continue
            target = name or (_POLICY if language == "hujson" else _MODULE)
            if word == "fixed" and current is not None:
                current.add_fixed(target, block)
            else:
                if current is None or name is None or target in current.files or current.complete:
                    if current is not None:
                        yield current
                    current = Example(number - len(block), release, module, tracked=tracked, complete=name is None)
                    release = module = tracked = None
                current.add(target, block, word if word != "fixed" else None)
            block = name = None
        elif fence := _FENCE.match(line):
            block, language, word = [], fence[1], fence[2]
        elif named := _FILE.match(line):
            name = named[1]
        elif listed := _TRACKED.match(line):
            tracked = tuple(re.findall(r"`([^`]+)`", listed[1]))
            if current is not None:
                current.complete = True
        elif line.startswith("#") and current is not None:
            current.complete = True
        elif line.startswith(("Headscale 0.", "module ")) and (by := _BY.match(line)):
            release, module = by["release"], by["module"]
            if current is not None:
                current.complete = True
    if current is not None:
        yield current


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Page | None:
    beside = file_path.with_suffix(".py")
    if file_path.suffix == ".md" and beside.exists():
        page: Page = Page.from_parent(parent, path=file_path)
        return page
    return None


class Page(pytest.File):
    """A rule's page."""

    def collect(self) -> Iterator[pytest.Item]:
        rule = self.path.stem.replace("_", "-")
        text = self.path.read_text(encoding="utf-8")
        yield Heading.from_parent(self, name="heading", rule=rule, text=text)
        for example in examples(text):
            yield Run.from_parent(self, name=f"line {example.line}", rule=rule, example=example)


class Disagreement(Exception):
    """A page and hslint disagree."""


class _Item(pytest.Item):
    #: An example takes no fixtures, but other plugins look here for some; pytest-lsp fails on items without.
    funcargs: ClassVar[Mapping[str, object]] = MappingProxyType({})

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, Disagreement):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"


class Heading(_Item):
    """The page bears the rule's name, and shows what is wrong and what is right."""

    def __init__(self, *, rule: str, text: str, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.rule = rule
        self.text = text

    def runtest(self) -> None:
        if not self.text.startswith(f"# {self.rule}\n"):
            raise Disagreement(f"the page must begin with '# {self.rule}'")
        for heading in ("## Wrong", "## Right"):
            if f"\n{heading}\n" not in self.text:
                raise Disagreement(f"the page has no '{heading}'")
        for line in self.text.splitlines():
            if line.startswith("```nix") and not _FENCE.match(line):
                raise Disagreement(
                    f"'{line}' begins no example; after ```nix stands nothing, fixed, {' or '.join(SETS)}"
                )
        if not any(mark.rule == self.rule for example in examples(self.text) for mark in example.marks):
            raise Disagreement(f"no example marks a report of {self.rule}")


class Run(_Item):
    """One example: what is reported, and what the fixes make of it."""

    def __init__(self, *, rule: str, example: Example, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.rule = rule
        self.example = example

    def runtest(self) -> None:
        known = {rule.name for rule in all_rules()}
        if self.rule not in known:
            raise Disagreement(f"there is no rule {self.rule}")
        with tempfile.TemporaryDirectory(prefix="hslint-page-") as directory:
            root = Path(directory).resolve()
            for name, text in self.example.files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            if self.example.tracked is not None:
                (root / ".git").mkdir()
                (root / ".git" / "index").write_bytes(git_index(self.example.tracked))
            start = root if "flake.nix" in self.example.files else root / next(iter(self.example.files))
            request = Request(headscale=self.example.release, module=self.example.module)
            checked = check([str(start)], request)
            if checked.crashes:
                raise Disagreement("\n".join(f"{crash.rule.name}: {crash.error}" for crash in checked.crashes))
            self._compare(root, checked.findings)
            if self.example.fixed:
                texts = self._fix(root, checked.findings)
                again = check([str(start)], request, texts).findings
                if any(f.rule.name == self.rule and f.problem.fix is not None for f in again):
                    raise Disagreement("what the fix yields would be fixed again")

    def _compare(self, root: Path, findings: tuple[Finding, ...]) -> None:
        expected = sorted(self.example.marks)
        named = {mark.rule for mark in expected} | {self.rule}
        found = sorted(
            mark
            for finding in findings
            if (mark := mark_of(root, finding)).rule in named
            or not (finding.depends_on or finding.severity is Severity.NOTE or finding.rule.of_release)
        )
        shown = self.example.as_shown
        lines = [f"marked, not reported: {shown(mark)}" for mark in (Counter(expected) - Counter(found)).elements()]
        for mark in (Counter(found) - Counter(expected)).elements():
            message = next(f.problem.message for f in findings if mark_of(root, f) == mark)
            lines.append(f"reported, not marked: {shown(mark)}: {message}")
        if lines:
            raise Disagreement("\n".join(lines))

    def _fix(self, root: Path, findings: tuple[Finding, ...]) -> dict[str, bytes]:
        fixes = [f.problem.fix for f in findings if f.rule.name == self.rule and f.problem.fix is not None]
        texts = apply(fixes)
        for name, expected in self.example.fixed.items():
            became = texts.get(str(root / name), self.example.files[name].encode()).decode()
            if became != expected:
                shown = self.example.around[name].without(became)
                raise Disagreement(f"the fix makes this of {name}:\n{became if shown is None else shown}")
        return texts


def git_index(files: Iterable[str]) -> bytes:
    """The index of a repository that tracks the files (version 2): their names, and nothing true of the rest."""
    entries = []
    for name in sorted(map(str.encode, files)):
        entry = bytes(24) + (0o100644).to_bytes(4) + bytes(12 + 20) + len(name).to_bytes(2) + name
        entries.append(entry + bytes(8 - len(entry) % 8))
    return b"DIRC" + (2).to_bytes(4) + len(entries).to_bytes(4) + b"".join(entries) + bytes(20)


def mark_of(root: Path, finding: Finding) -> Mark:
    """A finding as a mark in a file below `root`."""
    at = finding.problem.at
    start, end = at.file.position(at.start), at.file.position(at.end)
    path = Path(at.file.path)
    name = str(path.relative_to(root)) if path.is_relative_to(root) else at.file.path
    column = end.column if end.line == start.line else len(at.file.line(start.line).rstrip())
    rule = f"possible {finding.rule.name}" if finding.depends_on else finding.rule.name
    return Mark(name, start.line, start.column, max(column, start.column + 1), rule)
