"""Places: bytes inside, lines and columns outside, whatever the text holds; and files that are read only below the root."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hslint.source import Encoding, EntryKind, Position, Project, SourceFile, Span, Unreadable

CHARACTERS = st.sampled_from(["a", "ß", "ℝ", "💣", "\n", "\r", "\r\n", "\t", "e\u0301"])
TEXTS = st.lists(CHARACTERS, max_size=40).map("".join)
BYTES = st.one_of(TEXTS.map(str.encode), st.binary(max_size=40))
ENCODINGS = st.sampled_from(list(Encoding))


def source(text: str | bytes) -> SourceFile:
    return SourceFile("/project/a.nix", text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("encoding", "column"), [(Encoding.UTF8, 9), (Encoding.UTF16, 4), (Encoding.UTF32, 3)], ids=str
)
def test_columns_count_what_the_encoding_counts(encoding: Encoding, column: int) -> None:
    """Before the x stand ß, ℝ and 💣: nine bytes, four UTF-16 units, three characters."""
    file = source("\nßℝ💣x")
    assert file.position(10, encoding) == Position(1, column)
    assert file.offset(Position(1, column), encoding) == 10


@given(BYTES, ENCODINGS)
def test_every_place_at_a_character_survives_the_round_trip(text: bytes, encoding: Encoding) -> None:
    """Offset to position to offset is where it began, or the start of the character or line ending it lies in."""
    file = source(text)
    for offset in range(len(text) + 1):
        back = file.offset(file.position(offset, encoding), encoding)
        assert back <= offset
        assert file.position(back, encoding) == file.position(offset, encoding)


@given(TEXTS, ENCODINGS)
def test_positions_only_grow_along_the_text(text: str, encoding: Encoding) -> None:
    """A later byte never lies before an earlier one."""
    file = source(text)
    positions = [file.position(offset, encoding) for offset in range(len(file.text) + 1)]
    assert positions == sorted(positions)


@given(TEXTS)
def test_lines_are_those_of_the_text(text: str) -> None:
    """LF, CRLF and a lone CR each end one line, and the lines hold no ending."""
    file = source(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [file.line(number) for number in range(file.line_count)] == lines


@given(BYTES, st.integers(-2, 60), st.integers(-2, 60), ENCODINGS)
def test_any_position_has_an_offset_inside_the_file(text: bytes, line: int, column: int, encoding: Encoding) -> None:
    """Editors send places that are long gone; they are clipped, never an error."""
    assert 0 <= source(text).offset(Position(line, column), encoding) <= len(text)


def test_a_column_behind_a_line_is_its_end() -> None:
    """Before the line ending, whichever that is."""
    file = source("ab\r\ncd\ref")
    assert file.offset(Position(0, 99)) == 2
    assert file.offset(Position(1, 99)) == 6
    assert file.offset(Position(2, 99)) == 9
    assert file.offset(Position(9, 0)) == 9


def test_an_offset_inside_a_character_counts_as_its_start() -> None:
    """The second byte of ß is still column 1, and half a surrogate pair still the bomb."""
    file = source("aß💣")
    assert file.position(2) == Position(0, 1)
    assert file.offset(Position(0, 3), Encoding.UTF16) == 3


def test_bytes_that_are_not_utf8_count_one_column_each() -> None:
    """An editor's view of such a file shows a replacement for each."""
    assert source(b"\xff\xfea").position(2) == Position(0, 2)


def test_spans_know_their_text_and_what_they_hold() -> None:
    """Half-open, and joined from the start of one to the end of the other."""
    file = source("let x = 1; in x")
    name, value = file.span(4, 5), file.span(8, 9)
    assert (name.text, value.text, name.to(value).text) == ("x", "1", "x = 1")
    assert name.to(value).contains(value)
    assert not value.contains(name)
    assert not Span(SourceFile("/project/b.nix", file.text), 0, 15).contains(name)


