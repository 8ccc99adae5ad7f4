"""One option of a host, as rules see it: value, places and definitions together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.catalogue.reading import read_string, read_strings
from hslint.modules import Definition
from hslint.record import Record
from hslint.source import Project, Span
from hslint.values.assumptions import name_of
from hslint.values.nesting import Walk
from hslint.values.packages import generated_text
from hslint.values.to_python import JsonOrUnknown, to_python
from hslint.values.value import Attrs, Bool, Failure, Int, Lazy, List, Null, String, Unknown, Value, Why

#: The option that holds the variables of Headscale's unit.
UNIT_ENVIRONMENT = "systemd.services.headscale.environment"


class Read:
    """A value with its place, read as what it was meant to be: each getter is None where the value is something else, or unknown."""

    __slots__ = ()

    value: Value | None

    @property
    def at(self) -> Span | None:
        raise NotImplementedError

    @property
    def text(self) -> str | None:
        """The value when it is a wholly known string."""
        return self.value.known if isinstance(self.value, String) else None

    @property
    def flag(self) -> bool | None:
        """The value when it is a known Boolean."""
        return self.value.value if isinstance(self.value, Bool) else None

    @property
    def number(self) -> int | None:
        """The value when it is a known integer."""
        return self.value.value if isinstance(self.value, Int) else None

    @property
    def data(self) -> JsonOrUnknown:
        """The value as a Python value, None where there is none; Unknown where any part of it is unknown."""
        return None if self.value is None else to_python(self.value)

    @property
    def strings_within(self) -> Iterator[str]:
        """The known strings anywhere in the value."""
        return strings_in(self.value, Walk()) if self.value is not None else iter(())

    @property
    def is_null(self) -> bool | None:
        """Whether there is no value, or null; None when it is unknown."""
        return None if isinstance(self.value, Unknown) else self.value is None or isinstance(self.value, Null)

    @property
    def is_empty(self) -> bool | None:
        """Whether there is no value, null, or nothing in it: "", [ ] or { }; None when it is unknown."""
        match self.value:
            case String(known=None) as half:
                return None if all(isinstance(part, Unknown) for part in half.parts) else False
            case String(known=text):
                return not text
            case List(items=items, rest=rest):
                return False if items else None if rest is not None else True
            case Attrs(items=members, rest=rest, maybe=maybe):
                return False if members.keys() - maybe else None if rest is not None or maybe else True
            case _:
                return self.is_null

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The elements of a list, each with its place; none where the value is no list."""
        return tuple(self._inside(lazy) for lazy in self.value.items) if isinstance(self.value, List) else ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are certainly in a set."""
        return tuple(self.value.items.keys() - self.value.maybe) if isinstance(self.value, Attrs) else ()

    def member(self, name: str) -> Entry:
        """An attribute of the set, with its place; without a value where it has none, or the value is no set."""
        lazy = self.value.get(name) if isinstance(self.value, Attrs) else None
        return Entry(None, None) if lazy is None else self._inside(lazy)

    @property
    def generated_text(self) -> Value | Failure | None:
        """The text of the file that the value names, where the configuration itself gives it (`pkgs.writeText`)."""
        lazy = generated_text(self.value)
        return lazy.outcome() if lazy is not None else None

    @property
    def strings(self) -> list[str] | None:
        """A list that holds nothing but strings, all of them known; also one without definitions."""
        given = [] if self.is_null else self.data
        if not isinstance(given, list):
            return None
        texts = [text for text in given if isinstance(text, str)]
        return texts if len(texts) == len(given) else None

    def texts(self) -> Iterator[tuple[str, Span | None]]:
        """The known entries of a list as Headscale reads them, each with its place; it splits a text at white space."""
        given = self.data
        if not isinstance(self.value, List):
            yield from ((text, self.at) for text in ([] if isinstance(given, Unknown) else read_strings(given)))
            return
        for entry in self.entries:
            known = entry.data
            if isinstance(known, str | int | float):
                yield read_string(known), entry.at

    def _inside(self, lazy: Lazy) -> Entry:
        """A part of the value; its own place counts where it stands in the same file."""
        outcome, at = lazy.outcome(), self.at
        if isinstance(outcome, Failure):
            return Entry(Unknown(Why.CONDITION, outcome.message, outcome.span), at)
        inside = outcome.span is not None and (at is None or outcome.span.file.path == at.file.path)
        return Entry(outcome, outcome.span if inside else at)


class Entry(Read, Record):
    """An element of a list, or what a set has under a name."""

    value: Value | None
    at: Span | None


class Setting(Read, Record):
    """One option of a host: its value, where it was set, and the definitions that made it.

    value     Unknown also because a file that was not read may set it, and where Nix would fail on it
              (`failure` then says how); None where it certainly has none
    exists    whether the option is declared or defined
    """

    option: str
    value: Value | None
    project: Project
    definitions: tuple[Definition, ...] = ()
    losers: tuple[Definition, ...] = ()
    failure: Failure | None = None
    exists: bool = True

    @property
    def written(self) -> bool:
        """Whether the configuration under inspection defines it, or may define it, rather than a module's default."""
        return bool(self.definitions)

    @property
    def is_variable(self) -> bool:
        """Whether a variable of the unit gives it, whose text stands above what the file says."""
        return any(".".join(definition.option[:4]) == UNIT_ENVIRONMENT for definition in self.definitions)

    @property
    def template(self) -> str | None:
        """A string with its unknown parts by their names, `https://hs.${domain}`: the same name is the same value in every setting of
        a host. None where a part has no name, or the configuration does not say the value.
        """
        return template_of(self.value) if self.written and self.value is not None else None

    @property
    def presumed(self) -> JsonOrUnknown:
        """The same setting, presuming that no unread file sets it."""
        value = self.value
        if isinstance(value, Unknown) and value.why is Why.OPEN and len(value.may_be) == 1:
            default = value.may_be[0].outcome()
            return value if isinstance(default, Failure) else to_python(default)
        return self.data

    @property
    def certainly_written(self) -> bool:
        """Whether one of the definitions holds in any case."""
        return any(definition.condition is True for definition in self.definitions)

    @property
    def at(self) -> Span | None:
        """The place of the value where it was written, else of the name it was given to."""
        span = self.value.span if self.value is not None else None
        if span is not None and self.definitions and _in_sources(self.project, span):
            return span
        written = self.expression if isinstance(self.value, Bool | Null) else None
        return written if written is not None and written.text in ("true", "false", "null") else self.name_at

    @property
    def expression(self) -> Span | None:
        """The text between `=` and `;` of the only definition, where it is a binding of its own: what an edit may replace."""
        place, binding = self.name_at, self.binding
        if place is None or binding is None or len({d.place for d in self.definitions}) != 1:
            return None
        if binding.file is not place.file or not binding.start <= place.start < place.end < binding.end:
            return None
        text = place.file.text[place.end : binding.end]
        value = text.lstrip()
        if not value.startswith(b"=") or value.startswith(b"==") or not value.endswith(b";"):
            return None
        inner = value[1:].lstrip()
        start = binding.end - len(inner)
        return Span(place.file, start, start + len(inner[:-1].rstrip()))

    @property
    def name_at(self) -> Span | None:
        """The place of the option's name."""
        return next(
            (d.place for d in self.definitions if d.place is not None and _in_sources(self.project, d.place)), None
        )

    @property
    def here(self) -> Span | None:
        """The place for problems of the option rather than of its value: the value where it stands in the statement
        itself, else the name.
        """
        at, binding = self.at, self.binding
        return at if at is not None and binding is not None and binding.contains(at) else self.name_at

    @property
    def binding(self) -> Span | None:
        """The whole statement of the (first) definition, for edits."""
        return next(
            (d.binding for d in self.definitions if d.binding is not None and _in_sources(self.project, d.binding)),
            None,
        )


