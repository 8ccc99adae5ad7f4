"""The secrets of a project: those written in its files, and those that its hosts' settings come to. Nothing shown holds them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hslint.modules.configuration import split_path
from hslint.secrets import REDACTED, file_name, joined, replaced, shaped_secrets
from hslint.source import Project, SourceFile
from hslint.syntax.secret_literals import secret_literals
from hslint.values.show import quoted
from hslint.values.value import String
from hslint.values.without_secrets import Names, secret_string, strings_in

if TYPE_CHECKING:
    from hslint.hosts.host import Host

#: What stands in an excerpt in place of each character of a secret, so that columns stay true.
MASK = "*"

#: Words too common to be masked everywhere, even where one is used as a password.
_ORDINARY = frozenset(
    (
        *("admin", "certificate", "database", "default", "error", "example", "false", "headscale", "hslint", "host"),
        *("hosts", "http", "https", "localhost", "module", "name", "nginx", "nixos", "note", "null", "oidc", "option"),
        *("password", "path", "postgres", "postgresql", "root", "secret", "server", "services", "settings", "sqlite"),
        *("tailscale", "test", "token", "true", "user", "users", "value", "warning"),
    )
)
_SHORTEST = 4
#: Characters by which a secret that a message cuts short is still known.
_PREFIX = 8

#: Bytes of a file that may be the contents of a secret.
_LONGEST = 65_536
_SECRET_FILE = re.compile(
    r"\.(?:key|pem|age|secret|token|pass|pw|psk)$|^[^.]*(?:secret|passw|passphrase|token|privkey)[^.]*(?:\.txt)?$"
)

#: A password in a URL that was cut before its `@`.
_CUT_URL = re.compile(r"://[^\s/@:\"'<>]*:([^\s/@\"'<>…]+)")


class Secrets:
    """The secrets of the projects of a run. Made once for an inspection; the work is done when something is shown."""

    def __init__(self, projects: Sequence[Project], hosts: Sequence[Host]) -> None:
        self.projects = projects
        self.hosts = hosts

    # -- text

    def text(self, text: str) -> str:
        """A sentence, or any text on its way out, without the secrets in it."""
        spans = [*shaped_secrets(text)]
        if self._pattern is not None:
            for found in self._pattern.finditer(text):
                spans.extend(self._at(text, found.start()))
            cut = _CUT_URL.finditer(text)
            spans.extend(found.span(1) for found in cut if any(known.startswith(found[1]) for known in self._texts))
        return replaced(text, joined(spans)) if spans else text

    def document(self, document: Any, *, keep: frozenset[str] = frozenset()) -> Any:
        """A JSON document without the secrets in its texts, but for members of these names."""
        match document:
            case str():
                return self.text(document)
            case list():
                return [self.document(each, keep=keep) for each in document]
            case dict():
                return {
                    self.text(name): each if name in keep else self.document(each, keep=keep)
                    for name, each in document.items()
                }
            case _:
                return document

    def written_in(self, text: str) -> bool:
        """Whether a piece of Nix that is to be inserted somewhere holds a secret."""
        return self.text(text) != text or bool(secret_literals(text.encode("utf-8", "surrogateescape")))

    # -- source

    def line(self, file: SourceFile, number: int) -> str:
        """A line of a file (from 0) as it may be shown: as many characters, those of secrets masked."""
        if file.path not in self._masked or self._masked[file.path][0] is not file:
            self._masked[file.path] = (file, self.masked(file))
        lines = self._masked[file.path][1]
        return lines[number] if 0 <= number < len(lines) else ""

    def masked(self, file: SourceFile) -> list[str]:
        """All lines of a file as they may be shown."""
        return [self._line(line) for line in re.split(r"\r\n|\n|\r", self._literals_masked(file, "replace"))]

    def lines_with_secrets(self, file: SourceFile) -> dict[int, str]:
        """The lines that hold secrets, by number (LF alone ends a line), as they may be shown."""
        shown = self._literals_masked(file, "surrogateescape").split("\n")
        as_they_are = file.text.decode("utf-8", "surrogateescape").split("\n")
        pairs = enumerate(zip(map(self._line, shown), as_they_are, strict=True))
        return {number: masked for number, (masked, line) in pairs if masked != line}

    def _literals_masked(self, file: SourceFile, errors: str) -> str:
        """The text of a file, those literals masked that hold secrets; undecodable bytes as `errors` says."""
        ranges = [(literal.start, literal.end) for literal in secret_literals(file.text)]
        ranges += self._places.get(file.path, ())
        whole, at = [], 0
        for start, end in joined(ranges):
            whole.append(file.text[at:start].decode("utf-8", errors))
            whole.append(_mask(file.text[start:end].decode("utf-8", errors)))
            at = end
        whole.append(file.text[at:].decode("utf-8", errors))
        return "".join(whole)

    def _line(self, line: str) -> str:
        for start, end in self._known_in(line):
            line = line[:start] + _mask(line[start:end]) + line[end:]
        return line

    def _known_in(self, text: str) -> list[tuple[int, int]]:
        if self._pattern is None:
            return []
        return joined([span for found in self._pattern.finditer(text) for span in self._at(text, found.start())])

    def _at(self, text: str, start: int) -> Iterator[tuple[int, int]]:
        """The secret that begins at a place, as far as the text has it."""
        for known in self._texts:
            if text[start : start + _PREFIX] != known[:_PREFIX]:
                continue
            length = len(known)
            if text.startswith(known, start):
                if _is_telling(known) or _stands_alone(text, start, start + length):
                    yield start, start + length
            elif length > _PREFIX:
                length = _agreeing(text, start, known)
                cut = text.startswith(("…", "..."), start + length)
                if cut or _is_telling(known[:_PREFIX]) or length >= 2 * _PREFIX:
                    yield start, start + length

    @cached_property
    def _masked(self) -> dict[str, tuple[SourceFile, list[str]]]:
        return {}

    # -- what is secret

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """Finds the beginnings of all texts that are secret."""
        beginnings = {text[:_PREFIX] for text in self._texts}
        # A lookahead, so that one that begins inside another one is found too.
        return re.compile(f"(?={'|'.join(map(re.escape, beginnings))})") if beginnings else None

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        """Texts that are secret wherever they stand, the longest first, as written and as other notations have them."""
        found: dict[str, None] = {}
        written = [literal.text for file in self._files for literal in secret_literals(file.text)]
        for text in (*written, *(text for text, _ in self._valued), *self._secret_contents):
            for line in {text, *text.splitlines()}:
                if not self._is_ordinary(line.strip()):
                    found.update(dict.fromkeys(_notations(line.strip())))
        for text in self._misplaced_contents:
            found.update(dict.fromkeys(_notations(text)))
        return tuple(sorted(found, key=len, reverse=True))

    @cached_property
    def _files(self) -> list[SourceFile]:
        """The files that values come from; all that were read where no host came of them."""
        parsed = {id(host.parsed): host.parsed for host in self.hosts}.values()
        return [
            file
            for project in self.projects
            for file in project.files_read
            if not parsed or not file.path.endswith(".nix") or any(file.path in files for files in parsed)
        ]

    def _is_ordinary(self, text: str) -> bool:
        return len(text) < _SHORTEST or text.lower() in _ORDINARY or text in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        """The names of all settings."""
        schemas = {id(host.schema): host.schema for host in self.hosts[:1]}
        return frozenset(
            name for schema in schemas.values() for key in schema.keys for name in (key, *re.split(r"[._]", key))
        )

    @cached_property
    def _places(self) -> dict[str, list[tuple[int, int]]]:
        """The places of the strings that secrets come from, by path."""
        places: dict[str, list[tuple[int, int]]] = {}
        for _, value in self._valued:
            span = value.span
            if span is None:
                continue
            text = span.file.text[span.start : span.end]
            quotes = 1 if text[:1] == b'"' else 2 if text[:2] == b"''" else 0
            if quotes:
                places.setdefault(span.file.path, []).append((span.start + quotes, span.end - quotes))
        return places

    @cached_property
    def _valued(self) -> list[tuple[str, String]]:
        """The secrets that settings come to, however they do."""
        return [(text, string) for text, names, string in self._strings if secret_string(text, names)]

    @cached_property
    def _secret_contents(self) -> list[str]:
        """The contents of files that are named like secrets, and were read for some value."""
        read = (file for file in self._files if len(file.text) <= _LONGEST)
        return [_decoded(file) for file in read if _SECRET_FILE.search(os.path.basename(file.path).lower())]

    @cached_property
    def _misplaced_contents(self) -> list[str]:
        """Contents of files that stand where the path of a file belongs."""
        read = (file for file in self._files if not file.path.endswith(".nix") and len(file.text) <= _LONGEST)
        contents = {_decoded(file).strip() for file in read}
        named = (text for text, names, _ in self._strings if names and file_name(names[-1]))
        return [text for text in named if len(text) >= _SHORTEST and text.strip() in contents]

    @cached_property
    def _strings(self) -> list[tuple[str, Names, String]]:
        """The strings that settings come to, those that lost among them."""
        found: list[tuple[str, Names, String]] = []
        for host in self.hosts:
            for setting in (*host.defined(""), *host.environment()):
                names = split_path(setting.option)
                defined = (each.value.outcome() for each in (*setting.definitions, *setting.losers))
                try:
                    values = (*([] if setting.value is None else [setting.value]), *defined)
                    found.extend(each for value in values for each in strings_in(value, names))
                except RecursionError:  # nested beyond what can be followed, and so beyond what is shown
                    continue
        return found


def _decoded(file: SourceFile) -> str:
    return file.text.decode("utf-8", "surrogateescape")


def _mask(text: str) -> str:
    """As many characters; line ends and indentation stay."""
    return re.sub(r"\S(?:[^\r\n]*\S)?", lambda found: MASK * len(found[0]), text)


def _notations(text: str) -> Iterator[str]:
    """A text as it stands, and between the quotes of Nix, JSON and Python."""
    yield text
    if re.search(r"[^\w.-]", text) or not text.isascii():
        yield from (
            quoted(text)[1:-1],
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            repr(text)[1:-1],
        )
        yield "".join(character if character.isprintable() else "\ufffd" for character in text)


def _agreeing(text: str, start: int, known: str) -> int:
    """The number of characters of a secret at a place, by halving, because a long text may begin one everywhere."""
    least, most = 0, min(len(known), len(text) - start)
    while least < most:
        length = (least + most + 1) // 2
        if text.startswith(known[:length], start):
            least = length
        else:
            most = length - 1
    return least


def _is_telling(text: str) -> bool:
    """Whether a text looks like nothing that may stand anywhere: letters with digits, or with capitals in between."""
    if len(text) < 6 or not any(map(str.isalpha, text)):
        return len(text) >= 8 and text.isdigit()
    return any(map(str.isdigit, text)) or (not text.islower() and not text.isupper() and not text.istitle())


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a word or a phrase stands there as a whole; one plain word only as a value."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if any(character.isalnum() or character in tuple("_-./") for character in (before, after) if character):
        return False
    return not text[start:end].isalpha() or before in tuple("\"'=") or after in tuple("\"'…")


__all__ = ["MASK", "REDACTED", "Secrets"]
