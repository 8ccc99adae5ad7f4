"""Comments that take findings away, and what is wrong with such comments."""

from __future__ import annotations

import pytest

from hslint.finding import Finding
from hslint.fixes import apply
from hslint.problem import Effect, PlacedProblem, Rule
from hslint.source import SourceFile
from hslint.suppression import suppress

RULE = Rule("secret-inline", "access", Effect.INSECURE, "", lambda host: iter(()))
KNOWN = frozenset(("secret-inline", "server-url-unset", "access"))


def outcome(text: str, *marks: str) -> list[str]:
    """The rules and messages that are left of findings at the given words of a file."""
    file = SourceFile("/p/a.nix", text.encode())
    findings = [_at(file, mark) for mark in marks]
    return [f"{f.rule.name}: {f.problem.message}" for f in suppress(findings, [file], {"secret-inline"}, KNOWN)]


def _at(file: SourceFile, word: str) -> Finding:
    start = file.text.index(word.encode())
    return Finding(RULE, PlacedProblem("found", file.span(start, start + len(word))), ("host",))


def test_a_comment_at_the_end_of_the_line_speaks_of_that_line() -> None:
    """The finding on the line goes, the one on the next line stays."""
    text = "{\n  a = 1; # hslint: ignore[secret-inline] -- known\n  b = 2;\n}\n"
    assert outcome(text, "a = 1") == []
    assert outcome(text, "a = 1", "b = 2") == ["secret-inline: found"]


def test_a_comment_of_its_own_speaks_of_the_next_code() -> None:
    """Other comments and blank lines may stand in between."""
    text = "{\n  # hslint: ignore[secret-inline] -- known\n  # more words\n\n  a = 1;\n}\n"
    assert outcome(text, "a = 1") == []


def test_a_comment_may_speak_of_the_whole_file() -> None:
    """ignore-file takes every finding of the rule in the file."""
    text = "# hslint: ignore-file[secret-inline] -- a test\n{\n  a = 1;\n  b = 2;\n}\n"
    assert outcome(text, "a = 1", "b = 2") == []


def test_a_subject_stands_for_its_rules() -> None:
    """`access` is where secret-inline belongs."""
    assert outcome("{ a = 1; } # hslint: ignore[access] -- known\n", "a = 1") == []


def test_a_reason_is_required() -> None:
    """Without one the comment does nothing but be reported."""
    assert outcome("{ a = 1; } # hslint: ignore[secret-inline]\n", "a = 1") == [
        "secret-inline: found",
        "malformed-suppression: the suppression gives no reason; write '-- why' behind it",
    ]


def test_a_comment_without_effect_is_reported_when_the_rule_was_run() -> None:
    """server-url-unset was not run, so nothing is said of it."""
    text = "{ a = 1; } # hslint: ignore[secret-inline, server-url-unset] -- known\n"
    assert outcome(text) == ["unused-suppression: secret-inline reports nothing here; the suppression is not needed"]


def test_a_rule_that_does_not_exist_is_named_with_the_nearest_one() -> None:
    """A typo keeps the finding alive, so it is said."""
    assert outcome("{ a = 1; } # hslint: ignore[secret-inlin] -- known\n", "a = 1") == [
        "secret-inline: found",
        "unknown-suppression: there is no rule secret-inlin; did you mean secret-inline?",
    ]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("{\n  # hslint: ignore[secret-inline] -- x\n  a = 1;\n}\n", "{\n  a = 1;\n}\n"),
        ("{\n  a = 1; # hslint: ignore[secret-inline] -- x\n}\n", "{\n  a = 1;\n}\n"),
        ("{\r\n  # hslint: ignore[secret-inline] -- x\r\n  a = 1;\r\n}\r\n", "{\r\n  a = 1;\r\n}\r\n"),
        ("{\r\n  a = 1; # hslint: ignore[secret-inline] -- x\r\n}\r\n", "{\r\n  a = 1;\r\n}\r\n"),
        ("{\n  ## hslint: ignore[secret-inline] -- x  \n  a = 1;\n}\n", "{\n  a = 1;\n}\n"),
        ("{\n  /* hslint: ignore[secret-inline] -- x */ a = 1;\n}\n", "{\n  a = 1;\n}\n"),
        ("{ a = 1; }\n# hslint: ignore-file[secret-inline] -- x", "{ a = 1; }\n"),
        ("{\n  a = 1; /* hslint: ignore[secret-inline] -- x */\n}\n", "{\n  a = 1;\n}\n"),
        (
            "{ a = 1; } # hslint: ignore[secret-inline, server-url-unset] -- x\n",
            "{ a = 1; } # hslint: ignore[server-url-unset] -- x\n",
        ),
    ],
)
def test_the_fix_takes_the_comment_away_and_nothing_else(text: str, fixed: str) -> None:
    """A comment of its own takes its line along; one name of several leaves the others."""
    file = SourceFile("/p/a.nix", text.encode())
    (finding,) = suppress([], [file], {"secret-inline"}, KNOWN)
    assert finding.problem.fix is not None
    assert apply([finding.problem.fix])["/p/a.nix"].decode() == fixed


