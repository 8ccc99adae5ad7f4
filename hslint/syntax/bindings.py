"""The merge of bindings into one set, as Nix's parser makes it of `a.b = 1; a = { c = 2; }; inherit x;` (parser-state.hh, `addAttr`): merged at parse time."""

from __future__ import annotations

from typing import Protocol

from hslint.source import SourceFile
from hslint.syntax.nodes import (
    Attribute,
    AttributeSet,
    DynamicAttribute,
    Expression,
    Hole,
    InheritFrom,
    Name,
    Variable,
)
from hslint.syntax.problems import ProblemKind, Related


class Reporter(Protocol):
    """A receiver of duplicate definitions of a name."""

    @property
    def file(self) -> SourceFile: ...

    def problem(
        self,
        message: str,
        start: int,
        end: int,
        kind: ProblemKind = ...,
        related: tuple[Related, ...] = ...,
    ) -> None: ...

    def joined_late(self, start: int, end: int) -> None: ...


class Bindings:
    """The bindings of one set or `let`, added in the order of the text."""

    def __init__(self, reporter: Reporter, into: AttributeSet) -> None:
        self._reporter = reporter
        self._into = into
        #: Something between the bindings could not be read.
        self.incomplete = False

    def source(self, expression: Expression) -> int:
        """Note the expression of an `inherit (expression) …;` and say its number."""
        self._into.sources += (expression,)
        return len(self._into.sources) - 1

    def unreadable(self, hole: Hole) -> None:
        """Something that could not be read may define any name."""
        self.incomplete = True
        name = Name(hole.file, hole.start, hole.end, hole)
        attribute = Attribute(hole.file, hole.start, hole.end, (hole.start, hole.end), hole)
        self._into.dynamic += (DynamicAttribute(name, attribute),)

    def inherit(self, name: Name, source: int | None) -> None:
        if not isinstance(name.name, str):
            if isinstance(name.name, Hole):
                self.unreadable(name.name)
            else:
                self._reporter.problem("dynamic attributes are not allowed in inherit", name.start, name.end)
            return
        value: Expression
        if source is None:
            value = Variable(name.file, name.start, name.end, name.name)
        else:
            value = InheritFrom(name.file, name.start, name.end, source, name.name)
        known = self._into.attributes.get(name.name)
        made = Attribute(name.file, name.start, name.end, (name.start, name.end), value, outer=source is None)
        if known is not None:
            self._twice(name.name, made, known)
            return
        self._into.attributes[name.name] = made

    def add(self, path: tuple[Name, ...], value: Expression, binding: tuple[int, int]) -> None:
        into = self._into
        written = ""
        last = len(path) - 1
        for number, step in enumerate(path):
            name = step.name
            if number == last:
                made = Attribute(step.file, step.start, step.end, binding, value)
                if isinstance(name, str):
                    self._insert(into, written + name, name, made)
                else:
                    into.dynamic += (DynamicAttribute(step, made),)
                return
            inner_start = path[number + 1].start
            if not isinstance(name, str):
                nested = AttributeSet(step.file, inner_start, value.end, False, {}, (), ())
                made = Attribute(step.file, step.start, step.end, binding, nested)
                into.dynamic += (DynamicAttribute(step, made),)
                into = nested
                written += "${…}."
                continue
            known = into.attributes.get(name)
            if known is None:
                nested = AttributeSet(step.file, inner_start, value.end, False, {}, (), ())
                into.attributes[name] = Attribute(step.file, step.start, step.end, binding, nested)
                into = nested
            elif isinstance(known.value, AttributeSet):
                into = known.value
            else:
                made = Attribute(step.file, step.start, step.end, binding, value)
                self._twice(written + name, made, known)
                return
            written += name + "."

    def _insert(self, into: AttributeSet, written: str, name: str, made: Attribute, *, inside: bool = False) -> None:
        known = into.attributes.get(name)
        if known is None:
            into.attributes[name] = made
            return
        old, new = known.value, made.value
        if not (isinstance(old, AttributeSet) and isinstance(new, AttributeSet)):
            self._twice(written, made, known)
            return
        if inside:
            self._reporter.joined_late(made.start, made.end)
        # Two sets under one name become one; a `rec` on the second is lost, one on the first holds for all (Nix issue 9020).
        sources_before = len(old.sources)
        for inner_name, inner in new.attributes.items():
            if isinstance(inner.value, InheritFrom):
                inner.value.source += sources_before
            self._insert(old, f"{written}.{inner_name}", inner_name, inner, inside=True)
        old.dynamic += new.dynamic
        old.sources += new.sources

    def _twice(self, written: str, second: Attribute, first: Attribute) -> None:
        self._reporter.problem(
            f"attribute '{written}' is already defined",
            second.start,
            second.end,
            related=(Related("first defined here", first.span),),
        )
