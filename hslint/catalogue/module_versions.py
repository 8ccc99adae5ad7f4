"""The NixOS modules for `services.headscale`: Headscale's own by tag, nixpkgs' by NixOS release."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeAlias

from hslint.catalogue.data import Json, stored
from hslint.catalogue.release import Release, parse
from hslint.catalogue.term import Term, term
from hslint.record import Record

#: The first release whose flake exports a NixOS module (nix/module.nix).
FIRST_WITH_MODULE = Release(0, 28, 0)
IN_REPOSITORY = ("in-repo-v0.28.0", "in-repo-v0.29.2")
CHANNELS = ("24.05", "24.11", "25.05", "25.11", "26.05", "unstable")
#: What nixpkgs has from 2026-07-21 on, by what the pull request says (NixOS/nixpkgs#544239): its text was not seen, nor whether it
#: refuses the old names. A rename cannot reach into `settings`, so either it does or they are settings like any other, which nothing reads.
#: Only what is pinned since then is checked against it; upgrades lead to the last text that was seen.
DESCRIBED = "nixpkgs-26.11"
MODULE_VERSIONS: tuple[str, ...] = (*IN_REPOSITORY, *(f"nixpkgs-{channel}" for channel in CHANNELS), DESCRIBED)

# The same in every version, both modules (systemd.services.headscale of the module's text).
UNIT = "headscale"
DEFAULT_USER = "headscale"
"""created only when `user` is this name; likewise the group"""
STATE_DIRECTORY = "/var/lib/headscale"
RUNTIME_DIRECTORY = "/run/headscale"
"""with the state directory the only places the service may write to (ProtectSystem=strict, from 24.11 on)"""
PRIVILEGED_BELOW = 1024
"""the service gets CAP_NET_BIND_SERVICE only when the option `port` is below; settings.listen_addr is not asked"""
HIDDEN_DIRECTORIES = ("/home", "/root", "/run/user")
"""empty for the service (ProtectHome, from 24.11 on)"""


class Option(Record):
    """An option declared by the module; `path` is below `services.headscale`.

    A package as default is `{"package": name}`: there is no value to know.
    """

    path: str
    type: Term
    has_default: bool
    default: Json
    read_only: bool


class Fixed(Record):
    """A definition that the module makes by itself once the service is enabled.

    `template` stands for a value made of other options of `services.headscale`: `${address}:${port}`.
    """

    path: str
    value: Json
    template: str | None
    priority: int


class Needs(Record):
    """When the option `when` is true, `needs` must not be empty ("" or [])."""

    when: str
    needs: str
    message: str


class Absent(Record):
    """No such attribute may exist, not even as null (hasAttrByPath)."""

    path: str
    message: str


class OnlyOneOf(Record):
    """At most one of the options may differ from null."""

    paths: tuple[str, ...]
    message: str


class NotPartOf(Record):
    """Unless `unless` exists and is true, a non-empty `part` may not occur anywhere in `whole` (lib.hasInfix).

    The message is nixpkgs' prose, which is not repeated here: None.
    """

    part: str
    whole: str
    unless: str
    message: None = None


Assertion: TypeAlias = Needs | Absent | OnlyOneOf | NotPartOf


class ModuleVersion(Record):
    """One version of a NixOS module for Headscale. All paths are below `services.headscale`.

    headscale           the release that the same NixOS release packages; None for Headscale's own module, which takes the
                        package from the user's nixpkgs
    config_argument     whether `serve` gets the generated file as argument; /etc/headscale/config.yaml then holds only
                        what the command line needs
    drops_nulls         whether null settings are left out of the generated file
    password_file       the option whose file the start script reads into `password_variable`; Headscale does not read it
    disables            modules of nixpkgs that this one replaces
    renamed             old option to new one, in the order of the module's imports; holds for disabled services too
    removed             options whose definition is refused (mkRemovedOptionModule); holds for disabled services too
    assertions          in the module's order; they hold only for enabled services
    """

    name: str
    headscale: Release | None
    config_argument: bool
    drops_nulls: bool
    password_file: str
    password_variable: str
    disables: tuple[str, ...]
    options: Mapping[str, Option]
    fixed: Mapping[str, Fixed]
    renamed: Mapping[str, str]
    removed: tuple[str, ...]
    assertions: tuple[Assertion, ...]

    @property
    def source(self) -> Literal["in-repo", "nixpkgs"]:
        return "in-repo" if self.name.startswith("in-repo") else "nixpkgs"

    @property
    def made_for(self) -> Release | None:
        """The release whose settings the module knows, where its name says it or the NixOS release packages it."""
        return self.headscale or parse(self.name.rpartition("-v")[2])

    @property
    def sets(self) -> tuple[str, ...]:
        """The settings that the module gives a value by itself, in the order of their names."""
        given = {path for path, option in self.options.items() if option.has_default and option.default is not None}
        return tuple(sorted(path.partition(".")[2] for path in {*self.fixed, *given} if path.startswith("settings.")))

    def option(self, path: str) -> Option | None:
        return self.options.get(path)

    def below(self, prefix: str) -> tuple[Option, ...]:
        start = prefix + "."
        return tuple(option for path, option in self.options.items() if path.startswith(start))

    def is_group(self, path: str) -> bool:
        """Whether options lie below the path without the path being one, as `settings.derp`."""
        return path not in self.options and bool(self.below(path))

    def refuses(self, path: str) -> Absent | None:
        """The assertion that a setting's presence breaks: `settings.dns_config.domains`, or a set that it lies in."""
        broken = [
            assertion
            for assertion in self.assertions
            if isinstance(assertion, Absent) and (path + ".").startswith(assertion.path + ".")
        ]
        return max(broken, key=lambda assertion: len(assertion.path), default=None)


