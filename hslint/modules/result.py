"""What merging the definitions of one option gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hslint.values.value import Attrs, Value


class OptionNames(Protocol):
    """The options of a submodule, for whoever asks whether one of them is worth a look (hslint.modules.level)."""

    def undefined(self, name: str) -> bool:
        """Whether there are options under a name, and nobody defines any."""

    def untouched(self, name: str) -> bool:
        """Whether there are such options and none is the project's own."""


class Result:
    """What a type's merge gives: the value, and how to descend into it when it is made of further options.

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
