"""What somebody most likely meant: the nearest of the names that there are."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """None where nothing is near."""
    # Late: hardly any run meets a misspelt name.
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), 1)), None)
