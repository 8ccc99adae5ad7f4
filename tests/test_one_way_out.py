"""What is printed goes through one module, and what goes out as it is was made by few."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from source_trees import nodes

ROOT = Path(__file__).resolve().parent.parent

#: The one that prints.
EXIT = "hslint/cli/output.py"

#: Those that make lines which are not looked at again: where escapes are made, and formats that escape for themselves.
MAKERS = {
    "hslint/reporters/terminal.py",  # colours and links around text that was looked at
    "hslint/reporters/json.py",  # ASCII, everything else as \u….
    "hslint/reporters/github.py",  # workflow commands, with escapes of their own
    "hslint/reporters/azure.py",  # logging commands, likewise
    "hslint/reporters/diff.py",  # a patch in a file or a pipe has every byte of the lines that it is about
}


def sources() -> Iterator[tuple[str, tuple[ast.AST, ...]]]:
    for folder in ("hslint", "rules"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), nodes(path)


def prints(node: ast.AST) -> bool:
    """Calls that put text on standard output or standard error."""
    match node:
        case ast.Call(func=ast.Name(id="print" | "input" | "Console" | "echo" | "secho")):
            return True
        case ast.Call(func=ast.Attribute(attr="echo" | "secho" | "echo_via_pager", value=ast.Name(id="click"))):
            return True
        case ast.Call(func=ast.Attribute(attr="write" | "writelines" | "buffer", value=value)):
            return any(
                isinstance(inner, ast.Attribute) and inner.attr in ("stdout", "stderr", "__stdout__", "__stderr__")
                for inner in ast.walk(value)
            )
        case ast.Call(func=ast.Attribute(attr="write", value=ast.Name(id="os"))):
            return True
        case _:
            return False


def test_one_module_prints() -> None:
    """Whoever adds a message cannot forget to make it safe. (The language server speaks JSON, by pygls.)"""
    found = {path for path, inside in sources() if any(map(prints, inside))}
    assert found == {EXIT}


def test_few_modules_make_safe_lines() -> None:
    """A plain text is always looked at; `Safe` is asked for by name."""
    made = {
        path
        for path, inside in sources()
        for node in inside
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Safe"
    }
    assert made == MAKERS
