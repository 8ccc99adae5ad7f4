"""The machines of a flake or of a flake-less entry: `nixosConfigurations`, hives, and sets of configurations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from hslint.hosts.flake import Flake
from hslint.hosts.frameworks import hive_nodes
from hslint.hosts.nixos import NixOS, NixosSystem
from hslint.record import Record
from hslint.values.constant import constant
from hslint.values.value import Attrs, Closure, Failure, Kind, Lazy, Null, Unknown, Value

#: Where flakes keep machines, by the tools that deploy them.
CONFIGURATIONS = "nixosConfigurations"
_BY_SYSTEM = ("packages", "legacyPackages")
_HIVES = ("colmena", "colmenaHive")

_NOTHING = constant(None)


class Machines(Record):
    """The machines of one output, by name, and why there may be more of them."""

    output: str
    found: Mapping[str, Lazy]
    unread: tuple[Failure | Unknown, ...] = ()


def of_flake(flake: Flake, nixos: NixOS) -> Iterator[Machines]:
    """The outputs that may hold machines, the usual one first."""
    yield members(CONFIGURATIONS, lambda: flake.output(CONFIGURATIONS))
    # `nix build .#nixosConfigurations.<host>`, as rebuild tools say it, looks below these as well.
    for output in _BY_SYSTEM:
        yield _below_systems(flake, output)
    for name in _HIVES:
        yield _hive(nixos, name, Lazy(lambda name: flake.output(name) or Null(), name))


def of_file(nixos: NixOS, path: str) -> Iterator[Machines]:
    """The machines of a file that is no flake: a hive, a set with `nixosConfigurations` in it, or a set of configurations."""
    value = Lazy(lambda _: _called(nixos, nixos.ev.import_file(path))).outcome()
    certain = path.endswith("/hive.nix")  # any other name may be that of a module
    if not isinstance(value, Attrs):
        takes_arguments = isinstance(value, Failure) and value.kind is Kind.MISSING_ARGUMENT  # as a module does
        if certain and isinstance(value, Failure | Unknown) and not takes_arguments:
            yield Machines("", {}, (value,))
        return
    if certain or isinstance(value.items.get("network", _NOTHING).outcome(), Attrs):
        yield _hive(nixos, "", Lazy.done(value))
        return
    if not path.endswith("/default.nix"):
        return
    if CONFIGURATIONS in value.items:
        yield members(CONFIGURATIONS, value.items[CONFIGURATIONS].force)
    yield Machines("", {name: lazy for name, lazy in sorted(value.items.items()) if system_of(lazy) is not None})


def _hive(nixos: NixOS, output: str, hive: Lazy) -> Machines:
    """The nodes of a hive, or of what `colmena.lib.makeHive` made of one."""
    if isinstance(hive.outcome(), Null):
        return Machines(output, {})
    return members(output, lambda: hive_nodes(nixos, hive))


def _called(nixos: NixOS, value: Value) -> Value:
    """A file's value; a function is called with no arguments, as `nix-build` calls it."""
    return nixos.ev.apply(value, Lazy.done(Attrs({}))) if isinstance(value, Closure) else value


def members(output: str, of: Callable[[], Value | None]) -> Machines:
    """The machines in a set of them."""
    try:
        value = of()
    except Failure as failure:
        return Machines(output, {}, (failure,))
    if isinstance(value, Unknown):
        return Machines(output, {}, (value,))
    if not isinstance(value, Attrs):
        return Machines(output, {})
    return Machines(output, dict(sorted(value.items.items())), () if value.rest is None else (value.rest,))


def _below_systems(flake: Flake, output: str) -> Machines:
    """The machines among the packages of each system; what is not seen there need not be there."""
    packages = Lazy(lambda _: flake.output(output) or Null()).outcome()
    found: dict[str, Lazy] = {}
    unread: list[Failure | Unknown] = []
    for lazy in packages.items.values() if isinstance(packages, Attrs) else ():
        value = lazy.outcome()
        machines = value.items.get(CONFIGURATIONS) if isinstance(value, Attrs) else None
        if machines is not None:
            here = members(output, machines.force)
            found |= here.found
            unread.extend(here.unread)
    return Machines(output, found, tuple(unread))


def system_of(lazy: Lazy) -> NixosSystem | None:
    """The NixOS configuration that a value is."""
    value = lazy.outcome()
    return value.native if isinstance(value, Attrs) and isinstance(value.native, NixosSystem) else None
