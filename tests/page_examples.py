"""The examples of the rules' pages, as files and as hosts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from hslint.checking import Request, inspect
from hslint.hosts.host import Host
from hslint.testing import Example, examples, git_index

#: Every rule's page.
PAGES = sorted((Path(__file__).parent.parent / "rules").glob("*/*.md"))


def examples_of(page: Path, directory: Path) -> Iterator[tuple[Example, Path]]:
    """The examples of a page, each with what is checked: its flake's directory, or its first file."""
    for example in examples(page.read_text("utf-8")):
        root = directory / f"line-{example.line}"
        for name, text in example.files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        if example.tracked is not None:
            (root / ".git").mkdir()
            (root / ".git" / "index").write_bytes(git_index(example.tracked))
        yield example, root if "flake.nix" in example.files else root / next(iter(example.files))


def request(example: Example) -> Request:
    return Request(headscale=example.release, module=example.module)


def hosts_of(page: Path, directory: Path) -> Iterator[tuple[Example, Sequence[Host]]]:
    """The hosts of each example of a page; what is asked of them wants a deep stack."""
    for example, start in examples_of(page, directory):
        yield example, inspect([str(start)], request(example))[0].hosts
