"""Statements that get other names: where they stand, with what is around them, or not at all."""

from itertools import product

import pytest

from hslint.edits import BindingRename, Edit, EditedSpans, rename_bindings
from hslint.fixes import apply
from hslint.problem import Fix
from hslint.source import SourceFile, Span

Names = tuple[str, ...]


def carried(
    text: str, *moves: tuple[str, str, str | None], whole: str | None = None, beside: tuple[str, str] | None = None
) -> str | None:
    """What becomes of a text whose statements (by how they begin) get from one option to another; None where nothing does."""
    file = SourceFile("/p/a.nix", text.encode())
    around = tuple(statement(file, start) for start in ("old = {", "settings.old = {", "top = {") if start in text)
    leaves = [
        BindingRename(tuple(old.split(".")), tuple(new.split(".")) if new else None, statement(file, start), around)
        for start, old, new in moves
    ]
    edits = rename_bindings(
        leaves,
        tuple(whole.split(".")) if whole else None,
        (tuple(beside[0].split(".")), beside[1]) if beside else None,
    )
    return apply([Fix("carry", edits)])["/p/a.nix"].decode() if edits else None


def statement(file: SourceFile, beginning: str) -> Span:
    """From the beginning to the semicolon that ends it."""
    start = file.text.index(beginning.encode())
    depth = 0
    for position in range(start, len(file.text)):
        character = file.text[position : position + 1]
        depth += (character in b"{[") - (character in b"}]")
        if character == b";" and depth == 0:
            return file.span(start, position + 1)
    raise AssertionError(beginning)


def test_a_statement_that_says_the_whole_name_gets_the_new_one() -> None:
    """What stands in front of the names that change stays as it is."""
    assert carried("{ top.old.a = 1; }", ("top.old.a", "top.old.a", "top.new.b.c")) == "{ top.new.b.c = 1; }"
    assert carried('{ top . "old".a = 1; }', ("top", "top.old.a", "top.a")) == "{ top.a = 1; }"


def test_names_that_are_no_identifiers_are_quoted() -> None:
    """Domains and key words."""
    assert carried("{ a = 1; }", ("a", "a", "b.in")) == '{ b."in" = 1; }'


def test_a_set_is_renamed_with_all_that_is_in_it() -> None:
    """What the new names have in common is said once, by the set."""
    text = "{ old = { # why\n  a = 1; # one\n  b = 2;\n}; }"
    moves = (("a = 1", "old.a", "new.x.a"), ("b = 2", "old.b", "new.x.c.d"))
    assert carried(text, *moves, whole="old") == "{ new.x = { # why\n  a = 1; # one\n  c.d = 2;\n}; }"


def test_a_set_of_which_more_is_written_keeps_its_name() -> None:
    """Renaming it would take the others along."""
    assert carried("{ old = { a = 1; b = 2; }; }", ("a = 1", "old.a", "new.a")) is None


def test_statements_of_a_set_that_go_different_ways_stay() -> None:
    """There is no name that the set could have."""
    moves = (("a = 1", "old.a", "one.a"), ("b = 2", "old.b", "two.b"))
    assert carried("{ old = { a = 1; b = 2; }; }", *moves, whole="old") is None


def test_what_has_no_new_name_goes_with_its_line() -> None:
    """And a set that nothing is left of goes as well."""
    text = "{\n  old = {\n    a = 1;\n    b = 2;\n  };\n  c = 3;\n}\n"
    one = (("a = 1", "old.a", None), ("b = 2", "old.b", "new.b"))
    assert carried(text, *one, whole="old") == "{\n  new = {\n    b = 2;\n  };\n  c = 3;\n}\n"
    none = (("a = 1", "old.a", None), ("b = 2", "old.b", None))
    assert carried(text, *none, whole="old") == "{\n  c = 3;\n}\n"


@pytest.mark.parametrize("text", ["{ inherit a; }", "{ ${x}.a = 1; }", '{ "${x}" = 1; a == 1; }'])
def test_names_that_are_not_written_out_are_left_alone(text: str) -> None:
    """They are names of something else too, or nobody can tell what they are."""
    file = SourceFile("/p/a.nix", text.encode())
    assert rename_bindings([BindingRename(("a",), ("b",), Span(file, 2, len(text) - 2))]) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{\n  a.b = 1; # one\n  c = 2;\n}\n", "{\n  a.b = 1; # one\n  a.d = true;\n  c = 2;\n}\n"),
        ("{ a.b = 1; c = 2; }", "{ a.b = 1; a.d = true; c = 2; }"),
    ],
)
def test_one_more_option_comes_after_a_statement(before: str, after: str) -> None:
    """On a line of its own where the other one has one, and not between a statement and its comment."""
    assert carried(before, ("a.b", "a.b", "a.b"), beside=("a.d", "true")) == after


def test_without_a_statement_in_the_same_set_nothing_is_added() -> None:
    """Then nothing is renamed either: both belong together."""
    assert carried("{ a.b = 1; }", ("a.b", "a.b", "a.c.b"), beside=("a.d", "true")) is None


def test_edits_are_chosen_until_they_overlap() -> None:
    """Every three places of a short text: the same choice as by comparing each with all before it."""
    file = SourceFile("/a.nix", b"abcd")
    places = [(start, end) for start in range(5) for end in range(start, 5)]
    for chosen in product(places, repeat=3):
        spans = EditedSpans()
        kept: list[tuple[int, int]] = []
        for start, end in chosen:
            clear = all((start, end) != other and not (start < other[1] and other[0] < end) for other in kept)
            assert spans.add([Edit(file.span(start, end), "")]) is clear, (chosen, kept)
            if clear:
                kept.append((start, end))


def test_a_fix_is_applied_whole_or_not_at_all() -> None:
    file = SourceFile("/a.nix", b"abcd")
    spans = EditedSpans()
    assert spans.add([Edit(file.span(0, 1), "")])
    assert not spans.add([Edit(file.span(2, 3), ""), Edit(file.span(0, 2), "")])
    assert not spans.add([Edit(file.span(2, 3), ""), Edit(file.span(2, 4), "")])
    assert spans.add([Edit(file.span(2, 3), "")])
