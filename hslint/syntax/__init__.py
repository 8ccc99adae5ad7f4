"""Bytes to a tree of nodes; the only room that knows tree-sitter."""
