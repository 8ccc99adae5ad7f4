"""How Headscale reads durations, booleans, lists and permissions: what Go makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hslint.catalogue import go
from hslint.catalogue.go import DAY, HOUR, MILLISECOND, MINUTE, SECOND
from hslint.catalogue.reading import (
    duration_problem,
    file_mode,
    read_bool,
    read_duration,
    read_node_expiry,
    read_string,
    read_strings,
)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("30m", 30 * MINUTE),
        ("120s", 120 * SECOND),
        ("1h30m", HOUR + 30 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("800ms", 800 * MILLISECOND),
        (".5s", SECOND // 2),
        ("5.s", 5 * SECOND),
        ("-3s", -3 * SECOND),
        ("+3s", 3 * SECOND),
        ("10ns", 10),
        ("7us", 7_000),
        ("7µs", 7_000),
        ("2562047h47m16.854775807s", (1 << 63) - 1),
        ("1m1h", HOUR + MINUTE),
    ],
)
def test_durations_that_go_reads(text: str, nanoseconds: int) -> None:
    """time.ParseDuration: any order, any number of parts, fractions and a sign."""
    assert go.duration(text) == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "30", "1d", "2w", "5 m", " 5m", "5m ", "m", ".s", "-", "1h-1m", "1y", "9999999h", "1M", "٣s", "1..5s"]
)
def test_durations_that_go_does_not_read(text: str) -> None:
    """No days, no blanks, no bare numbers."""
    assert go.duration(text) is None


@pytest.mark.parametrize(
    ("value", "nanoseconds"),
    [
        ("30", 30),
        (30, 30),
        ("1d", 0),
        ("5 m", 0),
        ("", 0),
        ("24h", DAY),
        (None, 0),
        (True, 0),
        ("never", 0),
        ("-5", -5),
    ],
)
def test_what_viper_makes_of_a_duration(value: bool | int | str | None, nanoseconds: int) -> None:
    """A bare number is nanoseconds and what cannot be read is zero, both in silence."""
    assert read_duration(value) == nanoseconds


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("90d", 90 * DAY),
        ("1h30m", HOUR + 30 * MINUTE),
        ("1y", 365 * DAY),
        ("2w", 14 * DAY),
        ("5ms", 5 * MILLISECOND),
    ],
)
def test_durations_that_prometheus_reads(text: str, nanoseconds: int) -> None:
    """oidc.expiry until 0.28, node.expiry from 0.29."""
    assert go.prometheus_duration(text) == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "1.5h", "90", "never", "30m1h", "1d1d", "-1d", "1 d", "1us", "99999y", "٣d", "9" * 5_000 + "d"]
)
def test_durations_that_prometheus_does_not_read(text: str) -> None:
    """Whole numbers, units from large to small, each once."""
    assert go.prometheus_duration(text) is None


def test_node_expiry_takes_an_empty_text_for_never() -> None:
    """From 0.29 on; what cannot be read means never too, but with a warning."""
    assert read_node_expiry("") == 0
    assert read_node_expiry("0") == 0
    assert read_node_expiry(0) == 0
    assert read_node_expiry("180d") == 180 * DAY
    assert read_node_expiry("1.5h") is None


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "t", "T", "1"])
def test_texts_that_are_true(text: str) -> None:
    """strconv.ParseBool."""
    assert go.boolean(text) is True
    assert read_bool(text) is True


@pytest.mark.parametrize("text", ["yes", "on", "tRUE", "", " true", "enabled", "2"])
def test_texts_that_mean_true_to_people_and_false_to_headscale(text: str) -> None:
    """They become false in silence (viper.GetBool)."""
    assert go.boolean(text) is None
    assert read_bool(text) is False


def test_numbers_as_booleans() -> None:
    """Any integer but 0 is true; null is false."""
    assert read_bool(2)
    assert not read_bool(0)
    assert not read_bool(None)


@pytest.mark.parametrize(
    ("text", "mode"),
    [("0770", 0o770), ("770", 0o770), ("0o770", None), ("rwx", None), ("0888", None), ("", None), ("-7", None)],
)
def test_permissions_are_octal_digits_without_a_prefix(text: str, mode: int | None) -> None:
    """Anything else is 0700 in silence, Headscale's own default among it."""
    assert file_mode(text) == mode


def test_lists_and_texts() -> None:
    """A text where a list belongs is split at blanks only."""
    assert read_strings("openid profile") == ["openid", "profile"]
    assert read_strings("1.1.1.1,9.9.9.9") == ["1.1.1.1,9.9.9.9"]
    assert read_strings(["a", 1, True, None]) == ["a", "1", "true", ""]
    assert read_strings(None) == []
    assert read_string(8080) == "8080"
    assert read_string(1.0) == "1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("30", "no unit"),
        ("1d", "days"),
        ("7 days", "days"),
        ("5 m", "unreadable"),
        ("soon", "unreadable"),
        ("30m", None),
        ("0", None),
    ],
)
def test_why_a_duration_is_misread(text: str, problem: str | None) -> None:
    """So that a message can say what to write instead."""
    assert duration_problem(text) == problem


@given(st.text(max_size=40))
@pytest.mark.slow
def test_nothing_crashes_on_any_text(text: str) -> None:
    """Whatever stands in the file."""
    go.duration(text)
    go.prometheus_duration(text)
    go.boolean(text)
    file_mode(text)
    duration_problem(text)
    assert isinstance(read_duration(text), int)


@given(st.integers(min_value=0, max_value=10**6), st.sampled_from(["ms", "s", "m", "h"]))
def test_both_grammars_agree_where_they_overlap(count: int, unit: str) -> None:
    """A whole number with one unit means the same to Go and to Prometheus."""
    assert go.duration(f"{count}{unit}") == go.prometheus_duration(f"{count}{unit}")
