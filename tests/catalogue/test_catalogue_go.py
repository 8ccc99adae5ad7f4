"""Addresses as Go's url.Parse takes them."""

import pytest

from hslint.catalogue import go
from hslint.catalogue.reading import read_int


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://hs.example.com:8443/x?q=%zz#f", go.Url("https", "hs.example.com:8443", "/x")),
        ("HTTPS://[::1]:80", go.Url("https", "[::1]:80", "")),
        ("https://user:word@hs", go.Url("https", "hs", "")),
        ("dns.example.com", go.Url("", "", "dns.example.com")),
        ("1.1.1.1,9.9.9.9", go.Url("", "", "1.1.1.1,9.9.9.9")),
        ("mailto:somebody", go.Url("mailto", "", "")),
        ("//hs/x", go.Url("", "hs", "/x")),
        ("", go.Url("", "", "")),
    ],
)
def test_what_go_parses(text: str, parts: go.Url) -> None:
    """Much that is no address on the web passes."""
    assert go.url(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "https://h:abc",
        "https://a b",
        "https://[::1",
        "https://%41",
        "%zz",
        "a#%zz",
        ":x",
        "1.1.1.1:53",
        "[::1]:53",
        "a\x7f",
    ],
)
def test_what_go_does_not_parse(text: str) -> None:
    """Ports, escapes, blanks in a host, and a colon before the first slash."""
    assert go.url(text) is None


@pytest.mark.parametrize(
    "text", ["10.0.0.0", "10.0.0.0/08", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "fe80::%e/64", "/8", ""]
)
def test_what_is_no_range_for_go(text: str) -> None:
    """netip.ParsePrefix is stricter than Python."""
    assert go.prefix(text) is None


def test_a_range_keeps_the_bits_behind_its_length() -> None:
    """Headscale drops them later."""
    found = go.prefix("100.64.0.5/10")
    assert found is not None
    assert (str(found.ip), str(found.network)) == ("100.64.0.5", "100.64.0.0/10")


@pytest.mark.parametrize(
    ("value", "read"),
    [(True, 1), (1.9, 1), ("10", 10), ("010", 8), ("0x10", 16), ("10.0", 10), ("ten", 0), ([1], 0), (None, 0)],
)
def test_a_number_is_what_go_reads_for_any_base(value: object, read: int) -> None:
    """A leading zero makes it octal."""
    assert read_int(value) == read  # type: ignore[arg-type]