@pytest.mark.parametrize(
    "text",
    [
        '{ a = 1; b = "# hslint: ignore[secret-inline] -- known"; }\n',
        "{\n  b = ''\n    # hslint: ignore[secret-inline] -- known\n  ''; a = 1;\n}\n",
        "{\n  # hslint: ignore[secret-inline] -- known\n  b = 2;\n  a = 1;\n}\n",
        "{\n  # see hslint: ignore[secret-inline] -- known\n  a = 1;\n}\n",
    ],
)
def test_what_only_looks_like_a_suppression_is_none(text: str) -> None:
    """In strings, on another line, and behind other words."""
    assert outcome(text, "a = 1")[-1] == "secret-inline: found"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('{\n  a = [\n    "x"\n    "y" # hslint: ignore[secret-inline] -- known\n  ];\n}\n', '"y"'),
        ('{\n  a = [\n    "x"\n    # hslint: ignore[secret-inline] -- known\n    "y"\n  ];\n}\n', '"y"'),
        (
            '{\n  a = [ # hslint: ignore[secret-inline] -- known\n    "y"\n  ];\n}\n',
            '[ # hslint: ignore[secret-inline] -- known\n    "y"\n  ]',
        ),
        ("{ /* hslint: ignore[secret-inline] -- known */ a = 1; }\n", "a = 1"),
        ('{ b = "${c /* hslint: ignore[secret-inline] -- known */}"; a = 1; }\n', "a = 1"),
        ("{\r\n  # hslint: ignore[secret-inline] -- known\r\n  a = 1;\r\n}\r\n", "a = 1"),
        (
            "{\n  # hslint: ignore[server-url-unset] -- one\n  # hslint: ignore[secret-inline] -- another\n  a = 1;\n}\n",
            "a = 1",
        ),
        ("#hslint:ignore[ secret-inline ,server-url-unset ]--known\n{ a = 1; }\n", "a = 1"),
    ],
)
def test_a_suppression_may_stand_in_odd_places(text: str, mark: str) -> None:
    """In the middle of a list, in a block comment, between carriage returns, above another one."""
    assert outcome(text, mark) == []


def test_two_findings_on_one_line_need_two_names() -> None:
    """One comment takes only what it names."""
    other = Rule("server-url-unset", "network", Effect.FAILS, "", lambda host: iter(()))
    file = SourceFile("/p/a.nix", b"{ a = 1; b = 2; } # hslint: ignore[secret-inline] -- known\n")
    findings = [_at(file, "a = 1"), Finding(other, _at(file, "b = 2").problem, ("host",))]
    left = suppress(findings, [file], {"secret-inline", "server-url-unset"}, KNOWN)
    assert [finding.rule.name for finding in left] == ["server-url-unset"]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("{ a = 1; } # hslint: ignore[secret-inlin] -- x\n", "{ a = 1; } # hslint: ignore[secret-inline] -- x\n"),
        ("{ a = 1; } # hslint: ignore[nonsense] -- x\n", "{ a = 1; }\n"),
        ("{ a = 1; } # hslint: ignore[nonsense, access] -- x\n", "{ a = 1; } # hslint: ignore[access] -- x\n"),
        ("{ a = 1; } # hslint: ignore[access, nonsense] -- x\r\n", "{ a = 1; } # hslint: ignore[access] -- x\r\n"),
    ],
)
def test_the_fix_of_an_unknown_name_writes_the_nearest_or_removes_it(text: str, fixed: str) -> None:
    """Safely: it concerns no more than the comment."""
    file = SourceFile("/p/a.nix", text.encode())
    (finding,) = (f for f in suppress([], [file], (), KNOWN) if f.rule.name == "unknown-suppression")
    assert finding.problem.fix is not None and finding.problem.fix.safe
    assert apply([finding.problem.fix])["/p/a.nix"].decode() == fixed
