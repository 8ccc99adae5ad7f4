"""Edits of Nix source: statements renamed, moved, deleted, their comments and layout left alone."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hslint.record import Record
from hslint.source import Span
from hslint.values.show import attribute_name

Names = tuple[str, ...]


class Edit(Record):
    """Replace the bytes of a span; an empty span inserts."""

    span: Span
    replacement: str


class EditedSpans:
    """The spans that chosen edits touch, none of which overlaps another."""

    def __init__(self) -> None:
        #: By file, in their order.
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def add(self, edits: Sequence[Edit]) -> bool:
        """Whether the edits touch nothing that is touched, nor each other; only then are they added, all of them."""
        added: list[tuple[list[tuple[int, int]], tuple[int, int]]] = []
        for edit in edits:
            spans = self._spans.setdefault(edit.span.file.path, [])
            place = edit.span.start, edit.span.end
            at = bisect_left(spans, place)
            # Spans that do not overlap each other: no other can reach further than the neighbours.
            if any(_overlap(place, other) for other in spans[max(0, at - 1) : at + 1]):
                for others, mine in added:
                    others.remove(mine)
                return False
            spans.insert(at, place)
            added.append((spans, place))
        return True


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two places have bytes in common, or are the same, empty or not."""
    return one == other or (one[0] < other[1] and other[0] < one[1])


class Carried(Record):
    """A statement whose option gets another name, or (new is None) goes; both names in full, as NixOS has them.

    `within` are the statements around it: the innermost one that holds it and names a part of the option is what counts.
    """

    old: Names
    new: Names | None
    binding: Span
    within: tuple[Span, ...] = ()


class _Step(NamedTuple):
    """One name of a statement's attribute path, and the bytes it stands in."""

    name: str
    start: int
    end: int


class _Statement(NamedTuple):
    """A statement with the part of an option's name that it says: names `first` to `last` (exclusive)."""

    binding: Span
    steps: tuple[_Step, ...]
    first: int
    last: int


_STEP = re.compile(rb"\s*(?:([A-Za-z_][A-Za-z0-9_'-]*)|\"([^\"$\\]*)\")\s*")


def carry(
    leaves: Sequence[Carried], whole: Names | None = None, beside: tuple[Names, str] | None = None
) -> tuple[Edit, ...]:
    """Give the statements their new names where they stand.

    Sets around them are renamed along where all in them goes the same way: `whole` is the option of which `leaves` are all
    that is written. `beside` is one more option, and its value, to write next to a statement that comes to lie in the same set. Empty where a
    name or a set comes from elsewhere, or where statements of one set go different ways.
    """
    chains = [_chain(leaf, whole) for leaf in leaves]
    common = _in_common(leaves, chains)
    edits: dict[tuple[str, int, int], Edit] = {}
    added: Edit | None = None
    for leaf, chain in zip(leaves, chains, strict=True):
        names = _names(leaf, chain, common) if chain else None
        if names is None:
            return ()
        for statement, new in zip(chain, names, strict=True):
            edit = deletion(statement.binding) if not new else _named(statement, new)
            if edit is not None:
                edits[edit.span.file.path, edit.span.start, edit.span.end] = edit
            if not new:
                break
        if beside is not None and leaf.new is not None and leaf.new[:-1] == beside[0][:-1]:
            added = _after(chain[-1], (*names[-1][:-1], beside[0][-1]), beside[1])
    if beside is not None and added is None:
        return ()
    return (*edits.values(), *([added] if added is not None else []))


def _chain(leaf: Carried, whole: Names | None) -> tuple[_Statement, ...]:
    """The statements that say the option's name between them, outermost first; empty where they do not say all that changes."""
    changes = _shared([leaf.old, leaf.new]) if leaf.new is not None else len(whole or leaf.old) - 1
    found: list[_Statement] = []
    last = len(leaf.old)
    around = sorted((s for s in leaf.within if s.contains(leaf.binding)), key=lambda s: s.end - s.start)
    for binding in (leaf.binding, *around):
        if binding == (found[-1].binding if found else None):
            continue
        steps = _steps(binding)
        said = tuple(step.name for step in steps)
        count = next((n for n in range(min(len(said), last), 0, -1) if said[-n:] == leaf.old[last - n : last]), 0)
        if not count:
            continue
        if found and (whole is None or leaf.old[: len(whole)] != whole or last < len(whole)):
            return ()
        found.insert(0, _Statement(binding, steps[-count:], last - count, last))
        last -= count
        if last <= changes:
            return tuple(found)
    return ()


