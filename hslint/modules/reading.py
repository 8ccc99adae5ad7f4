"""Options read by their path, in a configuration that may be open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.declaration import Option
from hslint.modules.level import Level
from hslint.modules.merge import Merged
from hslint.modules.show import show_option
from hslint.values.value import Attrs, Failure, Kind, Value

if TYPE_CHECKING:
    from hslint.modules.evaluation import Evaluation
Path = tuple[str, ...]


Node = Option | Merged | Level


def node_at(evaluation: Evaluation, path: Path) -> Node | None:
    """The value at a path; raises Failure where something on the way fails."""
    if not path:
        return evaluation.root
    node = evaluation.found.get(path)
    if node is None:
        above = node_at(evaluation, path[:-1])
        node = below(above, path[-1]) if above is not None else None
        if node is not None:
            evaluation.found[path] = node
    return node


def below(node: Node, name: str) -> Node | None:
    """The value under a name."""
    if isinstance(node, Level):
        return node.node(name)
    result = node.result()
    child = result.child(name) if result.child is not None else None
    return child if isinstance(child, Node) else None


def value_of(node: Node) -> Value:
    return node.sure_value() if isinstance(node, Option) else node.value()


def read_or_none(evaluation: Evaluation, path: Path) -> Value | None:
    """The value at a path, or None; an option without a visible definition has its default."""
    node = node_at(evaluation, path)
    if isinstance(node, Merged) and node.is_defined is False:
        return None
    return value_of(node) if node is not None else None


def read(evaluation: Evaluation, path: Path) -> Value:
    value = read_or_none(evaluation, path)
    if value is None:
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{path[-1]}' missing in `{show_option(path)}'")
    return value


def read_in_doubt(evaluation: Evaluation, path: Path) -> Value:
    """A declared option as `config` has it: unknown where modules that were not seen may set it."""
    node = node_at(evaluation, path)
    assert node is not None
    return node.value()


def is_one_value(value: Value) -> bool:
    """Whether a set is one thing to whoever wrote it, as an option type or a configuration is, rather than its attributes."""
    return isinstance(value, Attrs) and ("_type" in value.items or "__functor" in value.items)
