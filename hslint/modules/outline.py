"""The rest of NixOS in outline: which options there may be beside the modelled ones, and their values without definitions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hslint.modules.show import show_option
from hslint.spelling import within
from hslint.values.constant import constant
from hslint.values.value import Attrs, Bool, Lazy, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.modules.evaluation import Evaluation

Path = tuple[str, ...]

#: The first names of NixOS's options, and of the tools that configurations bring along.
ROOTS = frozenset(
    [
        "appstream",
        "assertions",
        "boot",
        "console",
        "containers",
        "documentation",
        "dysnomia",
        "ec2",
        "environment",
        "fileSystems",
        "fonts",
        "gtk",
        "hardware",
        "i18n",
        "ids",
        "image",
        "isoImage",
        "jobs",
        "lib",
        "location",
        "meta",
        "networking",
        "nix",
        "nixops",
        "nixpkgs",
        "oci",
        "openstack",
        "passthru",
        "power",
        "powerManagement",
        "programs",
        "proxmox",
        "proxmoxLXC",
        "qt",
        "security",
        "services",
        "snapraid",
        "sound",
        "specialisation",
        "swapDevices",
        "system",
        "systemd",
        "time",
        "users",
        "virtualisation",
        "warnings",
        "xdg",
        "zramSwap",
        "krb5",
        "qt5",
        "gnu",
        "sdImage",
        "system-manager",
        "sops",
        "age",
        "home-manager",
        "disko",
        "colmena",
        "deployment",
        "microvm",
        "stylix",
        "wsl",
        "lollypops",
        "clan",
        "topology",
        "preservation",
        "facter",
        "nix-bitcoin",
        "mailserver",
        "snowfallorg",
        "nixos-unified",
        "nur",
        "catppuccin",
    ]
)

#: Services and programs that NixOS enables by itself, on some systems at least.
_ON_BY_DEFAULT = frozenset(
    [
        "services.dbus",
        "services.udev",
        "services.timesyncd",
        "services.nscd",
        "services.logrotate",
        "services.lvm",
        "services.journald",
        "services.speechd",
        "services.orca",
        "services.displayManager",
        "services.libinput",
        "services.userborn",
        "services.getty",
        "services.logind",
        "services.graphical-desktop",
        "programs.nano",
        "programs.bash",
        "programs.command-not-found",
        "programs.fuse",
        "programs.less",
        "programs.ssh",
        "programs.nix-index",
        "programs.info",
    ]
)

#: How near a name may be to a known one and still be taken for its own.
_TYPING_ERROR = 2


@lru_cache(4096)  # every module of every host asks about the same few names
def _misspelt_root(name: str) -> bool:
    return any(within(name, known, _TYPING_ERROR) for known in ROOTS)


class Outline:
    """The rest of NixOS: which undeclared options there may be, and their values without definitions."""

    def __init__(self) -> None:
        self.evaluation: Evaluation | None = None

    def accepts(self, path: Path) -> bool:
        root = path[0]
        if root in ROOTS:
            if len(path) < 2 or root != "services":
                return True
            return not within(path[1], "headscale", _TYPING_ERROR)
        if not root:
            return True
        return self._tolerant() and not _misspelt_root(root)

    def _tolerant(self) -> bool:
        """Whether modules that are not read may declare options of their own."""
        if self.evaluation is None:
            return False
        collected = self.evaluation.collected()
        return collected.foreign or bool(collected.open) or self.evaluation.outer_opening is not None

    def missing(self, path: Path, opening: Unknown | None) -> Value | None:
        if path[0] not in ROOTS:
            return None
        unknown = Unknown(Why.OPTION, show_option(path))
        if len(path) == 2 and path[0] in ("services", "programs"):
            return Attrs({"enable": Lazy.done(self._enable(path, opening))}, rest=unknown)
        return unknown

    def foreign(self, path: Path) -> Unknown | None:
        return Unknown(Why.OPTION, show_option(path)) if path[0] not in ROOTS else None

    def completed(self, path: Path, value: Value, opening: Unknown | None) -> Value:
        plain_set = isinstance(value, Attrs) and len(path) == 2 and path[0] in ("services", "programs")
        if not plain_set:
            return value
        assert isinstance(value, Attrs)
        if "enable" not in value.items:
            items = {**value.items, "enable": Lazy.done(self._enable(path, opening))}
            return Attrs(items, value.span, value.rest, None, value.maybe)
        return value

    def _enable(self, path: Path, opening: Unknown | None) -> Value:
        name = show_option((*path, "enable"))
        if ".".join(path) in _ON_BY_DEFAULT:
            return Unknown(Why.OPTION, name)
        return Bool(False) if opening is None else Unknown(Why.OPEN, name, opening.span, (constant(False),))
