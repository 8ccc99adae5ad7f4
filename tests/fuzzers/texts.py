"""Files of Nix with random damage: bytes and tokens changed, left out, repeated and moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fuzzers.choices import Choices

ROOT = Path(__file__).resolve().parents[2]

#: What is put in: where lexers and grammars are sensitive.
PIECES = (
    " ", "\n", "\r", "\r\n", "\t", "(", ")", "[", "]", "{", "}", "${", '"', "''", ";", "=", ".", "..", "...", ",", ":", "@", "?", "a", "or",
    "if a then b else c", "then", "else", "let", "in", "rec", "with", "assert", "inherit", "#", "/*", "*/", "/", "//", "./a", "<a>", "~/a",
    "a:b", "1", "1.5", ".5", "1e3", "-", "!", "+", "++", "->", "&&", "||", "==", "<", "\\", "'", "$", "$$", "''$", "''\\n", "'''", "\0", "\f",
    "é", "\u00a0", "\ufeff", "x: ", "{ a, b ? 1, ... }: ", "a@{ b }: ", "__curPos", "null", "9223372036854775808",
)  # fmt: skip


def _seeds() -> list[str]:
    places = (*ROOT.glob("tests/fixtures/**/*.nix"), *ROOT.glob("examples/**/*.nix"), *ROOT.glob("hslint/**/*.nix"))
    return [text for path in sorted(places) if len(text := path.read_text()) < 60_000]


SEEDS = _seeds()


def mutated(choices: Choices) -> str:
    """Some lines of a file, with one to four changes."""
    lines = choices.pick(SEEDS).splitlines(keepends=True)
    start = choices.below(len(lines))
    text = "".join(lines[start : start + 1 + choices.below(30)]) if choices.below(3) else "".join(lines[:80])
    for _ in range(1 + choices.below(4)):
        at = choices.below(len(text) + 1)
        size = 1 + choices.below(12)
        match choices.below(5):
            case 0:
                text = text[:at] + text[at + size :]
            case 1:
                text = text[:at] + choices.pick(PIECES) + text[at:]
            case 2:
                text = text[:at] + choices.pick(PIECES) + text[at + size :]
            case 3:
                to = choices.below(len(text) + 1)
                text = text[:to] + text[at : at + 4 * size] + text[to:]
            case _:
                text = text[:at]
    return text
