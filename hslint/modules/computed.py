"""Values that a module of NixOS or Headscale computes from options, and options that only forward theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hslint.values.value import Lazy, Value

if TYPE_CHECKING:
    from collections.abc import Callable

Path = tuple[str, ...]


class Computed(Lazy):
    """A definition or default that depends on nothing but other options. `options` are their paths; `renamed` says that it is the one
    option's own definition under another name.
    """

    __slots__ = ("options", "renamed")

    def __init__(
        self, run: Callable[[Any], Value], options: tuple[Path, ...], argument: Any = None, *, renamed: bool = False
    ) -> None:
        super().__init__(run, argument)
        self.options = options
        self.renamed = renamed


#: The name of the `apply` of an option that hands its definitions on to another one (`doRename`): nothing asks for its own value,
#: whose type is not the other's.
ALIAS = "alias"
