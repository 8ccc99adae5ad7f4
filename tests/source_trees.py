"""The source of hslint and its rules as trees; nobody changes a file while the tests run."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a tree."""
    return tuple(ast.walk(tree(path)))
