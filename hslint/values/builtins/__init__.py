"""The names that every Nix file sees: `builtins` and the few of its functions that are also names of their own.

One module for each subject. The functions are declared once and shared by all evaluations; hslint speaks the language of
Nix 2.28 and later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values.builtins import (
    attrsets,
    control,
    data,
    derivations,
    files,
    lists,
    numbers,
    regex,
    strings,
)
from hslint.values.constant import constant
from hslint.values.value import Attrs, Bool, Int, Lazy, List, Null, Primitive, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

FUNCTIONS: dict[str, Primitive] = {}
for _module in (attrsets, control, data, derivations, files, lists, numbers, regex, strings):
    FUNCTIONS.update(_module.builtin.functions)

#: `derivation` is a function of a set, unlike its sister `derivationStrict`.
FUNCTIONS["derivation"].takes = {"outputs": True}

_CONSTANTS: dict[str, Value] = {
    "true": Bool(True),
    "false": Bool(False),
    "null": Null(),
    "langVersion": Int(6),
    # The newest language level that is implemented; what a configuration asks of it is whether it is new enough.
    "nixVersion": String("2.28.5"),
    "storeDir": String("/nix/store"),
    "currentSystem": Unknown(Why.ENVIRONMENT, "builtins.currentSystem"),
    "currentTime": Unknown(Why.ENVIRONMENT, "builtins.currentTime"),
}

#: Names that are in scope without `builtins.` (Nix manual, "Built-ins"); every other one is there as `__name`.
_GLOBAL = [
    "abort",
    "baseNameOf",
    "break",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
]

_BUILTINS: dict[str, Lazy] = {
    **{name: Lazy.done(value) for name, value in _CONSTANTS.items()},
    **{name: Lazy.done(value) for name, value in FUNCTIONS.items()},
}
_NAMES: dict[str, Lazy] = {(name if name in _GLOBAL else f"__{name}"): lazy for name, lazy in _BUILTINS.items()}


def global_names(ev: Evaluator) -> dict[str, Lazy]:
    """The outermost scope of an evaluation."""
    nix_path = Lazy(_nix_path, ev)
    everything = dict(_BUILTINS)
    everything["nixPath"] = nix_path
    builtins = Lazy.done(Attrs(everything))
    everything["builtins"] = builtins
    return {**_NAMES, "__nixPath": nix_path, "builtins": builtins}


def _nix_path(ev: Evaluator) -> Value:
    """`builtins.nixPath`: the search path of the command line, else unknown."""
    if ev.nix_path is None:
        return Unknown(Why.ENVIRONMENT, "builtins.nixPath")
    return List(
        [Lazy.done(Attrs({"path": constant(path), "prefix": constant(prefix)})) for prefix, path in ev.nix_path]
    )
