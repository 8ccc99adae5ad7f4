"""Findings as text: the place with its line, the effect, the fix. Colours and links only on a terminal."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence

from hslint.checking import Checked
from hslint.finding import Finding
from hslint.hosts import Inspection, SkippedHosts
from hslint.problem import Effect, Severity
from hslint.reporters.source_lines import source_lines
from hslint.reporters.terminal import Safe, Style, path_from_here, printable
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
        yield from style.lines(style.paint("note", "1;36"), ": ", remark, indent=4)
    yield from summary(checked, style)


def _finding(inspection: Inspection, finding: Finding, style: Style, *, several: bool) -> Iterator[Safe]:
    problem = finding.problem
    colour = _COLOURS[finding.severity]
    name = style.link(finding.rule.name, finding.rule.url)
    head = (style.paint(finding.graded, colour), ": ", style.paint(problem.message, "1"), " [", name, "]")
    yield from style.lines(*head, indent=4)
    yield from _excerpt(inspection, problem.at, "", style, colour)
    here = [note for note in problem.notes if note.at == problem.at]
    for note in problem.notes:
        if note not in here:
            yield from _excerpt(inspection, note.at, note.message, style, "34")
    for note in here:
        yield from style.lines(f"   = {note.message}", indent=5)
    follows = _FOLLOWS[finding.effect]
    if follows:
        yield from style.lines(f"   = {follows}", indent=5)
    if finding.condition:
        yield from style.lines(f"   = {finding.condition}", indent=5)
    if finding.holds is not None:
        yield from style.lines(
            f"   = it holds {finding.holds}; which release of Headscale is in use cannot be told", indent=5
        )
    if several and finding.hosts:
        yield from style.lines(f"   = on {_listed(finding.hosts)}", indent=5)
    if problem.fix is not None:
        unsafe = "" if problem.fix.safe else " (changes what Headscale does)"
        yield from style.lines("   = ", style.paint("fix", "32"), f": {problem.fix.title}{unsafe}", indent=5)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _excerpt(inspection: Inspection, span: Span, message: str, style: Style, colour: str) -> Iterator[Safe]:
    """The place, which a terminal may open, and its line."""
    start = span.file.position(span.start)
    path = printable(path_from_here(inspection.project, span.file.path))
    place = f"{path}:{start.line + 1}:{start.column + 1}"
    # The fragment is one that terminals hand to editors (kitty, iTerm); others pass it over.
    address = f"file://{quote_path(span.file.path)}#{start.line + 1}:{start.column + 1}"
    yield style.line("  ", style.paint("-->", "34"), " ", style.link(place, address))
    if span.file.text:
        yield from source_lines(inspection.secrets, span, message, style, colour)


def quote_path(path: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(path))


def summary(checked: Checked, style: Style) -> Iterator[Safe]:
    """The summary: counts of findings and hosts, and the commands to continue with."""
    hosts = [host for host in checked.inspection.hosts if host.active]
    evaluated = f"{_count(len(hosts), 'host')} with Headscale"
    if skipped := checked.inspection.skipped:
        evaluated += f"; {_skipped(skipped)} could not be evaluated"
    if checked.unread:
        evaluated += f"; {_count(len(checked.unread), 'file')} could not be read"
    if not checked.shown:
        complete = not skipped and not checked.unread
        said = "no problems found" if complete else "nothing was found in what could be evaluated"
        yield from style.lines(style.paint(said, "32" if complete else "33"), f" ({evaluated})")
        yield from _hidden(checked, style)
        return
    counts = Counter(finding.severity for finding in checked.shown)
    words = ", ".join(_count(counts[severity], severity.value) for severity in Severity if counts[severity])
    files = len({finding.problem.at.file.path for finding in checked.shown})
    yield from style.lines(style.paint(f"{words} in {_count(files, 'file')}", "1"), f" ({evaluated})")
    yield from _hidden(checked, style)
    safe = sum(f.problem.fix is not None and f.problem.fix.safe for f in checked.shown)
    unsafe = sum(f.problem.fix is not None and not f.problem.fix.safe for f in checked.shown)
    if safe:
        yield from style.lines(f"{_count(safe, 'problem')} can be fixed with --fix")
    if unsafe:
        yield from style.lines(
            f"{_count(unsafe, 'problem')} can be fixed with --fix --unsafe-fixes (look at --diff first)"
        )


def _hidden(checked: Checked, style: Style) -> Iterator[Safe]:
    """How many findings are not shown: those in the baseline, and possible ones."""
    if checked.known:
        files = ", ".join(path_from_here(checked.inspection.project, each.path) for each in checked.baselines)
        yield from style.lines(f"{len(checked.known)} more {'is' if len(checked.known) == 1 else 'are'} in {files}")
    hidden = len(checked.findings) - len(checked.shown)
    if hidden == 1:
        yield from style.lines("1 more is possible: --possible shows it")
    elif hidden:
        yield from style.lines(f"{hidden} more are possible: --possible shows them")


def _skipped(skipped: Sequence[SkippedHosts]) -> str:
    """The count of what could not be evaluated."""
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
