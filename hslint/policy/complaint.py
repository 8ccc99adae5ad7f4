"""A complaint about a policy: what is wrong, at which place, and what Headscale does about it."""

from __future__ import annotations

from enum import Enum

from hslint.policy.tree import Node
from hslint.record import Record
from hslint.source import Span


class Matter(Enum):
    """The subject of a complaint. Each is a rule's."""

    SYNTAX = "syntax"
    FIELD = "field"
    DUPLICATE = "duplicate"
    TYPE = "type"
    EMPTY = "empty"
    USER = "user"
    GROUP = "group"
    HOST = "host"
    TAG = "tag"
    UNDEFINED = "undefined"
    SELECTOR = "selector"
    AUTOGROUP = "autogroup"
    DESTINATION = "destination"
    PROTOCOL = "protocol"
    ACTION = "action"
    SSH = "ssh"
    APPROVER = "approver"
    GRANT = "grant"
    NODE_ATTRIBUTE = "node attribute"
    TEST = "test"


class Outcome(Enum):
    """Headscale's reaction to it."""

    REFUSED = "refused"  # it does not start: it cannot read the policy
    REFUSED_MAKING = "refused making"  # it does not start: it reads the policy, and can make no rules of it
    REFUSED_LATER = "refused later"  # it stops at the policy as soon as some machine takes part in the rule
    IGNORED = "ignored"  # what stands there has no effect
    UNREAD = "unread"  # Headscale may take it: it is hslint that does not read it
    ACCEPTED = "accepted"  # it has an effect, hardly the one that is meant


class Change(Record):
    """An edit that fixes it: a text in the place of a node (or of a span), or a member taken out."""

    title: str
    node: Node | None = None
    #: What the string says afterwards.
    text: str | None = None
    #: The whole member or element to take out, where that is it.
    remove: bool = False
    #: Whether it certainly grants no more access than is meant now.
    safe: bool = True
    #: What to write over a span as it is.
    span: Span | None = None
    raw: str | None = None


class Complaint(Record):
    """`message` says what is wrong, in the user's own names, without what follows from it."""

    matter: Matter
    message: str
    node: Node | None
    outcome: Outcome = Outcome.REFUSED
    change: Change | None = None
    #: Another place that it has to do with, and what that is.
    note: tuple[str, Span | None] | None = None
    #: Where the place is not the node's own.
    span: Span | None = None

    @property
    def at(self) -> Span | None:
        return self.span or (self.node.span if self.node is not None else None)
