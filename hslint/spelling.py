"""Suggests the closest known name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The nearest name; None where none is near."""
    return next(iter(nearest_few(name, known, 1, cutoff)), None)


def nearest_few(name: str, known: Iterable[str], most: int, cutoff: float = 0.6) -> list[str]:
    """So many of the nearest names, the nearest first, each once and none of them the name itself."""
    # Late: hardly any run meets a misspelt name.
    from difflib import get_close_matches

    return get_close_matches(name, list(dict.fromkeys(each for each in known if each != name)), most, cutoff)


def alike(one: str, other: str) -> float:
    """The similarity of two names, from 0 to 1."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one, other).ratio()


def within(one: str, other: str, most: int) -> bool:
    """Whether at most so many insertions, deletions and replacements of letters (Levenshtein) lie between two names."""
    return slips(one, other, most) is not None


def slips(one: str, other: str, most: int, *, swaps: bool = False) -> int | None:
    """The distance of two names, if it is not more than `most`; with `swaps`, neighbours that changed places are one slip."""
    # Lengths first, then the letters in use, of which an edit changes two: names are mostly compared with names unlike them.
    if abs(len(one) - len(other)) > most or len({*one} ^ {*other}) > 2 * most:
        return None
    found = distance(one, other, most, swaps=swaps)
    return found if found <= most else None


def distance(one: Sequence[object], other: Sequence[object], most: int | None = None, *, swaps: bool = False) -> int:
    """The Levenshtein distance of two texts; something above `most` where it is more than that."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        following = [i]
        for j, right in enumerate(other, 1):
            cost = min(row[j] + 1, following[-1] + 1, row[j - 1] + (left != right))
            if swaps and i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if most is not None and min(following) > most:
            return most + 1
        before, row = row, following
    return row[-1]
