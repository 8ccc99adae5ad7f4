"""Changes of options (mkRenamedOptionModule and its kin) as data, which the module system turns into modules (hslint.modules.renamed)."""

from __future__ import annotations

from hslint.record import Record
from hslint.values.value import Lazy

Path = tuple[str, ...]


class OptionChange(Record):
    """A change of options from one release to another."""


class RenamedOption(OptionChange):
    """Definitions of the old option count for the new one, with a warning."""

    old: Path
    new: Path


class AliasOption(OptionChange):
    """Definitions of the old option count for the new one, in silence."""

    old: Path
    new: Path


class RemovedOption(OptionChange):
    path: Path
    instructions: str


class ChangedOption(OptionChange):
    """`function config` gives the new option's value while the old one is set."""

    old: Path
    new: Path
    function: Lazy


class MergedOption(OptionChange):
    old: tuple[Path, ...]
    new: Path
    function: Lazy
