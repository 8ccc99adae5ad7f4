"""An upgrade's plan as Markdown, for the text of a pull request: a list of things to tick off, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.reporters.markdown import code, plainly
from hslint.reporters.upgrade_text import (
    availability,
    demands,
    host_line,
    hosts_of,
    nothing_to_do,
    of_step,
    skipping,
    summary,
    unplaced,
)
from hslint.upgrade import Entry, Plan


def report(plan: Plan) -> Iterator[str]:
    yield f"# Upgrade to Headscale {plan.to}"
    yield ""
    if not plan.hosts or (not plan.entries and not plan.steps):
        yield plainly(nothing_to_do(plan) if plan.hosts else "nothing to do: no host with Headscale")
        return
    yield from (f"- {plainly(host_line(plan, each))}" for each in plan.hosts)
    if plan.stops:
        yield ""
        yield (
            "No step may be left out. Before each one stop Headscale and copy its database; "
            "start the new release once before the next step."
        )
        hops = list(skipping(plan))
        yield from ["", *(f"- {plainly(hop)}" for hop in hops)] if hops else []
    for number, step in enumerate(plan.steps, 1):
        yield ""
        yield f"## {number}. Headscale {plan.named(step.release)}"
        yield ""
        yield plainly(f"{availability(plan, step)}{hosts_of(plan, step.hosts)}")
        items = [f"- [ ] {plainly(demand)}" for demand in demands(plan, step)]
        items += [_entry(plan, entry) for entry in of_step(plan, step)]
        yield from ["", *items] if items else []
    rest = unplaced(plan)
    if rest:
        yield ""
        yield "## To change"
        yield ""
        yield from (_entry(plan, entry) for entry in rest)
    yield ""
    yield from (f"{plainly(line)}  " for line in summary(plan))


def _entry(plan: Plan, entry: Entry) -> str:
    finding = entry.finding
    problem = finding.problem
    at = problem.at.file.position(problem.at.start)
    path = plan.checked.inspection.project.relative(problem.at.file.path)
    said = [
        f"**{entry.kind.value}** {code(f'{path}:{at.line + 1}')} {plainly(problem.message)} ([{finding.rule.name}]({finding.rule.url}))"
    ]
    if entry.route:
        said.append(f"in {entry.release.series} only")
    if entry.finding.condition:
        said.append(plainly(entry.finding.condition))
    if problem.fix is not None and not entry.route:
        said.append(plainly(f"fix: {problem.fix.title}") + ("" if problem.fix.safe else " (unsafe)"))
    return f"- [ ] {'; '.join(said)}" + plainly(hosts_of(plan, finding.hosts))
