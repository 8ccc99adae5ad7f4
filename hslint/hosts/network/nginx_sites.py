"""services.nginx: virtual hosts as sites, with the location that takes a request and its reply."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import GAP, url, url_of_text
from hslint.hosts.network.nginx import resolved, server_names, speaks_tls
from hslint.hosts.network.reading import entries, flag, is_closed, member, outcome, text
from hslint.hosts.network.site import Gate, Reply, Site
from hslint.source import Span
from hslint.values.value import Attrs, Int, List, Null, String, Value

_ROOT = "services.nginx"

#: Directives after which a site answers otherwise than its options say.
_CHANGES = re.compile(
    r"\b(location|return|rewrite|proxy_pass|include|if|\w+_pass|error_page|try_files|satisfy|js_\w+|\w*lua\w*)\b"
)
_PASS = re.compile(r"(?<!\S)proxy_pass\s+(?P<url>https?://[^\s;$]+)\s*;")


def sites(host: Host) -> Iterator[Site]:
    """The virtual hosts, whether or not nginx is on."""
    upstreams = host.nixos(f"{_ROOT}.upstreams").value
    for name, lazy in entries(host.nixos(f"{_ROOT}.virtualHosts").value):
        virtual_host = outcome(lazy)
        names, all_names = server_names(name, virtual_host)
        at = host.nixos(f'{_ROOT}.virtualHosts."{name}"').name_at or lazy.place
        site = _VirtualHost(host, name, virtual_host, upstreams, at)
        yield Site("nginx", names, all_names, speaks_tls(virtual_host), site.has_own_certificate, at, site.reply)


class _VirtualHost:
    def __init__(self, host: Host, name: str, value: Value | None, upstreams: Value | None, at: Span | None) -> None:
        self.host = host
        self.name = name
        self.value = value
        self.upstreams = upstreams
        self.at = at

    @property
    def has_own_certificate(self) -> bool:
        """Whether the certificate is asked for the names of the virtual host alone; nginx itself may answer under others as well."""
        more = self.host.nixos(f'security.acme.certs."{self.name}".extraDomainNames')
        return flag(member(self.value, "enableACME")) is True and not more.written

    def reply(self, name: str, path: str) -> Reply | None:
        """The reply to a request, as nginx chooses the location: `=`, then `^~`, then expressions, then the longest prefix."""
        extra = text(member(self.value, "extraConfig"))
        locations = member(self.value, "locations")
        if not isinstance(self.value, Attrs) or extra is None or GAP in extra or _CHANGES.search(extra):
            return None
        if not is_closed(locations) or member(self.host.nixos(f"{_ROOT}.virtualHosts").value, self.name) is None:
            return None
        if not _absent(member(self.value, "globalRedirect")):
            return Reply(None, "a redirect", (), self.at)
        gates = _gates(self.value, extra)
        if gates is None:
            return None
        gates = (*gates, *self._oauth2_proxy())
        chosen = _chosen([path for path, _ in entries(locations)], path)
        if chosen is None:
            return None
        if chosen == "":
            return Reply(None, "files", gates, self.at)
        return self._location(chosen, member(locations, chosen), gates)

    def _oauth2_proxy(self) -> Iterator[Gate]:
        """services.oauth2-proxy writes an auth_request into the virtual hosts that it is given."""
        given = self.host.nixos("services.oauth2-proxy.nginx.virtualHosts")
        if self.host.nixos("services.oauth2-proxy.enable").flag and self.name in (given.strings or given.names):
            yield Gate("oauth2-proxy", given.name_at)

    def _location(self, path: str, location: Value | None, above: tuple[Gate, ...]) -> Reply | None:
        extra = text(member(location, "extraConfig"))
        if not isinstance(location, Attrs) or extra is None or GAP in extra:
            return None
        gates = _gates(location, extra)
        if gates is None:
            return None
        if re.search(r"\b(auth_basic|auth_request)\s+[\"']?off\b", extra):
            above = ()
        gates = (*above, *gates)
        given = member(location, "proxyPass")
        at = self._at(location, path, "proxyPass")
        if isinstance(given, String):
            target = url(given)
            return None if target is None else Reply(resolved(self.upstreams, target), "", gates, given.span or at)
        if not _absent(given) or (given is None and "proxyPass" in location):
            return None  # also where Nix fails on it
        by_hand = _PASS.search(extra)
        if by_hand is not None and len(re.findall(r"\bproxy_pass\b", extra)) == 1 and "if" not in extra.split():
            target = url_of_text(by_hand["url"])
            return (
                None
                if target is None
                else Reply(resolved(self.upstreams, target), "", gates, self._at(location, path, "extraConfig"))
            )
        others = ("tryFiles", "fastcgiParams", "uwsgiPass")
        if _CHANGES.search(extra) or not all(_absent(member(location, option)) for option in others):
            return None
        answer = member(location, "return")
        if isinstance(answer, String | Int):
            return Reply(None, "an answer of nginx's own", gates, self._at(location, path, "return"))
        if not _absent(answer):
            return None
        for option in ("root", "alias"):
            if not _absent(member(location, option)):
                return Reply(None, "files", gates, self._at(location, path, option))
        return Reply(None, "files", gates, self._at(location, path, ""))

    def _at(self, location: Value | None, path: str, option: str) -> Span | None:
        name = f'{_ROOT}.virtualHosts."{self.name}".locations."{path}"'
        setting = self.host.nixos(f"{name}.{option}" if option else name)
        if setting.written:
            return setting.name_at
        lazy = location.get(option) if option and isinstance(location, Attrs) else None
        return lazy.place if lazy is not None else self.at


def _absent(value: Value | None) -> bool:
    return (
        value is None
        or isinstance(value, Null)
        or (isinstance(value, Attrs) and not value.items and value.rest is None)
    )


_AUTH = re.compile(r"\b(auth_basic|auth_request|ssl_verify_client|auth_jwt)\s+[\"']?(?!off\b|optional|[\"'])[^;]+;")


def _gates(level: Value | None, extra: str) -> tuple[Gate, ...] | None:
    """The gates of one level: what asks for a login; None where that is unknown."""
    if "satisfy" in extra:
        return None
    found: list[Gate] = []
    for option in ("basicAuth", "basicAuthFile"):
        given = member(level, option)
        if given is None or _absent(given) or (isinstance(given, List) and not given.items):
            continue
        lazy = level.get(option) if isinstance(level, Attrs) else None
        found.append(Gate(option, lazy.place if lazy is not None else given.span))
    config = level.get("extraConfig") if isinstance(level, Attrs) else None
    found += [Gate(each[1], config.place if config is not None else None) for each in _AUTH.finditer(extra)]
    return tuple(found)


#: Longer expressions, and those that repeat more, are not tried: how long that takes is the author's to choose.
_LONGEST, _REPEATS = 120, 6


def _chosen(locations: list[str], path: str) -> str | None:
    """The location that takes a path, by its name; "" where none does, None where that is unknown."""
    best, expressions = "", list[str]()
    for each in locations:
        written = each.strip()
        if written.startswith("="):
            if written[1:].strip() == path:
                return each
        elif written.startswith("~"):
            matches = _matches(written, path)
            if matches is None:
                return None
            if matches:
                expressions.append(each)
        elif not written.startswith("@"):
            if GAP in written:
                return None
            if path.startswith(_prefix(each)) and (not best or len(_prefix(each)) > len(_prefix(best))):
                best = each
    if not expressions or best.strip().startswith("^~"):
        return best
    return expressions[0] if len(expressions) == 1 else None


def _prefix(location: str) -> str:
    return location.strip().removeprefix("^~").strip().strip('"')


def _matches(location: str, path: str) -> bool | None:
    ignoring_case = location.startswith("~*")
    expression = location.lstrip("~*").strip().strip('"')
    if len(expression) > _LONGEST or "{" in expression or sum(map(expression.count, "*+?")) > _REPEATS:
        return None
    try:
        return re.search(expression, path, re.IGNORECASE if ignoring_case else 0) is not None
    except (re.error, RecursionError):
        return None
