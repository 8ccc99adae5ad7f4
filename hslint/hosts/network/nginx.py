"""services.nginx: virtual hosts, their locations, and what these pass on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import GAP, Url, url, url_of_text
from hslint.hosts.network.proxy_route import ProxyRoute
from hslint.hosts.network.reading import entries, flag, is_closed, is_off, member, outcome, strings, text
from hslint.record import Record
from hslint.source import Span
from hslint.values.value import Attrs, Lazy, List, Null, String, Unknown, Value

_ROOT = "services.nginx"


def locations(host: Host) -> Iterator[ProxyRoute]:
    """Every location with a `proxyPass`, unless nginx is certainly off."""
    hosts = host.nixos(f"{_ROOT}.virtualHosts")
    if is_off(host, "services.nginx"):
        return
    server = _Server(host)
    for name, lazy in entries(hosts.value):
        virtual_host = outcome(lazy)
        site = server.site(name, virtual_host)
        for path, location in entries(member(virtual_host, "locations")):
            found = server.location(site, path, outcome(location))
            if found is not None:
                yield found


class _Site(Record):
    """The attributes that all locations of a virtual host share.

    websockets  whether `Upgrade` is passed on by what is written for all of them, or above; None when that is unknown
    """

    name: str
    names: tuple[str, ...]
    all_names: bool
    websockets: bool | None
    tls: bool | None
    guarded: bool | None


class _Server:
    def __init__(self, host: Host) -> None:
        self.host = host
        self.upstreams = host.nixos(f"{_ROOT}.upstreams").value
        self.passes_upgrade = passes_upgrade(
            "".join(
                text(host.nixos(f"{_ROOT}.{option}").value) or ""
                for option in ("appendHttpConfig", "commonHttpConfig", "httpConfig", "appendConfig")
            )
        )

    def site(self, name: str, virtual_host: Value | None) -> _Site:
        above = text(member(virtual_host, "extraConfig"))
        unsure = above is None or GAP in above or _includes(above)
        websockets = None if unsure or self.passes_upgrade or passes_upgrade(above or "") else False
        names, all_names = server_names(name, virtual_host)
        return _Site(name, names, all_names, websockets, speaks_tls(virtual_host), _guarded(virtual_host))

    def location(self, site: _Site, path: str, location: Value | None) -> ProxyRoute | None:
        given = member(location, "proxyPass")
        if not isinstance(given, String):
            return None
        target = url(given)
        if target is None:
            return None
        lazy = location.get("proxyPass") if isinstance(location, Attrs) else None
        option = f'{_ROOT}.virtualHosts."{site.name}".locations."{path}".proxyPass'
        place, binding = self._places(option, lazy)
        return ProxyRoute(
            names=site.names,
            all_names=site.all_names,
            path=path,
            target=resolved(self.upstreams, target),
            websockets=_websockets(site, location),
            tls=site.tls,
            guarded=_either(site.guarded, _guarded(location)),
            at=given.span,
            name_at=place,
            binding=binding,
            option=option,
        )

    def _places(self, option: str, lazy: Lazy | None) -> tuple[Span | None, Span | None]:
        setting = self.host.nixos(option)
        if setting.written:
            return setting.name_at, setting.binding
        return (lazy.place, lazy.binding) if lazy is not None else (None, None)


def server_names(name: str, virtual_host: Value | None) -> tuple[tuple[str, ...], bool]:
    """The names that a virtual host certainly has, and whether those are all that it answers for."""
    server_name = member(virtual_host, "serverName")
    main = server_name.known if isinstance(server_name, String) else name
    aliases, all_aliases = strings(member(virtual_host, "serverAliases"))
    known = tuple(each.lower() for each in (main, *aliases) if each is not None)
    complete = all_aliases and main is not None and not isinstance(server_name, Unknown)
    # The name `_` and a virtual host that is the default answer for everything.
    default = flag(member(virtual_host, "default")) is not False
    return known, complete and not default and main != "_"


def resolved(upstreams: Value | None, target: Url) -> Url:
    """The one server of an upstream of services.nginx.upstreams, when the target names one."""
    servers = member(upstreams, target.endpoint.host or "", "servers")
    found = [url_of_text(f"{target.scheme}://{name}") for name, _ in entries(servers)]
    if len(found) == 1 and found[0] is not None and is_closed(servers):
        return Url(target.text, target.scheme, found[0].endpoint, target.path)
    return target


def _websockets(site: _Site, location: Value | None) -> bool | None:
    """NixOS writes the two headers itself with `proxyWebsockets`; people also write them by hand, at any level."""
    switch = flag(member(location, "proxyWebsockets"))
    if switch is not False:
        return switch
    own = text(member(location, "extraConfig"))
    if own is not None and passes_upgrade(own):
        return True
    return None if own is None or GAP in own or _includes(own) else site.websockets


def passes_upgrade(config: str) -> bool:
    """Whether a piece of nginx configuration forwards the client's Upgrade header."""
    return re.search(r"proxy_set_header\s+[\"']?upgrade\b", config, re.IGNORECASE) is not None


def speaks_tls(virtual_host: Value | None) -> bool | None:
    """Whether a virtual host answers over TLS; None where its own listeners or text decide."""
    switches = [flag(member(virtual_host, name)) for name in ("forceSSL", "addSSL", "onlySSL", "enableSSL")]
    if any(switches):
        return True
    extra = text(member(virtual_host, "extraConfig"))
    own_listen = _has_elements(member(virtual_host, "listen")) or _has_elements(member(virtual_host, "listenAddresses"))
    by_hand = extra is None or GAP in extra or "ssl" in extra or _includes(extra)
    return None if None in switches or by_hand or own_listen else False


def _includes(config: str) -> bool:
    """Whether a piece of nginx configuration reads more from files; `includeSubDomains` is a word of a header."""
    return re.search(r"(?<![\w-])include\s", config) is not None


def _has_elements(value: Value | None) -> bool:
    """Whether a list has, or may have, elements."""
    match value:
        case None | Null() | List(items=[], rest=None):
            return False
        case _:
            return True


_GUARDS = re.compile(r"\b(allow|deny|auth_basic|auth_request|satisfy|ssl_verify_client|internal)\b|\breturn\s+4\d\d")


def _guarded(level: Value | None) -> bool | None:
    """Whether a virtual host or a location lets only some clients in."""
    for name in ("basicAuth", "basicAuthFile"):
        given = member(level, name)
        if given is not None and not _empty(given):
            return True
    extra = text(member(level, "extraConfig"))
    if extra is not None and _GUARDS.search(extra):
        return True
    return None if extra is None or GAP in extra or _includes(extra) else False


def _either(first: bool | None, second: bool | None) -> bool | None:
    return True if first or second else None if None in (first, second) else False


def _empty(value: Value) -> bool:
    return isinstance(value, Null) or (isinstance(value, Attrs) and not value.items and value.rest is None)
