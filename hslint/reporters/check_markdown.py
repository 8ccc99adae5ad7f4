"""Findings as Markdown, for the summary of a job or a comment on a change."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.markdown import code, plainly
from hslint.reporters.reported import Reported, reported
from hslint.reporters.terminal import Style
from hslint.reporters.text import summary


def report(checked: Checked) -> Iterator[str]:
    head, *rest = summary(checked, Style())
    yield f"## hslint: {plainly(head)}"
    entries = [*reported(checked)]
    found = [each for each in entries if each.finding is not None]
    if found:
        yield ""
        yield "| | where | what | rule |"
        yield "| --- | --- | --- | --- |"
        yield from (_row(checked, each) for each in found)
    others = [*(each.message for each in entries if each.finding is None), *rest]
    if others:
        yield ""
        yield from (f"- {plainly(each)}" for each in others)


def _row(checked: Checked, each: Reported) -> str:
    assert each.finding is not None
    path = checked.inspection.project.relative(each.path)
    place = code(f"{path}:{each.start.line + 1}").replace("|", "\\|")
    rule = each.finding.rule
    hosts = f" ({', '.join(map(plainly, each.finding.hosts))})" if len(checked.inspection.hosts) > 1 else ""
    said = "<br>".join(map(plainly, (each.message, *each.more)))
    return f"| {each.graded} | {place} | {said}{hosts if each.finding.hosts else ''} | [{rule.name}]({rule.url}) |"
