"""Headscale's releases: their order, and which of them hslint knows."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from hslint.record import Record


class Release(NamedTuple):
    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def tag(self) -> str:
        return f"v{self}"

    @property
    def series(self) -> str:
        """`0.27` for every 0.27.x: messages speak of series, because settings change only between them."""
        return f"{self.major}.{self.minor}"

    def reaches(self, series: str) -> bool:
        """Whether it is of a series such as "0.26", or of a later one."""
        return (self.major, self.minor) >= _numbers(series)

    @property
    def example(self) -> str:
        """Address of the example configuration that this release ships."""
        return f"https://github.com/juanfont/headscale/blob/{self.tag}/config-example.yaml"


# One release a series, the last one known: hslint/catalogue/releases/ has a file for each.
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


def _numbers(series: str) -> tuple[int, int]:
    """A series such as "0.26" in a form that can be compared."""
    major, minor = series.split(".")
    return int(major), int(minor)


Standing: TypeAlias = Literal["known", "same series", "newer", "older"]


class Resolved(Record):
    """A release that a text names, and the release of the catalogue by which it is judged.

    One of a series that the catalogue lacks is refused where the user asks for it (`why_unknown`). Where the project pins it, the nearest
    one stands in, and reports say so.
    """

    asked: Release
    known: Release
    standing: Standing
    #: The release as it is written, without the `v` of tags: `0.29.0-beta.4`.
    text: str = ""

    @property
    def stands_in(self) -> bool:
        """Whether the known release is another one than the one named."""
        return self.standing != "known"

    @property
    def described(self) -> str:
        """For people: `0.29.7, judged as 0.29.2, the newest known of its series`."""
        if not self.stands_in:
            return str(self.known)
        which = {
            "same series": "the newest known of its series",
            "newer": "the newest known",
            "older": "the oldest known",
        }
        return f"{self.text}, judged as {self.known}, {which[self.standing]}"


def parse(text: str) -> Release | None:
    """`0.27`, `v0.29.2` or `0.29.0-beta.1` as numbers; a missing patch is 0. None if the text is no release."""
    number = text.strip().removeprefix("v").partition("+")[0].partition("-")[0]
    parts = number.split(".")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return None
    return Release(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else 0)


def resolve(text: str) -> Resolved | None:
    """The known release for a text: `0.27` is 0.27.1, because hslint knows one release of each series."""
    asked = parse(text)
    if asked is None:
        return None
    written = text.strip().removeprefix("v")
    for known in RELEASES:
        if (known.major, known.minor) == (asked.major, asked.minor):
            if text.count(".") == 1:
                return Resolved(known, known, "known", written)
            return Resolved(asked, known, "known" if asked == known else "same series", written)
    newer = asked > OLDEST
    return Resolved(asked, NEWEST if newer else OLDEST, "newer" if newer else "older", written)


def why_unknown(text: str) -> str | None:
    """Why a release cannot be asked for: it is of no series that the catalogue has. None where it is, and for what is no release."""
    resolved = resolve(text)
    if resolved is None or resolved.standing in ("known", "same series"):
        return None
    return f"{NO_SUCH_RELEASE}; the nearest is {resolved.known}, {KNOWN_SERIES}"


NO_SUCH_RELEASE = "hslint knows no such release of Headscale"
KNOWN_SERIES = f"known are {OLDEST.series} to {NEWEST.series}"
