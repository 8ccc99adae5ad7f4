"""What somebody most likely meant: the nearest of the names that there are."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """None where nothing is near."""
    return next(iter(nearest_few(name, known, 1)), None)


def nearest_few(name: str, known: Iterable[str], most: int, cutoff: float = 0.6) -> list[str]:
    """So many of the nearest names, the nearest first, each once and none of them the name itself."""
    # Late: hardly any run meets a misspelt name.
    from difflib import get_close_matches

    return get_close_matches(name, list(dict.fromkeys(each for each in known if each != name)), most, cutoff)


def alike(one: str, other: str) -> float:
    """How much of two names is the same, from 0 to 1."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio()


def within(one: str, other: str, most: int) -> bool:
    """Whether at most so many insertions, deletions and replacements of letters (Levenshtein) lie between two names."""
    # Lengths first, then the letters in use, of which an edit changes two: names are mostly compared with names unlike them.
    if abs(len(one) - len(other)) > most or len({*one} ^ {*other}) > 2 * most:
        return False
    before = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        row = [number]
        for column, opposite in enumerate(other, 1):
            row.append(min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != opposite)))
        if min(row) > most:
            return False
        before = row
    return before[-1] <= most
