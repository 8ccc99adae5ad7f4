"""A model of `pkgs`: of packages the name is known, of generated files the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hslint.record import Record
from hslint.source import Span
from hslint.values.builtins.lists import applied
from hslint.values.constant import constant
from hslint.values.text_origins import GeneratedHash, WrittenFile
from hslint.values.value import (
    Attrs,
    Closure,
    Failure,
    Lazy,
    NotKnown,
    Null,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator


#: The version of a package that is taken as its package set has it.
UNCHANGED = constant(None)


class Package(Record):
    """A package of nixpkgs, of an input or of an overlay.

    `origin` is what the package set was made of, in the terms of who made it; None for a package that the files under inspection
    build, or of an unknown one. `version` is what they themselves write as its version, or as the tag of its source: null where
    they leave it as it is. `tag` is that of a source.
    """

    name: str
    origin: object = None
    version: Lazy = UNCHANGED
    tag: Lazy = UNCHANGED


class GeneratedFile(Record):
    """A file that a builder makes of text that the configuration gives (`writeText`, `formats.*.generate`)."""

    name: str
    text: Lazy


def generated_text(value: Value | Failure | None) -> Lazy | None:
    """The text of the file that a value names, where the configuration gives it: `pkgs.writeText`, `"${pkgs.writeText …}"`,
    `builtins.toFile`. None where it is another file.
    """
    match value:
        case WrittenFile(text=text):
            return Lazy.done(text)
        case Attrs(native=GeneratedFile(text=lazy)):
            return lazy
        case String(parts=(str(), GeneratedHash(text=lazy), str())):
            return lazy
        case _:
            return None


#: Packages whose main program has the package's own name.
_NAMED_LIKE_PROGRAM = frozenset(
    [
        "age",
        "agenix",
        "bash",
        "btop",
        "caddy",
        "cloudflared",
        "curl",
        "fish",
        "git",
        "grafana",
        "headplane",
        "headscale",
        "htop",
        "hello",
        "jq",
        "litestream",
        "nginx",
        "oauth2-proxy",
        "podman",
        "rage",
        "restic",
        "rsync",
        "sops",
        "tailscale",
        "traefik",
        "tmux",
        "vim",
        "wget",
        "zsh",
    ]
)

_OUTPUTS = ("out", "bin", "dev", "lib", "man", "doc")
_OVERRIDES = ("override", "overrideAttrs", "overrideDerivation", "overridePythonAttrs", "withPackages")

#: Builders as formals of a package's function: who hands over one of his own changes what it is called with.
_BUILDER = "buildGo"


class PackageValue(Attrs):
    """A derivation about which its name is known. Attributes that nixpkgs gives every package are answered, others are unknown."""

    __slots__ = ()

    def __init__(self, name: str, native: Package | GeneratedFile, program: str | None = None) -> None:
        digest = GeneratedHash(name, native.text) if isinstance(native, GeneratedFile) else Unknown(Why.STORE, name)
        parts: tuple[str | Unknown, ...] = ("/nix/store/", digest, f"-{name}")
        if isinstance(native, Package):
            parts = (*parts, Unknown(Why.PACKAGE, f"{name}.version"))
        items = {
            "type": constant("derivation"),
            "name": constant(name),
            "pname": constant(name),
            "outPath": Lazy.done(String.of(parts, context=frozenset((name,)))),
            "meta": Lazy.done(_meta(name, program)),
        }
        super().__init__(items, None, Unknown(Why.PACKAGE, name), native)
        own = Lazy.done(self)
        items.update(dict.fromkeys(_OUTPUTS, own))
        for changing in _OVERRIDES:
            items[changing] = Lazy.done(Primitive(changing, 1, self._changed))
        if isinstance(native, Package) and native.version is not UNCHANGED:
            items["version"] = Lazy(lambda _: _told(native))

    def _changed(self, ev: Evaluator, changes: Lazy) -> Value:
        """`override` and its like: the same package, perhaps of another version."""
        native = self.native
        if not isinstance(native, Package):
            return self
        return package(native.name, native.origin, Lazy(lambda _: _version_after(ev, self, native, changes)))

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        """`package // { … }` is that package still."""
        return Attrs(items, span, rest, self.native, maybe)


def _meta(name: str, program: str | None) -> Attrs:
    items = {} if program is None else {"mainProgram": constant(program)}
    return Attrs(items, rest=Unknown(Why.PACKAGE, f"{name}.meta"))


def _told(native: Package) -> Value:
    version = native.version.force()
    return Unknown(Why.PACKAGE, f"{native.name}.version") if isinstance(version, Null) else version


def _version_after(ev: Evaluator, before: PackageValue, native: Package, changes: Lazy) -> Value:
    """The version that a package has by what `override` or `overrideAttrs` was given; unknown where that gives it another source."""
    given = changes.force()
    for _ in range(2):  # `old: { … }`, `final: prev: { … }`
        if isinstance(given, Closure | Primitive):
            given = ev.apply(given, Lazy.done(before), given.span)
    if isinstance(given, Unknown):
        return given
    if not isinstance(given, Attrs):
        return native.version.force()
    version = given.get("version")
    if version is not None:
        return version.force()
    for name, lazy in given.items.items():
        if name.startswith(_BUILDER):
            arguments = Attrs({"pname": constant(native.name)}, rest=Unknown(Why.PACKAGE, native.name))
            built = ev.apply(lazy.force(), Lazy.done(arguments))
            if isinstance(built, PackageValue) and isinstance(built.native, Package):
                return _told(built.native)
            return Unknown(Why.PACKAGE, name)
    source = given.get("src")
    return native.version.force() if source is None else _version_of(source, native.name)


def _version_of(source: Lazy, name: str) -> Value:
    """The version that a package has by its source: what this is tagged with, where it says that."""
    value = source.force()
    tag = value.native.tag.force() if isinstance(value, PackageValue) and isinstance(value.native, Package) else Null()
    return Unknown(Why.PACKAGE, f"{name}.src") if isinstance(tag, Null) else tag


def package(name: str, origin: object = None, version: Lazy = UNCHANGED) -> PackageValue:
    return PackageValue(name, Package(name, origin, version), name if name in _NAMED_LIKE_PROGRAM else None)


def generated(name: str, text: Lazy, program: str | None = None) -> PackageValue:
    return PackageValue(name, GeneratedFile(name, text), program)


#: The members of a package set that have to do with the whole set, for sets that overlays change.
SeeingItself = Callable[["PackageSet"], dict[str, Lazy]]


class PackageSet(Attrs):
    """`pkgs`: whatever name is asked for is a package of that name, except for the functions and sets that are no packages.

    The names of `lib` are none of them: in `with lib; with pkgs; mkIf`, mkIf is lib's.
    """

    __slots__ = ("made", "seeing_itself")

    def __init__(
        self, items: dict[str, Lazy], made: Callable[[str], Value], seeing_itself: SeeingItself | None = None
    ) -> None:
        super().__init__(items, None, Unknown(Why.PACKAGE, "pkgs"))
        self.made = made
        self.seeing_itself = seeing_itself

    def get(self, name: str) -> Lazy | None:
        found = self.items.get(name)
        if found is None and name not in _OF_OTHER_SETS and not _of_lib(name):
            found = self.items[name] = Lazy.done(self.made(name))
        return found

    def lacks(self, name: str) -> bool:
        return True

    def certainly_lacks(self, name: str) -> bool:
        return name in _OF_OTHER_SETS

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        return PackageSet(items, self.made, self.seeing_itself)


#: The attributes that mark a set of packages, unlike a flake, a package or a function.
_OF_OTHER_SETS = frozenset(("__functor", "__toString", "_type", "drvPath", "outPath", "outputs", "type"))

#: Sets of packages inside nixpkgs: `python3Packages.requests` is a package, too.
_SETS = ("Packages", "Extensions", "Plugins", "kernelPackages")


def _of_lib(name: str) -> bool:
    from hslint.values.nixpkgs_lib import NAMES  # late: many a module never asks for `lib`

    return name in NAMES


def _packages_of(origin: object) -> Callable[[str], Value]:
    def made(name: str) -> Value:
        if name.endswith(_SETS) or name.startswith(("linuxPackages", "python3Packages", "nodePackages", "xorg")):
            return PackageSet({}, lambda inner: package(inner, origin))
        return package(name, origin)

    return made


def package_set(
    ev: Evaluator, system: str, lib: Lazy, origin: object = None, seeing_itself: SeeingItself | None = None
) -> PackageSet:
    """`pkgs` of nixpkgs for a system; the packages say that they are of `origin`."""
    items: dict[str, Lazy] = {}
    made = PackageSet(items, _packages_of(origin), seeing_itself)
    items.update({"lib": lib, "system": constant(system)})
    platform = Lazy(lambda _: _elaborated(system))
    # As any other package; asked for on every host, for which the names of lib need not be loaded.
    items["headscale"] = Lazy(lambda _: package("headscale", origin))
    items["stdenv"] = Lazy(lambda _: _stdenv(system, platform))
    items["hostPlatform"] = items["buildPlatform"] = platform
    items["config"] = Lazy.done(Attrs({}, rest=Unknown(Why.PACKAGE, "pkgs.config")))
    items["path"] = Lazy.done(Unknown(Why.STORE, "pkgs.path"))
    items["formats"] = Lazy(lambda _: _formats(ev))
    items["writers"] = Lazy(lambda _: _writers())
    for name, arity, run in _BUILDERS:
        items[name] = Lazy.done(Primitive(name, arity, run))
    for name in ("unstable", "stable", "master", "nur"):  # no packages of nixpkgs: an overlay's
        items[name] = Lazy.done(PackageSet({"lib": items["lib"], "system": items["system"]}, _packages_of(None)))
    items.update(_seeing_itself(ev, made))
    return made


def _elaborated(system: str) -> Value:
    from hslint.values.nixpkgs_lib.systems import elaborated  # late: as above

    return elaborated(system)


def _seeing_itself(ev: Evaluator, made: PackageSet) -> dict[str, Lazy]:
    """The members of a package set that have to do with the whole set."""

    def call(ev: Evaluator, function: Lazy, overrides: Lazy) -> Value:
        return _call_package(ev, made, function, overrides)

    def extend(ev: Evaluator, overlay: Lazy) -> Value:
        return with_overlays(ev, made, [overlay])

    def append(ev: Evaluator, overlays: Lazy) -> Value:
        return with_overlays(ev, made, ev.closed_list(overlays).items)

    return {
        "pkgs": Lazy.done(made),
        "callPackage": Lazy.done(Primitive("callPackage", 2, call)),
        "extend": Lazy.done(Primitive("extend", 1, extend)),
        "appendOverlays": Lazy.done(Primitive("appendOverlays", 1, append)),
        **(made.seeing_itself(made) if made.seeing_itself is not None else {}),
    }


def with_overlays(ev: Evaluator, base: Value, overlays: Sequence[Lazy]) -> Value:
    """A package set as overlays change it: what they add sees the result; packages they replace keep their names.

    An unknown overlay is passed over: it is one of an input, and adds packages that are not looked into.
    """
    if not isinstance(base, PackageSet) or not overlays:
        return base
    items = dict(base.items)
    result = PackageSet(items, base.made, base.seeing_itself)
    items.update(_seeing_itself(ev, result))
    for overlay in overlays:
        previous = PackageSet(dict(items), base.made)
        added = Lazy(
            lambda given: ev.call(given[0].force(), *given[1]), (overlay, (Lazy.done(result), Lazy.done(previous)))
        ).outcome()
        if isinstance(added, Attrs):
            items.update(added.items)
    return result


def _stdenv(system: str, platform: Lazy) -> Value:
    known = platform.force()
    assert isinstance(known, Attrs)
    derive = Primitive("mkDerivation", 1, named_by_argument)
    items = {**known.items, "hostPlatform": platform, "buildPlatform": platform, "mkDerivation": Lazy.done(derive)}
    return Attrs(items, rest=Unknown(Why.PACKAGE, "stdenv"))


def _text(ev: Evaluator, name: Lazy) -> str:
    try:
        return ev.text(name)
    except NotKnown:
        return "file"


def named_by_argument(ev: Evaluator, arguments: Lazy) -> Value:
    """`mkDerivation { pname = …; }`, `fetchurl { name = …; }`, also with a function of the final attributes."""
    given = arguments.force()
    if isinstance(given, Closure | Primitive):
        result = Lazy(lambda _: ev.apply(given, result))
        given = result.force()
    if isinstance(given, Attrs):
        for name in ("pname", "name", "repo"):
            lazy = given.get(name)
            value = lazy.outcome() if lazy is not None else None
            if isinstance(value, String) and value.known is not None:
                return package(value.known, version=given.get("version") or _version_by_source(given, value.known))
    return package("source")


def _version_by_source(given: Attrs, name: str) -> Lazy:
    source = given.get("src")
    return UNCHANGED if source is None else Lazy(lambda _: _version_of(source, name))


def _from_github(ev: Evaluator, arguments: Lazy) -> Value:
    """`fetchFromGitHub { owner = …; repo = …; tag = …; }`, or `rev`: a source with its tag."""
    source, given = named_by_argument(ev, arguments), arguments.force()
    tag = (given.get("tag") or given.get("rev")) if isinstance(given, Attrs) else None
    if tag is None or not isinstance(source, PackageValue) or not isinstance(source.native, Package):
        return source
    return PackageValue(source.native.name, Package(source.native.name, tag=tag))


def _write(ev: Evaluator, name: Lazy, text: Lazy) -> Value:
    return generated(_text(ev, name).rsplit("/", 1)[-1], text)


def _write_program(ev: Evaluator, name: Lazy, text: Lazy) -> Value:
    called = _text(ev, name)
    return generated(called, text, called)


def _write_file(ev: Evaluator, arguments: Lazy) -> Value:
    given = ev.attrs(arguments)
    name, text = given.get("name"), given.get("text")
    return generated(
        _text(ev, name) if name is not None else "file", text or Lazy.done(Unknown(Why.STORE, "writeTextFile"))
    )


def _write_application(ev: Evaluator, arguments: Lazy) -> Value:
    given = ev.attrs(arguments)
    return _write_program(ev, Lazy(lambda _: ev.select(given, "name")), Lazy(lambda _: ev.select(given, "text")))


def _run_command(ev: Evaluator, name: Lazy, environment: Lazy, script: Lazy) -> Value:
    return package(_text(ev, name))


def _two(ev: Evaluator, name: Lazy, other: Lazy) -> Value:
    return package(_text(ev, name))


def _source(ev: Evaluator, arguments: Lazy) -> Value:
    return named_by_argument(ev, arguments)


def _shell(ev: Evaluator, arguments: Lazy) -> Value:
    return package("shell")


_BUILDERS: tuple[tuple[str, int, Callable[..., Value]], ...] = (
    *(
        (name, 2, _write)
        for name in (
            "writeText",
            "writeTextDir",
            "writeScript",
            "writeShellScript",
        )
    ),
    *((name, 2, _write_program) for name in ("writeScriptBin", "writeShellScriptBin")),
    ("writeTextFile", 1, _write_file),
    ("writeShellApplication", 1, _write_application),
    *((name, 3, _run_command) for name in ("runCommand", "runCommandLocal", "runCommandCC")),
    *((name, 2, _two) for name in ("concatText", "linkFarm", "linkFarmFromDrvs", "writeClosure")),
    *((name, 1, _shell) for name in ("mkShell", "mkShellNoCC")),
    *(
        (name, 1, _source)
        for name in [
            "symlinkJoin",
            "buildEnv",
            "substituteAll",
            "substitute",
            "fetchurl",
            "fetchzip",
            "fetchFromGitLab",
            "fetchFromSourcehut",
            "fetchFromGitea",
            "fetchFromForgejo",
            "fetchgit",
            "fetchpatch",
            "fetchpatch2",
            "fetchTarball",
            "buildGoModule",
            "buildNpmPackage",
        ]
    ),
    ("fetchFromGitHub", 1, _from_github),
    ("replaceVars", 2, lambda ev, path, values: package("source")),
    ("applyPatches", 1, _source),
)


def _call_package(ev: Evaluator, pkgs: PackageSet, function: Lazy, overrides: Lazy) -> Value:
    """`callPackage f { … }`: the function's formals are taken from the set."""
    value = function.force()
    if not isinstance(value, Closure | Primitive):
        value = ev.apply(ev.builtin("import"), function)
    if not isinstance(value, Closure) or value.node.formals is None:
        return Unknown(Why.PACKAGE, "callPackage") if isinstance(value, Unknown) else ev.apply(value, overrides)
    given = overrides.force()
    items = dict(given.items) if isinstance(given, Attrs) else {}
    for formal in value.node.formals:
        if formal.name not in items and formal.default is None:
            found = pkgs.get(formal.name)
            if found is not None:
                items[formal.name] = found
    return ev.apply(value, Lazy.done(Attrs(items)))


