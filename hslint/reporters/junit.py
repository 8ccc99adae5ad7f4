"""JUnit's XML: a failed test for each finding that fails the check, a passed one for milder ones, a skipped one for what was not evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hslint.checking import Checked
from hslint.finding import Certainty
from hslint.reporters.reported import Reported, reported
from hslint.reporters.terminal import path_from_here
from hslint.reporters.xml import DECLARATION, element, opening


def report(checked: Checked) -> Iterator[str]:
    entries = [*reported(checked)]
    kinds = [_kind(checked, each) for each in entries]
    counts = {
        "tests": max(1, len(entries)),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
        "skipped": kinds.count("skipped"),
    }
    yield DECLARATION
    yield opening("testsuites", {"name": "hslint", **_without_skipped(counts)})
    yield f"  {opening('testsuite', {'name': 'hslint', **counts})}"
    if not entries:
        # Readers take a suite without tests for one that was not run.
        yield f"    {element('testcase', {'name': 'no problems found', 'classname': 'hslint'})}"
    for each, kind in zip(entries, kinds, strict=True):
        yield from (f"    {line}" for line in _case(checked, each, kind))
    yield "  </testsuite>"
    yield "</testsuites>"


def _without_skipped(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if name != "skipped"}


def _kind(checked: Checked, each: Reported) -> str:
    """The element for the outcome of a test."""
    finding = each.finding
    if finding is not None:
        fails = finding.certainty is Certainty.CERTAIN and each.severity.rank <= checked.settings.fail_on.rank
        return "failure" if fails else "system-out"
    match each.name:
        case "internal-error":
            return "error"
        case "release":
            return "system-out"
        case _:
            return "skipped"


def _case(checked: Checked, each: Reported, kind: str) -> Sequence[str]:
    path, start = path_from_here(checked.inspection.project, each.path), each.start
    place = f"{path}:{start.line + 1}:{start.column + 1}"
    said = f"{each.graded}: {each.message} [{each.name}]"
    ending = {
        "failure": {"type": each.name, "message": said},
        "error": {"type": each.name, "message": said},
        "skipped": {"message": said},
    }.get(kind)
    text = "\n".join((place, *each.more)) if ending is not None else "\n".join((said, place, *each.more))
    return (
        opening("testcase", {"name": f"{each.name} at {place}", "classname": path}),
        f"  {element(kind, ending, '' if kind == 'skipped' else text)}",
        "</testcase>",
    )
