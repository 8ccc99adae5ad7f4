"""A parser of HuJSON (JSON with comments and trailing commas) → a tree with exact places, and the errors of Headscale's parser.

It accepts what github.com/tailscale/hujson accepts (`Parse`, at all releases): that also refuses a line comment which no line
ending closes. A general grammar such as tree-sitter-hujson takes more for valid than that, and keeps less of a half-typed text.
After a mistake it goes on as well as it can; only the first one is certainly one of the author's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TypeAlias

from hslint.policy.tree import Array, Boolean, Member, Node, Null, Number, Object, Text, Untold
from hslint.record import Record
from hslint.source import SourceFile, Span

#: A placeholder for an unknown part of a text. No text has this character: it is a noncharacter, not for interchange.
HOLE = "\U0010fffe"

#: Where a range of the text stands in a file.
Locate: TypeAlias = Callable[[int, int], Span | None]

#: As deep as encoding/json reads.
_DEEPEST = 10_000
#: As deep as this parser goes; no policy has more than five levels.
_DEEP = 200

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_UNCLOSED = re.compile(rb'"(?:[^"\\\n]|\\[^\n])*')
_WORD = re.compile(rb"[-+.A-Za-z0-9]+")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_ESCAPES = re.compile(rb'(?:[^\\]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})*', re.DOTALL)
_HOLE = HOLE.encode()


class SyntaxMistake(Record):
    """A syntax error, at which the parser stops."""

    message: str
    span: Span | None
    #: What would make it valid: a text, and what it takes the place of (nothing, where it is missing).
    insert: str | None = None
    insert_at: Span | None = None


class Document(Record):
    """A text as it was read. `root` is Untold where there is no value at all."""

    root: Node
    mistakes: tuple[SyntaxMistake, ...] = ()
    #: Whether all bytes of strings are UTF-8 and all escaped surrogates come in pairs: from 0.27 on Headscale asks for that.
    invalid_text: Span | None = None
    is_empty: bool = False


def parse(file: SourceFile) -> Document:
    return parse_text(file.text, lambda start, end: Span(file, start, end))


def parse_text(text: bytes, locate: Locate) -> Document:
    """A text that need not be a whole file: `locate` says where ranges of it stand."""
    return _Parser(text, locate).document()


class _Parser:
    def __init__(self, text: bytes, locate: Locate) -> None:
        self.text = text
        self.locate = locate
        self.at = 0
        self.mistakes: list[SyntaxMistake] = []
        self.invalid_text: Span | None = None

    def document(self) -> Document:
        if not self.text:
            return Document(Untold(self.locate(0, 0)), is_empty=True)
        if self.text.strip() == _HOLE:
            return Document(Untold(self.locate(0, len(self.text))))
        self._skip()
        if self.at == len(self.text):
            self._mistake("there is no value in it", 0, 0)
            return Document(Untold(self.locate(0, 0)), tuple(self.mistakes))
        if self.text[self.at : self.at + 1] not in (b"{", b"[", b'"') and _is_yaml(self.text):
            first = _line_end(self.text, self.at)
            self._mistake("it is YAML", self.at, first)
            return Document(Untold(self.locate(self.at, first)), tuple(self.mistakes))
        root = self._value(0)
        self._skip()
        if self.at < len(self.text):
            self._mistake("something follows the policy", self.at, _line_end(self.text, self.at))
        return Document(root, tuple(self.mistakes), self.invalid_text)

    # -- values ----------------------------------------------------------------------------------------------------------

    def _value(self, depth: int) -> Node:
        start = self.at
        character = self.text[start : start + 1]
        if character in (b"{", b"[") and depth >= _DEEP:
            self._mistake("it nests too deeply", start, start + 1)
            self.at = len(self.text)
            return Untold(self.locate(start, start))
        if self.text.startswith(_HOLE, start):
            return self._hole()
        match character:
            case b"{":
                return self._object(depth)
            case b"[":
                return self._array(depth)
            case b'"':
                return self._string()
            case _:
                return self._word()

    def _hole(self) -> Node:
        """An unknown part that stands for a value, or for much more."""
        start = self.at
        while self.text.startswith(_HOLE, self.at) or _WORD.match(self.text, self.at):
            self.at += len(_HOLE) if self.text.startswith(_HOLE, self.at) else 1
        return Untold(self.locate(start, self.at))

    def _object(self, depth: int) -> Node:
        start = self.at
        self.at += 1
        members: list[Member] = []
        complete = True
        while True:
            self._skip()
            if self._ends(b"}", start, bool(members) or not complete):
                return Object(tuple(members), self.locate(start, self.at), complete and not self._broken_off)
            if self.text.startswith(_HOLE, self.at):
                self._hole()
                complete = False
                self._skip()
                self._take(b",")
                continue
            name = self._name()
            if name is None:
                complete = False
                continue
            self._skip()
            if not self._take(b":"):
                self._mistake(
                    f'":" is missing after "{name.value}"',
                    *self._behind(),
                    insert=":" if self._starts_value() else None,
                )
                if not self._starts_value():
                    members.append(Member(name, Untold(), name.span))
                    complete = False
                    self._recover(b"}")
                    continue
            self._skip()
            if self.text[self.at : self.at + 1] in (b"", b",", b"}"):
                self._mistake(f'"{name.value}" has no value', *self._behind())
                members.append(Member(name, Untold(), name.span))
            else:
                value = self._value(depth + 1)
                whole = self._joined(name.span, value.span)
                members.append(Member(name, value, whole))
            self._separator(b"}")

    def _array(self, depth: int) -> Node:
        start = self.at
        self.at += 1
        items: list[Node] = []
        complete = True
        while True:
            self._skip()
            if self._ends(b"]", start, bool(items)):
                return Array(tuple(items), self.locate(start, self.at), complete and not self._broken_off)
            if self.text.startswith(_HOLE, self.at):
                self._hole()
                complete = False
                self._skip()
                self._take(b",")
                continue
            if not self._starts_value():
                here = self.text[self.at : self.at + 1].decode("latin-1")
                self._mistake(f"a value is missing before {here!r}", self.at, self.at + 1)
                complete = False
                if self.text[self.at : self.at + 1] == b",":
                    self.at += 1
                else:
                    self._recover(b"]")
                continue
            items.append(self._value(depth + 1))
            self._separator(b"]")

    @property
    def _broken_off(self) -> bool:
        """Whether the text ended inside."""
        return self.at >= len(self.text) and bool(self.mistakes)

    def _ends(self, close: bytes, start: int, _: bool) -> bool:
        """Whether the object or list ends here: at its bracket, at the wrong one, or with the text."""
        here = self.text[self.at : self.at + 1]
        if here == close:
            self.at += 1
            return True
        if not here:
            opening = self.text[start : start + 1].decode()
            if not any(mistake.message.startswith(("the text ends", "a string")) for mistake in self.mistakes):
                self._mistake(f"the text ends inside {opening}{close.decode()}", start, start + 1)
            return True
        if here in (b"}", b"]"):
            self._mistake(
                f'"{close.decode()}" is missing before "{here.decode()}"', self.at, self.at + 1, close.decode(), self.at
            )
            return True
        return False

    def _name(self) -> Text | None:
        """A member's name; None, and on to the next member, where none stands."""
        if self.text[self.at : self.at + 1] == b'"':
            found = self._string()
            return found if isinstance(found, Text) else Text("", found.span)
        start = self.at
        if self.text[self.at : self.at + 1] == b",":
            self._mistake("a member is missing before ','", start, start + 1)
            self.at += 1
            return None
        word = _WORD.match(self.text, start)
        after = _SPACE.match(self.text, word.end()) if word else None
        if word and after and self.text[after.end() : after.end() + 1] == b":":
            self._mistake(f"the name {word[0].decode()} must be in quotes", start, word.end(), f'"{word[0].decode()}"')
            self.at = word.end()
            name = word[0].decode()
            return Text(name, self.locate(start, self.at), name)
        self._mistake("a name in quotes is missing", start, max(start + 1, word.end() if word else 0))
        self._recover(b"}")
        return None

    def _separator(self, close: bytes) -> None:
        """The comma between two elements; a missing one is reported, and assumed where another element follows."""
        self._skip()
        if self._take(b",") or self.at >= len(self.text):
            return
        here = self.text[self.at : self.at + 1]
        if here in (b"}", b"]") or self.text.startswith(_HOLE, self.at):
            return
        if self._starts_value():
            self._mistake('"," is missing', *self._behind(), insert=",")
            return
        character = self.text[self.at :].decode("utf-8", "replace")[0]
        self._mistake(f"{character!r} does not belong here", self.at, self.at + 1)
        self._recover(close)

    def _string(self) -> Node:
        start = self.at
        match = _STRING.match(self.text, start)
        if match is None:
            closed = self._control_character(start)
            if closed is not None:
                return closed
            partial = _UNCLOSED.match(self.text, start)
            self.at = partial.end() if partial else start + 1
            # What was meant to be the end of the string may be the end of the line.
            inner = self.text[start : self.at].rstrip()
            self.at = start + len(inner.rstrip(b",]}") or inner)
            self._mistake("a string is not closed", start, self.at, None)
            return Untold(self.locate(start, self.at))
        self.at = match.end()
        inner = match[0][1:-1]
        span = self.locate(start, self.at)
        if _HOLE in inner:
            return Untold(span)
        if b"\\" in inner and not _ESCAPES.fullmatch(inner):
            self._mistake("a string has an escape that JSON does not know", start, self.at)
            return Untold(span)
        value, valid = _unescaped(inner)
        if not valid and self.invalid_text is None:
            self.invalid_text = span
        return Text(value, span, inner.decode("utf-8", "replace"))

    def _control_character(self, start: int) -> Node | None:
        """A string that is closed but has a control character in it."""
        end = start + 1
        while end < len(self.text) and self.text[end : end + 1] not in (b'"', b"\n"):
            end += 2 if self.text[end : end + 1] == b"\\" else 1
        if self.text[end : end + 1] != b'"':
            return None
        self.at = end + 1
        self._mistake("a string has a control character in it, which must be escaped", start, self.at)
        return Untold(self.locate(start, self.at))

    def _word(self) -> Node:
        start = self.at
        match = _WORD.match(self.text, start)
        if match is None:
            character = self.text[start:].decode("utf-8", "replace")[:1]
            self._mistake(f"{character!r} does not belong here", start, min(start + 1, len(self.text)))
            self._recover(b"")
            return Untold(self.locate(start, start))
        self.at = match.end()
        if self.text.startswith(_HOLE, self.at):
            self.at = start
            return self._hole()
        span, word = self.locate(start, self.at), match[0]
        match word:
            case b"true" | b"false":
                return Boolean(word == b"true", span)
            case b"null":
                return Null(span)
            case _ if _NUMBER.fullmatch(word):
                return Number(word.decode(), span)
            case _:
                name = word.decode()
                self._mistake(f"{name} is no value: a text must be in quotes", start, self.at, f'"{name}"')
                return Untold(span)

    # -- what lies between -----------------------------------------------------------------------------------------------

    def _skip(self) -> None:
        """Go past white space and comments."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.text.startswith(b"//", self.at):
                end = self.text.find(b"\n", self.at)
                if end < 0:
                    self._mistake(
                        "the last line is a comment without a line ending",
                        self.at,
                        len(self.text),
                        "\n",
                        len(self.text),
                    )
            elif self.text.startswith(b"/*", self.at):
                end = self.text.find(b"*/", self.at + 2)
                end = end + 1 if end >= 0 else end
                if end < 0:
                    self._mistake("a comment is not closed", self.at, self.at + 2)
            elif self.text.startswith(b"#", self.at) and self._is_line_start():
                end = self.text.find(b"\n", self.at)
                self._mistake('"#" begins no comment in HuJSON: write "//"', self.at, self.at + 1)
                end = len(self.text) - 1 if end < 0 else end
            else:
                return
            start, self.at = self.at, len(self.text) if end < 0 else end + 1
            comment = self.text[start : self.at]
            if not comment.isascii():
                try:
                    comment.decode("utf-8")
                except UnicodeDecodeError:
                    self._mistake("a comment is not UTF-8", start, self.at)

    def _is_line_start(self) -> bool:
        return not self.text[: self.at].rpartition(b"\n")[2].strip() or self.text[self.at - 1 : self.at] in (
            b" ",
            b"\t",
        )

    def _take(self, wanted: bytes) -> bool:
        if self.text[self.at : self.at + 1] != wanted:
            return False
        self.at += 1
        return True

    def _starts_value(self) -> bool:
        here = self.text[self.at : self.at + 1]
        return (
            here in (b"{", b"[", b'"') or bool(_WORD.match(self.text, self.at)) or self.text.startswith(_HOLE, self.at)
        )

    def _behind(self) -> tuple[int, int]:
        """The place behind what was read last, where something is missing."""
        end = len(self.text[: self.at].rstrip())
        return end, end

    def _recover(self, close: bytes) -> None:
        """Go on behind the next comma, or at the next bracket; always by at least one byte."""
        start = self.at
        while self.at < len(self.text):
            here = self.text[self.at : self.at + 1]
            if here == b'"':
                match = _STRING.match(self.text, self.at)
                self.at = match.end() if match else self.at + 1
                continue
            if here in (b"}", b"]") and self.at > start:
                return
            if here == close and close:
                return
            self.at += 1
            if here == b",":
                return

    def _mistake(self, message: str, start: int, end: int, insert: str | None = None, at: int | None = None) -> None:
        """Report a mistake; `insert` is what would fix it: in the place of the range, or at `at`."""
        place = self.locate(start, end) if at is None else self.locate(at, at)
        self.mistakes.append(SyntaxMistake(message, self.locate(start, end), insert, place))

    def _joined(self, first: Span | None, last: Span | None) -> Span | None:
        return first.to(last) if first is not None and last is not None and first.file is last.file else first


def _unescaped(inner: bytes) -> tuple[str, bool]:
    """The text of a string, and whether it is valid Unicode; what is not stands as U+FFFD, as encoding/json has it."""
    valid = True
    try:
        text = inner.decode("utf-8")
    except UnicodeDecodeError:
        text, valid = inner.decode("utf-8", "replace"), False
    if "\\" in text:
        text = json.loads(f'"{text}"')
        if any("\ud800" <= character <= "\udfff" for character in text):
            text, valid = re.sub("[\ud800-\udfff]", "\ufffd", text), False
    return text, valid


def _is_yaml(text: bytes) -> bool:
    """Whether the first line with something on it is one of YAML: `acls:`, `- action: accept`, `---`."""
    lines = (line for line in text.decode("utf-8", "replace").splitlines() if line.strip())
    first = next((line for line in lines if not line.lstrip().startswith("#")), "")
    return bool(re.fullmatch(r"---.*|\s*-\s.*|\s*[\w\"'-]+:(\s.*)?", first))


def _line_end(text: bytes, at: int) -> int:
    end = text.find(b"\n", at)
    end = len(text) if end < 0 else end
    return max(at + len(text[at:end].rstrip()), min(at + 1, len(text)))
