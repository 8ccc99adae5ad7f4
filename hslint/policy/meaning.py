"""The content of a policy, as far as Headscale can read it: names, rules and tests, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from hslint.policy.complaint import Complaint, Outcome
from hslint.policy.selector import Ports, Selector
from hslint.policy.tree import Node, Text
from hslint.record import Record

#: The protocol of a grant for every one there is; "" is tcp, udp and icmp.
EVERY_PROTOCOL = "*"


class Selected(Record):
    """A selector in a rule, with its place; `ports` for the destinations of an access rule."""

    selector: Selector
    text: Text
    ports: tuple[Ports, ...] = ()


class AccessRule(Record):
    """A rule of `acls`. `complete` is false where part of it is unknown."""

    node: Node
    sources: tuple[Selected, ...]
    destinations: tuple[Selected, ...]
    protocol: str = ""
    complete: bool = True


class Grant(Record):
    """A grant: the access of sources to destinations, by protocol and ports, and the capabilities of apps."""

    node: Node
    sources: tuple[Selected, ...]
    destinations: tuple[Selected, ...]
    #: Protocol ("" for the usual ones) and ports.
    traffic: tuple[tuple[str, Ports], ...] = ()
    apps: tuple[str, ...] = ()
    via: tuple[str, ...] = ()
    complete: bool = True


class SshRule(Record):
    """A rule of `ssh`: the users that sources may log in as at destinations. `action` is "accept" or "check"."""

    node: Node
    action: str
    sources: tuple[Selected, ...]
    destinations: tuple[Selected, ...]
    users: tuple[str, ...] = ()
    complete: bool = True


class AccessTest(Record):
    """An entry of `tests`."""

    node: Node
    source: Text
    protocol: str
    accept: tuple[Selected, ...]
    deny: tuple[Selected, ...]


class SshTest(Record):
    """An entry of `sshTests`: users to log in as, who must be accepted, denied, or asked again."""

    node: Node
    source: Text
    destinations: tuple[Selected, ...]
    accept: tuple[Text, ...]
    deny: tuple[Text, ...]
    check: tuple[Text, ...]


class Names(Record):
    """The names that a section defines, and whether these are all."""

    known: Mapping[str, Text]
    complete: bool = True

    def lacks(self, name: str) -> bool:
        return self.complete and name not in self.known


NO_NAMES = Names(MappingProxyType({}))


class Default(Enum):
    """The default for access that no rule mentions."""

    ALLOW_ALL = "everything is allowed"
    DENY_ALL = "nothing is allowed"


class Meaning(Record):
    """A policy as one release of Headscale reads it."""

    complaints: tuple[Complaint, ...] = ()
    groups: Names = NO_NAMES
    hosts: Names = NO_NAMES
    tags: Names = NO_NAMES
    #: The members of groups and the owners of tags, as far as they are known.
    members: Mapping[str, tuple[Text, ...]] = MappingProxyType({})
    owners: Mapping[str, tuple[Text, ...]] = MappingProxyType({})
    rules: tuple[AccessRule, ...] = ()
    grants: tuple[Grant, ...] = ()
    ssh: tuple[SshRule, ...] = ()
    tests: tuple[AccessTest, ...] = ()
    ssh_tests: tuple[SshTest, ...] = ()
    #: The addresses of hosts.
    addresses: Mapping[str, str] = MappingProxyType({})
    #: Every selector anywhere: in rules, SSH rules, approvers, owners.
    used: tuple[Text, ...] = ()
    #: What holds where there are no rules at all; None where there are, or where that is unknown.
    default: Default | None = None
    #: Whether all of the policy is known.
    complete: bool = True

    @property
    def refused(self) -> bool:
        """Whether Headscale does not start."""
        return any(complaint.outcome in (Outcome.REFUSED, Outcome.REFUSED_MAKING) for complaint in self.complaints)

    @property
    def unreadable(self) -> bool:
        """Whether Headscale cannot even read it."""
        return any(complaint.outcome is Outcome.REFUSED for complaint in self.complaints)
