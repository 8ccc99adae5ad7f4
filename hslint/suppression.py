"""`# hslint: ignore[rule] -- reason`: which findings a comment takes away, and which comments are no use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from hslint.edits import Edit
from hslint.finding import Finding
from hslint.hosts.host import Host
from hslint.problem import Effect, Fix, PlacedProblem, Problem, Rule
from hslint.record import Record
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
    """One rule named in one comment."""

    ignore: Ignore
    rule: str
    place: Span

    def covers(self, finding: Finding) -> bool:
        if finding.rule.name != self.rule and finding.rule.subject != self.rule:
            return False
        at = finding.problem.at
        if at.file.path != self.place.file.path:
            return False
        if self.ignore.line is None:
            return True
        first, last = at.file.position(at.start).line, at.file.position(max(at.start, at.end - 1)).line
        return first <= self.ignore.line <= last


def suppress(
    findings: Sequence[Finding], files: Iterable[SourceFile], ran: Collection[str], known: Collection[str]
) -> tuple[Finding, ...]:
    """The findings that no comment takes away, and what is wrong with the comments.

    `ran` are the rules that were run, `known` all names of rules and subjects: a comment about a rule that was not run is not
    called unused.
    """
    marks: list[_Mark] = []
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
            for name, place in found.rules:
                if name in known:
                    marks.append(_Mark(found, name, place))
                else:
                    problems.append(_unknown(found, name, place, known))
    used: set[int] = set()
    kept: list[Finding] = []
    for finding in findings:
        covering = [number for number, mark in enumerate(marks) if mark.covers(finding)]
        used.update(covering)
        if not covering:
            kept.append(finding)
    for number, mark in enumerate(marks):
        if number not in used and mark.rule in ran:
            message = f"{mark.rule} reports nothing here; the suppression is not needed"
            problems.append(_finding(UNUSED, message, mark.place, _removal(mark.ignore, mark.place)))
    return tuple(sorted((*kept, *problems), key=_place))


def _place(finding: Finding) -> tuple[str, int, int]:
    at = finding.problem.at
    return at.file.path, at.start, at.end


def _finding(rule: Rule, message: str, at: Span, fix: Fix | None = None) -> Finding:
    return Finding(rule, PlacedProblem(message, at, fix=fix), ())


def _unknown(ignore: Ignore, name: str, place: Span, known: Collection[str]) -> Finding:
    near = nearest(name, known)
    if near is not None:
        fix = Fix(f"write {near}", (Edit(place, near),), safe=True)
        return _finding(UNKNOWN, f"there is no rule {name}; did you mean {near}?", place, fix)
    return _finding(UNKNOWN, f"there is no rule {name}", place, _removal(ignore, place))


def _removal(ignore: Ignore, place: Span) -> Fix:
    """Take one name out of the comment; the last one takes the comment with it, and the line when nothing else is on it."""
    file = place.file
    if len(ignore.rules) > 1:
        spans = [span for _, span in ignore.rules]
        index = spans.index(place)
        cut = (
            Span(file, place.start, spans[index + 1].start)
            if index + 1 < len(spans)
            else Span(file, spans[index - 1].end, place.end)
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
