"""Each fuzzer finds nothing in a fixed number of inputs; `make fuzz` looks further."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fuzzers.choices import Choices, smallest
from fuzzers.fuzzer import NotHere
from fuzzers.run import run
from fuzzers.suite import FUZZERS
from sources import source

if TYPE_CHECKING:
    from real_nix import RealNix

#: Inputs of a run: together some seventy seconds.
INPUTS = {
    "closed": 500,
    "half-unknown": 200,
    "library": 250,
    "half-unknown-library": 150,
    "modules": 250,
    "texts": 150,
    "configurations": 40,
}


@pytest.mark.parametrize("kind", FUZZERS)
def test_hslint_and_nix_agree_on_generated_inputs(kind: str, nix: RealNix, tmp_path: Path) -> None:
    """The smallest input for each problem is in the message."""
    try:
        fuzzer = FUZZERS[kind](nix, tmp_path)
    except NotHere:
        source("HSLINT_NIXPKGS_LIB")
        raise
    report = run(fuzzer, seed=1, inputs=INPUTS[kind])
    assert report.problems == [], f"\n{report}"
    assert report.inputs >= INPUTS[kind]


def test_what_fails_is_made_small() -> None:
    """Choices are left out and made smaller as long as the input still fails."""

    def fails(taken: object) -> bool:
        choices = Choices(list(taken))  # type: ignore[call-overload]
        return any(choices.below(10) == 7 for _ in range(choices.below(20)))

    assert smallest([15, 3, 1, 9, 7, 2, 7, 8, 8], fails) == [1, 7]


def test_choices_are_the_same_again() -> None:
    """A record gives the input that it was taken of; past its end the first of everything is taken."""
    again = Choices([2, 1])
    assert [again.pick("abc"), again.chance(2), again.pick("abc")] == ["c", True, "a"]
