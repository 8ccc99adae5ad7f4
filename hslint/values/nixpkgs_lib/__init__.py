"""nixpkgs' `lib`, as far as configurations use it. What is not modelled is Unknown, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hslint.source import Span
from hslint.values.constant import constant
from hslint.values.nixpkgs_lib import (
    asserts,
    attrsets,
    cli,
    customisation,
    debug,
    escaping,
    filesets,
    filesystem,
    fixed_points,
    flags,
    generators,
    lists,
    merging,
    meta,
    options,
    sources,
    strings,
    systems,
    trivial,
    versions,
)
from hslint.values.value import Attrs, Lazy, Primitive, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

#: Builtins that `lib` re-exports, by the sub-set in which nixpkgs has them.
_BUILTINS = {
    "strings": (
        "compareVersions elem elemAt filter fromJSON genList head isAttrs isInt isList isPath isString match parseDrvName "
        "readFile replaceStrings split storeDir stringLength substring tail toJSON typeOf unsafeDiscardStringContext appendContext"
    ),
    "lists": "map filter elem isList head tail length elemAt concatLists concatMap any all sort partition genList groupBy",
    "attrsets": (
        "attrNames attrValues mapAttrs listToAttrs hasAttr isAttrs getAttr intersectAttrs removeAttrs catAttrs zipAttrsWith"
    ),
    "trivial": (
        "warn pathExists readFile isBool isInt isFloat add sub mul div lessThan seq deepSeq genericClosure bitAnd bitOr bitXor ceil floor"
    ),
    "versions": "splitVersion compareVersions",
    "filesystem": "readDir baseNameOf dirOf hashFile isPath readFileType",
    "debug": "addErrorContext trace unsafeGetAttrPos",
    "derivations": "addDrvOutputDependencies unsafeDiscardOutputDependency",
}

#: Builtins that stand in `lib` itself only.
_BUILTINS_AT_TOP = (
    "getContext hasContext convertHash hashString parseDrvName placeholder fromJSON fromTOML toFile toJSON toString toXML tryEval "
    "flakeRefToString parseFlakeRef isPath"
)

_OWN = {
    "attrsets": (attrsets.library, merging.library),
    "lists": (lists.library,),
    "strings": (strings.library, escaping.library, flags.library),
    "trivial": (trivial.library,),
    "fixedPoints": (fixed_points.library,),
    "versions": (versions.library,),
    "asserts": (asserts.library,),
    "meta": (meta.library,),
    "filesystem": (filesystem.library,),
    "options": (options.library,),
    "modules": (options.modules,),
    "customisation": (customisation.library,),
    "derivations": (customisation.derivations,),
    "debug": (debug.library,),
    "generators": (generators.library,),
    "cli": (cli.library,),
    "systems": (systems.library,),
    "sources": (sources.library,),
    "fileset": (filesets.library,),
    "path": (sources.path,),
}

#: Sub-sets whose names stand in `lib` itself, the later ones before the earlier ones.
_AT_TOP = (
    "derivations",
    "filesystem",
    "versions",
    "asserts",
    "debug",
    "meta",
    "sources",
    "customisation",
    "fixedPoints",
    "lists",
    "strings",
    "attrsets",
    "options",
    "modules",
    "trivial",
)

#: Names of a sub-set that are not, or are others, in `lib` itself.
_NOT_AT_TOP = {
    "lists": frozenset(("hasPrefix", "removePrefix", "commonPrefix", "findFirstIndex")),
    "versions": frozenset(("major", "minor", "patch", "majorMinor", "pad", "compareVersions")),
    "meta": frozenset(("availableOn", "platformMatch")),
    "filesystem": frozenset(("listFilesRecursive", "haskellPathsInDir", "locateDominatingFile", "resolveDefaultNix")),
    "sources": frozenset(("sourceByGlobs",)),
    "attrsets": frozenset(("longestValidPathPrefix", "unionOfDisjoint")),
    "trivial": frozenset(("revisionWithDefault",)),
    "modules": frozenset(("importApply", "mapDefinitionValue", "mkAliasIfDef", *options.PRIORITIES)),
    "strings": frozenset(
        (
            "charToInt",
            "commonPrefixLength",
            "commonSuffixLength",
            "escapeC",
            "escapeNixIdentifier",
            "escapeNixString",
            "floatToString",
            "isConvertibleWithToString",
            "levenshtein",
            "levenshteinAtMost",
            "normalizePath",
            "replicate",
            "sanitizeDerivationName",
            "storeDir",
        )
    ),
}

#: Sub-sets that hslint does not look into: whatever is asked of them is unknown by its name.
_OPAQUE = (
    "flakes",
    "gvariant",
    "network",
    "kernel",
    "licenses",
    "maintainers",
    "misc",
    "stringsWithDeps",
    "teams",
    "sourceTypes",
    "fetchers",
)

#: Names in `lib` itself that hslint does not model.
_NOT_MODELLED = (
    "applyModuleArgsIfFunction",
    "canCleanSource",
    "checkFlag",
    "checkReqs",
    "closePropagation",
    "condConcat",
    "defaultFunctor",
    "defaultMerge",
    "defaultMergeArg",
    "defaultTypeMerge",
    "dischargeProperties",
    "evalOptionValue",
    "extendMkDerivation",
    "filterOverrides",
    "filterSource",
    "fixMergeModules",
    "fixupOptionType",
    "foldArgs",
    "fullDepEntry",
    "getLicenseFromSpdxIdOr",
    "getValue",
    "ifEnable",
    "innerClosePropagation",
    "innerModifySumArgs",
    "lazyGenericClosure",
    "licensesSpdx",
    "listDfs",
    "makeScopeWithSplicing",
    "makeScopeWithSplicing'",
    "maybeAttr",
    "maybeAttrNullable",
    "maybeEnv",
    "mergeAttrBy",
    "mergeAttrByFunc",
    "mergeAttrsByFuncDefaults",
    "mergeAttrsByFuncDefaultsClean",
    "mergeAttrsConcatenateValues",
    "mergeAttrsNoOverride",
    "mergeAttrsWithFunc",
    "mergeModules",
    "mergeModules'",
    "mkEUI64Suffix",
    "mkLuaInline",
    "modifySumArgs",
    "nixType",
    "noDepEntry",
    "nvs",
    "optionAttrSetToDocList",
    "optionAttrSetToDocList'",
    "packEntry",
    "pathHasContext",
    "pushDownProperties",
    "repoRevToName",
    "revOrTag",
    "scrubOptionValue",
    "setAttr",
    "setAttrMerge",
    "showOptionWithDefLocs",
    "sortProperties",
    "stringAfter",
    "textClosureList",
    "textClosureMap",
    "toposort",
    "unifyModuleSyntax",
    "uniqList",
    "uniqListExt",
    "unknownModule",
)

#: Names that depend on the nixpkgs in use, by the sub-set.
_OF_NIXPKGS = (
    "release",
    "oldestSupportedRelease",
    "codeName",
    "version",
    "versionSuffix",
    "nixpkgsVersion",
    "inNixShell",
)
_OF_NIXPKGS_AT_TOP = ("version", "nixpkgsVersion", "inNixShell", "inPureEvalMode")

_LETTERS = {"lowerChars": "abcdefghijklmnopqrstuvwxyz", "upperChars": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def _native() -> dict[str, dict[str, Lazy]]:
    """The functions written here, by their sub-sets: the same for every evaluation."""
    sets: dict[str, dict[str, Lazy]] = {}
    for name, registries in _OWN.items():
        items = sets[name] = {}
        for registry in registries:
            items.update((key, Lazy.done(function)) for key, function in registry.functions.items())
    characters = {name: constant([*letters]) for name, letters in _LETTERS.items()}
    sets["strings"] |= characters
    sets["systems"] |= systems.constants()
    sets["modules"] |= {name: constant(priority) for name, priority in options.PRIORITIES.items()}
    for name in _OF_NIXPKGS:
        sets["trivial"][name] = Lazy.done(Unknown(Why.INPUT, f"lib.trivial.{name}"))
    return sets


_NATIVE: dict[str, dict[str, Lazy]] = _native()

#: Hashes that no file has, which people write until Nix reports the right one.
_FAKE = {
    "fakeHash": "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "fakeSha256": "0" * 64,
    "fakeSha512": "0" * 128,
}


#: The names in `lib` itself: no package of nixpkgs is called like one of them.
NAMES = frozenset(
    (
        *" ".join((*_BUILTINS.values(), _BUILTINS_AT_TOP)).split(),
        *(name for outer in _AT_TOP for name in _NATIVE[outer] if name not in _NOT_AT_TOP.get(outer, ())),
        *_NOT_MODELLED,
        *_OWN,
        *_OPAQUE,
        "types",
        "platforms",
        "evalModules",
        "mkOptionType",
    )
)


def library(ev: Evaluator, extra: Mapping[str, Lazy] | None = None) -> Attrs:
    """`lib`. `extra` adds what packages above implement, by dotted names (`types`, `modules.evalModules`)."""
    builtins = ev.globals.names["builtins"].force()
    assert isinstance(builtins, Attrs)
    sets: dict[str, dict[str, Lazy]] = {}
    for name, own in _NATIVE.items():
        items = sets[name] = {}
        for builtin in _BUILTINS.get(name, "").split():
            found = builtins.get(builtin)
            if found is not None:
                items[builtin] = found
        items.update(own)
    top: dict[str, Lazy] = {}
    for name in _AT_TOP:
        hidden = _NOT_AT_TOP.get(name, frozenset())
        top.update((key, lazy) for key, lazy in sets[name].items() if key not in hidden)
    for name in ("trace", "unsafeGetAttrPos", "addErrorContext", *_OF_NIXPKGS):
        top.pop(name, None)
    for name in (*_BUILTINS_AT_TOP.split(), "trace", "unsafeGetAttrPos", "addErrorContext"):
        found = builtins.get(name)
        if found is not None:
            top[name] = found
    for name in _OF_NIXPKGS_AT_TOP:
        top[name] = Lazy.done(Unknown(Why.INPUT, f"lib.{name}"))
    top.update((name, constant(text)) for name, text in _FAKE.items())
    for name in _OPAQUE:
        top[name] = Lazy.done(Attrs({}, rest=Unknown(Why.FUNCTION, f"lib.{name}")))
    top["platforms"] = sets["systems"]["doubles"]
    for name in _NOT_MODELLED:
        top.setdefault(name, Lazy.done(Unknown(Why.FUNCTION, f"lib.{name}")))
    for name, items in sets.items():
        top[name] = Lazy.done(Library(items, f"lib.{name}"))
    for dotted, lazy in (extra or {}).items():
        outer, _, inner = dotted.partition(".")
        if inner:
            sets.setdefault(outer, {})[inner] = lazy
            if outer not in top:
                top[outer] = Lazy.done(Library(sets[outer], f"lib.{outer}"))
        else:
            top[outer] = lazy
    made = Library(top)
    ev.library = Lazy.done(made)
    top["extend"] = extension(ev.library)
    return made


class Library(Attrs):
    """`lib`, or one of its sub-sets: a name that is not modelled is Unknown, and says which it is.

    `with` looks further out for a name that no nixpkgs has there: `with pkgs; with lib; [ htop ]`.
    """

    __slots__ = ()

    def __init__(self, items: dict[str, Lazy], name: str = "lib") -> None:
        super().__init__(items, rest=Unknown(Why.FUNCTION, name))

    def lacks(self, name: str) -> bool:
        return True

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        if rest is not self.rest:
            return Attrs(items, span, rest, None, maybe)
        made = Library(items)
        made.rest, made.maybe, made.span = rest, maybe, span
        return made


def extension(own: Lazy) -> Lazy:
    """`extend` of a library: what it makes has all that the library itself has."""
    return Lazy.done(Primitive("extend", 1, lambda ev, overlay: _extended(ev, own, overlay)))


def _extended(ev: Evaluator, own: Lazy, overlay: Lazy) -> Value:
    """`lib.extend (final: prev: { … })`: what is added sees the result."""

    def made(_: object) -> Value:
        added = ev.attrs(Lazy.done(ev.call(overlay.force(), result, own)))
        before = ev.attrs(own)
        items = {**before.items, **added.items}
        items["extend"] = extension(result)
        return before.replaced(items, before.rest, before.maybe, None)

    result = Lazy(made)
    return result.force()
