"""What a fuzzer is: it makes inputs, and says what is wrong with hslint's answers to them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzers.choices import Choices
    from real_nix import RealNix

#: What hslint may spend on one input.
CALLS = 300_000


class NotHere(Exception):
    """What a fuzzer needs is not on this machine."""


class Fuzzer(ABC):
    """One kind of input."""

    #: Inputs that are checked together.
    batch = 25

    def __init__(self, nix: RealNix, directory: Path) -> None:
        self.nix = nix
        self.directory = directory

    @abstractmethod
    def write(self, choices: Choices) -> str:
        """An input."""

    @abstractmethod
    def problems(self, inputs: Sequence[str]) -> list[tuple[str, str]]:
        """The inputs about which something is wrong, and what."""
