"""The tree as Headscale's JSON libraries put it into its types: fields, lists of strings, and what does not fit.

Up to 0.26 that is encoding/json, which leaves out what it does not know and lets the last of two members win; from 0.27 on it is
go-json-experiment, which refuses both. Names are found in any case by both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hslint.policy.complaint import Change, Complaint, Matter, Outcome
from hslint.policy.tree import Array, Boolean, Member, Node, Null, Number, Object, Text, Untold, described, every
from hslint.record import Record
from hslint.spelling import nearest

#: Sections of Tailscale's policies that Headscale has never read.
_TAILSCALE_ONLY = frozenset(
    (
        "postures",
        "defaultSrcPosture",
        "ipsets",
        "disableIPv4",
        "derpMap",
        "OneCGNATRoute",
        "extraDNSRecords",
        "services",
        "srcPosture",
    )
)
#: What came with 0.29.
_LATER = frozenset(("tests", "sshTests", "grants", "nodeAttrs", "randomizeClientPort", "acceptEnv"))
#: What rules were called once.
_RENAMED = {"users": "src", "ports": "dst"}


class Fields(Record):
    """The members of an object by the names of Headscale's fields. `complete` is false where there may be others."""

    node: Node
    members: Mapping[str, Member]
    complete: bool = True

    def value(self, name: str) -> Node | None:
        """A member's value; None where there is no such member."""
        member = self.members.get(name)
        return None if member is None else member.value

    def text(self, name: str) -> Text | None:
        value = self.value(name)
        return value if isinstance(value, Text) else None

    def place(self, name: str) -> Node:
        """The place for a problem with a field: its value, or the object where it is missing."""
        value = self.value(name)
        return self.node if value is None else value


class Entry(Record):
    """A member of an object whose names are the author's: a group, a host, a tag."""

    name: Text
    value: Node
    member: Member


def folded(name: str) -> str:
    """What names that differ in their case only have in common (both libraries know of no more than that for our names)."""
    return name.replace("\u017f", "s").replace("\u212a", "k").lower() if not name.isascii() else name.lower()


