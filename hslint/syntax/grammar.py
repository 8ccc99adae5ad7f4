"""The published grammar, loaded without the 12 ms that its package spends on importlib.resources."""

from __future__ import annotations

from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec

from tree_sitter import Language, Node, Parser, Tree

__all__ = ["ERROR", "Language", "Node", "Tree", "language", "parser"]

#: The symbol of tree-sitter's error nodes, the same in every grammar.
ERROR = 65535


@lru_cache(maxsize=1)
def language() -> Language:
    package = find_spec("tree_sitter_nix")
    if package is not None and package.submodule_search_locations:
        spec = PathFinder.find_spec("tree_sitter_nix._binding", list(package.submodule_search_locations))
        if spec is not None and spec.loader is not None:
            binding = module_from_spec(spec)
            spec.loader.exec_module(binding)
            return Language(binding.language())
    import tree_sitter_nix

    return Language(tree_sitter_nix.language())


@lru_cache(maxsize=1)
def parser() -> Parser:
    return Parser(language())
