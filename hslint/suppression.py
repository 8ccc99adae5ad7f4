"""`# hslint: ignore[rule] -- reason`: which findings a comment takes away, and which comments are no use."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence

from hslint.finding import Finding
from hslint.record import Record
from hslint.rule import Edit, Effect, Fix, Host, Problem, Rule
from hslint.source import Position, SourceFile, Span
from hslint.spelling import nearest
from hslint.syntax.comments import Ignore, MalformedIgnore, suppressions


def _says_nothing_of_a_host(host: Host) -> Iterator[Problem]:
    yield from ()


def _rule(name: str, summary: str) -> Rule:
    return Rule(name, "suppressions", Effect.ADVICE, summary, _says_nothing_of_a_host)


UNUSED = _rule("unused-suppression", "A comment suppresses a rule that reports nothing there.")
UNKNOWN = _rule("unknown-suppression", "A comment suppresses a rule that does not exist.")
MALFORMED = _rule(
    "malformed-suppression", "A comment that begins with `hslint:` cannot be understood, or gives no reason."
)

#: The rules about suppressions; they look at the other rules' findings, not at hosts.
RULES = (UNUSED, UNKNOWN, MALFORMED)


class _Mark(Record):
    """One rule, or subject, named in one comment: the `number`th one there."""

    ignore: Ignore
    number: int

    @property
    def rule(self) -> str:
        return self.ignore.rules[self.number][0]

    @property
    def place(self) -> Span:
        return self.ignore.rules[self.number][1]


class _Marks:
    """All marks of the files, found by what they speak of: there may be as many of them as findings."""

    def __init__(self) -> None:
        self.all: list[_Mark] = []
        #: By file and rule: those for the whole file, and the lines with those for one.
        self._whole: dict[tuple[str, str], list[int]] = {}
        self._lines: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def add(self, mark: _Mark) -> None:
        number, key = len(self.all), (mark.place.file.path, mark.rule)
        self.all.append(mark)
        if mark.ignore.line is None:
            self._whole.setdefault(key, []).append(number)
        else:
            # Comments come in the order of the lines that they speak of.
            self._lines.setdefault(key, []).append((mark.ignore.line, number))

    def covering(self, finding: Finding) -> list[int]:
        """The numbers of the marks that speak of a finding."""
        at = finding.problem.at
        found: list[int] = []
        for name in (finding.rule.name, finding.rule.subject):
            key = at.file.path, name
            found.extend(self._whole.get(key, ()))
            lines = self._lines.get(key)
            if lines:
                first, last = at.file.position(at.start).line, at.file.position(max(at.start, at.end - 1)).line
                found.extend(
                    number for _, number in lines[bisect_left(lines, (first, -1)) : bisect_left(lines, (last + 1, -1))]
                )
        return found


def suppress(
    findings: Sequence[Finding], files: Iterable[SourceFile], ran: Collection[str], known: Collection[str]
) -> tuple[Finding, ...]:
    """The findings that no comment takes away, and what is wrong with the comments.

    `ran` are the rules that were run, `known` all names of rules and subjects: a comment about a rule that was not run is not
    called unused.
    """
    marks = _Marks()
    problems: list[Finding] = []
    for file in files:
        for found in suppressions(file):
            if isinstance(found, MalformedIgnore):
                problems.append(_finding(MALFORMED, found.message, found.span))
                continue
            if not found.reason:
                problems.append(
                    _finding(MALFORMED, "the suppression gives no reason; write '-- why' behind it", found.span)
                )
                continue
            for number, (name, _) in enumerate(found.rules):
                mark = _Mark(found, number)
                if name in known:
                    marks.add(mark)
                else:
                    problems.append(_unknown(mark, known))
    used: set[int] = set()
    kept: list[Finding] = []
    for finding in findings:
        covering = marks.covering(finding)
        used.update(covering)
        if not covering:
            kept.append(finding)
    for number, mark in enumerate(marks.all):
        if number not in used and mark.rule in ran:
            message = f"{mark.rule} reports nothing here; the suppression is not needed"
            problems.append(_finding(UNUSED, message, mark.place, _removal(mark)))
    return tuple(sorted((*kept, *problems), key=_place))


def _place(finding: Finding) -> tuple[str, int, int]:
    at = finding.problem.at
    return at.file.path, at.start, at.end


def _finding(rule: Rule, message: str, at: Span, fix: Fix | None = None) -> Finding:
    return Finding(rule, Problem(message, at, fix=fix), ())


def _unknown(mark: _Mark, known: Collection[str]) -> Finding:
    name, place = mark.rule, mark.place
    near = nearest(name, known)
    if near is not None:
        fix = Fix(f"write {near}", (Edit(place, near),), safe=True)
        return _finding(UNKNOWN, f"there is no rule {name}; did you mean {near}?", place, fix)
    return _finding(UNKNOWN, f"there is no rule {name}", place, _removal(mark))


def _removal(mark: _Mark) -> Fix:
    """Take one name out of the comment; the last one takes the comment with it, and the line when nothing else is on it."""
    ignore, index, place = mark.ignore, mark.number, mark.place
    file = place.file
    if len(ignore.rules) > 1:
        cut = (
            Span(file, place.start, ignore.rules[index + 1][1].start)
            if index + 1 < len(ignore.rules)
            else Span(file, ignore.rules[index - 1][1].end, place.end)
        )
        return Fix("take the name out of the suppression", (Edit(cut, ""),), safe=True)
    title, comment = "remove the suppression", ignore.comment
    line = file.position(comment.start).line
    start, end = file.offset(Position(line, 0)), file.text.find(b"\n", comment.end - 1) + 1 or len(file.text)
    before, after = file.text[start : comment.start], file.text[comment.end : end]
    if not before.strip() and not after.strip():
        return Fix(title, (Edit(Span(file, start, end), ""),), safe=True)
    if not before.strip():
        return Fix(title, (Edit(Span(file, comment.start, end - len(after.lstrip())), ""),), safe=True)
    return Fix(title, (Edit(Span(file, start + len(before.rstrip()), comment.end), ""),), safe=True)
