"""`builtins.match` and `builtins.split`: POSIX extended regular expressions, with the leftmost longest match.

A pattern is read into a tree. Python's `re` finds the groups; a simulation of the automaton, which takes time proportional to
text times pattern, finds how long the longest match is, and stands in for `re` where that might backtrack for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from hslint.values import budget
from hslint.values.builtins.posix import (
    Anchor,
    Characters,
    Choice,
    Group,
    InvalidPattern,
    Node,
    Reader,
    Repeat,
    Sequence,
    characters,
    choices,
    degree,
    spelled,
)
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.text import decoded, encoded
from hslint.values.value import Failure, Kind, Lazy, List, NotKnown, Null, String, Unknown, Value, Why

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

builtin = Registry()

#: Characters of a pattern, and states of its automaton.
LARGEST_PATTERN = 10_000

#: Steps (text times states) of one simulation.
STEPS = 4_000_000

#: Steps that Python's `re` might take at worst before the simulation is asked first.
BACKTRACKING = 100_000

#: Steps of Python's `re` in the time of one unit of work, and units of work in the time of one step of the simulation.
_STEPS_OF_A_UNIT = 64
_UNITS_OF_A_STEP = 4

#: What it costs to make a match's values: two strings, a list and what delays them.
_MATCH = 4 * budget.THUNK

Spend = Callable[[int], None]


def _free(work: int) -> None:
    """Counts no work."""


class _Automaton:
    """The pattern as a nondeterministic automaton: states that read a character, and jumps between them."""

    def __init__(self, node: Node) -> None:
        self.reads: list[re.Pattern[str] | None] = []
        self.jumps: list[list[int]] = []
        self.anchors: dict[int, bool] = {}
        self.marks: dict[int, int] = {}
        #: Work done for one text, and the function that counts it.
        self.steps = 0
        self.spend: Spend = _free
        self.end = self.state()
        self.begin = self.build(node, self.end)
        self._accepts: dict[tuple[int, str], bool] = {}

    def watch(self, spend: Spend) -> None:
        self.steps = 0
        self.spend = spend

    def _step(self, states: int) -> None:
        self.steps += states
        self.spend(states * _UNITS_OF_A_STEP)
        if self.steps > STEPS:
            raise NotKnown(Unknown(Why.BUDGET, "a regular expression"))

    def state(self) -> int:
        if len(self.jumps) > LARGEST_PATTERN:
            raise NotKnown(Unknown(Why.BUDGET, "a very large regular expression"))
        self.reads.append(None)
        self.jumps.append([])
        return len(self.jumps) - 1

    def build(self, node: Node, then: int) -> int:
        """The state from which `node` leads to `then`."""
        match node:
            case Characters():
                state = self.state()
                self.reads[state] = node.accepts
                self.jumps[state] = [then]
                return state
            case Anchor():
                state = self.state()
                self.anchors[state] = node.start
                self.jumps[state] = [then]
                return state
            case Sequence():
                for part in reversed(node.parts):
                    then = self.build(part, then)
                return then
            case Choice():
                state = self.state()
                self.jumps[state] = [self.build(part, then) for part in node.parts]
                return state
            case Group():
                closing = self.state()
                self.marks[closing] = 2 * node.number + 1
                self.jumps[closing] = [then]
                opening = self.state()
                self.marks[opening] = 2 * node.number
                self.jumps[opening] = [self.build(node.body, closing)]
                return opening
            case Repeat():
                if node.most is None:
                    loop = self.state()
                    self.jumps[loop] = [self.build(node.body, loop), then]
                    then = loop
                else:
                    for _ in range(node.most - node.least):
                        state = self.state()
                        self.jumps[state] = [self.build(node.body, then), then]
                        then = state
                for _ in range(node.least):
                    then = self.build(node.body, then)
                return then

    def _reached(self, states: set[int], text: str, at: int) -> set[int]:
        seen = set(states)
        queue = list(states)
        while queue:
            state = queue.pop()
            if self.reads[state] is not None or state == self.end:
                continue
            anchor = self.anchors.get(state)
            if anchor is not None and at != (0 if anchor else len(text)):
                continue
            for target in self.jumps[state]:
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
        return seen

    def longest(self, text: str, start: int) -> int | None:
        """Where the longest match from `start` ends."""
        states = self._reached({self.begin}, text, start)
        best = start if self.end in states else None
        for at in range(start, len(text)):
            character = text[at]
            following: set[int] = set()
            for state in states:
                if self.reads[state] is not None and self._read(state, character):
                    following.add(self.jumps[state][0])
            if not following:
                break
            self._step(len(states))
            states = self._reached(following, text, at + 1)
            if self.end in states:
                best = at + 1
        return best

    def possible(self, parts: list[str | None]) -> bool:
        """Whether the pattern may match a whole text of which some parts (None) can be anything."""
        states = self._loosely({self.begin})
        at = 0
        for part in parts:
            if part is None:
                # Everything that can be reached by any characters; anchors are taken to hold.
                while True:
                    self._step(len(states))
                    more = self._loosely(states | {target for state in states for target in self.jumps[state]})
                    if more == states:
                        break
                    states = more
                at += 1
                continue
            for character in part:
                self._step(len(states) + 1)
                read = {self.jumps[state][0] for state in states if self.reads[state] and self._read(state, character)}
                states = self._loosely(read)
                at += 1
                if at > 10_000:
                    return True
        return self.end in self._loosely(states)

    def _loosely(self, states: set[int]) -> set[int]:
        """The states reached without reading, if every anchor holds."""
        seen = set(states)
        queue = list(states)
        while queue:
            state = queue.pop()
            if self.reads[state] is None:
                new = [target for target in self.jumps[state] if target not in seen]
                seen.update(new)
                queue.extend(new)
        return seen

    def groups(self, text: str, start: int, end: int, number: int) -> tuple[str | None, ...] | None:
        """The groups of a match from `start` to `end`, greedy and from the left; no state is tried twice at one place."""
        places: list[int | None] = [None] * (2 * number)
        seen: set[tuple[int, int]] = set()
        stack: list[tuple[int, int | None, bool]] = [(self.begin, start, False)]
        while stack:
            state, at, undo = stack.pop()
            if undo:
                places[state] = at
                continue
            assert at is not None
            if (state, at) in seen:
                continue
            seen.add((state, at))
            self._step(4)  # what was seen takes memory, too
            if state == self.end:
                if at == end:
                    pairs = zip(places[::2], places[1::2], strict=True)
                    return tuple(text[a:b] if a is not None and b is not None else None for a, b in pairs)
                continue
            if self.reads[state] is not None:
                if at < end and self._read(state, text[at]):
                    stack.append((self.jumps[state][0], at + 1, False))
                continue
            anchor = self.anchors.get(state)
            if anchor is not None and at != (0 if anchor else len(text)):
                continue
            mark = self.marks.get(state)
            if mark is not None:
                stack.append((mark, places[mark], True))
                places[mark] = at
            stack.extend((target, at, False) for target in reversed(self.jumps[state]))
        return None

    def _read(self, state: int, character: str) -> bool:
        known = self._accepts.get((state, character))
        if known is None:
            pattern = self.reads[state]
            assert pattern is not None
            known = self._accepts[state, character] = pattern.match(character) is not None
        return known


class Pattern:
    """A POSIX regular expression, ready to be used."""

    def __init__(self, source: str) -> None:
        if len(source) > LARGEST_PATTERN:
            raise NotKnown(Unknown(Why.BUDGET, "a very large regular expression"))
        reader = Reader(source)
        try:
            node = reader.choice()
            if reader.at < len(source):
                raise InvalidPattern
            self.python = re.compile(spelled(node), re.DOTALL)
        except (InvalidPattern, re.error, OverflowError, RecursionError):
            raise Failure(Kind.ERROR, f"invalid regular expression '{source}'") from None
        self.node = node
        self.groups = reader.groups
        self.plain = choices(node) < 2
        self.degree = degree(node)
        self._automaton: _Automaton | None = None
        self._spend: Spend = _free

    @property
    def automaton(self) -> _Automaton:
        if self._automaton is None:
            self._automaton = _Automaton(self.node)
            self._automaton.watch(self._spend)
        return self._automaton

    def watch(self, spend: Spend) -> None:
        """Begin with a text; the evaluation that asks counts the work."""
        self._spend = spend
        if self._automaton is not None:
            self._automaton.watch(spend)

    def worst(self, length: int, *, searching: bool = False) -> int:
        """Steps that Python's `re` may take; a search begins anew at each character."""
        if self.degree >= 99 and length > 12:
            return BACKTRACKING + 1
        repeated = min(self.degree, 12)
        steps: int = length ** (repeated + 1 if searching and repeated else repeated)
        return steps

    def _risky(self, length: int) -> bool:
        return self.worst(length) > BACKTRACKING

    def _groups_between(self, text: str, start: int, end: int) -> tuple[str | None, ...]:
        if not self.groups:
            return ()
        if not self._risky(end - start):
            found = self.python.fullmatch(text, start, end)
            if found is not None:
                return found.groups()
        # Python would take too long, or an anchor inside the pattern looks beyond the slice.
        groups = self.automaton.groups(text, start, end, self.groups)
        if groups is None:
            raise NotKnown(Unknown(Why.BUDGET, "a regular expression"))
        return groups

    def surely(self, parts: list[str | None]) -> bool:
        """Whether the pattern matches whatever the unknown parts are: `.*x.*` does when a known part holds x."""
        if self.groups or not isinstance(self.node, Sequence) or len(self.node.parts) < 2:
            return False
        anything = Repeat(characters("[^\\x00]"), 0, None)
        before, after = self.node.parts[0] == anything, self.node.parts[-1] == anything
        last = len(parts) - 1
        return any(
            part is not None and (before or number == 0) and (after or number == last) and self.whole(part) is not None
            for number, part in enumerate(parts)
        )

    def whole(self, text: str) -> tuple[str | None, ...] | None:
        """The groups, when the pattern matches the whole text."""
        if self._risky(len(text)):
            if self.automaton.longest(text, 0) != len(text):
                return None
            return self._groups_between(text, 0, len(text))
        found = self.python.fullmatch(text)
        return None if found is None else found.groups()

    def all(self, text: str) -> Iterator[tuple[int, int, tuple[str | None, ...]]]:
        """The matches from left to right: where each starts and ends, and its groups."""
        at = 0
        risky = self.worst(len(text), searching=True) > BACKTRACKING
        while at <= len(text):
            if risky:
                start, end = at, None
                while start <= len(text):
                    end = self.automaton.longest(text, start)
                    if end is not None:
                        break
                    start += 1
                if end is None:
                    return
                groups = self._groups_between(text, start, end)
            else:
                found = self.python.search(text, at)
                if found is None:
                    return
                start, end, groups = found.start(), found.end(), found.groups()
                if not self.plain:
                    longest = self.automaton.longest(text, start)
                    if longest is not None and longest > end:
                        end = longest
                        groups = self._groups_between(text, start, end)
            yield start, end, groups
            at = end if end > start else end + 1


