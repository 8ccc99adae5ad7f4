"""Options read by their path, in a configuration that may be open: what nobody is seen to set has its default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.declaration import Option
from hslint.modules.merge import Merged
from hslint.modules.show import show_option
from hslint.values.value import Failure, Kind, Value

if TYPE_CHECKING:
    from hslint.modules.evaluation import Evaluation
    from hslint.modules.level import Level

Path = tuple[str, ...]


def node_at(root: Level, path: Path) -> Option | Merged | Level | None:
    """What there is at a path; raises Failure where something on the way fails."""
    from hslint.modules.level import Level

    node: object = root
    for step in path:
        if isinstance(node, Level):
            node = node.node(step)
        elif isinstance(node, Option | Merged):
            result = node.result()
            node = result.child(step) if result.child is not None else None
        else:
            return None
    return node if isinstance(node, Option | Merged | Level) else None


def value_of(node: Option | Merged | Level) -> Value:
    return node.sure_value() if isinstance(node, Option) else node.value()


def read_or_none(evaluation: Evaluation, path: Path) -> Value | None:
    node = node_at(evaluation.root, path)
    if isinstance(node, Merged) and node.is_defined is False:
        return None
    return value_of(node) if node is not None else None


def read(evaluation: Evaluation, path: Path) -> Value:
    value = read_or_none(evaluation, path)
    if value is None:
        raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{path[-1]}' missing in `{show_option(path)}'")
    return value
