"""Fuzzers of whole files: damaged texts, and changed configurations."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fuzzers import configurations, texts
from fuzzers.fuzzer import Fuzzer
from real_nix import NixRefused
from syntax.nix_ast import canonical, read_print

from hslint.checking import Request, check, inspect
from hslint.reporters import json as json_report
from hslint.reporters import show_json, show_text
from hslint.reporters import text as text_report
from hslint.source import SourceFile
from hslint.syntax.parse import Parsed, parse
from hslint.syntax.problems import ProblemKind
from hslint.values.budget import with_deep_stack

if TYPE_CHECKING:
    from fuzzers.choices import Choices

#: Far more than any of these inputs takes, also on a busy machine.
SECONDS = 60


class Texts(Fuzzer):
    """Damaged files: read without an exception, refused where Nix refuses them, and of the same tree where not."""

    def write(self, choices: Choices) -> str:
        return texts.mutated(choices)

    def problems(self, inputs: Sequence[str]) -> list[tuple[str, str]]:
        return [(text, problem) for text in inputs if (problem := _guarded(self._problem, text)) is not None]

    def _problem(self, text: str) -> str | None:
        path = self.directory / "a.nix"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        parsed = parse(SourceFile(str(path), path.read_bytes()))
        problems = (*parsed.problems, *parsed.undefined_variables())
        if any(problem.kind in (ProblemKind.TOO_DEEP, ProblemKind.UNREADABLE) for problem in problems):
            return None
        try:
            printed = self.nix.parsed(path)
        except NixRefused as refused:
            return None if problems or _newer(text, str(refused)) else f"hslint takes it, and Nix says: {refused}"
        if problems:
            if "\0" in text:  # refused since Nix 2.24
                return None
            return f"Nix takes it, and hslint says: {problems[0].message}"
        return None if self._same(parsed, printed) else f"Nix reads another tree: {printed}"

    def _same(self, parsed: Parsed, printed: str) -> bool:
        directory = str(self.directory)
        return bool(canonical(parsed.expression, directory) == read_print(printed, directory))


def _newer(text: str, refusal: str) -> bool:
    """Whether only the older release that is compared with refuses: pipes, and sets that are merged at two places of a path."""
    return "|>" in text or "<|" in text or "already defined" in refusal


class Configurations(Fuzzer):
    """Changed configurations: every command answers."""

    batch = 5

    def write(self, choices: Choices) -> str:
        return configurations.configuration(choices)

    def problems(self, inputs: Sequence[str]) -> list[tuple[str, str]]:
        return [(text, problem) for text in inputs if (problem := _guarded(self._problem, text)) is not None]

    def _problem(self, text: str) -> str | None:
        path = self.directory / "configuration.nix"
        path.write_text(text)
        checked = check([str(path)], Request())
        if checked.crashes:
            return "\n".join(checked.troubles)
        list(json_report.report(checked))
        list(text_report.report(checked))
        with_deep_stack(_shown, str(path))
        return None


def _shown(path: str) -> None:
    inspection, _ = inspect([path], Request())
    show_json.document(inspection)
    for host in inspection.hosts:
        list(show_text.lines(host))


def _guarded(problem: Callable[[str], str | None], text: str) -> str | None:
    begun = time.monotonic()
    try:
        found = problem(text)
    except Exception:  # noqa: BLE001 - whatever it is, it is the finding
        return traceback.format_exc(limit=-4)
    taken = time.monotonic() - begun
    return found or (f"takes {taken:.0f} seconds" if taken > SECONDS else None)