@cache
def module_version(name: str) -> ModuleVersion | None:
    """The module that a user names: `in-repo` and `nixpkgs` are the newest ones, `in-repo-v0.29.0` the one of that tag."""
    known = _version_name(name)
    return _read_version(known) if known is not None else None


def version_in_repository(release: Release) -> str | None:
    """The name of the module inside Headscale's own repository at a release; there is none before the first one."""
    if release < FIRST_WITH_MODULE:
        return None
    return IN_REPOSITORY[0] if release < Release(0, 29, 0) else IN_REPOSITORY[1]


def channel_of(branch: str) -> str | None:
    """The NixOS release behind a branch of nixpkgs: `nixos-25.11-small` is `25.11`, `master` is `unstable`.

    A release before 24.05 is taken for it (the module's text did not change from 23.05 on), one after the newest known for
    `unstable`. None if the name says nothing.
    """
    if _bare(branch) in ("unstable", "master", "staging"):
        return "unstable"
    name = _release_of(branch)
    stable = CHANNELS[:-1]
    if name is None:
        return None
    if name > stable[-1]:
        return "unstable"
    if name < "23.05":
        return None
    return max((channel for channel in stable if channel <= name), default=stable[0])


def _bare(branch: str) -> str:
    """The part of a branch's name that says which nixpkgs it is."""
    name = branch.removesuffix("-small").removesuffix("-darwin").removesuffix("-aarch64")
    for prefix in ("nixos-", "nixpkgs-", "release-", "staging-next-", "staging-"):
        name = name.removeprefix(prefix)
    return name


def _release_of(branch: str) -> str | None:
    """The NixOS release that a branch is named after, whether or not its module is known."""
    name = _bare(branch)
    year, point, month = name.partition(".")
    is_release = point and year.isascii() and year.isdigit() and len(year) == 2 and month in ("03", "05", "09", "11")
    return name if is_release else None


def before_known(branch: str) -> bool:
    """Whether a branch of nixpkgs is that of a NixOS release from before the oldest module that is known."""
    return channel_of(branch) is None and _release_of(branch) is not None


def packaged_in(channel: str) -> Release | None:
    """The Headscale that a NixOS release packages; for `unstable`, at the time the data was gathered."""
    version = module_version(f"nixpkgs-{channel}")
    return version.headscale if version is not None else None


def renamed_in_older_module(option: str) -> str | None:
    """The later name of an option of earlier modules, by the last module that kept the old name; below `services.headscale`."""
    found = None
    for name in MODULE_VERSIONS:
        version = _read_version(name)
        found = version.renamed.get(option, found) if version.source == "nixpkgs" else found
    return found


def read_by_a_module(key: str) -> bool:
    """Whether the start script of some module reads a setting that Headscale does not, as `db_password_file`."""
    return any(_read_version(name).password_file == f"settings.{key}" for name in MODULE_VERSIONS)


def removed_in_older_module(option: str) -> bool:
    """Whether a module refuses the option, or a set that it lies in, as one that was removed."""
    return any(
        (option + ".").startswith(f"{gone}.") for name in MODULE_VERSIONS for gone in _read_version(name).removed
    )


def _version_name(name: str) -> str | None:
    if name in MODULE_VERSIONS:
        return name
    if name == "in-repo":
        return IN_REPOSITORY[-1]
    if name == "nixpkgs":
        return f"nixpkgs-{CHANNELS[-1]}"
    if name.startswith("in-repo-"):
        release = parse(name.removeprefix("in-repo-"))
        return version_in_repository(release) if release is not None else None
    channel = channel_of(name) if name.startswith(("nixpkgs-", "nixos-")) else None
    return f"nixpkgs-{channel}" if channel is not None else None


@cache
def _read_version(name: str) -> ModuleVersion:
    read = stored(f"modules/{name}")
    ((password_file, password_variable),) = read["password"].items()
    return ModuleVersion(
        name=name,
        headscale=parse(read["headscale"]) if read["headscale"] is not None else None,
        config_argument=read["config_argument"],
        drops_nulls=read["drops_nulls"],
        password_file=password_file,
        password_variable=password_variable,
        disables=tuple(read["disables"]),
        options={
            path: Option(
                path, term(entry["type"]), "default" in entry, entry.get("default"), entry.get("read_only", False)
            )
            for path, entry in read["options"].items()
        },
        fixed={
            path: Fixed(path, entry.get("value"), entry.get("template"), entry["priority"])
            for path, entry in read["fixed"].items()
        },
        renamed=read["renamed"],
        removed=tuple(read["removed"]),
        assertions=tuple(_assertion(entry) for entry in read["assertions"]),
    )


def _assertion(entry: dict[str, Any]) -> Assertion:
    match entry:
        case {"when": when, "needs": needs, "message": message}:
            return Needs(when, needs, message)
        case {"absent": path, "use": use}:
            return Absent(path, f"The option `services.headscale.{path}` was removed. Use `{use}` instead.")
        case {"absent": path, "because": because}:
            return Absent(path, f"The option `services.headscale.{path}` was removed. {because}")
        case {"only_one_of": paths, "message": message}:
            return OnlyOneOf(tuple(paths), message)
        case {"part": part, "not_part_of": whole, "unless": unless}:
            return NotPartOf(part, whole, unless)
        case _:
            raise ValueError(f"not an assertion: {entry!r}")
