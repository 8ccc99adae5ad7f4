"""The ports that networking.firewall opens, as far as the configuration itself says it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.network.address import GAP
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.network.listeners import Transport
from hslint.hosts.network.reading import flag, is_closed, member, outcome, strings, text
from hslint.hosts.setting import Setting
from hslint.record import Record
from hslint.source import Span
from hslint.values.value import Attrs, Failure, Int, List, Null, Unknown, Value

_ROOT = "networking.firewall"

#: Options that hold rules in a language of their own: a port that occurs there may be open.
_RULES = (
    f"{_ROOT}.extraCommands",
    f"{_ROOT}.extraInputRules",
    f"{_ROOT}.extraReversePathFilterRules",
    f"{_ROOT}.extraForwardRules",
    "networking.nftables.ruleset",
)
#: Options that, when set at all, replace or bypass what is read here.
_ELSEWHERE = ("networking.nftables.rulesetFile", "networking.nftables.tables", "networking.nat.forwardPorts")

#: Firewalls that take the place of networking.firewall.
_OTHERS = (
    "networking.nftables",
    "services.ferm",
    "services.firewalld",
    "services.foomuuri",
    "services.shorewall",
    "services.shorewall6",
)

#: Modules of NixOS whose `openFirewall` opens ports that Headscale or its proxy might use.
_OPENERS: dict[tuple[int, Transport], tuple[str, ...]] = {
    (80, "tcp"): ("services.caddy", "services.nginx", "services.traefik", "services.haproxy", "services.httpd"),
    (443, "tcp"): ("services.caddy", "services.nginx", "services.traefik", "services.haproxy", "services.httpd"),
    (443, "udp"): ("services.caddy", "services.nginx"),
    (3478, "udp"): ("services.unifi", "services.coturn", "services.netbird.server.coturn", "services.tailscale.derper"),
    (8080, "tcp"): ("services.unifi",),
}


class Opened(Record):
    """One opening: the ports from `first` to `last`; `interface` is None when it holds for all of them."""

    first: int
    last: int
    transport: Transport
    interface: str | None
    option: str
    at: Span | None


class Firewall(Record):
    """enabled  None when it is unknown, or when another firewall takes its place
    complete  whether nothing but `opened` can let anything in from outside
    replaced  whether another firewall of the host takes its place, or may
    """

    enabled: bool | None
    opened: tuple[Opened, ...]
    complete: bool
    replaced: bool
    _mentions: frozenset[tuple[int, int]]
    _openers: frozenset[tuple[int, Transport]]

    def allows(self, port: int, transport: Transport) -> bool | None:
        """Whether the port is open; None when that is unknown, or only some interfaces are open."""
        if self.enabled is False or next(self.public(port, transport), None) is not None:
            return True
        if self.enabled is None or not self.complete or (port, transport) in self._openers or self._mentioned(port):
            return None
        return False if all(_is_inner(each.interface) for each in self.on_interfaces(port, transport)) else None

    def public(self, port: int, transport: Transport) -> Iterator[Opened]:
        """The openings for a port on all interfaces."""
        return (each for each in self._matching(port, transport) if each.interface is None)

    def on_interfaces(self, port: int, transport: Transport) -> Iterator[Opened]:
        return (each for each in self._matching(port, transport) if each.interface is not None)

    def leaves_to_rules(self, port: int) -> bool:
        """Whether rules of the user's own, rather than the lists of ports, decide about a port: those are not read."""
        return self.replaced or self._mentioned(port)

    def _mentioned(self, port: int) -> bool:
        return any(first <= port <= last for first, last in self._mentions)

    def _matching(self, port: int, transport: Transport) -> Iterator[Opened]:
        return (each for each in self.opened if each.transport == transport and each.first <= port <= each.last)


@cached_per_host
def firewall(host: Host) -> Firewall:
    enable = host.nixos(f"{_ROOT}.enable")
    reading = _Reading(host)
    reading.ports(_ROOT, None)
    interfaces = host.nixos(f"{_ROOT}.interfaces")
    reading.interfaces(interfaces)
    trusted = host.nixos(f"{_ROOT}.trustedInterfaces")
    names, all_names = strings(trusted.value)
    opened = [*reading.opened, *(Opened(0, 65535, kind, name, "", None) for name in names for kind in _TRANSPORTS)]
    elsewhere = host.has_unresolved_imports or host.contained
    complete = reading.complete and all_names and not elsewhere and not any(_is_set(host, path) for path in _ELSEWHERE)
    rules = [text(host.nixos(path).value) for path in _RULES]
    if any(rule is None or GAP in rule for rule in rules):
        complete = False
    enabled = None if host.contained else flag(enable.value, default=True)
    replaced = enabled is False and _has_another(host)
    tables = host.nixos("networking.nftables.tables").strings_within
    mentions = _numbers([*rules, *tables])
    return Firewall(None if replaced else enabled, tuple(opened), complete, replaced, mentions, _openers(host))


