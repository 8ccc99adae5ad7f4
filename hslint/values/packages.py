"""What stands for `pkgs`: packages have names and nothing else that can be known; generated files have their text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hslint.source import Span
from hslint.values.builtins.lists import applied
from hslint.values.nixpkgs_lib.trivial import builtin
from hslint.values.value import Attrs, Bool, Closure, Lazy, NotKnown, Primitive, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluate import Evaluator


@dataclass(frozen=True, slots=True)
class Package:
    """A package of nixpkgs, of an input or of an overlay."""

    name: str


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file that a builder makes of text that the configuration gives (`writeText`, `formats.*.generate`)."""

    name: str
    text: Lazy


class PackageValue(Attrs):
    """A derivation about which its name is known. Attributes that nixpkgs gives every package are answered, others are unknown."""

    __slots__ = ()

    def __init__(self, name: str, native: Package | GeneratedFile) -> None:
        path = String.of(("/nix/store/", Unknown(Why.STORE, name), f"-{name}"), context=frozenset((name,)))
        items = {
            "type": Lazy.done(String("derivation")),
            "name": Lazy.done(String(name)),
            "pname": Lazy.done(String(name)),
            "outPath": Lazy.done(path),
            "meta": Lazy.done(Attrs({}, rest=Unknown(Why.PACKAGE, f"{name}.meta"))),
        }
        super().__init__(items, None, Unknown(Why.PACKAGE, name), native)
        if isinstance(native, Package):
            items["meta"] = Lazy.done(
                Attrs({"mainProgram": Lazy.done(String(name))}, rest=Unknown(Why.PACKAGE, f"{name}.meta"))
            )
        own = Lazy.done(self)
        for name_ in ("out", "bin", "dev", "lib", "man", "doc"):
            items[name_] = own
        for name_ in ("override", "overrideAttrs", "overrideDerivation", "overridePythonAttrs", "withPackages"):
            items[name_] = Lazy.done(Primitive(name_, 1, lambda ev, changes: self))


def package(name: str) -> PackageValue:
    return PackageValue(name, Package(name))


def generated(name: str, text: Lazy) -> PackageValue:
    return PackageValue(name, GeneratedFile(name, text))


class PackageSet(Attrs):
    """`pkgs`: whatever name is asked for is a package of that name, except for the functions and sets that are no packages."""

    __slots__ = ("_made",)

    def __init__(self, items: dict[str, Lazy], made: Callable[[str], Value]) -> None:
        super().__init__(items, None, Unknown(Why.PACKAGE, "pkgs"))
        self._made = made

    def get(self, name: str) -> Lazy | None:
        found = self.items.get(name)
        if found is None:
            found = self.items[name] = Lazy.done(self._made(name))
        return found

    def __contains__(self, name: str) -> bool:
        return True

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        return PackageSet(items, self._made)


#: Sets of packages inside nixpkgs: `python3Packages.requests` is a package, too.
_SETS = ("Packages", "Extensions", "Plugins", "kernelPackages")


def _made(name: str) -> Value:
    if name.endswith(_SETS) or name.startswith(("linuxPackages", "python3Packages", "nodePackages", "xorg")):
        return PackageSet({}, package)
    return package(name)


def package_set(ev: Evaluator, system: str, lib: Attrs) -> PackageSet:
    """`pkgs` of nixpkgs for a system."""
    items: dict[str, Lazy] = {}
    made = PackageSet(items, _made)
    own = Lazy.done(made)
    items.update({"lib": Lazy.done(lib), "system": Lazy.done(String(system)), "pkgs": own})
    platform = Lazy(lambda _: _platform(system))
    items["stdenv"] = Lazy(lambda _: _stdenv(system, platform))
    items["hostPlatform"] = items["buildPlatform"] = platform
    items["config"] = Lazy.done(Attrs({}, rest=Unknown(Why.PACKAGE, "pkgs.config")))
    items["path"] = Lazy.done(Unknown(Why.STORE, "pkgs.path"))
    items["formats"] = Lazy(lambda _: _formats(ev))
    items["writers"] = Lazy(lambda _: _writers())
    for name, arity, run in _BUILDERS:
        items[name] = Lazy.done(Primitive(name, arity, run))
    items["callPackage"] = Lazy.done(Primitive("callPackage", 2, lambda ev, f, a: _call_package(ev, made, f, a)))
    items["extend"] = Lazy.done(Primitive("extend", 1, lambda ev, overlay: _extended(ev, made, [overlay])))
    items["appendOverlays"] = Lazy.done(
        Primitive("appendOverlays", 1, lambda ev, overlays: _extended(ev, made, list(ev.closed_list(overlays).items)))
    )
    for name in ("unstable", "stable", "master", "nur"):  # no packages of nixpkgs: somebody's overlay
        items[name] = Lazy.done(PackageSet({"lib": items["lib"], "system": items["system"]}, _made))
    return made


def _extended(ev: Evaluator, base: PackageSet, overlays: list[Lazy]) -> Value:
    """`pkgs.extend overlay`: what an overlay adds sees the result; packages it replaces keep their names."""

    def run(_: object) -> Value:
        items = dict(base.items)
        previous: Attrs = base
        for overlay in overlays:
            added = ev.call(overlay.force(), result, Lazy.done(previous))
            if isinstance(added, Attrs):
                items = {**items, **added.items}
                previous = base.replaced(items, base.rest, base.maybe, None)
        items["pkgs"] = result
        return base.replaced(items, base.rest, base.maybe, None)

    result = Lazy(run)
    return result.force()


