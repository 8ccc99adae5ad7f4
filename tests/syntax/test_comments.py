"""Comments, and what they tell hslint to leave out."""

import pytest

from hslint.source import SourceFile
from hslint.syntax.comments import Ignore, MalformedIgnore, comments, suppressions


def file(text: str) -> SourceFile:
    return SourceFile("/project/a.nix", text.encode())


def test_comments_are_found_outside_strings_only() -> None:
    """Both kinds, also between tokens, also in interpolations."""
    text = "# a\n{ x = \"# no ${/* b */ y} # no\"; /* c\n d */ z = ''\n# no\n''; } # e"
    assert [comment.span.text for comment in comments(file(text))] == ["# a", "/* b */", "/* c\n d */", "# e"]


def test_a_comment_knows_whether_code_stands_before_it() -> None:
    """And where the next code begins."""
    found = comments(file("# a\n# b\n{ } # c\n"))
    assert [(comment.first, comment.code_after) for comment in found] == [(True, 8), (True, 8), (False, 16)]


def test_comments_are_read_up_to_where_the_lexer_gives_up() -> None:
    """A broken file may still say what to leave out."""
    assert [comment.span.text for comment in comments(file("# a\n{ = ] # b\n ./x/ # c"))] == ["# a", "# b"]


def ignores(text: str) -> list[Ignore]:
    found = suppressions(file(text))
    assert all(isinstance(each, Ignore) for each in found)
    return [each for each in found if isinstance(each, Ignore)]


def test_an_ignore_beside_code_speaks_of_its_line() -> None:
    """With the names of rules, where they stand, and the reason."""
    (found,) = ignores("{\n  a = 1; # hslint: ignore[one-rule, other] -- it is meant\n}")
    assert [(name, span.text) for name, span in found.rules] == [("one-rule", "one-rule"), ("other", "other")]
    assert (found.line, found.reason) == (1, "it is meant")
    assert found.span.text == "hslint: ignore[one-rule, other] -- it is meant"


def test_an_ignore_on_a_line_of_its_own_speaks_of_the_next_code() -> None:
    """Over other comments and empty lines; of the first line of what follows."""
    (found,) = ignores("{\n  # hslint: ignore[a]\n  # why\n\n  a = {\n    b = 1;\n  };\n}")
    assert (found.line, found.reason) == (4, "")


def test_an_ignore_for_the_file_speaks_of_no_line() -> None:
    """Wherever it stands."""
    (found,) = ignores("{ } # hslint: ignore-file[a-b] -- generated")
    assert (found.line, found.reason) == (None, "generated")


@pytest.mark.parametrize(
    "comment",
    [
        "#hslint:ignore[a]",
        "## hslint: ignore[ a ]  ",
        "/* hslint: ignore[a] */",
        "# hslint : ignore [a]",
        "# hslint: ignore[a]\r",
    ],
)
def test_white_space_is_free(comment: str) -> None:
    """As people type it."""
    assert [[name for name, _ in found.rules] for found in ignores(f"{comment}\n1")] == [["a"]]


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# hslint: ignore", "expected '[' and the names of rules after 'ignore'"),
        ("# hslint: ignore a", "expected '[' and the names of rules after 'ignore'"),
        ("# hslint: ignore[a", "expected ']' after the names of rules"),
        ("# hslint: ignore[]", "expected the name of a rule"),
        ("# hslint: ignore[a,]", "expected the name of a rule"),
        ("# hslint: ignore[A b]", "'A b' is not the name of a rule"),
        ("# hslint: ignore[a] because", "expected '-- reason' or nothing after ']'"),
        ("# hslint: disable[a]", "expected 'ignore[…]' or 'ignore-file[…]' after 'hslint:', found 'disable'"),
        ("# hslint:", "expected 'ignore[…]' or 'ignore-file[…]' after 'hslint:', found nothing"),
    ],
)
def test_a_malformed_ignore_is_data_too(comment: str, message: str) -> None:
    """Whoever wrote it believes that something is left out."""
    assert [
        (type(found), found.message) for found in suppressions(file(comment)) if isinstance(found, MalformedIgnore)
    ] == [(MalformedIgnore, message)]


@pytest.mark.parametrize(
    "text",
    ["# see hslint: ignore[a] in the manual", '"# hslint: ignore[a]"', "# hslints: ignore[a]", "{ hslint = 1; }"],
)
def test_text_that_only_mentions_it_is_no_ignore(text: str) -> None:
    """The comment must begin with it."""
    assert suppressions(file(text)) == ()
