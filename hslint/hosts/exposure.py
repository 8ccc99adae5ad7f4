"""The known vulnerabilities of the release that a host runs, without those that its configuration closes."""

from __future__ import annotations

from collections.abc import Iterable

from hslint.catalogue.advisories import (
    Advisory,
    Circumstance,
    Given,
    OneOf,
    Reachable,
    UnitSets,
    Variable,
    known_of,
)
from hslint.catalogue.channels import Packaged
from hslint.hosts.host import Host
from hslint.hosts.network.address import Reach
from hslint.hosts.network.firewall import firewall
from hslint.hosts.network.listeners import listeners
from hslint.values.value import Unknown

_UNIT = "systemd.services.headscale"


def exposed_to(host: Host, packages: Iterable[Packaged] | None = None) -> tuple[Advisory, ...]:
    """The advisories that certainly concern the host, the worst first; those of what it runs, or would run with other `packages`."""
    found = known_of(host.runs.release.packaged if packages is None else packages)
    return tuple(
        each
        for each in found
        if all(_holds(host, circumstance) is True for circumstance in each.where)
        and all(_holds(host, circumstance) is False for circumstance in each.closed_by)
    )


def _holds(host: Host, circumstance: Circumstance) -> bool | None:
    """Whether a condition of an advisory holds on the host; None where it is unknown."""
    match circumstance:
        case Given(key):
            read = host.reads(key)
            return None if isinstance(read, Unknown) else bool(read)
        case OneOf(key, values):
            read = host.reads(key)
            return None if isinstance(read, Unknown) else read in values
        case Reachable(name):
            return _reachable(host, name)
        case UnitSets(name):
            setting = host.nixos(f"{_UNIT}.serviceConfig.{name}")
            return None if isinstance(setting.value, Unknown) else setting.value is not None
        case Variable(name):
            return any(setting.option.endswith(f".{name}") for setting in host.environment())


def _reachable(host: Host, name: str) -> bool | None:
    if host.contained:
        return None  # who reaches a container is the machine's business
    listener = next((each for each in listeners(host) if each.name == f"{name}_listen_addr"), None)
    if listener is None or listener.port is None or listener.reach is None:
        return None
    return listener.reach is not Reach.LOOPBACK and firewall(host).allows(listener.port, "tcp")