def with_overlays(ev: Evaluator, base: Value, overlays: list[Lazy]) -> Value:
    """A package set as `nixpkgs.overlays` changes it."""
    return _extended(ev, base, overlays) if isinstance(base, PackageSet) and overlays else base


def _platform(system: str) -> Value:
    cpu, _, kernel = system.partition("-")
    truths = {
        "isLinux": kernel == "linux",
        "isDarwin": kernel == "darwin",
        "isx86_64": cpu == "x86_64",
        "isAarch64": cpu == "aarch64",
        "isAarch": cpu == "aarch64",
        "isx86": cpu == "x86_64",
        "is64bit": cpu in ("x86_64", "aarch64"),
    }
    items = {name: Lazy.done(Bool(truth)) for name, truth in truths.items()}
    items["system"] = Lazy.done(String(system))
    return Attrs(items, rest=Unknown(Why.PACKAGE, "hostPlatform"))


def _stdenv(system: str, platform: Lazy) -> Value:
    known = platform.force()
    assert isinstance(known, Attrs)
    derive = Primitive("mkDerivation", 1, _named_by_argument)
    items = {**known.items, "hostPlatform": platform, "buildPlatform": platform, "mkDerivation": Lazy.done(derive)}
    return Attrs(items, rest=Unknown(Why.PACKAGE, "stdenv"))


def _text(ev: Evaluator, name: Lazy) -> str:
    try:
        return ev.text(name)
    except NotKnown:
        return "file"


def _named_by_argument(ev: Evaluator, arguments: Lazy) -> Value:
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
                return package(value.known)
    return package("source")


def _write(ev: Evaluator, name: Lazy, text: Lazy) -> Value:
    return generated(_text(ev, name).rsplit("/", 1)[-1], text)


def _write_file(ev: Evaluator, arguments: Lazy) -> Value:
    given = ev.attrs(arguments)
    name, text = given.get("name"), given.get("text")
    return generated(
        _text(ev, name) if name is not None else "file", text or Lazy.done(Unknown(Why.STORE, "writeTextFile"))
    )


def _run_command(ev: Evaluator, name: Lazy, environment: Lazy, script: Lazy) -> Value:
    return package(_text(ev, name))


def _two(ev: Evaluator, name: Lazy, other: Lazy) -> Value:
    return package(_text(ev, name))


def _source(ev: Evaluator, arguments: Lazy) -> Value:
    return _named_by_argument(ev, arguments)


def _shell(ev: Evaluator, arguments: Lazy) -> Value:
    return package("shell")


_BUILDERS: tuple[tuple[str, int, Callable[..., Value]], ...] = (
    *(
        (name, 2, _write)
        for name in (
            "writeText",
            "writeTextDir",
            "writeScript",
            "writeScriptBin",
            "writeShellScript",
            "writeShellScriptBin",
        )
    ),
    *((name, 1, _write_file) for name in ("writeTextFile", "writeShellApplication")),
    *((name, 3, _run_command) for name in ("runCommand", "runCommandLocal", "runCommandCC")),
    *((name, 2, _two) for name in ("concatText", "linkFarm", "linkFarmFromDrvs", "writeClosure")),
    *((name, 1, _shell) for name in ("mkShell", "mkShellNoCC")),
    *(
        (name, 1, _source)
        for name in ["symlinkJoin", "buildEnv", "substituteAll", "substitute", "fetchurl", "fetchzip", "fetchFromGitHub", "fetchFromGitLab", "fetchFromSourcehut", "fetchFromGitea", "fetchFromForgejo", "fetchgit", "fetchpatch", "fetchpatch2", "fetchTarball", "buildGoModule", "buildNpmPackage"]
    ),
    ("replaceVars", 2, lambda ev, path, values: package("source")),
    ("applyPatches", 1, _source),
)


def _call_package(ev: Evaluator, pkgs: PackageSet, function: Lazy, overrides: Lazy) -> Value:
    """`callPackage f { … }`: the function's formals are taken from the set."""
    value = function.force()
    if not isinstance(value, Closure | Primitive):
        value = ev.apply(builtin(ev, "import"), function)
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
    """`pkgs.formats`: what is generated is a file whose text, as JSON, is known; values are not checked."""

    def generate(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
        return generated(_text(ev, name), applied(ev, Lazy.done(builtin(ev, "toJSON")), value))

    def form(ev: Evaluator, arguments: Lazy) -> Value:
        kind = Lazy(lambda _: ev.select(ev.select(ev.library.force(), "types"), "anything"))
        return Attrs(
            {"type": kind, "generate": Lazy.done(Primitive("generate", 2, generate))},
            rest=Unknown(Why.PACKAGE, "pkgs.formats"),
        )

    made = Lazy.done(Primitive("format", 1, form))
    return Attrs(dict.fromkeys(_FORMATS, made), rest=Unknown(Why.PACKAGE, "pkgs.formats"))


def _writers() -> Value:
    def data(ev: Evaluator, name: Lazy, value: Lazy) -> Value:
        return generated(_text(ev, name), applied(ev, Lazy.done(builtin(ev, "toJSON")), value))

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
