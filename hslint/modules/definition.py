"""One definition of one option: a value with its priority, condition and place."""

from __future__ import annotations

from operator import is_
from typing import TYPE_CHECKING, Literal, Protocol

from hslint.modules.show import show_value
from hslint.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hslint.modules.result import Result
    from hslint.source import Span
    from hslint.values.value import Lazy, Unknown

#: Priorities of nixpkgs' lib/modules.nix; the lowest number wins.
OPTION_DEFAULT = 1500
DEFAULT = 1000
PLAIN = 100
IMAGE_MEDIA_OVERRIDE = 60
FORCE = 50
VM_OVERRIDE = 10

#: Where a definition stands among its like unless mkOrder puts it elsewhere.
PLAIN_ORDER = 1000

#: What stands for the file of a module that came from no file.
UNKNOWN_FILE = "<unknown-file>"


def of_project(file: str) -> bool:
    """Whether a module's file is one of those under inspection, rather than a module of NixOS or Headscale."""
    return file.startswith("/") or file == UNKNOWN_FILE


#: What stands for the file of NixOS' own options, as far as hslint has them: their types are sketches.
OUTLINE_FILE = "nixos"


Path = tuple[str, ...]


class Definition(Record):
    """A definition without its wrappers (mkIf, mkForce, mkBefore …): their meaning stands in the fields.

    `place` is where the option's name was written, `binding` the whole statement (`a.b = 1;`); both are None for what a module
    outside the project defines. A definition inside `settings = { dns.base_domain = "x"; }` has the place of `base_domain`.
    """

    option: Path
    value: Lazy
    file: str
    priority: int = PLAIN
    order: int = PLAIN_ORDER
    condition: Literal[True] | Unknown = True
    place: Span | None = None
    binding: Span | None = None
    #: The merge of the set or list that the definition is a part of.
    within: Merging | None = None

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def from_user(self) -> bool:
        """Whether it is user-defined, rather than by a module of NixOS or Headscale."""
        return self.place is not None


class Merges(Protocol):
    """A merge of definitions, as an option type has it."""

    @property
    def is_idempotent(self) -> bool: ...


class Merging:
    """The merge of some sets or lists by one type, for what is inside them: where that is those very values again, and the
    type the same, it merges to the same result. So a value that contains itself stays one when it is merged, and so does one
    that contains what it is merged to (`environment.etc.foo = config;`), if the type is idempotent.
    """

    __slots__ = ("conditions", "outer", "result", "type", "values")

    def __init__(self, type_: Merges, definitions: Sequence[Definition]) -> None:
        self.type = type_
        self.values = tuple(definition.value.force() for definition in definitions)
        self.conditions = tuple(definition.condition for definition in definitions)
        self.outer = definitions[0].within
        self.result: Result | None = None

    def again(self) -> Result | None:
        """The result of the same merge further out."""
        around = self.outer
        while around is not None:
            if around.type is self.type and around.result is not None:
                if (
                    len(around.values) == len(self.values)
                    and all(map(is_, around.values, self.values))
                    and all(map(is_, around.conditions, self.conditions))
                ):
                    return around.result
                if self.type.is_idempotent and self.conditions == (True,) and self.values[0] is around.result.value:
                    return around.result
            around = around.outer
        return None


def show_definitions(definitions: Sequence[Definition]) -> str:
    return "".join(show_value(definition.file, definition.value) for definition in definitions)
