"""All published releases of Headscale, and the resolution of texts to them.

The settings of one release a series were read in its source (`RELEASES`). The others are distinguished all the same: by their numbers, by
what is known to be wrong with them, and in what is said of them.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal, TypeAlias

from hslint.catalogue.data import stored
from hslint.catalogue.release import KNOWN_SERIES, NEWEST, NO_SUCH_RELEASE, OLDEST, PREVIEW, RELEASES, Release, parse
from hslint.record import Record

# tag: its source was at hand; release page, changelog: read there; announced: by a pull request; mentioned: others speak of it
Evidence: TypeAlias = Literal["tag", "release page", "changelog", "announced", "mentioned"]


class Published(Record):
    """A release that exists.

    between   the first and the last day on which it can have come out: the same day, where that is known
    evidence  what is known of it was taken from there: `source` is its address
    changes   what it brings, for those whose source was not read, in words of our own
    """

    release: Release
    between: tuple[date, date]
    evidence: Evidence
    source: str
    changes: tuple[str, ...]

    @property
    def dated(self) -> str:
        """`2026-07-29`, or `by 2026-09-25`."""
        first, last = self.between
        return str(last) if first == last else f"by {last}"


@cache
def all_published() -> tuple[Published, ...]:
    """All of them, oldest first."""
    found: list[Published] = []
    for text, entry in stored("published").items():
        release = parse(text)
        assert release is not None
        between = (date.fromisoformat(entry["from"]), date.fromisoformat(entry["until"]))
        found.append(Published(release, between, entry["evidence"], entry["source"], tuple(entry["changes"])))
    return tuple(found)


def published(release: Release) -> Published | None:
    return next((each for each in all_published() if each.release == release), None)


def newest_like(release: Release) -> Release:
    """The newest release that exists of the same series; of a series without any, as the preview's, the release itself."""
    return max((each.release for each in all_published() if each.release.series == release.series), default=release)


#: The newest release of all.
NEWEST_PUBLISHED = newest_like(NEWEST)


def patches_since(release: Release, day: date) -> tuple[Release, ...]:
    """A release, and those of its series that may have followed it by a day."""
    later = (each for each in all_published() if each.release.series == release.series and each.release > release)
    return (release, *(each.release for each in later if each.between[0] <= day))


def settings_of(release: Release) -> Release:
    """The release whose settings stand for those of another one of its series: the last one before it that was read, else the first.
    One of a series that was not read gets those of the nearest.
    """
    if release == PREVIEW:
        return PREVIEW
    series = [known for known in RELEASES if known.series == release.series]
    if not series:
        return NEWEST if release > OLDEST else OLDEST
    return next((known for known in reversed(series) if known <= release), series[0])


# preview: what is in the making, which only a user may ask for
Standing: TypeAlias = Literal["known", "same series", "newer", "older", "preview"]


class Resolved(Record):
    """A release that a text names, and the release of the catalogue by whose settings it is checked.

    One of a series that the catalogue lacks is refused where the user asks for it (`why_unknown`). Where the project pins it, the nearest
    one stands in, and reports say so.
    """

    asked: Release
    known: Release
    standing: Standing
    #: The release as it is written, without the `v` of tags: `0.29.0-beta.4`.
    text: str = ""
    #: Only the series was named; the newest of it stands for all.
    any_patch: bool = False

    @property
    def release(self) -> Release:
        """The release that is asked for; what is unfinished is none but itself."""
        return self.known if self.standing == "preview" else self.asked

    @property
    def stands_in(self) -> bool:
        """Whether reports have to say something of it: that the known release is another one, or unfinished."""
        return self.standing != "known"

    @property
    def exact(self) -> Release | None:
        """The release itself, where the text names one that exists; None for series, and for drafts such as `0.29.0-beta.4`."""
        return self.asked if self._exists and not self.any_patch else None

    @property
    def _exists(self) -> bool:
        is_draft = self.text not in (str(self.asked), self.asked.series)
        return not is_draft and (self.asked < OLDEST or published(self.asked) is not None)

    @property
    def described(self) -> str:
        """A text for messages: `0.29.8; settings as of 0.29.2, the last whose source was read`."""
        if self.standing == "known":
            return str(self.known)
        if self.standing == "preview":
            return f"{self.text}, unfinished: main as of {self.known.as_of}"
        if self.standing in ("newer", "older"):
            which = "newest" if self.standing == "newer" else "oldest"
            return f"{self.text}, checked as {self.known}, the {which} whose source was read"
        is_draft = self.text != str(self.asked)
        strange = "" if is_draft or self._exists else " (not a release that hslint knows of)"
        which = "the last whose source was read" if self.known < self.asked else "the one of its series that was read"
        return f"{self.text}{strange}; settings as of {self.known}, {which}"


def resolve(text: str, *, previews: bool = False) -> Resolved | None:
    """The release that a text names: `0.29` is the newest one of that series that exists. `previews` is whether it may be unfinished:
    nothing but a user's wish leads to such a one.
    """
    written = text.strip().removeprefix("v")
    if previews and written == str(PREVIEW):
        return Resolved(PREVIEW, PREVIEW, "preview", written)
    asked = parse(text)
    if asked is None:
        return None
    known = settings_of(asked)
    if known.series == asked.series:
        any_patch = text.count(".") == 1
        if any_patch:
            asked = newest_like(asked)
            known, written = settings_of(asked), str(asked)
        return Resolved(asked, known, "known" if written == str(known) else "same series", written, any_patch)
    return Resolved(asked, known, "newer" if asked > OLDEST else "older", written)


def why_unknown(text: str) -> str | None:
    """Why a release cannot be asked for: it is of no series that the catalogue has. None where it is, and for what is no release."""
    resolved = resolve(text, previews=True)
    if resolved is None or resolved.standing in ("known", "same series", "preview"):
        return None
    preview = (
        f"; {PREVIEW} is {PREVIEW.series} as it stood on {PREVIEW.as_of}"
        if resolved.asked.series == PREVIEW.series
        else ""
    )
    return f"{NO_SUCH_RELEASE}; the nearest is {newest_like(resolved.known)}, {KNOWN_SERIES}{preview}"
