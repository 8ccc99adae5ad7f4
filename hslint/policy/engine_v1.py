"""The first engine (0.22 to 0.25): hscontrol/acls.go at v0.22.3, hscontrol/policy/acls.go at v0.23.0 to v0.25.1.

It reads little when it loads a policy; most of what it refuses it refuses when it makes rules of it, which it does at start.
"""

from __future__ import annotations

from hslint.catalogue.release import Release
from hslint.policy.complaint import Change, Matter, Outcome
from hslint.policy.decoding import Decoder, Fields
from hslint.policy.meaning import AccessRule, Default, Meaning, Names, Selected, SshRule
from hslint.policy.selector import (
    AUTOGROUP,
    GROUP,
    INTERNET,
    TAG,
    WILDCARD,
    Kind,
    Misread,
    Selector,
    go_address,
    go_network,
    read_ports_v1,
    read_protocol_v1,
    split_destination_v1,
)
from hslint.policy.tree import Array, Node, Null, Object, Text, Untold, is_complete

_SECTIONS = ("groups", "hosts", "tagOwners", "acls", "tests", "autoApprovers", "ssh")
_LABEL = 63


class FirstEngine:
    def __init__(self, release: Release) -> None:
        self.decoder = Decoder(strict=False)
        self.complain = self.decoder.complain
        #: `autogroup:internet`, and lengths of IPv6 ranges, came with 0.23.
        self.later = release.reaches("0.23")
        #: 0.22 and 0.23 make DNS names of users.
        self.normalises = not release.reaches("0.24")
        self.used: list[Text] = []
        self.addresses: dict[str, str] = {}

    def read(self, root: Node) -> Meaning:
        policy = self.decoder.fields(root, _SECTIONS, "a policy")
        self.groups, groups = self._lists(policy.value("groups"), "groups")
        self.owners, tags = self._lists(policy.value("tagOwners"), "tagOwners")
        self.group_names, self.tag_names = groups, tags
        self.hosts = self._hosts(policy.value("hosts"))
        self._tests(policy.value("tests"))
        self._approvers(policy.value("autoApprovers"))
        rules = tuple(self._rule(item) for item in self.decoder.items(policy.value("acls"), "acls"))
        acls = policy.value("acls")
        ssh = self._ssh(policy.value("ssh"))
        empty = not (self.groups or self.hosts.known or rules)
        sections = (policy.value(name) for name in ("groups", "hosts", "acls"))
        if empty and policy.complete and not any(isinstance(each, Untold) for each in sections) and not self._misfits:
            self.complain(Matter.EMPTY, 'it has neither "groups" nor "hosts" nor "acls"', root)
        for owners in self.owners.values():
            self.used.extend(owners)
        return Meaning(
            complaints=tuple(self.decoder.complaints),
            groups=groups,
            hosts=self.hosts,
            tags=tags,
            members=self.groups,
            owners=self.owners,
            rules=rules,
            ssh=ssh,
            addresses=self.addresses,
            used=tuple(self.used),
            default=Default.DENY_ALL if not rules and policy.complete and _is_told(acls) else None,
            complete=is_complete(root),
        )

    @property
    def _misfits(self) -> bool:
        return any(complaint.matter is Matter.TYPE for complaint in self.decoder.complaints)

    # -- sections --------------------------------------------------------------------------------------------------------

    def _lists(self, node: Node | None, section: str) -> tuple[dict[str, tuple[Text, ...]], Names]:
        entries, complete = self.decoder.entries(node, section)
        lists = {
            entry.name.value: tuple(self.decoder.strings(entry.value, f'"{entry.name.value}"')) for entry in entries
        }
        return lists, Names({entry.name.value: entry.name for entry in entries}, complete)

    def _hosts(self, node: Node | None) -> Names:
        entries, complete = self.decoder.entries(node, "hosts")
        for entry in entries:
            text = self.decoder.string(entry.value, f'the address of "{entry.name.value}"')
            if text is not None:
                self.addresses[entry.name.value] = text.value
            if text is not None and go_network(text.value if "/" in text.value else f"{text.value}/32") is None:
                self.complain(Matter.HOST, f'"{entry.name.value}" has no address or range: "{text.value}"', text)
            elif text is not None and ":" in text.value and "/" not in text.value:
                self.complain(
                    Matter.HOST,
                    f'the host "{entry.name.value}" becomes the range {text.value}/32',
                    text,
                    Outcome.ACCEPTED,
                    Change("write the length /128", text, f"{text.value}/128"),
                )
        return Names({entry.name.value: entry.name for entry in entries}, complete)

    def _tests(self, node: Node | None) -> None:
        for item in self.decoder.items(node, "tests"):
            test = self.decoder.fields(item, ("src", "accept", "deny", "proto"), "a test")
            self.decoder.string(test.value("src"), "src")
            self.decoder.strings(test.value("accept"), "accept")
            self.decoder.strings(test.value("deny"), "deny")
        if isinstance(node, Array) and node.items:
            self.complain(Matter.TEST, "tests are not run before Headscale 0.29", node, Outcome.IGNORED)

    def _approvers(self, node: Node | None) -> None:
        approvers = self.decoder.fields(node, ("routes", "exitNode"), "autoApprovers")
        self.used += self.decoder.strings(approvers.value("exitNode"), "exitNode")
        entries, _ = self.decoder.entries(approvers.value("routes"), "routes")
        for entry in entries:
            self.used += self.decoder.strings(entry.value, f'"{entry.name.value}"')
            if go_network(entry.name.value) is None:
                self.complain(
                    Matter.APPROVER,
                    f'"{entry.name.value}" is no range: no route is approved by itself',
                    entry.name,
                    Outcome.IGNORED,
                )

    # -- rules -----------------------------------------------------------------------------------------------------------

    def _rule(self, item: Node) -> AccessRule:
        rule = self.decoder.fields(item, ("action", "proto", "src", "dst"), "a rule")
        is_known = not isinstance(item, Untold) and rule.complete and isinstance(item, Object | Null)
        action = self.decoder.string(rule.value("action"), "action")
        if is_known and (action.value if action else "") != "accept" and not isinstance(rule.value("action"), Untold):
            self._action(rule, action)
        sources = [self._selected(text) for text in self.decoder.strings(rule.value("src"), "src")]
        protocol = self.decoder.string(rule.value("proto"), "proto")
        wildcard = False
        if protocol is not None:
            try:
                wildcard = read_protocol_v1(protocol.value)
            except Misread as why:
                self.complain(Matter.PROTOCOL, str(why), protocol)
        destinations = [
            found
            for text in self.decoder.strings(rule.value("dst"), "dst")
            if (found := self._destination(text, wildcard=wildcard)) is not None
        ]
        return AccessRule(
            item, tuple(sources), tuple(destinations), protocol.value if protocol else "", is_complete(item)
        )

    def _action(self, rule: Fields, action: Text | None) -> None:
        if action is None:
            self.complain(Matter.ACTION, 'a rule has no "action": it must be "accept"', rule.node)
        else:
            change = Change('write "accept"', action, "accept") if action.value.lower() == "accept" else None
            self.complain(Matter.ACTION, f'the action must be "accept", not "{action.value}"', action, change=change)

    def _destination(self, text: Text, *, wildcard: bool) -> Selected | None:
        try:
            selector, ports = split_destination_v1(text.value, ranges=self.later)
        except Misread as why:
            self.complain(Matter.DESTINATION, f'"{text.value}": {why}', text, change=_with_ports(text))
            return None
        found = self._selected(text, selector)
        try:
            return Selected(found.selector, text, read_ports_v1(ports, wildcard=wildcard))
        except Misread as why:
            self.complain(Matter.DESTINATION, f'"{text.value}": {why}', text)
            return found

    def _selected(self, text: Text, name: str | None = None) -> Selected:
        """A selector, as `expandAlias` reads it."""
        name = text.value if name is None else name
        self.used.append(Text(name, text.span))
        if name == WILDCARD:
            return Selected(Selector(Kind.WILDCARD, name), text)
        if name.startswith(GROUP):
            self._group(name, text)
            return Selected(Selector(Kind.GROUP, name), text)
        if name.startswith(TAG):
            if self.tag_names.lacks(name):
                self.complain(Matter.UNDEFINED, f'"{name}" is not in "tagOwners"', text)
            for owner in self.owners.get(name, ()):
                if owner.value.startswith(GROUP):
                    self._group(owner.value, owner)
            return Selected(Selector(Kind.TAG, name), text)
        if name.startswith(AUTOGROUP):
            if self.later and not name.startswith(INTERNET):
                self.complain(Matter.AUTOGROUP, f'there is no "{name}" in this release of Headscale', text)
            elif not self.later:
                self.complain(
                    Matter.AUTOGROUP, f'there is no "{name}" in this release of Headscale', text, Outcome.IGNORED
                )
            return Selected(Selector(Kind.AUTOGROUP, name), text)
        if name in self.hosts.known:
            return Selected(Selector(Kind.HOST, name), text)
        network = go_network(name) if go_address(name) is None else go_network(f"{name}/{128 if ':' in name else 32}")
        if network is not None:
            return Selected(Selector(Kind.NETWORK, name, network), text)
        return Selected(Selector(Kind.USER, name), text)

    def _group(self, name: str, text: Text) -> None:
        if self.group_names.lacks(name):
            self.complain(Matter.UNDEFINED, f'"{name}" is not in "groups"', text)
            return
        for member in self.groups.get(name, ()):
            if member.value.startswith(GROUP):
                self._once(
                    Matter.GROUP, f'"{name}" has the group "{member.value}" in it: groups hold users only', member
                )
            elif self.normalises and any(len(label) > _LABEL for label in _dns_name(member.value).split(".")):
                self._once(Matter.GROUP, f'"{member.value}" makes a DNS label of more than {_LABEL} characters', member)

    def _once(self, matter: Matter, message: str, node: Node) -> None:
        if not any(each.node is node and each.message == message for each in self.decoder.complaints):
            self.complain(matter, message, node)

    # -- SSH -------------------------------------------------------------------------------------------------------------

    def _ssh(self, node: Node | None) -> tuple[SshRule, ...]:
        """SSH rules are made for single machines: what is wrong with them shows as soon as there is one."""
        before = len(self.decoder.complaints)
        found: list[tuple[Fields, list[Text], list[Text]]] = []
        for item in self.decoder.items(node, "ssh"):
            rule = self.decoder.fields(item, ("action", "src", "dst", "users", "checkPeriod"), "an SSH rule")
            for name in ("action", "checkPeriod"):
                self.decoder.string(rule.value(name), name)
            self.decoder.strings(rule.value("users"), "users")
            sources = self.decoder.strings(rule.value("src"), "src")
            found.append((rule, sources, self.decoder.strings(rule.value("dst"), "dst")))
        if any(each.matter is Matter.TYPE for each in self.decoder.complaints[before:]):
            return ()
        before = len(self.decoder.complaints)
        made: list[SshRule] = []
        for rule, sources, destinations in found:
            may_log_in = tuple(self._selected(text) for text in sources)
            reached = tuple(self._selected(text) for text in destinations)
            users = tuple(
                item.value for item in self.decoder.items(rule.value("users"), "users") if isinstance(item, Text)
            )
            action = rule.text("action")
            if action is not None:
                made.append(SshRule(rule.node, action.value, may_log_in, reached, users, is_complete(rule.node)))
            if action is not None and action.value not in ("accept", "check"):
                self.complain(Matter.ACTION, f'the action must be "accept" or "check", not "{action.value}"', action)
        for index, complaint in enumerate(self.decoder.complaints[before:], before):
            if complaint.outcome is Outcome.REFUSED:
                self.decoder.complaints[index] = type(complaint)(
                    complaint.matter, complaint.message, complaint.node, Outcome.REFUSED_LATER, complaint.change
                )
        return tuple(made)


def _with_ports(text: Text) -> Change | None:
    return (
        Change('add ":*" for all ports', text, f"{text.value}:*", safe=False)
        if ":" not in text.value and text.value
        else None
    )


def _dns_name(user: str) -> str:
    """NormalizeToFQDNRules, without oidc.strip_email_domain."""
    return user.lower().replace("'", "").replace("@", ".")


def _is_told(node: Node | None) -> bool:
    return node is None or (not isinstance(node, Untold) and is_complete(node))
