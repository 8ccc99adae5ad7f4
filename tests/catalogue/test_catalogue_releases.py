"""Releases are ordered, and whatever a user calls one leads to a release that the catalogue knows."""

import pytest
from released import LATEST, READ

from hslint.catalogue import NEWEST, OLDEST, RELEASES, Release, resolve


def test_releases_are_in_order_and_there_is_one_a_series() -> None:
    """Rules compare releases with `<`; `0.9` is older than `0.22`."""
    assert list(RELEASES) == sorted(RELEASES)
    assert len({release.series for release in RELEASES}) == len(RELEASES)
    assert (RELEASES[0], RELEASES[-1]) == (OLDEST, NEWEST)
    assert Release(0, 9, 0) < OLDEST


@pytest.mark.parametrize(
    ("text", "asked", "known", "standing"),
    [
        ("0.27", "0.27.1", "0.27.1", "known"),
        (f"v{READ}", READ, READ, "known"),
        ("0.29", LATEST, READ, "same series"),
        (LATEST, LATEST, READ, "same series"),
        ("0.30-dev", "0.30.0", str(NEWEST), "newer"),
        ("0.27.0", "0.27.0", "0.27.1", "same series"),
        ("v0.29.0-beta.4", "0.29.0", READ, "same series"),
        ("0.30.0", "0.30.0", str(NEWEST), "newer"),
        ("1.0", "1.0.0", str(NEWEST), "newer"),
        ("0.16.4", "0.16.4", str(OLDEST), "older"),
    ],
)
def test_a_text_leads_to_the_release_it_is_checked_against(text: str, asked: str, known: str, standing: str) -> None:
    """A release newer than the data is checked against the newest one, and says so."""
    resolved = resolve(text)
    assert resolved is not None
    assert (str(resolved.asked), str(resolved.known), resolved.standing) == (asked, known, standing)


@pytest.mark.parametrize(
    "text", ["", "latest", "0", "v", "0.x", "0.27.", "0.27.1.2", "٠.٢٧", "nixos-25.11", "0.999999"]
)
def test_what_is_no_release_leads_to_none(text: str) -> None:
    """The caller says so in its own words."""
    assert resolve(text) is None


def test_a_release_knows_its_names() -> None:
    """Tag, series and the address of its example configuration."""
    release = Release(0, 26, 1)
    assert (str(release), release.tag, release.series) == ("0.26.1", "v0.26.1", "0.26")
    assert release.example == "https://github.com/juanfont/headscale/blob/v0.26.1/config-example.yaml"
