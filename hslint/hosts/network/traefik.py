"""services.traefik: the services and routers of its dynamic configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import url
from hslint.hosts.network.passing import Passing
from hslint.hosts.network.reading import entries, is_off, member, outcome, text
from hslint.values.value import Attrs, List, String, Value

_DYNAMIC = "services.traefik.dynamicConfigOptions"

_HOST = re.compile(r"HostRegexp|Host\(([^)]*+)\)?")


def services(host: Host) -> Iterator[Passing]:
    """Every server of a load balancer, with the names of the routers that lead to it."""
    dynamic = host.nixos(_DYNAMIC)
    if dynamic is None or is_off(host, "services.traefik"):
        return
    http = member(dynamic.value, "http")
    routers = _routers(member(http, "routers"))
    for name, lazy in entries(member(http, "services")):
        names, all_names, path, tls = _routes(routers.get(name, ()))
        for target in _servers(outcome(lazy)):
            address = member(target, "url")
            parsed = url(address) if isinstance(address, String) else None
            if parsed is None:
                continue
            yield Passing(
                names=names,
                all_names=all_names,
                path=path,
                target=parsed,
                websockets=True,
                tls=tls,
                guarded=None,
                at=address.span if address is not None else None,
                name_at=dynamic.name_at,
                binding=None,
                option=f"{_DYNAMIC}.http.services.{name}",
            )


def _servers(service: Value | None) -> Iterator[Value]:
    servers = member(service, "loadBalancer", "servers")
    if isinstance(servers, List):
        for lazy in servers.items:
            found = outcome(lazy)
            if isinstance(found, Attrs):
                yield found


def _routers(routers: Value | None) -> dict[str, list[Value | None]]:
    """The routers by the service that they lead to."""
    found: dict[str, list[Value | None]] = {}
    for _, lazy in entries(routers):
        router = outcome(lazy)
        service = text(member(router, "service"))
        if service is not None:
            found.setdefault(service, []).append(router)
    return found


def _routes(routers: Iterable[Value | None]) -> tuple[tuple[str, ...], bool, str | None, bool | None]:
    """The names, whether those are all, the path and whether it is TLS under which one service is reached."""
    names: list[str] = []
    complete, path, tls = True, "/", False
    for router in routers:
        rule = text(member(router, "rule")) or ""
        found = [host for group in _HOST.findall(rule) for host in re.findall(r"[`'\"]([^`'\"]+)[`'\"]", group)]
        names += [each.lower() for each in found]
        complete = complete and bool(found) and "\0" not in rule and "HostRegexp" not in rule
        if "Path" in rule:
            path = ""
        tls = tls or member(router, "tls") is not None
    return tuple(names), complete and bool(names), path or None, tls or None
