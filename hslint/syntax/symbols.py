"""The grammar's symbols, by the names that the lowering gives them."""

from __future__ import annotations

from functools import lru_cache

from hslint.syntax.grammar import language


def symbol(name: str) -> int:
    """The number of a named symbol; -1, which no node has, for one that this version of the grammar does not know."""
    found = language().id_for_node_kind(name, True)
    return -1 if found is None else found


class Kinds:
    def __init__(self) -> None:
        self.comment = symbol("comment")
        self.identifier = symbol("identifier")
        self.interpolation = symbol("interpolation")
        self.string = symbol("string_expression")
        self.parenthesized = symbol("parenthesized_expression")
        self.binding_set = symbol("binding_set")
        self.binding = symbol("binding")
        self.inherit = symbol("inherit")
        self.inherit_from = symbol("inherit_from")
        self.inherited_attrs = symbol("inherited_attrs")
        self.let = symbol("let_expression")
        self.sets = frozenset(map(symbol, ("attrset_expression", "rec_attrset_expression", "let_attrset_expression")))
        in_brackets = ("list_expression", "parenthesized_expression", "string_expression", "indented_string_expression")
        self.bracketed = self.sets | frozenset(map(symbol, in_brackets))
        self.formals = symbol("formals")
        self.formal = symbol("formal")
        self.ellipses = symbol("ellipses")
        self.apply = symbol("apply_expression")
        self.binary = symbol("binary_expression")
        self.unary = symbol("unary_expression")
        self.has_attr = symbol("has_attr_expression")


@lru_cache(maxsize=1)
def kinds() -> Kinds:
    return Kinds()
