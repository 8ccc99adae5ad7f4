"""The result of merging the definitions of one option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hslint.values.value import Attrs, Value


class OptionNames(Protocol):
    """The option names of a submodule, and which of them have definitions (implemented by hslint.modules.level)."""

    def undefined(self, name: str) -> bool:
        """Whether a name is an option subtree without definitions."""

    def untouched(self, name: str) -> bool:
        """Whether it is one, and none of its options is the project's own."""


class Result:
    """The result of a type's merge: the value, and how to descend into it when it is made of further options.

    `child` leads to the option or merged definitions of an attribute, `names` are the attributes that there are.
    `meta` is Nix's valueMeta: a submodule's configuration; `level` knows about its options.
    """

    __slots__ = ("child", "level", "meta", "names", "value")

    def __init__(
        self,
        value: Value,
        child: Callable[[str], object | None] | None = None,
        names: Callable[[], Iterable[str]] | None = None,
        meta: Attrs | None = None,
        level: OptionNames | None = None,
    ) -> None:
        self.value = value
        self.child = child
        self.names = names
        self.meta = meta
        self.level = level
