"""nixpkgs' `lib`, as far as configurations use it. What is not modelled is Unknown, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hslint.values.nixpkgs_lib import attrsets, lists, options, strings, trivial
from hslint.values.value import Attrs, Lazy, Primitive, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator

#: Builtins that `lib` hands on, by the sub-set in which nixpkgs has them.
_BUILTINS = {
    "strings": (
        "concatStringsSep stringLength substring isString replaceStrings toJSON fromJSON split match unsafeDiscardStringContext "
        "baseNameOf typeOf hashString storeDir splitVersion parseDrvName"
    ),
    "lists": "map filter elem isList head tail length elemAt concatLists concatMap any all foldl' sort partition genList groupBy",
    "attrsets": (
        "attrNames attrValues mapAttrs listToAttrs hasAttr isAttrs getAttr intersectAttrs removeAttrs catAttrs zipAttrsWith"
    ),
    "trivial": (
        "pathExists readFile isBool isInt isFloat isPath add sub lessThan seq deepSeq genericClosure bitAnd bitOr bitXor ceil floor "
        "addErrorContext throw abort trace unsafeGetAttrPos tryEval"
    ),
    "versions": "compareVersions splitVersion",
    "filesystem": "readDir pathExists readFile",
}

_OWN = {
    "attrsets": (attrsets.library,),
    "lists": (lists.library,),
    "strings": (strings.library,),
    "trivial": (trivial.library,),
    "fixedPoints": (trivial.fixed_points,),
    "versions": (trivial.versions,),
    "asserts": (trivial.asserts,),
    "meta": (trivial.meta,),
    "filesystem": (trivial.filesystem,),
    "options": (options.library,),
    "modules": (options.library,),
}

#: Sub-sets whose names stand in `lib` itself, the later ones before the earlier ones.
_AT_TOP = (
    "filesystem",
    "versions",
    "asserts",
    "meta",
    "fixedPoints",
    "lists",
    "strings",
    "attrsets",
    "options",
    "trivial",
)

#: Names of a sub-set that are not, or are others, in `lib` itself.
_NOT_AT_TOP = {
    "lists": {"hasPrefix", "removePrefix", "commonPrefix", "replicate"},
    "versions": {"major", "minor", "patch", "majorMinor"},
}

#: Sub-sets that hslint does not look into: whatever is asked of them is unknown by its name.
_OPAQUE = (
    "fileset",
    "gvariant",
    "network",
    "generators",
    "cli",
    "sources",
    "customisation",
    "path",
    "systems",
    "kernel",
    "debug",
    "derivations",
    "licenses",
    "maintainers",
    "teams",
    "platforms",
    "hydraJobs",
    "sourceTypes",
    "fetchers",
)


def library(ev: Evaluator, extra: Mapping[str, Lazy] | None = None) -> Attrs:
    """`lib`. `extra` adds what rooms above know, by dotted names (`types`, `modules.evalModules`)."""
    builtins = ev.globals.names["builtins"].force()
    assert isinstance(builtins, Attrs)
    sets: dict[str, dict[str, Lazy]] = {}
    for name, registries in _OWN.items():
        items = sets[name] = {}
        for builtin in _BUILTINS.get(name, "").split():
            found = builtins.get(builtin)
            if found is not None:
                items[builtin] = found
        for registry in registries:
            items.update((key, Lazy.done(function)) for key, function in registry.functions.items())
    top: dict[str, Lazy] = {}
    for name in _AT_TOP:
        hidden = _NOT_AT_TOP.get(name, frozenset())
        top.update((key, lazy) for key, lazy in sets[name].items() if key not in hidden)
    top["replicate"] = sets["lists"]["replicate"]
    for name in (*_OPAQUE, *trivial.OF_NIXPKGS):
        top[name] = Lazy.done(_opaque(name))
    for name, items in sets.items():
        top[name] = Lazy.done(Attrs(items, rest=Unknown(Why.FUNCTION, f"lib.{name}")))
    for dotted, lazy in (extra or {}).items():
        outer, _, inner = dotted.partition(".")
        if inner:
            sets.setdefault(outer, {})[inner] = lazy
            if outer not in top:
                top[outer] = Lazy.done(Attrs(sets[outer], rest=Unknown(Why.FUNCTION, f"lib.{outer}")))
        else:
            top[outer] = lazy
    made = Library(top)
    own = Lazy.done(made)
    top["lib"] = own
    top["extend"] = Lazy.done(Primitive("extend", 1, lambda ev, overlay: _extended(ev, own, overlay)))
    ev.library = own
    return made


class Library(Attrs):
    """`lib`: a name that is not modelled is Unknown, and says which it is."""

    __slots__ = ()

    def __init__(self, items: dict[str, Lazy]) -> None:
        super().__init__(items, rest=Unknown(Why.FUNCTION, "lib"))

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: object) -> Attrs:
        return Library(items)


def _opaque(name: str) -> Value:
    if name in ("platforms",):
        return Attrs(
            {"linux": Lazy.done(Unknown(Why.FUNCTION, "lib.platforms.linux"))},
            rest=Unknown(Why.FUNCTION, f"lib.{name}"),
        )
    return Attrs({}, rest=Unknown(Why.FUNCTION, f"lib.{name}"))


def _extended(ev: Evaluator, own: Lazy, overlay: Lazy) -> Value:
    """`lib.extend (final: prev: { … })`: what is added sees the result."""

    def made(_: object) -> Value:
        added = ev.attrs(Lazy.done(ev.call(overlay.force(), result, own)))
        before = ev.attrs(own)
        items = {**before.items, **added.items}
        items["extend"] = Lazy.done(Primitive("extend", 1, lambda ev, more: _extended(ev, result, more)))
        return before.replaced(items, before.rest, before.maybe, None)

    result = Lazy(made)
    return result.force()
