"""Where the comment goes that suppresses a finding."""

from __future__ import annotations

from hslint.finding import Finding
from hslint.lsp.convert import suppression
from hslint.problem import PlacedProblem
from hslint.source import SourceFile
from hslint.suppression import UNUSED


def test_a_suppression_does_not_become_part_of_a_string() -> None:
    """Inside one a comment would be text, so it goes to the top of the file and speaks of all of it."""
    inside = SourceFile("/p/a.nix", b"{\r\n  a = ''\r\n    text\r\n  '';\r\n}\r\n")
    before = SourceFile("/p/b.nix", b"{\r\n  a = 1;\r\n}\r\n")

    def edit(file: SourceFile, word: bytes) -> tuple[int, str]:
        at = file.text.index(word)
        problem = PlacedProblem("said", file.span(at, at + len(word)))
        (one,) = suppression(Finding(UNUSED, problem, ())).edits
        return one.span.start, one.replacement

    assert edit(inside, b"text") == (0, "# hslint: ignore-file[unused-suppression] -- reason\r\n")
    assert edit(before, b"a = 1") == (3, "  # hslint: ignore[unused-suppression] -- reason\r\n")