@lru_cache(maxsize=512)
def compiled(source: str) -> Pattern:
    return Pattern(source)


@contextmanager
def watched(ev: Evaluator, source: str, length: int) -> Iterator[Pattern]:
    """A pattern about to be matched against so many characters, its work counted by the evaluation."""
    misses = compiled.cache_info().misses
    pattern = compiled(source)
    if compiled.cache_info().misses > misses:
        ev.spend(budget.ELEMENTS * len(source))
    ev.spend(1 + min(pattern.worst(length), BACKTRACKING) // _STEPS_OF_A_UNIT + (length >> 6))
    pattern.watch(ev.spend)
    try:
        yield pattern
    finally:
        pattern.watch(_free)  # it outlives the evaluation


def _prepared(pattern: str, text: str) -> tuple[str, str, bool]:
    """Nix matches bytes: where either side is not ASCII, every byte becomes one character."""
    if pattern.isascii() and text.isascii():
        return pattern, text, False
    return encoded(pattern).decode("latin-1"), encoded(text).decode("latin-1"), True


def _lazy(text: str | None, *, byte_wise: bool) -> Lazy:
    if text is None:
        return constant(None)
    return constant(decoded(text.encode("latin-1")) if byte_wise else text)


@builtin("match")
def match(ev: Evaluator, pattern: Lazy, text: Lazy) -> Value:
    value = ev.string(text)
    if value.known is None:
        return _half_known(ev, ev.text(pattern), value)
    source, subject, byte_wise = _prepared(ev.text(pattern), value.known)
    with watched(ev, source, len(subject)) as compiled_pattern:
        groups = compiled_pattern.whole(subject)
    if groups is None:
        return Null()
    return List([_lazy(group, byte_wise=byte_wise) for group in groups])


def _half_known(ev: Evaluator, source: str, value: String) -> Value:
    parts = [part if isinstance(part, str) else None for part in value.parts]
    if source.isascii() and all(part is None or part.isascii() for part in parts):
        with watched(ev, source, 0) as pattern:
            if not pattern.automaton.possible(parts):
                return Null()
            if pattern.surely(parts):
                return List([])
    unknown = value.unknown
    assert unknown is not None
    raise NotKnown(unknown)


@builtin("split")
def split(ev: Evaluator, pattern: Lazy, text: Lazy) -> Value:
    value = ev.string(text)
    source, subject, byte_wise = _prepared(ev.text(pattern), ev.text(text))
    items: list[Lazy] = []
    at = 0
    with watched(ev, source, len(subject)) as compiled_pattern:
        for start, end, groups in compiled_pattern.all(subject):
            ev.spend(_MATCH + budget.THUNK * len(groups))
            items.append(_lazy(subject[at:start], byte_wise=byte_wise))
            items.append(Lazy.done(List([_lazy(group, byte_wise=byte_wise) for group in groups])))
            at = end
    if not items:
        return List([Lazy.done(value)])
    items.append(_lazy(subject[at:], byte_wise=byte_wise))
    return List(items)
