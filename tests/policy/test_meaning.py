"""What each release of Headscale makes of a policy: real verdicts, where a file has some, and the places of what is wrong."""

from __future__ import annotations

import json

import pytest
from policy_checks import ENOUGH, disagreements
from sources import source

from hslint.catalogue.release import RELEASES, Release
from hslint.policy.complaint import Matter, Outcome
from hslint.policy.hujson import parse
from hslint.policy.meaning import Default, Meaning
from hslint.policy.reading import read_document
from hslint.source import SourceFile

OLD, ENGINE_2, STRICT, TAGS, NEWEST = (next(r for r in RELEASES if r.minor == minor) for minor in (25, 26, 27, 28, 29))


def read(text: str, release: Release = NEWEST) -> Meaning:
    return read_document(parse(SourceFile("/policy.hujson", text.encode())), release)


def refusals(text: str, release: Release = NEWEST) -> list[tuple[Matter, str]]:
    """What the release does not start with, and where."""
    return [
        (each.matter, each.at.text if each.at else "")
        for each in read(text, release).complaints
        if each.outcome in (Outcome.REFUSED, Outcome.REFUSED_MAKING)
    ]


def test_verdicts_of_real_headscale_are_ours() -> None:
    cases = json.loads(source("HSLINT_POLICY_CASES").read_text(encoding="utf-8"))
    wrong = list(disagreements(cases))
    assert len(wrong) <= (1 - ENOUGH) * len(cases), wrong


@pytest.mark.parametrize(
    ("text", "release", "default"),
    [
        ("", OLD, Default.ALLOW_ALL),
        ("{}", ENGINE_2, Default.DENY_ALL),
        ("{}", STRICT, Default.ALLOW_ALL),
        ('{"acls": null}', NEWEST, Default.ALLOW_ALL),
        ('{"acls": []}', NEWEST, Default.DENY_ALL),
        ('{"grants": []}', NEWEST, Default.DENY_ALL),
        ('{"groups": {"group:a": []}}', OLD, Default.DENY_ALL),
        ('{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}', NEWEST, None),
    ],
)
def test_an_empty_policy_allows_everything_or_nothing(text: str, release: Release, default: Default | None) -> None:
    meaning = read(text, release)
    assert not meaning.refused
    assert meaning.default is default


def test_a_policy_without_anything_is_refused_by_the_first_engine() -> None:
    assert [matter for matter, _ in refusals("{}", OLD)] == [Matter.EMPTY]


def test_unknown_fields_are_ignored_until_026() -> None:
    text = '{"postures": {}, "acls": [], "hosts": {"a": "10.0.0.1"}}'
    assert [each.outcome for each in read(text, ENGINE_2).complaints] == [Outcome.IGNORED]
    assert refusals(text, STRICT) == [(Matter.FIELD, '"postures"')]


def test_dashes_and_underscores_in_names_do_not_count_from_027_on() -> None:
    text = '{"tag_owners": {"tag:a": ["alice@"]}, "acls": [{"action": "accept", "src": ["tag:a"], "dst": ["tag:a:*"]}]}'
    assert refusals(text, STRICT) == []
    assert refusals(text, ENGINE_2) == [(Matter.UNDEFINED, '"tag:a"'), (Matter.UNDEFINED, '"tag:a:*"')]


def test_white_space_around_a_selector_counts_until_028() -> None:
    text = '{"tagOwners": {"tag:a": []}, "acls": [{"action": "accept", "src": ["tag:a "], "dst": ["*:*"]}]}'
    assert refusals(text, NEWEST) == []
    assert refusals(text, TAGS) == [(Matter.UNDEFINED, '"tag:a "')]


def test_what_is_not_known_is_not_called_wrong() -> None:
    text = '{"groups": \U0010fffe, "acls": [{"action": "accept", "src": ["group:a"], "dst": ["*:*"]}]}'
    assert refusals(text) == []


def test_only_the_first_mistake_of_syntax_is_reported() -> None:
    assert refusals('{"acls": [ "a" "b" 01 ]') == [(Matter.SYNTAX, "")]


def test_a_cycle_of_tags_is_reported_once_for_each_tag() -> None:
    text = '{"tagOwners": {"tag:a": ["tag:b"], "tag:b": ["tag:a", "alice@"], "tag:c": ["tag:a"]}}'
    assert refusals(text, TAGS) == [(Matter.TAG, '"tag:b"'), (Matter.TAG, '"tag:a"')]
    assert refusals(text, NEWEST) == []
