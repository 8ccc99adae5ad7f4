"""lib.systems and lib.platforms: what the name of a system says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.value import Attrs, Lazy, List, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

library = Registry()

#: Systems of which every nixpkgs since 23.05 says that it supports them; which others there are depends on its release.
_LINUX = (
    "x86_64-linux",
    "aarch64-linux",
    "i686-linux",
    "armv6l-linux",
    "armv7l-linux",
    "powerpc64le-linux",
    "riscv64-linux",
)
_DARWIN = ("aarch64-darwin",)

#: The predicates that are true of every Linux on glibc, and of every macOS.
_TRUE_OF = {
    "linux": ("isLinux", "isUnix", "isElf", "isGnu", "isEfi", "hasSharedLibraries"),
    "darwin": ("isDarwin", "isMacOS", "isMacho", "isUnix", "isBSD", "hasSharedLibraries"),
}
_TRUE_OF_CPU = {
    "x86_64": ("isx86", "isx86_64", "is64bit", "isLittleEndian"),
    "aarch64": ("isAarch", "isAarch64", "is64bit", "isLittleEndian"),
    "i686": ("isx86", "isx86_32", "isi686", "is32bit", "isLittleEndian"),
    "armv7l": ("isAarch", "isAarch32", "isArmv7", "is32bit", "isLittleEndian"),
    "armv6l": ("isAarch", "isAarch32", "is32bit", "isLittleEndian"),
    "riscv64": ("isRiscV", "isRiscV64", "is64bit", "isLittleEndian"),
}
#: Predicates that are false wherever they are not named above.
_PREDICATES = frozenset(
    [
        "is32bit",
        "is64bit",
        "isAarch",
        "isAarch32",
        "isAarch64",
        "isAndroid",
        "isArmv7",
        "isBigEndian",
        "isCygwin",
        "isDarwin",
        "isElf",
        "isFreeBSD",
        "isGnu",
        "isLinux",
        "isLittleEndian",
        "isMacOS",
        "isMinGW",
        "isMips",
        "isMusl",
        "isNetBSD",
        "isOpenBSD",
        "isPower",
        "isRiscV",
        "isRiscV64",
        "isStatic",
        "isUnix",
        "isWasi",
        "isWasm",
        "isWindows",
        "isi686",
        "isx86",
        "isx86_32",
        "isx86_64",
    ]
)


def _named(systems: tuple[str, ...], whole: str) -> Lazy:
    return Lazy.done(List([constant(name) for name in systems], None, Unknown(Why.INPUT, whole)))


def platforms() -> Attrs:
    """Lists of systems, by what the systems share."""
    items = {
        "linux": _named(_LINUX, "lib.platforms.linux"),
        "darwin": _named(_DARWIN, "lib.platforms.darwin"),
        "unix": _named((*_LINUX, *_DARWIN), "lib.platforms.unix"),
        "all": _named((*_LINUX, *_DARWIN), "lib.platforms.all"),
    }
    return Attrs(items, rest=Unknown(Why.FUNCTION, "lib.platforms"))


def constants() -> dict[str, Lazy]:
    """The constants of lib.systems."""
    exposed = ("x86_64-linux", "aarch64-linux", "aarch64-darwin")
    return {"flakeExposed": _named(exposed, "lib.systems.flakeExposed"), "doubles": Lazy(lambda _: platforms())}


def elaborated(system: str) -> Attrs:
    """The attributes of a system, by its name."""
    cpu, _, kernel = system.partition("-")
    true = {*_TRUE_OF.get(kernel, ()), *_TRUE_OF_CPU.get(cpu, ())}
    items = {"system": constant(system)}
    if kernel in _TRUE_OF and cpu in _TRUE_OF_CPU:
        items.update((name, constant(name in true)) for name in _PREDICATES | true)
        if kernel == "linux" and cpu in ("x86_64", "aarch64"):
            words = {
                "config": f"{cpu}-unknown-linux-gnu",
                "libc": "glibc",
                "linuxArch": "x86_64" if cpu == "x86_64" else "arm64",
                "qemuArch": cpu,
                "efiArch": "x64" if cpu == "x86_64" else "aa64",
            }
            items.update((name, constant(word)) for name, word in words.items())
    return Attrs(items, rest=Unknown(Why.PACKAGE, "hostPlatform"))


@library("elaborate")
def elaborate(ev: Evaluator, system: Lazy) -> Value:
    value = ev.known(system)
    if isinstance(value, String):
        return elaborated(ev.text(system))
    given = ev.attrs(system)
    name = given.get("system")
    if name is None or given.items.keys() - {"system"}:
        return Attrs({**given.items}, given.span, Unknown(Why.FUNCTION, "lib.systems.elaborate"))
    return elaborated(ev.text(name))
