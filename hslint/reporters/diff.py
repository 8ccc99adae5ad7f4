"""A unified diff of fixes: a patch that git takes, unless it goes to a terminal or would show secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from hslint.hosts.secrets import Secrets
from hslint.reporters.terminal import Safe, printable, safe
from hslint.source import Project, SourceFile

#: Lines around a change.
_CONTEXT = 3

_NO_END = "\\ No newline at end of file"
_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\v",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


class Diff:
    def __init__(
        self, root: str, before: Mapping[str, bytes], after: Mapping[str, bytes], secrets: Secrets | None = None
    ) -> None:
        self.root = root
        self.before = before
        self.after = after
        self.secrets = secrets or Secrets((Project(root),), ())
        #: Whether a line is not what it is in the file.
        self.masked = False

    def lines(self, *, raw: bool) -> Iterator[Safe]:
        """The lines, those with secrets masked; others, where `raw`, with every byte that they have."""
        for path, text in sorted(self.after.items()):
            yield from self._file(path, self.before[path], text, raw=raw)

    def _file(self, path: str, before: bytes, after: bytes, *, raw: bool) -> Iterator[Safe]:
        name = os.path.relpath(path, self.root)
        yield Safe(f"--- {quoted_name(f'a/{name}')}")
        yield Safe(f"+++ {quoted_name(f'b/{name}')}")
        old, new = _lines(before), _lines(after)
        hidden_old, hidden_new = (self.secrets.lines_with_secrets(SourceFile(path, text)) for text in (before, after))

        def line(sign: str, text: str, hidden: str | None) -> Iterator[Safe]:
            shown = text.removesuffix("\n") if hidden is None else hidden
            self.masked = self.masked or hidden is not None
            yield Safe(sign + shown) if raw and hidden is None else Safe(sign + safe(shown.replace("\t", "    ")))
            if not text.endswith("\n"):
                yield Safe(_NO_END)

        for group in SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT):
            first, last = group[0], group[-1]
            yield Safe(f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@")
            for kind, start, end, new_start, new_end in group:
                if kind == "equal":
                    for number in range(start, end):
                        yield from line(" ", old[number], hidden_old.get(number))
                    continue
                for number in range(start, end):
                    yield from line("-", old[number], hidden_old.get(number))
                for number in range(new_start, new_end):
                    yield from line("+", new[number], hidden_new.get(number))


def _lines(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


def quoted_name(name: str) -> str:
    """The name of a file as git writes it in a patch: in quotes, with escapes, where it holds what is no plain character."""
    if printable(name) == name and not re.search(r'["\\]', name):
        return name
    return '"' + "".join(map(_escaped, os.fsencode(name))) + '"'


def _escaped(byte: int) -> str:
    character = chr(byte)
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if 0x20 <= byte < 0x7F else f"\\{byte:03o}"
