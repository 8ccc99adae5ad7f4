"""One definition of one option: what somebody wrote, with how strongly and on which condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hslint.record import Record

if TYPE_CHECKING:
    from hslint.modules.merge import Merging
    from hslint.source import Span
    from hslint.values.value import Lazy, Unknown

#: Priorities of nixpkgs' lib/modules.nix; the lowest number wins.
OPTION_DEFAULT = 1500
DEFAULT = 1000
PLAIN = 100
IMAGE_MEDIA_OVERRIDE = 60
FORCE = 50
VM_OVERRIDE = 10

#: Where mkOrder puts a definition among its like; plain definitions stand in the middle.
BEFORE = 500
PLAIN_ORDER = 1000
AFTER = 1500

#: What stands for the file of a module that came from no file.
UNKNOWN_FILE = "<unknown-file>"


def of_project(file: str) -> bool:
    """Whether a module's file is one of those under inspection, rather than a module of NixOS or Headscale."""
    return file.startswith("/") or file == UNKNOWN_FILE


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
        """Whether the files under inspection say it, rather than a module of NixOS or Headscale."""
        return self.place is not None
