"""The choices that make one input of a fuzzer: drawn at random, written down, and taken back one by one to make it smaller."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

#: How many smaller inputs are tried.
ATTEMPTS = 400


class Choices:
    """Numbers below given bounds, from a generator or from a record; past the record's end the first of everything is taken."""

    def __init__(self, source: random.Random | Sequence[int]) -> None:
        self._random = source if isinstance(source, random.Random) else None
        self._left = None if isinstance(source, random.Random) else iter(source)
        self.taken: list[int] = []

    def below(self, bound: int) -> int:
        if self._random is not None:
            number = self._random.randrange(bound)
        else:
            assert self._left is not None
            number = next(self._left, 0) % bound
        self.taken.append(number)
        return number

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; the simplest should be the first."""
        return options[self.below(len(options))]

    def chance(self, one_in: int) -> bool:
        """True once in so many times."""
        return self.below(one_in) == one_in - 1


def smallest(taken: Sequence[int], fails: Callable[[Sequence[int]], bool]) -> list[int]:
    """A short record that still fails: blocks are left out, then numbers made smaller."""
    best = list(taken)
    left = ATTEMPTS

    def better(candidate: list[int]) -> bool:
        nonlocal best, left
        left -= 1
        if left < 0 or not fails(candidate):
            return False
        best = candidate
        return True

    size = max(1, len(best) // 2)
    while size and left > 0:
        at = 0
        while at < len(best) and left > 0:
            if not better(best[:at] + best[at + size :]):
                at += size
        size //= 2
    for at in range(len(best)):
        for smaller in (0, best[at] // 2 if at < len(best) else 0):
            if left > 0 and at < len(best) and smaller < best[at] and better([*best[:at], smaller, *best[at + 1 :]]):
                break
    return best
