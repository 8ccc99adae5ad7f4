"""Completions in a policy: sections, fields, and the names that it defines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.lsp.completion import Item, Sort
from hslint.policy.hujson import parse
from hslint.policy.selector import DANGER_ALL, INTERNET, MEMBER, NONROOT, SELF, TAGGED
from hslint.policy.tree import Node, Object, Text, every
from hslint.source import SourceFile

_SECTIONS = (
    "groups", "hosts", "tagOwners", "acls", "grants", "ssh", "autoApprovers", "nodeAttrs", "tests", "sshTests",
)  # fmt: skip
_FIELDS = {
    "acls": ("action", "proto", "src", "dst"),
    "grants": ("src", "dst", "ip", "app", "via"),
    "ssh": ("action", "src", "dst", "users", "checkPeriod", "acceptEnv"),
    "autoApprovers": ("routes", "exitNode"),
    "nodeAttrs": ("target", "attr"),
    "tests": ("src", "proto", "accept", "deny"),
    "sshTests": ("src", "dst", "accept", "deny", "check"),
}
_AUTOGROUPS = {
    "src": (MEMBER, TAGGED, DANGER_ALL),
    "dst": (INTERNET, MEMBER, TAGGED, SELF),
    "users": (NONROOT, "root"),
    "target": (MEMBER, TAGGED),
}
_VALUES = {
    "proto": ("tcp", "udp", "icmp", "sctp"),
    ("acls", "action"): ("accept",),
    ("ssh", "action"): ("accept", "check"),
}

_TOKEN = re.compile(rb'\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|(?P<text>"(?:[^"\\\n]|\\.)*"?)|(?P<sign>[{}\[\]:,])|.', re.DOTALL)


def at(file: SourceFile, offset: int) -> tuple[int, list[Item]]:
    """The start of the word at the cursor, in bytes, and its completions."""
    names, open_text = _enclosing(file.text[:offset])
    start = offset if open_text is None else open_text
    quoted = open_text is not None
    found = dict.fromkeys(_fitting(names, file))
    written = (label if quoted else f'"{label}"' for label in found)
    return start, [Item(label, Sort.VALUE if names[-1:] != [None] else Sort.NAME) for label in written]


def _enclosing(text: bytes) -> tuple[list[str | None], int | None]:
    """The members around the end of a text, outermost first, and where an open string begins (behind its quote). None stands for an
    element of a list, and at the end for the name of a member.
    """
    stack: list[tuple[str, str | None]] = []
    member: str | None = None
    last: str | None = None
    open_text: int | None = None
    for found in _TOKEN.finditer(text):
        open_text = None
        if found.lastgroup == "text":
            said = found.group()
            last = said.strip(b'"').decode("utf-8", "replace")
            if len(said) < 2 or not said.endswith(b'"'):
                open_text = found.start() + 1
        elif found.lastgroup == "sign":
            sign = found.group().decode()
            if sign in "{[":
                stack.append((sign, member))
                member = None
            elif sign in "}]" and stack:
                _, member = stack.pop()
            elif sign == ":":
                member = last
            elif sign == "," and stack and stack[-1][0] == "{":
                member = None
    names: list[str | None] = [name for _, name in stack]
    inside = stack[-1][0] if stack else ""
    names.append(None if inside == "{" and member is None else member)
    return names[1:], open_text if open_text is not None and text[open_text:].count(b'"') == 0 else None


def _fitting(names: list[str | None], file: SourceFile) -> Iterator[str]:
    known = [name for name in names if name is not None]
    section = known[0] if known else ""
    if names == [None]:
        yield from _SECTIONS
    elif names[-1] is None and len(known) == 1 and section in _FIELDS and _is_member(names):
        yield from _FIELDS[section]
    else:
        yield from _values(section, known[-1] if len(known) > 1 else section, file)


def _is_member(names: list[str | None]) -> bool:
    return len(names) in (2, 3)


def _values(section: str, field: str, file: SourceFile) -> Iterator[str]:
    yield from _VALUES.get(field, ())
    yield from _VALUES.get((section, field), ())
    yield from _AUTOGROUPS.get("dst" if field in ("accept", "deny") and section == "tests" else field, ())
    if field in ("action", "proto", "users", "checkPeriod", "attr", "ip"):
        return
    ends = ":*" if field == "dst" and section == "acls" else ""
    root = parse(file).root
    users, names = _defined(root)
    for name in users if section in ("groups", "tagOwners") or field in ("src", "dst", "exitNode") else ():
        yield name + ends
    for name in names if section != "groups" else ():
        yield name + ends


def _defined(root: Node) -> tuple[list[str], list[str]]:
    """The users that a policy speaks of, and its groups, tags and hosts."""
    users = {
        node.value: None
        for node in every(root)
        if isinstance(node, Text) and re.fullmatch(r"[^:@\s]+@[^:\s]*", node.value)
    }
    names: dict[str, None] = {}
    for member in root.members if isinstance(root, Object) else ():
        if member.name.value in ("groups", "hosts", "tagOwners") and isinstance(member.value, Object):
            names.update((each.name.value, None) for each in member.value.members)
    return list(users), list(names)