def _steps(binding: Span) -> tuple[_Step, ...]:
    """The attribute path in front of the `=`; empty for what is no such statement (`inherit x;`, a computed name)."""
    text, position = binding.file.text, binding.start
    found: list[_Step] = []
    while match := _STEP.match(text, position, binding.end):
        name = match[1] if match[1] is not None else match[2]
        group = 1 if match[1] is not None else 2
        quote = group - 1
        found.append(_Step(name.decode("utf-8", "replace"), match.start(group) - quote, match.end(group) + quote))
        following = text[match.end() : match.end() + 1]
        if following == b".":
            position = match.end() + 1
            continue
        return tuple(found) if following == b"=" and text[match.end() : match.end() + 2] != b"==" else ()
    return ()


def _in_common(leaves: Sequence[Carried], chains: Sequence[Sequence[_Statement]]) -> dict[Span, Names | None]:
    """What all leaves of a set have in common, which its own name can say; None where all of them go. By the set's statement."""
    below: dict[Span, list[Names]] = {}
    for leaf, chain in zip(leaves, chains, strict=True):
        for statement in chain:
            going = below.setdefault(statement.binding, [])
            if leaf.new is not None:
                going.append(leaf.new)
    return {
        binding: going[0][: min(_shared(going), min(map(len, going)) - 1)] if going else None
        for binding, going in below.items()
    }


def _names(leaf: Carried, chain: Sequence[_Statement], common: Mapping[Span, Names | None]) -> list[Names] | None:
    """What each statement of a chain says from now on; nothing (and nothing after it) for one that goes."""
    found: list[Names] = []
    said: Names = leaf.old[: chain[0].first]
    for statement in chain:
        shared = common[statement.binding]
        if shared is None:
            return [*found, *[()] * (len(chain) - len(found))]
        becomes = (leaf.new or ()) if statement is chain[-1] else shared
        if becomes[: len(said)] != said or len(becomes) <= len(said):
            return None
        found.append(becomes[len(said) :])
        said = becomes
    return found


def _named(statement: _Statement, names: Names) -> Edit | None:
    if tuple(step.name for step in statement.steps) == names:
        return None
    start, end = statement.steps[0].start, statement.steps[-1].end
    return Edit(Span(statement.binding.file, start, end), attribute_path(names))


def attribute_path(names: Names) -> str:
    """An attribute path as Nix reads it."""
    return ".".join(map(attribute_name, names))


def _after(statement: _Statement, names: Names, value: str) -> Edit:
    """Another statement after one, in the same set; where that has its line, or a comment after it, on the next."""
    binding = statement.binding
    text = binding.file.text
    above = text[binding.start : statement.steps[0].start].decode("utf-8", "replace")
    end = text.find(b"\n", binding.end)
    rest = text[binding.end : end].strip() if end >= 0 else b"}"
    at = binding.end if rest and not rest.startswith(b"#") else end
    written = f"{joint(binding)}{above}{attribute_path(names)} = {value};"
    return Edit(Span(binding.file, at, at), written)


def joint(binding: Span) -> str:
    """What stands between a statement and one that is put before it: a new line, where it has one to itself."""
    text = binding.file.text
    before = text[text.rfind(b"\n", 0, binding.start) + 1 : binding.start].decode("utf-8", "replace")
    return " " if before.strip() else f"\n{before}"


def deletion(binding: Span) -> Edit:
    """Delete a whole statement, and its line where it has one for itself."""
    text = binding.file.text
    start, end = binding.start, binding.end
    line = text.rfind(b"\n", 0, start) + 1
    following = text.find(b"\n", end)
    if following >= 0 and not text[end:following].strip():
        alone = not text[line:start].strip()
        start, end = (line, following + 1) if alone else (len(text[:start].rstrip(b" \t")), end)
    return Edit(Span(binding.file, start, end), "")


def _shared(paths: Sequence[Names]) -> int:
    """How many names all the paths begin with."""
    count = 0
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        count += 1
    return count
