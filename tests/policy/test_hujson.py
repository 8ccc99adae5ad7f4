"""HuJSON: what is valid, where everything stands, and what becomes of text that is half typed or no text at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hslint.policy.hujson import HOLE, Document, parse, parse_text
from hslint.policy.tree import Array, Boolean, Null, Number, Object, Text, Untold, every
from hslint.source import SourceFile, Span


def read(text: str | bytes) -> Document:
    return parse(SourceFile("/policy.hujson", text.encode() if isinstance(text, str) else text))


def mistakes(text: str) -> list[tuple[str, str]]:
    """What is wrong, and the text at the place."""
    return [(each.message, each.span.text if each.span else "") for each in read(text).mistakes]


def test_every_node_knows_its_bytes() -> None:
    text = '// ü\n{ "a": [1, true, null, "ü"], }\n'
    (member,) = _object(read(text)).members
    assert member.span is not None and member.span.text == '"a": [1, true, null, "ü"]'
    assert isinstance(member.value, Array)
    assert [item.span.text for item in member.value.items if item.span] == ["1", "true", "null", '"ü"']
    kinds = [type(item) for item in member.value.items]
    assert kinds == [Number, Boolean, Null, Text]


def _object(document: Document) -> Object:
    assert not document.mistakes
    assert isinstance(document.root, Object)
    return document.root


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "null",
        '"x"',
        "-1.5e3",
        "{/**/}",
        "[1,]",
        '{"a":1,}',
        "\t{}\r\n// end\n",
        '{"a":"\\u00e4\\n"}',
        '["\\/"]',
    ],
)
def test_comments_and_trailing_commas_are_valid(text: str) -> None:
    assert read(text).mistakes == ()


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("  \n", "there is no value in it", ""),
        ('{"a":1} // end', "the last line is a comment without a line ending", "// end"),
        ('{"a" 1}', '":" is missing after "a"', ""),
        ('{"a":}', '"a" has no value', ""),
        ('["a" "b"]', '"," is missing', ""),
        ('["a",,]', "a value is missing before ','", ","),
        ("[,]", "a value is missing before ','", ","),
        ("{,}", "a member is missing before ','", ","),
        ("{a: 1}", "the name a must be in quotes", "a"),
        ("[tcp]", "tcp is no value: a text must be in quotes", "tcp"),
        ("[01]", "01 is no value: a text must be in quotes", "01"),
        ('["a]', "a string is not closed", '"a'),
        ('["\\x"]', "a string has an escape that JSON does not know", '"\\x"'),
        ('["a\tb"]', "a string has a control character in it, which must be escaped", '"a\tb"'),
        ("{} {}", "something follows the policy", "{}"),
        ('{"a": [1}', '"]" is missing before "}"', "}"),
        ("{ /* x", "a comment is not closed", "/*"),
        ("acls:\n  - action: accept\n", "it is YAML", "acls:"),
        ("---\nacls: []\n", "it is YAML", "---"),
        ('{"a": [', "the text ends inside []", "["),
    ],
)
def test_the_first_mistake_is_reported_where_it_is(text: str, message: str, place: str) -> None:
    assert mistakes(text)[0] == (message, place)


def test_what_is_missing_can_be_written() -> None:
    (mistake,) = read('["a" "b"]').mistakes
    assert mistake.insert == ","
    assert mistake.insert_at is not None
    assert (mistake.insert_at.start, mistake.insert_at.end) == (4, 4)


def test_half_typed_text_keeps_what_is_there() -> None:
    root = read('{"groups": {"group:a": ["alice@"]}, "acls": [{"action": "accept", "src": ["gro').root
    assert isinstance(root, Object) and not root.complete
    assert [member.name.value for member in root.members] == ["groups", "acls"]
    rule = next(node for node in every(root) if isinstance(node, Object) and node.members[0].name.value == "action")
    assert [member.name.value for member in rule.members] == ["action", "src"]


def test_a_missing_value_keeps_its_name() -> None:
    root = read('{"a": , "b": 2}').root
    assert isinstance(root, Object)
    assert [(m.name.value, type(m.value)) for m in root.members] == [("a", Untold), ("b", Number)]


def test_holes_are_unknown_parts() -> None:
    text = f'{{"a": {HOLE}, "b": ["x", "{HOLE}@"], {HOLE}}}'.encode()
    document = parse_text(text, lambda start, end: None)
    assert document.mistakes == ()
    root = document.root
    assert isinstance(root, Object) and not root.complete
    assert isinstance(root.members[0].value, Untold)
    listed = root.members[1].value
    assert isinstance(listed, Array) and [type(item) for item in listed.items] == [Text, Untold]


def test_text_that_is_no_unicode_is_noticed() -> None:
    assert read(b'["\xff"]').invalid_text is not None
    assert read(b'["\\ud800"]').invalid_text is not None
    assert read(b'["\\ud83d\\ude00"]').invalid_text is None


PIECES = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", '"a"', '"', "1", "null", "//", "/*", "*/", "\n", " ", "#", "\\", "a", "-", HOLE, "ü"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_anything_gives_a_tree_whose_places_lie_in_the_text(text: str) -> None:
    document = read(text)
    spans: list[Span | None] = [node.span for node in every(document.root)]
    spans += [mistake.span for mistake in document.mistakes]
    assert all(span is None or 0 <= span.start <= span.end <= len(text.encode()) for span in spans)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_tree(text: bytes) -> None:
    read(text)


def test_deep_nesting_ends() -> None:
    assert "it nests too deeply" in [each.message for each in read("[" * 5000).mistakes]