def test_a_file_is_read_once(tmp_path: Path) -> None:
    """What changes on disk during a run does not make two halves of a finding disagree."""
    path = tmp_path / "a.nix"
    path.write_text("1")
    project = Project(str(tmp_path))
    first = project.read(str(path))
    path.write_text("2")
    assert project.read(str(path)) is first
    assert isinstance(first, SourceFile) and first.text == b"1"


def test_an_editors_buffer_stands_before_the_disk(tmp_path: Path) -> None:
    """Also where the disk has no such file, and in the listing of its directory."""
    new = str(tmp_path.resolve() / "new.nix")
    project = Project(str(tmp_path), {new: b"{ }"})
    read = project.read(new)
    assert isinstance(read, SourceFile) and read.text == b"{ }"
    assert project.exists(new)
    assert project.entries(str(tmp_path.resolve())) == {"new.nix": EntryKind.REGULAR}


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    """Neither by its path nor through a link that leads out."""
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.nix").write_text("1")
    (root / "link.nix").symlink_to(tmp_path / "secret.nix")
    project = Project(str(root))
    assert project.read(str(tmp_path / "secret.nix")) is Unreadable.OUTSIDE
    assert project.read(str(root / "link.nix")) is Unreadable.OUTSIDE
    assert project.read(str(root / ".." / "secret.nix")) is Unreadable.OUTSIDE
    assert project.entries(str(tmp_path)) is Unreadable.OUTSIDE
    assert project.exists(str(tmp_path / "secret.nix")) is None


def test_a_sibling_whose_name_begins_like_the_root_is_outside(tmp_path: Path) -> None:
    """`/srv/conf-old` is not below `/srv/conf`."""
    for name in ("conf", "conf-old"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf-old" / "a.nix").write_text("1")
    assert Project(str(tmp_path / "conf")).read(str(tmp_path / "conf-old" / "a.nix")) is Unreadable.OUTSIDE


def test_links_inside_the_root_are_followed(tmp_path: Path) -> None:
    """People link host directories to each other."""
    (tmp_path / "a.nix").write_text("1")
    (tmp_path / "b.nix").symlink_to("a.nix")
    read = Project(str(tmp_path)).read(str(tmp_path / "b.nix"))
    assert isinstance(read, SourceFile) and read.text == b"1"


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    """Missing, a directory, below a file, a pipe: no exception, no waiting."""
    (tmp_path / "a.nix").write_text("1")
    os.mkfifo(tmp_path / "pipe.nix")
    project = Project(str(tmp_path))
    assert project.read(str(tmp_path / "no.nix")) is Unreadable.MISSING
    assert project.read(str(tmp_path)) is Unreadable.DIRECTORY
    assert project.read(str(tmp_path / "a.nix" / "b.nix")) is Unreadable.MISSING
    assert project.read(str(tmp_path / "a\0b.nix")) is Unreadable.MISSING
    assert project.read(str(tmp_path / "pipe.nix")) is Unreadable.DENIED


def test_entries_come_in_order_with_their_kinds(tmp_path: Path) -> None:
    """As `builtins.readDir` gives them: a link is a link, wherever it leads."""
    (tmp_path / "b").mkdir()
    (tmp_path / "a.nix").write_text("1")
    (tmp_path / "c").symlink_to("b")
    assert Project(str(tmp_path)).entries(str(tmp_path)) == {
        "a.nix": EntryKind.REGULAR,
        "b": EntryKind.DIRECTORY,
        "c": EntryKind.SYMLINK,
    }
    assert list(Project(str(tmp_path)).entries(str(tmp_path))) == ["a.nix", "b", "c"]  # type: ignore[arg-type]


def test_paths_are_shown_relative_to_the_root(tmp_path: Path) -> None:
    """And as they are outside of it."""
    project = Project(str(tmp_path))
    assert project.relative(str(tmp_path.resolve() / "hosts" / "a.nix")) == "hosts/a.nix"
    assert project.relative("/elsewhere/a.nix") == "/elsewhere/a.nix"