_TRANSPORTS: tuple[Transport, ...] = ("tcp", "udp")


class _Reading:
    def __init__(self, host: Host) -> None:
        self.host = host
        self.opened: list[Opened] = []
        self.complete = True

    def interfaces(self, setting: Setting) -> None:
        value = setting.value
        if not isinstance(value, Attrs):
            self.complete = self.complete and isinstance(value, Null | None)
            return
        self.complete = self.complete and is_closed(value)
        for name, lazy in value.items.items():
            for transport in _TRANSPORTS:
                for option in _lists(transport):
                    self._list(member(outcome(lazy), option), transport, name, f"{_ROOT}.interfaces.{name}.{option}")

    def ports(self, below: str, interface: str | None) -> None:
        for transport in _TRANSPORTS:
            for name in _lists(transport):
                option = f"{below}.{name}"
                setting = self.host.nixos(option)
                if not setting.written:
                    self._list(setting.value, transport, interface, option)
                    continue
                if isinstance(setting.value, Unknown) and not setting.definitions:
                    self.complete = False
                for definition in setting.definitions:
                    if definition.condition is not True:
                        self.complete = False
                        continue
                    value = definition.value.outcome()
                    self._list(value, transport, interface, option, definition.place)

    def _list(
        self,
        value: Value | Failure | None,
        transport: Transport,
        interface: str | None,
        option: str,
        place: Span | None = None,
    ) -> None:
        if value is None or isinstance(value, Null):
            return
        if not isinstance(value, List):
            self.complete = False
            return
        if value.rest is not None:
            self.complete = False
        for lazy in value.items:
            match item := outcome(lazy):
                case Int(port):
                    self._opened(port, port, transport, interface, option, _within(item.span, value.span) or place)
                case Attrs():
                    first, last = member(item, "from"), member(item, "to")
                    if isinstance(first, Int) and isinstance(last, Int):
                        at = _within(item.span, value.span) or place
                        self._opened(first.value, last.value, transport, interface, option, at)
                    else:
                        self.complete = False
                case _:
                    self.complete = False

    def _opened(
        self, first: int, last: int, transport: Transport, interface: str | None, option: str, at: Span | None
    ) -> None:
        self.opened.append(Opened(first, last, transport, interface, option, at))


def _is_inner(interface: str | None) -> bool:
    """Whether an interface is internal: the tailnet's own, or loopback."""
    return interface is not None and (interface == "lo" or interface.startswith("tailscale"))


def _lists(transport: Transport) -> tuple[str, str]:
    kind = transport.upper()
    return f"allowed{kind}Ports", f"allowed{kind}PortRanges"


def _within(inner: Span | None, outer: Span | None) -> Span | None:
    """The place of an element, when it was written in the list itself and not in a variable elsewhere."""
    return inner if inner is not None and outer is not None and outer.contains(inner) else None


def _has_another(host: Host) -> bool:
    return any(flag(host.nixos(f"{other}.enable").value) is not False for other in _OTHERS)


def _is_set(host: Host, path: str) -> bool:
    setting = host.nixos(path)
    return setting.written and setting.is_empty is not True


def _numbers(texts: list[str | None]) -> frozenset[tuple[int, int]]:
    """Every number of a port's size in hand-written rules, and those a range `1000-2000` may span: the first and the last one."""
    found: set[tuple[int, int]] = set()
    for each in texts:
        for first, last in re.findall(r"(?<![\d.])(\d{1,5})(?:\s*+[-:]\s*+(\d{1,5}))?(?![\d.])", each or ""):
            found.add((int(first), int(last or first)))
    for name, port in (("https", 443), ("http", 80)):
        if any(re.search(rf"\b{name}\b", each or "") for each in texts):
            found.add((port, port))
    return frozenset(found)


def _openers(host: Host) -> frozenset[tuple[int, Transport]]:
    """Ports that other services may open by themselves."""
    return frozenset(
        key
        for key, services in _OPENERS.items()
        if any(flag(host.nixos(f"{service}.openFirewall").value) is not False for service in services)
    )
