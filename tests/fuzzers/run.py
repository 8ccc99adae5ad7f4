"""Runs a fuzzer for a number of inputs or seconds, and makes what it finds small."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fuzzers.choices import Choices, smallest

if TYPE_CHECKING:
    from fuzzers.fuzzer import Fuzzer

#: Different problems that a run looks for before it ends.
ENOUGH = 5


@dataclass
class Report:
    """How many inputs were checked, and the problems: the smallest input found for each, and what is wrong with it."""

    inputs: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(f"--- input:\n{text}\n{what}" for text, what in self.problems)


def run(fuzzer: Fuzzer, seed: int, *, inputs: int = 0, seconds: float = 0, enough: int = ENOUGH) -> Report:
    """Check so many inputs, or for so long."""
    source = random.Random(seed)
    report = Report()
    end = time.monotonic() + seconds
    while (report.inputs < inputs or time.monotonic() < end) and len(report.problems) < enough:
        taken: dict[str, list[int]] = {}
        while len(taken) < fuzzer.batch:
            choices = Choices(source)
            taken[fuzzer.write(choices)] = choices.taken
        report.inputs += len(taken)
        for text, _ in fuzzer.problems(list(taken))[: enough - len(report.problems)]:
            report.problems.extend(_smallest(fuzzer, taken[text]))
    return report


def _smallest(fuzzer: Fuzzer, taken: Sequence[int]) -> list[tuple[str, str]]:
    def fails(candidate: Sequence[int]) -> bool:
        return bool(fuzzer.problems([fuzzer.write(Choices(candidate))]))

    return fuzzer.problems([fuzzer.write(Choices(smallest(taken, fails)))])