def template_of(value: Value) -> str | None:
    """A string, or what is written as one, with its unknown parts by their names; None where a part has no name."""
    match value:
        case String(parts=parts):
            named = [part if isinstance(part, str) else _named(part) for part in parts]
        case Unknown():
            named = [_named(value)]
        case _:
            return None
    return None if None in named else "".join(part for part in named if part is not None)


def _in_sources(project: Project, span: Span) -> bool:
    return span.file.path.startswith("/") and span.file.path.startswith(project.root)


def strings_in(value: Value | Failure, walk: Walk) -> Iterator[str]:
    """The known strings anywhere in a value; what `walk` stops at is left out."""
    match value:
        case String(known=str(text)):
            yield text
        case List(items=items) if walk.stops(value) is None:
            for lazy in items:
                yield from strings_in(lazy.outcome(), walk)
            walk.leave(value)
        case Attrs(items=named) if walk.stops(value) is None:
            for lazy in named.values():
                yield from strings_in(lazy.outcome(), walk)
            walk.leave(value)
        case _:
            pass


#: A call that makes text of something that has a name: the result is as unknown as that, and the same wherever that is.
_AS_TEXT = re.compile(r"(?:builtins\.)?toString\s+[\w.'-]+")


def _named(unknown: Unknown) -> str | None:
    if isinstance(unknown.term, Span) and _AS_TEXT.fullmatch(unknown.term.text):
        unknown = Unknown(unknown.why, unknown.detail, unknown.span)
    name = name_of(unknown)
    return f"${{{name}}}" if name is not None else None
