"""Findings for people: the place with its line, what follows, how to mend it. Colours and links only on a terminal."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from hslint.checking import Checked
from hslint.finding import Finding
from hslint.hosts import Inspection, SkippedHosts
from hslint.problem import Effect, Severity
from hslint.reporters.terminal import Safe, Style, cells, path_from_here, printable
from hslint.source import Span

_FOLLOWS = {
    Effect.REFUSED: "Nix refuses this configuration",
    Effect.FAILS: "Headscale does not start",
    Effect.INSECURE: "this is insecure",
    Effect.EXPOSED: "this can be abused",
    Effect.IGNORED: "Headscale ignores this",
    Effect.BROKEN: "Headscale starts, but something will not work",
    Effect.ADVICE: "",
}

#: Columns of a source line that are shown; the part with the carets is kept.
_WIDTH = 140


_COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}


def report(checked: Checked, style: Style | None = None, *, quiet: bool = False) -> Iterator[Safe]:
    style = style or Style()
    hosts = checked.inspection.hosts
    active = {host.name for host in hosts if host.active}
    for number, finding in enumerate(checked.shown):
        if number:
            yield style.line()
        # A host on which Headscale is off is none that the reader thinks of.
        several = len(active) > 1 or (len(hosts) > 1 and not active.issuperset(finding.hosts))
        yield from _finding(checked.inspection, finding, style, several=several)
    if quiet:
        return
    if checked.shown:
        yield style.line()
    for remark in checked.inspection.remarks:
        yield style.line(style.paint("note", "1;36"), ": ", remark)
    yield from summary(checked, style)


def _finding(inspection: Inspection, finding: Finding, style: Style, *, several: bool) -> Iterator[Safe]:
    problem = finding.problem
    colour = _COLOURS[finding.severity]
    name = style.link(finding.rule.name, finding.rule.url)
    yield style.line(style.paint(finding.graded, colour), ": ", style.paint(problem.message, "1"), " [", name, "]")
    yield from _excerpt(inspection, problem.at, "", style, colour)
    here = [note for note in problem.notes if note.at == problem.at]
    for note in problem.notes:
        if note not in here:
            yield from _excerpt(inspection, note.at, note.message, style, "34")
    yield from (style.line(f"   = {note.message}") for note in here)
    follows = _FOLLOWS[finding.effect]
    if follows:
        yield style.line(f"   = {follows}")
    if finding.condition:
        yield style.line(f"   = {finding.condition}")
    if finding.holds is not None:
        yield style.line(f"   = it holds {finding.holds}; which release of Headscale is in use cannot be told")
    if several and finding.hosts:
        yield style.line(f"   = on {_listed(finding.hosts)}")
    if problem.fix is not None:
        unsafe = "" if problem.fix.safe else " (changes what Headscale does)"
        yield style.line("   = ", style.paint("fix", "32"), f": {problem.fix.title}{unsafe}")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _excerpt(inspection: Inspection, span: Span, message: str, style: Style, colour: str) -> Iterator[Safe]:
    """The line of a place with carets below; of a longer place its first line and where it ends. Secrets are masked."""
    start, end = span.file.position(span.start), span.file.position(span.end)
    path = printable(path_from_here(inspection.project, span.file.path))
    where = style.link(f"{path}:{start.line + 1}:{start.column + 1}", f"file://{quote_path(span.file.path)}")
    yield style.line("  ", style.paint("-->", "34"), " ", where)
    if not span.file.text:
        return
    line = inspection.secrets.line(span.file, start.line)
    before, marked = (
        line[: start.column],
        line[start.column :] if end.line > start.line else line[start.column : end.column],
    )
    gutter = str(start.line + 1)
    shown_before, shown_line = _cut(before, line)
    yield style.line(" ", style.paint(gutter, "34"), " ", style.paint("|", "34"), " ", shown_line)
    carets = "^" * max(1, cells(printable(marked.replace("\t", " ")).rstrip()))
    carets = carets[: max(1, _WIDTH - cells(shown_before))]
    more = f" … to line {end.line + 1}" if end.line > start.line else ""
    words = f" {message}" if message else ""
    margin = (" " * (len(gutter) + 2), style.paint("|", "34"), " " * (cells(shown_before) + 1))
    yield style.line(*margin, style.paint(carets, colour), more, words)


def quote_path(path: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path))


def _cut(before: str, line: str) -> tuple[str, str]:
    """The line, tabs as one blank, without what lies too far from the marked part."""
    before, line = printable(before.replace("\t", " ")), printable(line.replace("\t", " "))
    if cells(line) <= _WIDTH:
        return before, line
    if len(before) < _WIDTH // 2:
        return before, line[:_WIDTH] + "…"
    dropped = len(before) - _WIDTH // 4
    more = "…" if len(line) > dropped + _WIDTH else ""
    return "…" + before[dropped:], "…" + line[dropped : dropped + _WIDTH] + more


def summary(checked: Checked, style: Style) -> Iterator[Safe]:
    """What was found and looked at, counted, and what can be done about it."""
    hosts = [host for host in checked.inspection.hosts if host.active]
    evaluated = f"{_count(len(hosts), 'host')} with Headscale"
    if skipped := checked.inspection.skipped:
        evaluated += f"; {_skipped(skipped)} could not be evaluated"
    if checked.unread:
        evaluated += f"; {_count(len(checked.unread), 'file')} could not be read"
    if not checked.shown:
        complete = not skipped and not checked.unread
        said = "no problems found" if complete else "nothing was found in what could be evaluated"
        yield style.line(style.paint(said, "32" if complete else "33"), f" ({evaluated})")
        yield from _hidden(checked, style)
        return
    counts = Counter(finding.severity for finding in checked.shown)
    words = ", ".join(_count(counts[severity], severity.value) for severity in Severity if counts[severity])
    files = len({finding.problem.at.file.path for finding in checked.shown})
    yield style.line(style.paint(f"{words} in {_count(files, 'file')}", "1"), f" ({evaluated})")
    yield from _hidden(checked, style)
    safe = sum(f.problem.fix is not None and f.problem.fix.safe for f in checked.shown)
    unsafe = sum(f.problem.fix is not None and not f.problem.fix.safe for f in checked.shown)
    if safe:
        yield style.line(f"{_count(safe, 'problem')} can be fixed with --fix")
    if unsafe:
        yield style.line(f"{_count(unsafe, 'problem')} can be fixed with --fix --unsafe-fixes (look at --diff first)")


def _hidden(checked: Checked, style: Style) -> Iterator[Safe]:
    """How many findings are not shown: those in the baseline, and possible ones."""
    if checked.known:
        files = ", ".join(path_from_here(checked.inspection.project, each.path) for each in checked.baselines)
        yield style.line(f"{len(checked.known)} more {'is' if len(checked.known) == 1 else 'are'} in {files}")
    hidden = len(checked.findings) - len(checked.shown)
    if hidden == 1:
        yield style.line("1 more is possible: --possible shows it")
    elif hidden:
        yield style.line(f"{hidden} more are possible: --possible shows them")


def _skipped(skipped: Sequence[SkippedHosts]) -> str:
    """What could not be evaluated, counted."""
    hosts = sum(len(each.names) for each in skipped if not each.modules)
    modules = sum(len(each.names) for each in skipped if each.modules)
    unnamed = any(not each.names for each in skipped)
    counted = [
        _count(hosts, "host") if hosts else "hosts" if unnamed else "",
        _count(modules, "module") if modules else "",
    ]
    return " and ".join(filter(None, counted))


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
