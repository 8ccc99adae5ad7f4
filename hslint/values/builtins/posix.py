"""POSIX extended regular expressions, read into a tree; the tree in Python's spelling, and how dear it may be to match."""

from __future__ import annotations

import re
from functools import lru_cache

from hslint.record import Record


class InvalidPattern(Exception):
    """A pattern is no POSIX regular expression."""


class Characters(Record):
    """One character out of a set; `source` is the set in Python's spelling."""

    source: str
    accepts: re.Pattern[str]


class Anchor(Record):
    start: bool


class Sequence(Record):
    parts: tuple[Node, ...]


class Choice(Record):
    parts: tuple[Node, ...]


class Repeat(Record):
    body: Node
    least: int
    most: int | None


class Group(Record):
    body: Node
    number: int


Node = Characters | Anchor | Sequence | Choice | Repeat | Group

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": " \\t-\\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
    "w": "0-9A-Za-z_",
    "d": "0-9",
    "s": " \\t-\\r",
}


@lru_cache(maxsize=4096)
def characters(source: str) -> Characters:
    return Characters(source, re.compile(source, re.DOTALL))


class Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.groups = 0
        self.open = 0

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def choice(self) -> Node:
        parts = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while (character := self.peek()) and character != "|":
            if character == ")" and self.open:
                break
            parts.append(self.repeated())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self) -> Node:
        node = self.atom()
        while (character := self.peek()) and character in "*+?{":
            if isinstance(node, Anchor):
                raise InvalidPattern
            self.at += 1
            if character == "*":
                node = Repeat(node, 0, None)
            elif character == "+":
                node = Repeat(node, 1, None)
            elif character == "?":
                node = Repeat(node, 0, 1)
            else:
                found = re.compile(r"([0-9]+)(,([0-9]*))?\}").match(self.pattern, self.at)
                if found is None:
                    raise InvalidPattern
                self.at = found.end()
                least = int(found[1])
                most = least if found[2] is None else int(found[3]) if found[3] else None
                if (most is not None and most < least) or least > 1000 or (most or 0) > 1000:
                    raise InvalidPattern
                node = Repeat(node, least, most)
        return node

    def atom(self) -> Node:
        character = self.peek()
        self.at += 1
        match character:
            case "(":
                number = self.groups
                self.groups += 1
                self.open += 1
                body = self.choice()
                if self.peek() != ")":
                    raise InvalidPattern
                self.at += 1
                self.open -= 1
                return Group(body, number)
            case "[":
                return self.bracket()
            case ".":
                return characters("[^\\x00]")
            case "^":
                return Anchor(True)
            case "$":
                return Anchor(False)
            case "*" | "+" | "?" | "{":
                raise InvalidPattern
            case "\\":
                escaped = self.peek()
                self.at += 1
                if not escaped or escaped not in ".[]\\()*+?{}|^$/-":
                    raise InvalidPattern
                return characters(re.escape(escaped))
            case _:
                return characters(re.escape(character))

    def bracket(self) -> Node:
        negated = self.peek() == "^"
        if negated:
            self.at += 1
        members: list[str] = []
        first = True
        while True:
            character = self.peek()
            if not character:
                raise InvalidPattern
            if character == "]" and not first:
                self.at += 1
                break
            first = False
            begin = self.member()
            if len(begin) == 1 and self.peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                end = self.member()
                if len(end) != 1 or ord(end) < ord(begin):
                    raise InvalidPattern
                members.append(f"{_in_set(begin)}-{_in_set(end)}")
            else:
                members.append(_in_set(begin) if len(begin) == 1 else begin)
        return characters(f"[{'^' if negated else ''}{''.join(members)}]")

    def member(self) -> str:
        """One character, or a named class in Python's spelling (longer than one character)."""
        for opening, closing in ((("[:"), ":]"), ("[.", ".]"), ("[=", "=]")):
            if self.pattern.startswith(opening, self.at):
                end = self.pattern.find(closing, self.at + 2)
                if end < 0:
                    raise InvalidPattern
                name = self.pattern[self.at + 2 : end]
                self.at = end + 2
                if opening == "[:":
                    if name not in _CLASSES:
                        raise InvalidPattern
                    return _CLASSES[name]
                if len(name) != 1:
                    raise InvalidPattern
                return name
        character = self.peek()
        self.at += 1
        return character


def _in_set(character: str) -> str:
    return f"\\{character}" if character in "\\]^-[&~|" else character


def spelled(node: Node) -> str:
    """The pattern as Python writes it."""
    match node:
        case Characters():
            return node.source
        case Anchor(start=True):
            return "\\A"
        case Anchor():
            return "\\Z"
        case Sequence():
            return "".join(spelled(part) for part in node.parts)
        case Choice():
            return f"(?:{'|'.join(spelled(part) for part in node.parts)})"
        case Group():
            return f"({spelled(node.body)})"
        case Repeat():
            most = "" if node.most is None else str(node.most)
            body = spelled(node.body)
            if isinstance(node.body, Repeat | Sequence):
                body = f"(?:{body})"
            return f"{body}{{{node.least},{most}}}" if (node.least, node.most) != (0, None) else f"{body}*"


def choices(node: Node) -> int:
    """The number of choices in a pattern: one repetition is greedy and so the longest, anything more may not be."""
    match node:
        case Sequence():
            return sum(choices(part) for part in node.parts)
        case Choice():
            return 2 + sum(choices(part) for part in node.parts)
        case Group():
            return choices(node.body)
        case Repeat():
            return 1 + choices(node.body)
        case _:
            return 0


def degree(node: Node, *, inside: bool = False) -> int:
    """The exponent of the worst backtracking; 99 where a choice is repeated without end."""
    match node:
        case Sequence():
            return sum(degree(part, inside=inside) for part in node.parts)
        case Choice():
            literal = {
                part.source for part in node.parts if isinstance(part, Characters) and part.source[0] not in "[("
            }
            disjoint = len(literal) == len(node.parts)
            return sum(degree(part, inside=inside) for part in node.parts) + (1 if inside and not disjoint else 0)
        case Group():
            return degree(node.body, inside=inside)
        case Repeat():
            open_ended = node.most is None or node.most > 10
            if inside and (node.most is None or node.most != node.least):
                return 99
            if not open_ended:
                return degree(node.body, inside=inside) * max(1, node.most or 1)
            within = degree(node.body, inside=True)
            return 99 if within else 1
        case _:
            return 0
