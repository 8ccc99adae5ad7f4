"""Edits of Nix source: statements renamed, moved, deleted, their comments and layout left alone."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from hslint.hosts.host import HEADSCALE, Host
from hslint.hosts.setting import Setting
from hslint.modules.configuration import split_path
from hslint.modules.show import show_option
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


class BindingRename(Record):
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


def rename_bindings(
    leaves: Sequence[BindingRename], whole: Names | None = None, beside: tuple[Names, str] | None = None
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


def _chain(leaf: BindingRename, whole: Names | None) -> tuple[_Statement, ...]:
    """The enclosing bindings that together spell the option path, outermost first; empty where they do not spell all that changes."""
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


def _in_common(leaves: Sequence[BindingRename], chains: Sequence[Sequence[_Statement]]) -> dict[Span, Names | None]:
    """The common renaming of all leaves of a set, which its own name can take; None where all of them go. By the set's statement."""
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


def _names(leaf: BindingRename, chain: Sequence[_Statement], common: Mapping[Span, Names | None]) -> list[Names] | None:
    """The new attribute paths of each statement of a chain; nothing (and nothing after it) for one that goes."""
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
    written = f"{separator_before(binding)}{above}{attribute_path(names)} = {value};"
    return Edit(Span(binding.file, at, at), written)


def separator_before(binding: Span) -> str:
    """The separator between a statement and one that is put before it: a new line, where it has one to itself."""
    text = binding.file.text
    indent = text[text.rfind(b"\n", 0, binding.start) + 1 : binding.start].decode("utf-8", "replace")
    ending = "\r\n" if b"\r\n" in text else "\n"
    return " " if indent.strip() else ending + indent


class _Comments(NamedTuple):
    """The comments of a statement: whole lines above it, and what stands behind it on its line."""

    above: tuple[str, ...]
    behind: str
    #: Where they begin and end.
    start: int
    end: int


_BEHIND = re.compile(rb"[ \t]*(#[^\r\n]*|/\*[^\r\n]*?\*/)[ \t]*(?=\r?\n)")


def _comments(binding: Span) -> _Comments:
    """The comments that speak of one statement. Those above it may head a group: where another statement follows at once, that is
    unknown, and they stay where they are.
    """
    text = binding.file.text
    found = _BEHIND.match(text, binding.end)
    behind, end = (found[1].decode("utf-8", "replace").rstrip(), found.end()) if found else ("", binding.end)
    line = text.rfind(b"\n", 0, binding.start) + 1
    following = text[text.find(b"\n", end) + 1 :].split(b"\n", 1)[0].strip() if text.find(b"\n", end) >= 0 else b""
    above: list[str] = []
    start = binding.start
    if not text[line : binding.start].strip() and (not following or following.startswith((b"}", b"#", b"/*"))):
        while line > 0 and (said := text[text.rfind(b"\n", 0, line - 1) + 1 : line].strip()).startswith(b"#"):
            above.insert(0, said.decode("utf-8", "replace"))
            line = text.rfind(b"\n", 0, line - 1) + 1
            start = line + len(text[line : binding.start]) - len(text[line : binding.start].lstrip(b" \t"))
    return _Comments(tuple(above), behind, start, end)


def deletion(binding: Span, *, and_comments: bool = False) -> Edit:
    """Delete a whole statement, and its line where it has one for itself. What is said of it stays, unless that was moved along: it
    may say why the statement was there.
    """
    text = binding.file.text
    start, end = binding.start, binding.end
    if and_comments:
        said = _comments(binding)
        start, end = said.start, said.end
    line = text.rfind(b"\n", 0, start) + 1
    following = text.find(b"\n", end)
    if following >= 0 and not text[end:following].strip():
        alone = not text[line:start].strip()
        start, end = (line, following + 1) if alone else (line + len(text[line:start].rstrip(b" \t")), end)
    return Edit(Span(binding.file, start, end), "")


def carry_settings(
    host: Host,
    moves: Iterable[tuple[Setting, Names | None]],
    whole: Names | None = None,
    beside: tuple[Names, str] | None = None,
) -> tuple[Edit, ...]:
    """Give settings other names wherever they are defined, by `carry`; all names but the settings' are below `services.headscale`."""
    above = split_path(HEADSCALE)
    leaves: dict[BindingRename, None] = {}
    around: dict[Names, tuple[Span, ...]] = {}
    for setting, new in moves:
        old = split_path(setting.option)
        if old[:-1] not in around:
            sets = [host.nixos(show_option(old[:count])) for count in range(len(above), len(old))]
            around[old[:-1]] = tuple(d.binding for each in sets for d in (*each.definitions, *each.losers) if d.binding)
        for definition in (*setting.definitions, *setting.losers):
            if definition.binding is None:
                return ()
            within = tuple(span for span in around[old[:-1]] if span.contains(definition.binding))
            leaves[BindingRename(old, None if new is None else (*above, *new), definition.binding, within)] = None
    return rename_bindings(
        [*leaves],
        None if whole is None else (*above, *whole),
        None if beside is None else ((*above, *beside[0]), beside[1]),
    )


def add(setting: Setting, option: str, value: str) -> tuple[Edit, ...]:
    """One more option (below `services.headscale`), in the set that a setting stands in, after it."""
    old = split_path(setting.option)
    if setting.binding is None:
        return ()
    beside = (*split_path(HEADSCALE), *option.split(".")), value
    return rename_bindings([BindingRename(old, old, setting.binding)], beside=beside)


_OVERRIDE = ("dns", "override_local_dns")


