"""docs/architecture.md says what is so: the table of packages, the exceptions that cross borders, and files that exist."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from source_trees import nodes

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

#: The start of the program says nothing of the structure.
ENTRY = "__main__"


def rows(heading: str) -> Iterator[list[str]]:
    """The rows of the table under a heading, without those that head it."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for line in [line for line in section.splitlines() if line.startswith("|")][2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def layers() -> list[set[str]]:
    """The packages and modules of the import contract; those that import nothing first."""
    (contract,) = (each for each in CONTRACTS if each["id"] == "one-way")
    return [{name.strip(" ()") for name in layer.split("|")} - {ENTRY} for layer in reversed(contract["layers"])]


def package(path: Path) -> str:
    """The name of the contract for what a file is part of."""
    folder, *rest = path.relative_to(ROOT).with_suffix("").parts
    return "rules" if folder == "rules" else rest[0]


def test_the_table_of_packages_is_the_import_contract() -> None:
    """Every package and module has its row, in an order in which each stands below what it may import."""
    named = [re.sub(r"^(\.\./)?|(/|\.py)$", "", cell.strip("*`")) for cell, _ in rows("Packages")]
    expected = layers()
    assert sorted(named) == sorted(set().union(*expected))
    numbers = [next(number for number, layer in enumerate(expected) if name in layer) for name in named]
    assert numbers == sorted(numbers), named


def test_the_table_of_exceptions_names_all_that_leave_their_package() -> None:
    """Each with the package that raises it and those that catch it."""
    said = {
        name: (origin, set(catchers.split(", ")))
        for name, origin, catchers, _ in (
            [cell.replace("`", "").replace("/", "").replace(".py", "") for cell in row]
            for row in rows("Exceptions that cross borders")
        )
    }
    files = [path for folder in ("hslint", "rules") for path in (ROOT / folder).rglob("*.py")]
    classes = {
        node.name: (package(path), {ast.unparse(base) for base in node.bases})
        for path in files
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    }

    def is_exception(name: str) -> bool:
        return name in ("Exception", "BaseException") or any(map(is_exception, classes.get(name, ("", set()))[1]))

    caught: dict[str, tuple[str, set[str]]] = {}
    for path in files:
        for handler in nodes(path):
            if isinstance(handler, ast.ExceptHandler) and handler.type is not None:
                for node in ast.walk(handler.type):
                    name = node.id if isinstance(node, ast.Name) else ""
                    if name in classes and is_exception(name) and (origin := classes[name][0]) != package(path):
                        caught.setdefault(name, (origin, set()))[1].add(package(path))
    assert said == caught


def test_every_file_that_the_page_names_exists() -> None:
    """From the root, or from the package."""
    named = set(re.findall(r"`((?:[\w.]+/)*\w+\.(?:py|md|nix|toml|json))", PAGE))
    inside = {path.relative_to(ROOT).as_posix() for path in (ROOT / "hslint").rglob("*") if path.is_file()}
    assert len(named) > 50
    assert [
        name
        for name in sorted(named)
        if not (ROOT / name).exists() and not any(file.endswith(f"/{name}") for file in inside)
    ] == []
