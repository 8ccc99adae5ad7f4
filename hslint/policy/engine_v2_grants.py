"""Grants and attributes of nodes, which Headscale has from 0.29 on (`Grant`, `ProtocolPort`, `NodeAttrGrant`)."""

from __future__ import annotations

from hslint.policy.complaint import Change, Matter
from hslint.policy.decoding import Entry, raw
from hslint.policy.engine_v2_selectors import SelectorReader
from hslint.policy.meaning import EVERY_PROTOCOL, Grant, Selected
from hslint.policy.selector import (
    ALL_PORTS,
    INTERNET,
    MEMBER,
    TAG,
    TAGGED,
    WILDCARD,
    Kind,
    Misread,
    Ports,
    read_ports,
    read_protocol,
)
from hslint.policy.tree import Array, Node, Null, Object, Text, Untold, is_complete

#: App capabilities of Tailscale's own that a grant may name (tailscaleCapAllowlist).
_TAILSCALE_APPS = tuple(f"tailscale.com/cap/{name}" for name in ("drive", "relay", "webui", "kubernetes", "tsidp"))


class GrantRules:
    def __init__(self, engine: SelectorReader) -> None:
        self.engine = engine
        self.decoder = engine.decoder
        self.complain = engine.complain

    def read(self, grants: Node | None, attributes: Node | None) -> tuple[Grant, ...]:
        found = tuple(self._grant(item) for item in self.decoder.items(grants, "grants"))
        for item in self.decoder.items(attributes, "nodeAttrs"):
            self._node_attributes(item)
        return found

    def _grant(self, item: Node) -> Grant:
        grant = self.decoder.fields(item, ("src", "dst", "ip", "app", "via"), "a grant")
        sources = self.engine.selectors(grant.value("src"), "src", self.engine.source)
        destinations = self.engine.selectors(
            grant.value("dst"), "dst", lambda each: self.engine.target(each.selector, each.text)
        )
        protocols = self.decoder.items(grant.value("ip"), "ip")
        traffic = [each for node in protocols for each in self._protocol_ports(node)]
        apps, _ = self.decoder.entries(grant.value("app"), "app")
        for entry in apps:
            self._app(entry)
        ip, app = grant.value("ip"), grant.value("app")
        if grant.complete and _is_nothing(ip) and _is_nothing(app) and not isinstance(item, Untold):
            self.complain(Matter.GRANT, 'a grant has neither "ip" nor "app": it grants nothing', item)
        for each in destinations:
            network = each.selector.network
            if network is not None and network.prefixlen == 0:
                self.complain(
                    Matter.GRANT, f'"{each.text.value}" cannot be in dst: "*" or {INTERNET} is meant', each.text
                )
            if apps and each.selector.name == INTERNET:
                self.complain(Matter.GRANT, f"{INTERNET} has no apps to grant", each.text)
        self.engine.check_self_sources(
            sources, [each.selector for each in destinations], item, Matter.GRANT, wildcard=False
        )
        via = self.decoder.items(grant.value("via"), "via")
        for node in via:
            self._via(node)
        return Grant(
            item,
            tuple(sources),
            tuple(destinations),
            tuple(traffic),
            tuple(entry.name.value for entry in apps),
            tuple(node.value for node in via if isinstance(node, Text)),
            is_complete(item),
        )

    def _via(self, node: Node) -> None:
        if isinstance(node, Untold):
            return
        name = raw(node)
        if not isinstance(node, Text) or not name.startswith(TAG) or not (name[4:5].isascii() and name[4:5].isalpha()):
            self.complain(Matter.GRANT, 'only tags can be in "via"', node)
        else:
            self.engine.used.append(node)
            self.engine.defined(node.value, node, self.engine.tag_names, "tagOwners")

    def _protocol_ports(self, node: Node) -> tuple[tuple[str, Ports], ...]:
        """`tcp:22`, `443`, `*`: the protocol, "" for the usual ones, with each range of ports."""
        if isinstance(node, Untold):
            return ()
        if not isinstance(node, Text):
            self.decoder.misfit(node, "a string", "an entry of ip")
            return ()
        said = node.value
        protocol, colon, ports = said.rpartition(":")
        try:
            if said == WILDCARD:
                return ((EVERY_PROTOCOL, ALL_PORTS),)
            if ":" in protocol:
                raise Misread("it has more than one colon")
            if colon:
                _grant_protocol(protocol)
            return tuple((protocol, each) for each in read_ports(ports, zero=False))
        except Misread as why:
            change = Change(f'write "{said}:*"', node, f"{said}:*") if _is_protocol(said) else None
            self.complain(Matter.GRANT, f'"{said}": {why}', node, change=change)
            return ()

    def _app(self, entry: Entry) -> None:
        name = entry.name.value
        self.decoder.items(entry.value, f'"{name}"')
        if "://" in name:
            change = Change("leave out the scheme", entry.name, name.partition("://")[2])
            self.complain(Matter.GRANT, f'the app "{name}" is named without a scheme', entry.name, change=change)
        elif name.startswith("tailscale.com/") and name not in _TAILSCALE_APPS:
            self.complain(Matter.GRANT, f'the app "{name}" of Tailscale\'s cannot be granted', entry.name)

    def _node_attributes(self, item: Node) -> None:
        entry = self.decoder.fields(item, ("target", "attr", "ipPool"), "an entry of nodeAttrs")
        self.engine.selectors(entry.value("target"), "target", self._attribute_target)
        for text in self.decoder.strings(entry.value("attr"), "attr"):
            if text.value == "funnel":
                self.complain(Matter.NODE_ATTRIBUTE, "Headscale has no funnel", text)
        pool = entry.value("ipPool")
        items = self.decoder.items(pool, "ipPool")
        if items:
            self.complain(Matter.NODE_ATTRIBUTE, "Headscale has no ipPool yet", pool)

    def _attribute_target(self, selected: Selected) -> None:
        selector = selected.selector
        if selector.kind is Kind.AUTOGROUP and selector.name not in (MEMBER, TAGGED):
            self.engine.misplaced(selected.text, selector.name, "target", (MEMBER, TAGGED))
        self.engine.references(selector, selected.text)


def _is_nothing(node: Node | None) -> bool:
    match node:
        case None | Null():
            return True
        case Array(items=()) | Object(members=()):
            return node.complete
        case _:
            return False


def _grant_protocol(text: str) -> None:
    """`validate` of Protocol, without the reading of JSON around it: no other case, no names for numbers."""
    if text != text.lower():
        raise Misread(f'there is no protocol "{text}"')
    if text.isdigit() and text.startswith("0"):
        raise Misread(f'a protocol number has no leading 0: "{text}"')
    read_protocol(text, later=True)


def _is_protocol(text: str) -> bool:
    try:
        _grant_protocol(text)
    except Misread:
        return False
    return text != "" and not text.isdigit()