_FORMATS = (
    "json",
    "yaml",
    "yaml_1_1",
    "yaml_1_2",
    "toml",
    "ini",
    "iniWithGlobalSection",
    "keyValue",
    "hocon",
    "libconfig",
    "lua",
    "xml",
    "php",
    "gitIni",
    "systemd",
    "hcl1",
    "cdn",
    "nixConf",
    "properties",
)


def _formats(ev: Evaluator) -> Value:
    """`pkgs.formats`: what is generated is a file whose text, as JSON, is known."""

    def generate(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
        return generated(_text(ev, name), applied(ev, Lazy.done(ev.builtin("toJSON")), value))

    def form(name: str) -> Lazy:
        def make(ev: Evaluator, arguments: Lazy) -> Value:
            items = {"type": Lazy(lambda _: _format_type(ev, name)), "generate": generating}
            return Attrs(items, rest=Unknown(Why.PACKAGE, f"pkgs.formats.{name}"))

        return Lazy.done(Primitive(name, 1, make))

    generating = Lazy.done(Primitive("generate", 2, generate))
    return Attrs({name: form(name) for name in _FORMATS}, rest=Unknown(Why.PACKAGE, "pkgs.formats"))


#: Formats of any nested values, as their types call them, and whether null is one of them.
_NESTED = {
    "json": ("JSON", True),
    "yaml": ("YAML 1.1", True),
    "yaml_1_1": ("YAML 1.1", True),
    "yaml_1_2": ("YAML 1.2", True),
    "hocon": ("HOCON", True),
    "toml": ("TOML", False),
}


def _format_type(ev: Evaluator, name: str) -> Value:
    """The option type of a format's values."""
    types = ev.attrs(Lazy.done(ev.select(ev.library.force(), "types")))
    nested, making = _NESTED.get(name), types.get("serializableValueWith")
    if nested is None or making is None:
        return ev.select(types, "anything")
    called, nullable = nested
    options = {"typeName": constant(called), "nullable": constant(nullable)}
    return ev.apply(making.force(), Lazy.done(Attrs(options)))


def _writers() -> Value:
    def data(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
        return generated(_text(ev, name), applied(ev, Lazy.done(ev.builtin("toJSON")), value))

    items = {name: Lazy.done(Primitive(name, 2, data)) for name in ("writeJSON", "writeYAML", "writeTOML")}
    items |= {
        name: Lazy.done(Primitive(name, 2, _write))
        for name in ("writeBash", "writeBashBin", "writeDash", "writeDashBin")
    }
    return Attrs(items, rest=Unknown(Why.PACKAGE, "pkgs.writers"))


__all__ = [
    "GeneratedFile",
    "Package",
    "PackageSet",
    "PackageValue",
    "generated",
    "package",
    "package_set",
    "with_overlays",
]
