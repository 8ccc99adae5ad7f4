"""What a policy says, as far as Headscale can read it: names, rules and tests, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from hslint.policy.complaint import Complaint, Outcome
from hslint.policy.selector import Ports, Selector
from hslint.policy.tree import Node, Text
from hslint.record import Record


class Selected(Record):
    """A selector in a rule, with its place; `ports` for the destinations of an access rule."""

    selector: Selector
    text: Text
    ports: tuple[Ports, ...] = ()


class AccessRule(Record):
    """A rule of `acls`. `complete` is false where part of it cannot be told."""

    node: Node
    sources: tuple[Selected, ...]
    destinations: tuple[Selected, ...]
    protocol: str = ""
    complete: bool = True


class Names(Record):
    """What a section defines, and whether that is all."""

    known: Mapping[str, Text]
    complete: bool = True

    def lacks(self, name: str) -> bool:
        return self.complete and name not in self.known


NO_NAMES = Names(MappingProxyType({}))


class Default(Enum):
    """What holds for what no rule speaks of."""

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
    #: Every selector anywhere: in rules, SSH rules, approvers, owners.
    used: tuple[Text, ...] = ()
    #: What holds where there are no rules at all; None where there are, or nobody can tell.
    default: Default | None = None
    #: Whether all of the policy can be told.
    complete: bool = True

    @property
    def refused(self) -> bool:
        """Whether Headscale does not start."""
        return any(complaint.outcome in (Outcome.REFUSED, Outcome.REFUSED_MAKING) for complaint in self.complaints)

    @property
    def unreadable(self) -> bool:
        """Whether Headscale cannot even read it."""
        return any(complaint.outcome is Outcome.REFUSED for complaint in self.complaints)
