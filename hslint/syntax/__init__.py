"""Bytes to a tree of nodes; the only package that imports tree-sitter."""
