"""The modules that NixOS itself brings to a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from hslint.modules.foreign import Foreign
from hslint.record import Record
from hslint.values.value import Lazy, Value

if TYPE_CHECKING:
    from hslint.catalogue import ModuleVersion


class BaseModules(Record):
    """The modules that NixOS itself brings: `headscale` as it is in the user's nixpkgs, and the rest of NixOS in outline.

    arguments  what NixOS puts into `_module.args` (`pkgs`)
    foreign    what an import of something outside the project means; None when it does not know the value, which is then read as
               a module (a set, a function, a path) or, being unknown, leaves the configuration open
    """

    headscale: ModuleVersion | None = None
    arguments: Mapping[str, Lazy] = MappingProxyType({})
    foreign: Callable[[Value], Foreign | None] | None = None