class Decoder:
    """Puts nodes into types, and keeps what does not fit."""

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.complaints: list[Complaint] = []

    def complain(
        self,
        matter: Matter,
        message: str,
        node: Node | None,
        outcome: Outcome = Outcome.REFUSED,
        change: Change | None = None,
    ) -> None:
        self.complaints.append(Complaint(matter, message, node, outcome, change))

    def misfit(self, node: Node, wanted: str, where: str) -> None:
        self.complain(Matter.TYPE, f"{where} must be {wanted}, not {described(node)}", node)

    def fields(self, node: Node | None, known: Sequence[str], where: str, *, comments: bool = False) -> Fields:
        """An object with fields; `comments` where names that begin with `#` are ignored."""
        match node:
            case None | Null():
                return Fields(node or Null(), {})
            case Untold():
                return Fields(node, {}, complete=False)
            case Object(members=members):
                return Fields(node, self._found(members, known, where, comments=comments), node.complete)
            case _:
                self.misfit(node, "an object", where)
                return Fields(node, {}, complete=False)

    def _found(
        self, members: Iterable[Member], known: Sequence[str], where: str, *, comments: bool
    ) -> dict[str, Member]:
        by_fold = {self._fold(name): name for name in known}
        found: dict[str, Member] = {}
        others: dict[str, Member] = {}
        for member in members:
            name = by_fold.get(self._fold(member.name.value))
            if name is not None:
                if name in found:
                    self._twice(found[name], member, where)
                found[name] = member
            elif comments and member.name.value.startswith("#"):
                if self.strict and member.name.value in others:
                    self._twice(others[member.name.value], member, where)
                others[member.name.value] = member
            else:
                self._unknown(member, known, found, where)
                if self.strict:
                    self.duplicates_within(member.value)
        if comments:
            for member in others.values():
                if self.strict:
                    self.duplicates_within(member.value)
        return found

    def _fold(self, name: str) -> str:
        """go-json leaves out dashes and underscores as well, encoding/json does not."""
        return folded(name).replace("_", "").replace("-", "") if self.strict else folded(name)

    def duplicates_within(self, node: Node) -> None:
        """Names that stand twice in an object without a type: a mistake of syntax for go-json."""
        for part in every(node):
            if isinstance(part, Object):
                seen: dict[str, Member] = {}
                for member in part.members:
                    if member.name.value in seen:
                        self._twice(seen[member.name.value], member, "")
                    seen[member.name.value] = member

    def _twice(self, first: Member, second: Member, where: str) -> None:
        inside = f" in {where}" if where else ""
        self.complaints.append(
            Complaint(
                Matter.DUPLICATE,
                f'"{second.name.value}" stands twice{inside}',
                second.name,
                Outcome.REFUSED if self.strict else Outcome.IGNORED,
                note=("the first one", first.name.span),
            )
        )

    def _unknown(self, member: Member, known: Sequence[str], found: Mapping[str, Member], where: str) -> None:
        name = member.name.value
        outcome = Outcome.REFUSED if self.strict else Outcome.IGNORED
        better = _RENAMED.get(name) if "src" in known else None
        change: Change | None = None
        if better is None and name not in _TAILSCALE_ONLY and name not in _LATER:
            better = nearest(name, [other for other in known if other not in found])
        if name in _TAILSCALE_ONLY:
            message = f'"{name}" is Tailscale\'s: Headscale has no such field'
        elif name in _LATER and name not in known:
            message = f'"{name}" came with Headscale 0.29'
        elif better is not None:
            message = f'there is no field "{name}" in {where}: "{better}" is meant'
            change = Change(f'write "{better}"', member.name, better)
        else:
            message = f'there is no field "{name}" in {where}'
        if change is None:
            restricts = "posture" in name.lower()
            change = Change(f'remove "{name}"', Object((member,), member.span), remove=True, safe=not restricts)
        self.complaints.append(Complaint(Matter.FIELD, message, member.name, outcome, change))

    def entries(self, node: Node | None, where: str) -> tuple[list[Entry], bool]:
        """The members of an object whose names are the author's, and whether these are all. Of two with one name the last counts."""
        match node:
            case None | Null():
                return [], True
            case Untold():
                return [], False
            case Object(members=members):
                found: dict[str, Entry] = {}
                for member in members:
                    name = member.name.value
                    if name in found:
                        self._twice(found[name].member, member, where)
                    found[name] = Entry(member.name, member.value, member)
                return list(found.values()), node.complete
            case _:
                self.misfit(node, "an object", where)
                return [], False

    def items(self, node: Node | None, where: str) -> tuple[Node, ...]:
        match node:
            case None | Null() | Untold():
                return ()
            case Array(items=items):
                return items
            case _:
                self.misfit(node, "a list", where)
                return ()

    def strings(self, node: Node | None, where: str) -> list[Text]:
        """The strings of a list, without unknown ones; null is the empty string."""
        found: list[Text] = []
        for item in self.items(node, where):
            text = self.string(item, f"an entry of {where}")
            if text is not None:
                found.append(text)
        return found

    def string(self, node: Node | None, where: str) -> Text | None:
        """A string; null is the empty one. None where it is none, or unknown."""
        match node:
            case Text():
                return node
            case Null():
                return Text("", node.span)
            case None | Untold():
                return None
            case _:
                self.misfit(node, "a string", where)
                return None

    def flag(self, node: Node | None, where: str) -> None:
        if node is not None and not isinstance(node, Boolean | Null | Untold):
            self.misfit(node, "true or false", where)


def raw(node: Node) -> str:
    """The raw text that a method which reads JSON itself gets, without quotes."""
    match node:
        case Text():
            return node.as_written.strip('"')
        case Number(text=text):
            return text
        case Boolean(value=value):
            return "true" if value else "false"
        case Null():
            return "null"
        case _:
            return "{}"


def go_float(text: str) -> str:
    """A number as go-json writes it after it has been a float64: `6.0` as `6`."""
    number = float(text)
    if number == int(number if abs(number) < 1e300 else 0) and abs(number) < 1e21:
        return "-0" if text.startswith("-") and number == 0 else str(int(number))
    return repr(number)
