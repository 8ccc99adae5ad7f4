"""services.traefik: the services and routers of its dynamic configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import GAP, url
from hslint.hosts.network.proxy_route import ProxyRoute
from hslint.hosts.network.reading import entries, is_closed, is_off, member, outcome, strings, text
from hslint.hosts.network.site import Gate, Reply, Site
from hslint.record import Record
from hslint.source import Span
from hslint.values.value import Attrs, Lazy, List, String, Value

_DYNAMIC = "services.traefik.dynamicConfigOptions"

_HOST = re.compile(r"HostRegexp|Host\(([^)]*+)\)?")


def services(host: Host) -> Iterator[ProxyRoute]:
    """Every server of a load balancer, with the names of the routers that lead to it."""
    dynamic = host.nixos(_DYNAMIC)
    if is_off(host, "services.traefik"):
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
            yield ProxyRoute(
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


#: One condition of a rule; several are joined by `&&` where hslint reads them.
_CONDITION = re.compile(r"^(Host|PathPrefix|Path)\((.*)\)$")
_ARGUMENT = re.compile(r"[`'\"]([^`'\"]*)[`'\"]")


class _Router(Record):
    """hosts and paths are None where the rule has none; a path that ends in `*` is a prefix."""

    hosts: tuple[str, ...] | None
    paths: tuple[str, ...] | None
    length: int
    service: str
    gates: tuple[Gate, ...]
    at: Span | None

    def takes(self, name: str, path: str) -> bool:
        if self.hosts is not None and name not in self.hosts:
            return False
        return self.paths is None or any(
            path.startswith(each[:-1]) if each.endswith("*") else path == each for each in self.paths
        )


def sites(host: Host) -> Iterator[Site]:
    """The routers of the dynamic configuration as one site; none where one of them is not read."""
    http = member(host.nixos(_DYNAMIC).value, "http")
    routers, services = member(http, "routers"), member(http, "services")
    if not isinstance(routers, Attrs) or not is_closed(routers) or not is_closed(services):
        return
    known: list[_Router] = []
    secure: set[bool | None] = set()
    for _, lazy in entries(routers):
        value = outcome(lazy)
        router = _router(value, lazy.place, member(http, "middlewares"))
        if router is None:
            return
        known.append(router)
        entry_points, _ = strings(member(value, "entryPoints"))
        secure.add(True if member(value, "tls") is not None else None if entry_points != ("web",) else False)
    names = tuple(dict.fromkeys(name for router in known for name in router.hosts or ()))
    complete = all(router.hosts is not None for router in known)

    def reply(name: str, path: str) -> Reply | None:
        taking = sorted((each for each in known if each.takes(name, path)), key=lambda each: -each.length)
        if not taking:
            return Reply(None, "404 of Traefik's own", (), known[0].at if known else None)
        if len(taking) > 1 and taking[0].length == taking[1].length:
            return None
        servers = list(_servers(outcome(_service(services, taking[0].service))))
        address = member(servers[0], "url") if len(servers) == 1 else None
        target = url(address) if isinstance(address, String) else None
        return None if target is None else Reply(target, "", taking[0].gates, taking[0].at)

    yield Site(
        "traefik",
        names,
        complete,
        secure.pop() if len(secure) == 1 else None,
        True,
        known[0].at if known else None,
        reply,
    )


def _service(services: Value | None, name: str) -> Lazy | None:
    return services.get(name.partition("@")[0]) if isinstance(services, Attrs) else None


def _router(router: Value | None, at: Span | None, middlewares: Value | None) -> _Router | None:
    rule, service = text(member(router, "rule")), text(member(router, "service"))
    if not rule or not service or GAP in rule or GAP in service or member(router, "priority") is not None:
        return None
    hosts: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None
    for part in rule.split("&&"):
        alternatives = [_CONDITION.match(each.strip()) for each in part.strip().split("||")]
        kinds = {found[1] for found in alternatives if found is not None}
        if None in alternatives or (len(alternatives) > 1 and ("&&" in rule or len(kinds) > 1)):
            return None
        given = tuple(word for found in alternatives if found is not None for word in _ARGUMENT.findall(found[2]))
        if kinds == {"Host"} and hosts is None:
            hosts = tuple(word.lower() for word in given)
        elif "Host" not in kinds and paths is None:
            paths = tuple(word + "*" if kinds == {"PathPrefix"} else word for word in given)
        else:
            return None
    gates = _gates(router, middlewares)
    return None if gates is None else _Router(hosts, paths, len(rule), service, gates, at)


_LOGINS = ("basicAuth", "digestAuth", "forwardAuth")


def _gates(router: Value | None, middlewares: Value | None) -> tuple[Gate, ...] | None:
    """The middlewares of a router that ask for a login; None where one of them is not read."""
    names, complete = strings(member(router, "middlewares"))
    found: list[Gate] = []
    for name in names:
        lazy = middlewares.get(name.partition("@")[0]) if isinstance(middlewares, Attrs) else None
        middleware = outcome(lazy)
        if not isinstance(middleware, Attrs) or "chain" in middleware:
            return None
        found += [Gate(kind, lazy.place if lazy is not None else None) for kind in _LOGINS if kind in middleware]
    return tuple(found) if complete else None
