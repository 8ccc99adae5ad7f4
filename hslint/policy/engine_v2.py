"""The second engine (from 0.26 on): hscontrol/policy/v2/types.go, utils.go and filter.go at v0.26.1, v0.27.1, v0.28.0 and v0.29.2."""

from __future__ import annotations

from collections.abc import Sequence

from hslint.policy.circles import circles
from hslint.policy.complaint import Change, Matter, Outcome
from hslint.policy.decoding import Entry, Fields, go_float, raw
from hslint.policy.engine_v2_grants import GrantRules
from hslint.policy.engine_v2_selectors import SelectorReader, is_user_name
from hslint.policy.engine_v2_ssh import SshRules
from hslint.policy.engine_v2_tests import read_ssh_tests, read_tests
from hslint.policy.meaning import AccessRule, Default, Meaning, Names, Selected
from hslint.policy.selector import (
    ALL_PORTS,
    GROUP,
    TAG,
    USER_SIGN,
    WILDCARD,
    Kind,
    Misread,
    go_network,
    has_ports,
    read_prefix,
    read_protocol,
    read_protocol_v1,
)
from hslint.policy.tree import Array, Node, Null, Number, Object, Text, Untold, described, is_complete


class SecondEngine(SelectorReader):
    """The reader of a whole policy."""

    def read(self, root: Node) -> Meaning:
        sections = ["groups", "hosts", "tagOwners", "acls", "autoApprovers", "ssh"]
        if self.newest:
            sections += ["grants", "nodeAttrs", "tests", "sshTests", "randomizeClientPort"]
        policy = self.decoder.fields(root, sections, "a policy")
        self.group_names = self._groups(policy.value("groups"))
        self.hosts = self._hosts(policy.value("hosts"))
        self.tag_names = self._tag_owners(policy.value("tagOwners"))
        rules = tuple(self._rule(item) for item in self.decoder.items(policy.value("acls"), "acls"))
        self._approvers(policy.value("autoApprovers"))
        ssh = SshRules(self).read(policy.value("ssh"))
        grants = GrantRules(self).read(policy.value("grants"), policy.value("nodeAttrs"))
        tests = read_tests(self, policy.value("tests"))
        ssh_tests = read_ssh_tests(self, policy.value("sshTests"))
        self.decoder.flag(policy.value("randomizeClientPort"), "randomizeClientPort")
        return Meaning(
            complaints=tuple(self.decoder.complaints),
            groups=self.group_names,
            hosts=self.hosts,
            tags=self.tag_names,
            members=self.groups,
            owners=self.owners,
            rules=rules,
            grants=grants,
            ssh=ssh,
            tests=tests,
            ssh_tests=ssh_tests,
            addresses=self.addresses,
            used=tuple(self.used),
            default=self._default(policy),
            complete=is_complete(root),
        )

    def _default(self, policy: Fields) -> Default | None:
        """compileFilterRules: the default where there are no rules."""
        acls, grants = policy.value("acls"), policy.value("grants")
        if not policy.complete or isinstance(acls, Untold) or isinstance(grants, Untold):
            return None
        if any(isinstance(each, Array) and (each.items or not each.complete) for each in (acls, grants)):
            return None
        if isinstance(acls, Array) or isinstance(grants, Array) or not self.strict:
            return Default.DENY_ALL
        return Default.ALLOW_ALL

    # -- names -----------------------------------------------------------------------------------------------------------

    def _groups(self, node: Node | None) -> Names:
        entries, complete = self.decoder.entries(node, "groups")
        for entry in entries:
            self._group(entry)
        return Names({entry.name.value: entry.name for entry in entries}, complete)

    def _group(self, entry: Entry) -> None:
        name = entry.name.value
        if not name.startswith(GROUP):
            self.complain(
                Matter.GROUP,
                f'the name of a group begins with "{GROUP}", unlike "{name}"',
                entry.name,
                change=Change(f'write "{GROUP}{name}"', entry.name, f"{GROUP}{name}"),
            )
        members: list[Text] = []
        value = entry.value
        if self.strict and not isinstance(value, Array | Untold):
            self.decoder.misfit(value, "a list of users", f'"{name}"')
            return
        for item in self.decoder.items(value, f'"{name}"'):
            if isinstance(item, Null) and self.strict:
                self.decoder.misfit(item, "a string", f'an entry of "{name}"')
                continue
            text = self.decoder.string(item, f'an entry of "{name}"')
            if text is None:
                continue
            members.append(text)
            if text.value.startswith(GROUP) and (self.newest or USER_SIGN not in text.value):
                self.complain(
                    Matter.GROUP, f'"{name}" has the group "{text.value}" in it: groups hold users only', text
                )
            elif USER_SIGN not in text.value:
                self._no_user(text)
        self.groups[name] = tuple(members)

    def _no_user(self, text: Text) -> None:
        if text.value.startswith(TAG):
            self.complain(Matter.USER, f'"{text.value}" is a tag: a group holds users only', text)
            return
        change = Change(f'write "{text.value}@"', text, f"{text.value}@") if is_user_name(text.value) else None
        self.complain(Matter.USER, f'the user "{text.value}" is written without "@"', text, change=change)

    def _hosts(self, node: Node | None) -> Names:
        entries, complete = self.decoder.entries(node, "hosts")
        for entry in entries:
            name = entry.name.value
            text = self.decoder.string(entry.value, f'the address of "{name}"')
            if USER_SIGN in name or ":" in name:
                self.complain(Matter.HOST, f'the name of a host has neither "@" nor ":", unlike "{name}"', entry.name)
            if text is not None:
                self.addresses[name] = text.value
            if text is not None and read_prefix(text.value) is None:
                self.complain(Matter.HOST, f'"{name}" has no address or range: "{text.value}"', text)
        return Names({entry.name.value: entry.name for entry in entries}, complete)

    def _tag_owners(self, node: Node | None) -> Names:
        entries, complete = self.decoder.entries(node, "tagOwners")
        for entry in entries:
            if self.strict:
                self._tag_name(entry.name)
        names = Names({entry.name.value: entry.name for entry in entries}, complete)
        for entry in entries:
            owners = self.decoder.strings(entry.value, f'the owners of "{entry.name.value}"')
            self.owners[entry.name.value] = tuple(owners)
            for text in owners:
                self._owner(text, names)
        if self.tags_own_tags and not self.newest:
            self._circles()
        return names

    def _tag_name(self, text: Text) -> None:
        name = text.value
        if not name.startswith(TAG):
            self.complain(
                Matter.TAG,
                f'the name of a tag begins with "{TAG}", unlike "{name}"',
                text,
                change=Change(f'write "{TAG}{name}"', text, f"{TAG}{name}"),
            )
        elif self.newest and not (name[len(TAG) :][:1].isascii() and name[len(TAG) :][:1].isalpha()):
            self.complain(Matter.TAG, f'the name of a tag begins with a letter after "{TAG}", unlike "{name}"', text)

    def _owner(self, text: Text, tags: Names) -> None:
        self.used.append(text)
        name = text.value
        if USER_SIGN in name:
            return
        if name.startswith(GROUP):
            self.defined(name, text, self.group_names, "groups")
        elif name.startswith(TAG) and self.tags_own_tags:
            self.defined(name, text, tags, "tagOwners")
        elif name.startswith(TAG):
            self.complain(Matter.TAG, f'"{name}" cannot own a tag: owners are users and groups until 0.27', text)
        else:
            self._no_owner(text, "owns tags", Matter.TAG)

    def _no_owner(self, text: Text, does: str, matter: Matter) -> None:
        """A name that is neither a user, a group nor a tag, where only those may stand."""
        name = text.value
        if name.startswith("autogroup:") or name == WILDCARD or ":" in name or not is_user_name(name):
            self.complain(matter, f'"{name}" is neither a user nor a group: nobody else {does}', text)
        else:
            self.complain(
                Matter.USER,
                f'the user "{name}" is written without "@"',
                text,
                change=Change(f'write "{name}@"', text, f"{name}@"),
            )

    def _circles(self) -> None:
        """Tags that own each other: 0.28 stops at them."""
        owned = {tag: [each for each in owners if each.value in self.owners] for tag, owners in self.owners.items()}
        circle_of = circles({tag: [each.value for each in owners] for tag, owners in owned.items()})
        for tag, owners in owned.items():
            for each in owners:
                if tag in circle_of and circle_of[tag] == circle_of.get(each.value):
                    self.complain(Matter.TAG, f'"{tag}" owns itself by way of "{each.value}"', each)
                    break

    def _approvers(self, node: Node | None) -> None:
        approvers = self.decoder.fields(node, ("routes", "exitNode"), "autoApprovers")
        entries, _ = self.decoder.entries(approvers.value("routes"), "routes")
        seen: dict[object, Entry] = {}
        for entry in entries:
            name = entry.name.value
            network = go_network(name) if name else ""
            if network is None:
                self.complain(
                    Matter.APPROVER, f'"{name}" is no range: routes have a length, as in 10.0.0.0/8', entry.name
                )
            else:
                self._route(entry, name, seen)
            for text in self.decoder.strings(entry.value, f'the approvers of "{name}"'):
                self._approver(text)
        for text in self.decoder.strings(approvers.value("exitNode"), "exitNode"):
            self._approver(text)

    def _route(self, entry: Entry, name: str, seen: dict[object, Entry]) -> None:
        address, _, bits = name.rpartition("/")
        key = (str(read_prefix(address)), bits)
        if self.strict and key in seen:
            self.complain(Matter.DUPLICATE, f'"{name}" stands twice in routes', entry.name)
        seen[key] = entry
        if bits == "0":
            self.complain(
                Matter.APPROVER,
                f'"{name}" among routes approves no exit node: "exitNode" does',
                entry.name,
                Outcome.ACCEPTED,
            )

    def _approver(self, text: Text) -> None:
        self.used.append(text)
        name = text.value
        if USER_SIGN in name:
            return
        if name.startswith(GROUP):
            self.defined(name, text, self.group_names, "groups")
        elif name.startswith(TAG):
            self.defined(name, text, self.tag_names, "tagOwners")
        else:
            self._no_owner(text, "approves routes", Matter.APPROVER)

    # -- rules -----------------------------------------------------------------------------------------------------------

    def _rule(self, item: Node) -> AccessRule:
        rule = self.decoder.fields(item, ("action", "proto", "src", "dst"), "a rule", comments=self.strict)
        is_known = not isinstance(item, Untold) and rule.complete
        sources = self.selectors(rule.value("src"), "src", self.source)
        if is_known:
            self._action(rule, item)
        destinations = [
            found
            for node in self.decoder.items(rule.value("dst"), "dst")
            if (found := self._destination(node)) is not None
        ]
        protocol = self._protocol(rule, sources, destinations)
        if self.newest:
            self.check_self_sources(
                sources, [each.selector for each in destinations], item, Matter.AUTOGROUP, wildcard=True
            )
        return AccessRule(item, tuple(sources), tuple(destinations), protocol, is_complete(item))

    def _action(self, rule: Fields, item: Node) -> None:
        value = rule.value("action")
        if isinstance(value, Untold):
            return
        if value is None or (isinstance(value, Null) and not self.strict):
            if not self.newest:
                self.complain(
                    Matter.ACTION, 'a rule has no "action": it must be "accept"', item, Outcome.REFUSED_MAKING
                )
            elif isinstance(item, Object):
                self.complain(
                    Matter.ACTION, 'a rule has no "action", and is taken for "accept"', item, Outcome.ACCEPTED
                )
            return
        if not self.strict and not isinstance(value, Text):
            self.decoder.misfit(value, "a string", "action")
            return
        if raw_or_value(value) != "accept":
            text = value if isinstance(value, Text) else None
            change = Change('write "accept"', text, "accept") if text and text.value.lower() == "accept" else None
            said = f'"{text.value}"' if text else described(value)
            outcome = Outcome.REFUSED if self.strict else Outcome.REFUSED_MAKING
            self.complain(Matter.ACTION, f'the action must be "accept", not {said}', value, outcome, change)

    def _protocol(self, rule: Fields, sources: Sequence[Selected], destinations: Sequence[Selected]) -> str:
        value = rule.value("proto")
        if value is None or isinstance(value, Untold):
            return ""
        if not self.strict:
            return self._protocol_as_made(value, sources)
        said = go_float(value.text) if isinstance(value, Number) else raw_or_value(value)
        try:
            protocol = read_protocol(said, later=self.newest)
        except Misread as why:
            self.complain(Matter.PROTOCOL, str(why), value)
            return ""
        if not has_ports(protocol):
            for each in destinations:
                if any(ports != ALL_PORTS for ports in each.ports):
                    self.complain(
                        Matter.PROTOCOL,
                        f'"{each.text.value}": the protocol "{said}" has no ports, only "*" may stand for them',
                        each.text,
                    )
        return protocol

    def _protocol_as_made(self, value: Node, sources: Sequence[Selected]) -> str:
        """0.26 looks at the protocol when it makes a rule, and makes none of a rule without a source that has an address."""
        text = self.decoder.string(value, "proto")
        if text is None:
            return ""
        try:
            read_protocol_v1(text.value)
        except Misread as why:
            always = any(each.selector.kind in (Kind.WILDCARD, Kind.NETWORK, Kind.HOST) for each in sources)
            self.complain(Matter.PROTOCOL, str(why), text, Outcome.REFUSED_MAKING if always else Outcome.REFUSED_LATER)
        return text.value

    def _destination(self, node: Node) -> Selected | None:
        """`selector:ports` (AliasWithPorts)."""
        if isinstance(node, Untold):
            return None
        if not isinstance(node, Text):
            self.decoder.misfit(node, "a string", "an entry of dst")
            return None
        found = self.parse_destination(node, Matter.DESTINATION, '"{}": {}')
        if found is not None:
            self.used.append(Text(found.selector.name, node.span))
            if found.selector.kind is Kind.AUTOGROUP and found.selector.name not in self.autogroups:
                self.misplaced(node, found.selector.name, "dst", self.destination_autogroups)
            else:
                self.target(found.selector, node)
        return found


def raw_or_value(node: Node) -> str:
    """Rules are read into a map and written again before they are read: escapes are gone by then."""
    return node.value.strip('"') if isinstance(node, Text) else raw(node)
