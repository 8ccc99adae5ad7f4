"""Caddyfiles: their directives, and which of them takes a request.

Caddy sorts the directives of a block by an order of its own, and those of one kind by their matchers, the longest path first
(caddyconfig/httpcaddyfile/directives.go, directiveOrder and sortRoutes); only `route` takes them as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hslint.hosts.network.address import GAP
from hslint.record import Record


class Directive(Record):
    """A directive: its words and what stands in its braces. `line` is its first line as it was written."""

    words: tuple[str, ...]
    block: tuple[Directive, ...]
    line: str

    @property
    def name(self) -> str:
        return self.words[0] if self.words else ""


class Taken(Record):
    """The directive that takes a request, and those that ask for a login before it."""

    by: Directive
    gates: tuple[Directive, ...]


class Unsure(Exception):
    """It is unknown which directive takes a request."""


#: A word in quotes, or bare; a comment begins where a word would.
_WORD = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`|(#[^\n]*)|([^\s]+))')


def parse(text: str) -> tuple[Directive, ...] | None:
    """The directives of a Caddyfile; None where its braces do not match or it holds more than is read here."""
    lines = iter(_logical_lines(text))
    try:
        return tuple(_block(lines, depth=0))
    except Unsure:
        return None


def _logical_lines(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    for line in re.sub(r"\\\n", " ", text).split("\n"):
        words = [next(filter(None, found.groups()), "") for found in _WORD.finditer(line) if found[3] is None]
        if words:
            yield tuple(words), line.strip()


_DEEPEST = 20


def _block(lines: Iterator[tuple[tuple[str, ...], str]], depth: int) -> Iterator[Directive]:
    if depth > _DEEPEST:
        raise Unsure
    for words, line in lines:
        if "<<" in line:
            raise Unsure  # a heredoc
        if words == ("}",):
            if depth == 0:
                raise Unsure
            return
        if "}" in words or "{" in words[:-1]:
            raise Unsure
        if words[-1] == "{":
            yield Directive(words[:-1], tuple(_block(lines, depth + 1)), line.removesuffix("{").rstrip())
        else:
            yield Directive(words, (), line)
    if depth > 0:
        raise Unsure


def leaves(directives: Sequence[Directive]) -> Iterator[Directive]:
    """Every directive, those in braces included."""
    for each in directives:
        yield each
        yield from leaves(each.block)


#: Directives that neither answer nor change which one does.
_NEUTRAL = frozenset(
    [
        "tls",
        "log",
        "header",
        "encode",
        "bind",
        "root",
        "request_header",
        "request_body",
        "vars",
        "map",
        "log_skip",
        "skip_log",
        "log_append",
        "log_name",
        "push",
        "templates",
        "handle_errors",
        "intercept",
        "tracing",
        "fs",
        "metrics_labels",
    ]
)
_GATES = frozenset({"basic_auth", "basicauth", "forward_auth"})
#: Directives that change the request, after which paths are not what they were.
_CHANGES = frozenset({"rewrite", "uri", "try_files", "method"})
#: The others, in the order in which Caddy asks them; `handle` and `handle_path` are one.
_ANSWERS = (
    "redir",
    "handle",
    "route",
    "abort",
    "error",
    "respond",
    "metrics",
    "reverse_proxy",
    "php_fastcgi",
    "file_server",
    "acme_server",
)


def taker(directives: Sequence[Directive], name: str, path: str) -> Taken | None:
    """The directive that takes a request for a host name and a path; None where none does. Raises Unsure."""
    return _Taking(name, _matchers(directives, {})).sorted(directives, path)


Matchers = dict[str, Directive]


def _matchers(directives: Sequence[Directive], outer: Matchers) -> Matchers:
    return {**outer, **{each.name: each for each in directives if each.name.startswith("@")}}


class _Taking:
    def __init__(self, name: str, matchers: Matchers) -> None:
        self.name = name
        self.matchers = matchers

    def sorted(self, directives: Sequence[Directive], path: str) -> Taken | None:
        self._known(directives)
        redirect = self._first([each for each in directives if each.name == "redir"], path)
        if redirect is not None:
            return Taken(redirect, ())
        if any(each.name in _CHANGES and self._matches(each, path) is not False for each in directives):
            raise Unsure
        gates = [each for each in directives if each.name in _GATES and self._certainly(each, path)]
        for kind in _ANSWERS[1:]:
            found = self._first([each for each in directives if _kind(each) == kind], path)
            taken = self._taken(found, path) if found is not None else None
            if taken is not None:
                return Taken(taken.by, (*gates, *taken.gates))
        return None

    def _taken(self, directive: Directive, path: str) -> Taken | None:
        if _kind(directive) not in ("handle", "route"):
            return Taken(directive, ())
        if directive.name == "handle_path":
            path = "/" + path.removeprefix(directive.words[1].rstrip("*").rstrip("/")).lstrip("/")
        inner = _Taking(self.name, _matchers(directive.block, self.matchers))
        return (
            inner.as_written(directive.block, path)
            if directive.name == "route"
            else inner.sorted(directive.block, path)
        )

    def as_written(self, directives: Sequence[Directive], path: str) -> Taken | None:
        self._known(directives)
        gates: list[Directive] = []
        handled = False
        for each in directives:
            if each.name in _NEUTRAL or each.name.startswith("@") or (_kind(each) == "handle" and handled):
                continue
            if not self._certainly(each, path):
                continue
            if each.name in _CHANGES:
                raise Unsure
            if each.name in _GATES:
                gates.append(each)
                continue
            handled = handled or _kind(each) == "handle"
            taken = self._taken(each, path)
            if taken is not None:
                return Taken(taken.by, (*gates, *taken.gates))
        return None

    def _known(self, directives: Sequence[Directive]) -> None:
        for each in directives:
            known = each.name in _NEUTRAL or each.name in _GATES or each.name in _CHANGES or _kind(each) in _ANSWERS
            if not known and not each.name.startswith("@"):
                raise Unsure

    def _first(self, directives: Sequence[Directive], path: str) -> Directive | None:
        """The one that Caddy asks first of those that match."""
        matching = [each for each in directives if self._certainly(each, path)]
        paths = sorted(
            (each for each in matching if _matcher(each).startswith("/")), key=lambda each: -len(_matcher(each))
        )
        named = [each for each in matching if _matcher(each).startswith("@")]
        if paths and named:
            raise Unsure
        return next(iter((*paths, *named, *matching)), None)

    def _certainly(self, directive: Directive, path: str) -> bool:
        matches = self._matches(directive, path)
        if matches is None:
            raise Unsure
        return matches

    def _matches(self, directive: Directive, path: str) -> bool | None:
        matcher = _matcher(directive)
        if matcher.startswith("@"):
            definition = self.matchers.get(matcher)
            return None if definition is None else self._definition(definition, path)
        return _path_matches(matcher, path) if matcher.startswith("/") else True

    def _definition(self, definition: Directive, path: str) -> bool | None:
        conditions = [*definition.block]
        if len(definition.words) > 1:
            conditions.append(Directive(definition.words[1:], (), ""))
        return _all(self._condition(each, path) for each in conditions)

    def _condition(self, condition: Directive, path: str) -> bool | None:
        match condition.name:
            case "path":
                return _any(_path_matches(word, path) for word in condition.words[1:])
            case "host":
                return (
                    None
                    if any(GAP in word or "*" in word for word in condition.words)
                    else self.name in condition.words[1:]
                )
            case "not":
                inner = self._definition(condition, path)
                return None if inner is None else not inner
            case _:
                return None


def _kind(directive: Directive) -> str:
    return "handle" if directive.name == "handle_path" else directive.name


def _matcher(directive: Directive) -> str:
    """The matcher token of a directive: `*`, a path or `@name`; "" where it has none."""
    word = directive.words[1] if len(directive.words) > 1 else ""
    if GAP in word and (word.startswith((GAP, "/"))):
        return "@" + word
    return word if word == "*" or word.startswith(("/", "@")) else ""


def _path_matches(pattern: str, path: str) -> bool | None:
    """Exactly, or what begins with it where it ends in `*`; other patterns are left alone."""
    exact = pattern.removesuffix("*").lower()
    if GAP in pattern or any(sign in exact for sign in "*{%[?\\"):
        return None
    return path.lower().startswith(exact) if pattern.endswith("*") else path.lower() == exact


def _all(answers: Iterator[bool | None]) -> bool | None:
    known = list(answers)
    return False if False in known else None if None in known else True


def _any(answers: Iterator[bool | None]) -> bool | None:
    known = list(answers)
    return True if True in known else None if None in known else False
