"""Whose a domain name is, by the Public Suffix List."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

import hslint.hosts.network
from hslint.hosts.network import Suffix, public_suffix

STORED = Path(hslint.hosts.network.__file__).with_name("public_suffixes.json")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("com", Suffix.REGISTRY),
        ("co.uk", Suffix.REGISTRY),
        ("Co.UK.", Suffix.REGISTRY),
        ("za", Suffix.REGISTRY),  # no rule of its own: only `co.za` and others below it
        ("рф", Suffix.REGISTRY),
        ("xn--p1ai", Suffix.REGISTRY),
        ("duckdns.org", Suffix.PROVIDER),
        ("dedyn.io", Suffix.PROVIDER),
        ("synology.me", Suffix.PROVIDER),
        ("trycloudflare.com", Suffix.PROVIDER),
    ],
)
def test_a_name_below_which_others_have_names_is_a_suffix(name: str, suffix: Suffix) -> None:
    """Registries' and providers', in any spelling that DNS takes for the same."""
    assert public_suffix(name) is suffix


@pytest.mark.parametrize(
    "name", ["example.com", "mine.duckdns.org", "tailnet", "tail.internal", "home.arpa", "", "a..b"]
)
def test_a_name_of_ones_own_is_none(name: str) -> None:
    """Neither what may be registered, nor what only a home network has, nor what is no name."""
    assert public_suffix(name) is None


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("ck", Suffix.REGISTRY),
        ("anything.ck", Suffix.REGISTRY),  # *.ck
        ("mine.anything.ck", None),
        ("www.ck", None),  # !www.ck
        ("nom.br", Suffix.REGISTRY),  # *.nom.br
        ("x.kawasaki.jp", Suffix.REGISTRY),
        ("city.kawasaki.jp", None),
        ("x.compute.amazonaws.com", Suffix.PROVIDER),
    ],
)
def test_wildcards_and_exceptions_count(name: str, suffix: Suffix | None) -> None:
    """`*.ck` makes every name directly below `ck` a suffix, and `!www.ck` takes one out again."""
    assert public_suffix(name) is suffix


def test_the_list_says_where_it_comes_from_and_of_when_it_is() -> None:
    """Its licence asks for the former; the latter says when to make it anew."""
    stored = json.loads(STORED.read_bytes())
    assert "publicsuffix.org" in stored["about"]
    assert "MPL-2.0" in stored["licence of the list"]
    assert date.fromisoformat(stored["date"]) > date(2025, 1, 1)


def test_the_list_is_complete_and_in_ascii() -> None:
    """Some ten thousand rules, each once, as DNS has them."""
    stored = json.loads(STORED.read_bytes())
    rules = [
        f"{name}.{above}"
        for section in Suffix
        for above, names in stored[section.value].items()
        for name in names.split()
    ]
    assert len(rules) > 9000
    assert all(re.fullmatch(r"!?(\*|[a-z0-9-]+)\.[a-z0-9.-]*", rule) for rule in rules)
    assert all(len({*names.split()}) == len(names.split()) for s in Suffix for names in stored[s.value].values())
