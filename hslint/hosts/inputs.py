"""Models of a flake's inputs: their sources are never read, but the commonly used outputs of well-known flakes are known.

An input is a set that knows a few names and is open for the rest. Its `outPath` is an InputPath: unknown, but telling which
input it is, so that `import inputs.nixpkgs { }` and `"${nixpkgs}/nixos/modules/…"` still mean something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum

from hslint.hosts.lock import Source
from hslint.record import Record
from hslint.source import Span
from hslint.values.constant import constant
from hslint.values.store_copies import original
from hslint.values.value import Attrs, Lazy, List, String, Unknown, Value, Why


class InputKind(Enum):
    """The flakes whose outputs hslint understands."""

    NIXPKGS = "nixpkgs"
    NIXPKGS_LIB = "nixpkgs.lib"
    HEADSCALE = "headscale"
    FLAKE_PARTS = "flake-parts"
    FLAKE_UTILS = "flake-utils"
    FLAKE_UTILS_PLUS = "flake-utils-plus"
    SYSTEMS = "systems"
    IMPORT_TREE = "import-tree"
    SNOWFALL_LIB = "snowfall-lib"
    BLUEPRINT = "blueprint"
    CLAN = "clan"
    COLMENA = "colmena"
    DEN = "den"
    EASY_HOSTS = "easy-hosts"
    EZ_CONFIGS = "ez-configs"
    HAUMEA = "haumea"
    NIXOS_RASPBERRYPI = "nixos-raspberrypi"
    NIXOS_UNIFIED = "nixos-unified"
    UNIFY = "unify"
    WITHOUT_HEADSCALE = "a flake whose modules do not touch services.headscale"
    OTHER = "another flake"

    @property
    def model(self) -> str | None:
        """The model (`models/`) of what the flake gives, where there is one."""
        return self.value if self in _MODELLED else None


_MODELLED = frozenset(
    [
        InputKind.FLAKE_PARTS,
        InputKind.FLAKE_UTILS,
        InputKind.FLAKE_UTILS_PLUS,
        InputKind.IMPORT_TREE,
        InputKind.SNOWFALL_LIB,
        InputKind.BLUEPRINT,
        InputKind.CLAN,
        InputKind.COLMENA,
        InputKind.DEN,
        InputKind.EASY_HOSTS,
        InputKind.EZ_CONFIGS,
        InputKind.HAUMEA,
        InputKind.NIXOS_RASPBERRYPI,
        InputKind.NIXOS_UNIFIED,
        InputKind.UNIFY,
    ]
)

_BY_SLUG = {
    "nixos/nixpkgs": InputKind.NIXPKGS,
    "nixpkgs": InputKind.NIXPKGS,
    "nix-community/nixpkgs.lib": InputKind.NIXPKGS_LIB,
    "juanfont/headscale": InputKind.HEADSCALE,
    "hercules-ci/flake-parts": InputKind.FLAKE_PARTS,
    "flake-parts": InputKind.FLAKE_PARTS,
    "numtide/flake-utils": InputKind.FLAKE_UTILS,
    "gytis-ivaskevicius/flake-utils-plus": InputKind.FLAKE_UTILS_PLUS,
    "flake-utils-plus": InputKind.FLAKE_UTILS_PLUS,
    "flake-utils": InputKind.FLAKE_UTILS,
    "nix-systems/default": InputKind.SYSTEMS,
    "nix-systems/default-linux": InputKind.SYSTEMS,
    "nix-systems/x86_64-linux": InputKind.SYSTEMS,
    "systems": InputKind.SYSTEMS,
    "vic/import-tree": InputKind.IMPORT_TREE,
    "denful/import-tree": InputKind.IMPORT_TREE,
    "snowfallorg/lib": InputKind.SNOWFALL_LIB,
    "snowfall-lib": InputKind.SNOWFALL_LIB,
    "numtide/blueprint": InputKind.BLUEPRINT,
    "blueprint": InputKind.BLUEPRINT,
    "clan/clan-core": InputKind.CLAN,
    "clan-lol/clan-core": InputKind.CLAN,
    "clan-core": InputKind.CLAN,
    "zhaofengli/colmena": InputKind.COLMENA,
    "nix-community/colmena": InputKind.COLMENA,
    "colmena": InputKind.COLMENA,
    "vic/den": InputKind.DEN,
    "denful/den": InputKind.DEN,
    "den": InputKind.DEN,
    "tgirlcloud/easy-hosts": InputKind.EASY_HOSTS,
    "easy-hosts": InputKind.EASY_HOSTS,
    "ehllie/ez-configs": InputKind.EZ_CONFIGS,
    "ez-configs": InputKind.EZ_CONFIGS,
    "nix-community/haumea": InputKind.HAUMEA,
    "haumea": InputKind.HAUMEA,
    "nvmd/nixos-raspberrypi": InputKind.NIXOS_RASPBERRYPI,
    "nixos-raspberrypi": InputKind.NIXOS_RASPBERRYPI,
    "srid/nixos-unified": InputKind.NIXOS_UNIFIED,
    "nixos-unified": InputKind.NIXOS_UNIFIED,
    "quasigod/unify": InputKind.UNIFY,
    "unify": InputKind.UNIFY,
    "catppuccin/nix": InputKind.WITHOUT_HEADSCALE,
    "lix-project/nixos-module": InputKind.WITHOUT_HEADSCALE,
}

#: Frameworks whose names nothing else has: forks and former owners give the same.
_FRAMEWORKS = {
    "colmena": InputKind.COLMENA,
    "clan-core": InputKind.CLAN,
    "easy-hosts": InputKind.EASY_HOSTS,
    "ez-configs": InputKind.EZ_CONFIGS,
    "flake-parts": InputKind.FLAKE_PARTS,
    "flake-utils": InputKind.FLAKE_UTILS,
    "flake-utils-plus": InputKind.FLAKE_UTILS_PLUS,
    "haumea": InputKind.HAUMEA,
    "import-tree": InputKind.IMPORT_TREE,
    "nixos-raspberrypi": InputKind.NIXOS_RASPBERRYPI,
    "nixos-unified": InputKind.NIXOS_UNIFIED,
    "snowfall-lib": InputKind.SNOWFALL_LIB,
}

#: Flakes with NixOS modules known not to define Headscale options: importing one leaves nothing open.
#: (Repository names; their owners change hands more often than their contents.)
_WITHOUT_HEADSCALE = frozenset(
    [
        "agenix",
        "agenix-rekey",
        "arion",
        "attic",
        "authentik-nix",
        "catppuccin",
        "comin",
        "deploy-rs",
        "determinate",
        "devenv",
        "devshell",
        "disko",
        "dream2nix",
        "flake-compat",
        "flake-root",
        "git-hooks.nix",
        "gitignore.nix",
        "home-manager",
        "hyprland",
        "impermanence",
        "lanzaboote",
        "lix-module",
        "microvm.nix",
        "musnix",
        "nh",
        "niri-flake",
        "nix-darwin",
        "nix-flatpak",
        "nix-gaming",
        "nix-index-database",
        "nix-ld",
        "nix-minecraft",
        "nix-topology",
        "nixos-anywhere",
        "nixos-cosmic",
        "nixos-generators",
        "nixos-hardware",
        "nixos-images",
        "nixos-mailserver",
        "simple-nixos-mailserver",
        "nixos-vscode-server",
        "nixos-wsl",
        "nixos-facter-modules",
        "nixvim",
        "nur",
        "nvf",
        "plasma-manager",
        "pre-commit-hooks.nix",
        "preservation",
        "quadlet-nix",
        "ragenix",
        "raspberry-pi-nix",
        "rust-overlay",
        "sops-nix",
        "srvos",
        "stylix",
        "terranix",
        "treefmt-nix",
        "vscode-server",
        "nix4vscode",
        "zen-browser-flake",
        "chaotic",
        "nyx",
        "spicetify-nix",
        "proxmox-nixos",
        "attic",
        "ragenix",
        "nixos-apple-silicon",
        "apple-silicon-support",
        "jovian-nixos",
        "buildbot-nix",
        "hercules-ci-agent",
        "bird-nix-lib",
        "flake-programs-sqlite",
        "nix-ld-rs",
        "nixarr",
        "nixflix",
        "declarative-jellyfin",
        "vpn-confinement",
        "nix-snapd",
        "lollypops",
        "dankmaterialshell",
        "headplane",
        "niri-session-manager",
        "nix-foundryvtt",
        "nixos-router",
        "nixvirt",
        "noctalia",
        "noctalia-shell",
        # Flake modules for development and for what is not NixOS.
        "actions.nix",
        "emanote",
        "files",
        "flake-file",
        "github-actions-nix",
        "haskell-flake",
        "hercules-ci-effects",
        "just-flake",
        "make-shell",
        "mission-control",
        "nix-unit",
        "pkgs-by-name-for-flake-parts",
        "process-compose-flake",
        "rust-flake",
        "services-flake",
        "text",
    ]
)


def kind_of(name: str, source: Source) -> InputKind:
    """Which flake an input is, by where it comes from; by its own name only when nothing else is known."""
    slug = source.slug
    known = _BY_SLUG.get(slug)
    if known is not None:
        return known
    repo = slug.rsplit("/", 1)[-1]
    if repo in _FRAMEWORKS:
        return _FRAMEWORKS[repo]
    if repo in ("nixpkgs", "nixpkgs-unfree", "nixpkgs-stable") or (
        not slug and re.fullmatch(r"nixpkgs([-_].*)?|nixos", name)
    ):
        return InputKind.NIXPKGS
    if slug.startswith("nix-systems/"):
        return InputKind.SYSTEMS
    if repo in _WITHOUT_HEADSCALE or (not slug and name in _WITHOUT_HEADSCALE):
        return InputKind.WITHOUT_HEADSCALE
    if not slug:
        return _BY_SLUG.get(name, InputKind.HEADSCALE if name == "headscale" else InputKind.OTHER)
    return InputKind.OTHER


class Input(Record):
    """A source that the project pins: an input of its flake, or one of what people use instead.

    Packages above find it in `native` of the set that stands for it. `pinned_by` is for messages: "input", "npins", "niv", "fetchTarball".
    `nixpkgs` is what the flake itself uses. `patched` says that the project changes the source (`applyPatches`), so that there may be more in it.
    """

    name: str
    kind: InputKind
    source: Source
    pinned_by: str = "input"
    patched: bool = False
    nixpkgs: Source | None = None

    @property
    def label(self) -> str:
        return f"{self.pinned_by} {self.name}".strip()


#: `<nixpkgs>` of the machine that evaluates: some nixpkgs, it is unknown which.
CHANNEL = Input("<nixpkgs>", InputKind.NIXPKGS, Source("indirect", repo="nixpkgs"), "")


class InputPath(Unknown):
    """The store path of an input: its text is unknown, its identity is not."""

    __slots__ = ("input",)

    def __init__(self, input: Input, span: Span | None = None) -> None:  # noqa: A002 - Nix's own word
        super().__init__(Why.INPUT, f"inputs.{input.name}", span)
        self.input = input


class ImportedFile(Unknown):
    """The value of `import` for a file of an input: unknown, with the file that it was."""

    __slots__ = ("inside",)

    def __init__(self, inside: InsideInput, span: Span | None = None) -> None:
        super().__init__(Why.INPUT, f"inputs.{inside.input.name}{inside.path}", span)
        self.inside = inside


class ForeignModule(Record):
    """A NixOS module that an input gives as `nixosModules.<name>`."""

    input: Input
    name: str


class InsideInput(Record):
    """A file or directory of an input, by its path ("" or "/…") there. `copied`: through a store path of its own."""

    input: Input
    path: str
    copied: bool = False

    @property
    def key(self) -> str:
        """The identity of the path, as `toString` would give it."""
        given, source = self.input, self.input.source
        where = f"{source.slug}/{source.rev}" if source.rev else f"{given.pinned_by} {given.name} {source.url}"
        return f"{'copy of ' if self.copied else ''}{where}:{self.path}"


def inside_input(value: Value) -> InsideInput | None:
    """The input and the path inside it that a value names (`"${nixpkgs}/nixos"`), if it does."""
    if isinstance(value, Attrs) and isinstance(value.native, Input):
        return InsideInput(value.native, "")
    copy = original(value)
    if copy is not None:
        below = inside_input(copy.copy.origin)
        return InsideInput(below.input, below.path + copy.rest, copied=True) if below is not None else None
    if isinstance(value, String) and value.parts and isinstance(value.parts[0], InputPath):
        tail = value.parts[1:]
        if all(isinstance(part, str) for part in tail):
            return InsideInput(value.parts[0].input, "".join(part for part in tail if isinstance(part, str)))
    return None


def same_tree(one: Input, other: Input) -> bool | None:
    """Whether two inputs are one store path; None where that is unknown."""
    if one == other:
        return True
    first, second = one.source, other.source
    if CHANNEL in (one, other):
        return False  # what a channel is, is no flake's input
    if not first.slug or not second.slug:
        return None
    if first.slug != second.slug:
        return False
    if first.rev and second.rev:
        return first.rev == second.rev
    return False if first.ref != second.ref else None


class NamedOnDemand(Attrs):
    """A set that has every name: `nixosModules.*` of an input, `packages.<system>`, `legacyPackages.<system>`."""

    __slots__ = ("_make",)

    def __init__(
        self,
        make: Callable[[str], Value | None],
        items: Mapping[str, Lazy] | None = None,
        rest: Unknown | None = None,
        native: object = None,
    ) -> None:
        super().__init__(dict(items or {}), None, rest, native)
        self._make = make

    def get(self, name: str) -> Lazy | None:
        found = self.items.get(name)
        if found is None:
            value = self._make(name)
            if value is None:
                return None
            found = self.items[name] = Lazy.done(value)
        return found

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def replaced(self, items: dict[str, Lazy], rest: Unknown | None, maybe: frozenset[str], span: Span | None) -> Attrs:
        return NamedOnDemand(self._make, items, rest)


def metadata(given: Input) -> dict[str, Lazy]:
    """The attributes that every input has: its path, its revision and date as far as the lock file says."""
    unknown = Unknown(Why.INPUT, f"inputs.{given.name}")
    path = String.of((InputPath(given),))
    rev = given.source.rev
    items: dict[str, Value] = {
        "_type": String("flake"),
        "outPath": path,
        "sourceInfo": Attrs({"outPath": Lazy.done(path)}, rest=unknown),
        "rev": String(rev) if rev else unknown,
        "shortRev": String(rev[:7]) if rev else unknown,
        "inputs": unknown,
        "lastModified": unknown,
        "lastModifiedDate": unknown,
        "narHash": unknown,
    }
    return {name: Lazy.done(value) for name, value in items.items()}


#: Names in a module, so that a module is not taken for a set of modules.
_OF_A_MODULE = frozenset(
    (
        "_class",
        "_file",
        "_type",
        "__functor",
        "config",
        "disabledModules",
        "imports",
        "key",
        "options",
        "outPath",
        "type",
    )
)


def foreign_modules(given: Input) -> Attrs:
    """`nixosModules` of an input: whatever name is asked for is a module that hslint does not read."""
    unknown = Unknown(Why.INPUT, f"inputs.{given.name}.nixosModules")
    return NamedOnDemand(lambda name: foreign_module(given, name), rest=unknown)


def foreign_module(given: Input, name: str) -> Value:
    """A module, or a set of modules (`nixosModules.raspberry-pi-5.base`): which of the two depends on its use."""

    def inner(inner: str) -> Value | None:
        return None if inner in _OF_A_MODULE else foreign_module(given, f"{name}.{inner}")

    unknown = Unknown(Why.INPUT, f"inputs.{given.name}.nixosModules.{name}")
    return NamedOnDemand(inner, rest=unknown, native=ForeignModule(given, name))


def foreign_flake_modules(given: Input) -> Attrs:
    """`flakeModules` of an input that has nothing to do with hosts: each may add to perSystem and declare options."""
    unknown = Unknown(Why.INPUT, f"inputs.{given.name}.flakeModules")
    unchecked = Attrs({"check": constant(False)})
    module = Attrs({"flakeModulesNotRead": Lazy.done(List([Lazy.done(unknown)])), "_module": Lazy.done(unchecked)})
    return NamedOnDemand(lambda name: module, rest=unknown)