def missing_override(host: Host, keys: Collection[Names]) -> tuple[Names, str] | None:
    """The setting to add beside settings of DNS with these names, where no nameserver is among them.

    Clients kept their own resolvers until 0.25; from 0.26 on Headscale does not start unless it is turned off, or has nameservers.
    """
    is_given = {*keys} & {_OVERRIDE, ("dns", "nameservers", "global")}
    written = (host.setting("settings." + ".".join(key)) for key in (_OVERRIDE, ("dns", "nameservers", "global")))
    if ".".join(_OVERRIDE) not in host.schema.keys or is_given or any(s.written for s in written):
        return None
    return ("settings", *_OVERRIDE), "false"


def rename(setting: Setting, old: str, new: str) -> tuple[Edit, ...]:
    """Write another key in a setting's place; empty where that takes more than one new name (a move between sets).

    Keys are dotted, below the same option. `a.b = 1` can become `a.c = 1` and `d = 1`; `a = { b = 1; }` only the former.
    """
    place, binding = setting.name_at, setting.binding
    if place is None or len({d.place for d in setting.definitions}) != 1:
        return ()
    before, after = old.split("."), new.split(".")
    shared = 0
    while shared < min(len(before) - 1, len(after) - 1) and before[shared] == after[shared]:
        shared += 1
    differing = before[shared:]
    start = place.start
    if len(differing) > 1:
        written = ".".join(differing).encode()
        start = place.end - len(written)
        if binding is None or binding.file is not place.file or start < binding.start:
            return ()
    text = place.file.text
    if text[start : place.end] not in (".".join(differing).encode(), f'"{differing[0]}"'.encode()):
        return ()
    if binding is not None and not text[binding.start : binding.end].rstrip().endswith(b";"):
        return ()  # `inherit name;`: the name is also that of a variable
    return (Edit(Span(place.file, start, place.end), ".".join(after[shared:])),)


def move(host: Host, setting: Setting, old: str, new: str) -> tuple[Edit, ...]:
    """Take a setting out of the set it stands in and write it, under another key, before that set; keys are below `settings`.

    Empty where that could change more than the key: a set under a condition, a `rec`, a value that comes from elsewhere.
    """
    expression = setting.expression
    names = old.split(".")
    for depth in range(len(names) - 1, 0, -1):
        group = host.setting("settings." + ".".join(names[:depth]))
        place, binding = group.name_at, group.binding
        if expression is None or place is None or binding is None or not binding.contains(expression):
            continue
        text = binding.file.text
        path = text[binding.start : place.start].decode()
        if not re.fullmatch(r"\s*=\s*\{", text[place.end : text.find(b"{", place.end) + 1].decode("utf-8", "replace")):
            return ()
        container = names[: max(0, depth - 1 - path.count("."))]
        if new.split(".")[: len(container)] != container:
            continue
        # Names of the path that lie above `settings` or the container are in front already.
        above = ".".join(path.rstrip(".").split(".")[: max(0, path.count(".") - (depth - 1 - len(container)))])
        key = ".".join(filter(None, (above, *new.split(".")[len(container) :])))
        statement = f"{key} = {expression.text};"
        deleted = delete(setting)
        between = separator_before(binding)
        if not deleted or setting.binding is None or "\n" not in between:
            return *insert_before(binding, statement), *deleted
        # What is said of the setting goes along.
        said = _comments(setting.binding)
        lines = (*said.above, f"{statement} {said.behind}".rstrip())
        return *insert_before(binding, between.join(lines)), deletion(setting.binding, and_comments=True)
    return ()


def write(setting: Setting, literal: str) -> tuple[Edit, ...]:
    """Write a literal in place of the setting's own one; empty where the value comes from somewhere else."""
    at = setting.expression
    if at is None:
        return ()
    if setting.is_variable and not literal.startswith('"'):
        if not re.fullmatch(r"[0-9]+|true|false", literal):
            return ()
        literal = f'"{literal}"'
    return (Edit(at, literal),) if re.fullmatch(r'"[^"$\\]*"|[0-9]+|true|false|null', at.text) else ()


def delete(setting: Setting) -> tuple[Edit, ...]:
    """Delete a setting's whole statement, and its line where it has one for itself."""
    binding = setting.binding
    if binding is None or len({d.place for d in setting.definitions}) != 1:
        return ()
    return (deletion(binding),) if binding.file.text[binding.start : binding.end].endswith(b";") else ()


def within(literal: Span | None, old: str, new: str) -> tuple[Edit, ...]:
    """Write something else for a part of a string literal; empty where that is none, or does not hold the part exactly once."""
    text = literal.text if literal is not None else ""
    if literal is None or not text.startswith(('"', "''")) or text.count(old) != 1:
        return ()
    start = literal.start + len(text[: text.index(old)].encode())
    return (Edit(Span(literal.file, start, start + len(old.encode())), new),)


def insert_before(binding: Span, statement: str) -> tuple[Edit, ...]:
    """One more statement in front of another, in its layout."""
    return (Edit(Span(binding.file, binding.start, binding.start), f"{statement}{separator_before(binding)}"),)


def insert_after(binding: Span, statement: str) -> tuple[Edit, ...]:
    """One more statement behind another, in its layout."""
    return (Edit(Span(binding.file, binding.end, binding.end), f"{separator_before(binding)}{statement}"),)


def _shared(paths: Sequence[Names]) -> int:
    """The length of the longest common prefix of the paths."""
    count = 0
    for names in zip(*paths, strict=False):
        if len(set(names)) > 1:
            break
        count += 1
    return count
