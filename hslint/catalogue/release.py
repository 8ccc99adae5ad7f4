"""Headscale's releases: their order, and which of them hslint knows."""

from __future__ import annotations

from typing import NamedTuple

#: The patch of what stood on the main branch before a series had any release: `0.30-dev`.
_UNFINISHED = -1

#: The commit of main that was read as the preview, and its day.
_MAIN, _MAIN_OF = "f20f1f127842c74dd5f6e10254307b65b1aee936", "2026-07-21"


class Release(NamedTuple):
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.series}-dev" if self.patch == _UNFINISHED else f"{self.series}.{self.patch}"

    @property
    def tag(self) -> str:
        """The tag, or the commit, of its source."""
        return _MAIN if self.patch == _UNFINISHED else f"v{self}"

    @property
    def as_of(self) -> str | None:
        """The day of the source that was read, where that was unfinished."""
        return _MAIN_OF if self.patch == _UNFINISHED else None

    @property
    def series(self) -> str:
        """`0.27` for every 0.27.x: messages speak of series, because settings hardly ever change within one."""
        return f"{self.major}.{self.minor}"

    def reaches(self, since: str) -> bool:
        """Whether it is of a series such as "0.26", or of a later one; also a release such as "0.29.4", where a patch changes something."""
        numbers = _numbers(since)
        return tuple(self)[: len(numbers)] >= numbers

    @property
    def example(self) -> str:
        """Address of the example configuration that this release ships."""
        return f"https://github.com/juanfont/headscale/blob/{self.tag}/config-example.yaml"


# Those whose settings were read in their source: hslint/catalogue/releases/ has a file for each. Usually one a series; a patch release
# that changes settings is one more, for itself and those after it.
RELEASES: tuple[Release, ...] = (
    Release(0, 22, 3),
    Release(0, 23, 0),
    Release(0, 24, 3),
    Release(0, 25, 1),
    Release(0, 26, 1),
    Release(0, 27, 1),
    Release(0, 28, 0),
    Release(0, 29, 2),
)
OLDEST = RELEASES[0]
NEWEST = RELEASES[-1]

#: The next series as it stood on main, for those who ask for it; nothing is ever taken for it.
PREVIEW = Release(0, 30, _UNFINISHED)


def _numbers(since: str) -> tuple[int, ...]:
    """A series such as "0.26", or a release, in a form that can be compared."""
    return tuple(int(number) for number in since.split("."))


def parse(text: str) -> Release | None:
    """`0.27`, `v0.29.2` or `0.29.0-beta.1` as numbers; a missing patch is 0. None if the text is no release."""
    number = text.strip().removeprefix("v").partition("+")[0].partition("-")[0]
    parts = number.split(".")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return None
    return Release(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else 0)


NO_SUCH_RELEASE = "hslint knows no such release of Headscale"
KNOWN_SERIES = f"known are {OLDEST.series} to {NEWEST.series}"
