"""An upgrade's plan as text: step by step, in the order in which to act."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hslint.catalogue.advisories import Advisory
from hslint.catalogue.published import NEWEST_PUBLISHED
from hslint.catalogue.steps import skipped_by_channels
from hslint.finding import Certainty
from hslint.reporters.terminal import path_from_here
from hslint.source import Span
from hslint.upgrade import Entry, Plan, UpgradePath
from hslint.upgrade.plan import Kind
from hslint.upgrade.steps import StepPlan

_ADVICE = "stop Headscale and copy its database before each step; start the new release once before the next step"


def report(plan: Plan) -> Iterator[str]:
    if not plan.hosts:
        yield "nothing to do: no host with Headscale"
        return
    if not plan.entries and not plan.steps:
        yield nothing_to_do(plan)
        return
    yield from (host_line(plan, each) for each in plan.hosts)
    if plan.stops:
        yield ""
        yield f"{count(len(plan.steps), 'step')}, none of which may be left out: {_ADVICE}"
        yield from skipping(plan)
    for number, step in enumerate(plan.steps, 1):
        yield ""
        yield f"{number}. Headscale {plan.named(step.release)} ({availability(plan, step)})" + hosts_of(
            plan, step.hosts
        )
        yield from (f"   {line}" for line in demands(plan, step))
        for entry in of_step(plan, step):
            yield from _entry(plan, entry)
    rest = unplaced(plan)
    if rest:
        yield ""
        for entry in rest:
            yield from _entry(plan, entry)
    yield ""
    yield from summary(plan)


def nothing_to_do(plan: Plan) -> str:
    said = [
        f"{each.name} runs {each.origin_name}{', which is newer' if each.ahead else ''}"
        for each in plan.hosts
        if each.origin is not None
    ]
    where = f" ({', '.join(said)})" if said else ""
    return f"nothing to do: this configuration is one for Headscale {plan.to}{where}"


def host_line(plan: Plan, each: UpgradePath) -> str:
    """Where a host starts and where it goes, and what says so."""
    if each.ahead:
        return (
            f"{each.name}: stays at Headscale {each.origin_name} ({each.origin_from}), which is newer; "
            "its database does not go back"
        )
    if each.origin is not None and not each.releases:
        return f"{each.name}: runs Headscale {each.origin_name} ({each.origin_from}) already"
    if each.origin is None:
        start = "Headscale of an unknown release (say which with --from)"
    else:
        start = f"Headscale {each.origin_name} ({each.origin_from})"
    module = each.module if each.module == each.module_after else f"{each.module} → {each.module_after}"
    return f"{each.name}: {start} → {plan.to}, module {module}"


def availability(plan: Plan, step: StepPlan) -> str:
    """Where a NixOS host gets the release from; for patch releases that is not known."""
    if step.release.as_of is not None:
        return f"unfinished: main as of {step.release.as_of}"
    said = [f"NixOS {channel}" for channel in step.channels]
    if step.days is not None:
        first, last = step.days
        days = f"from {first} on" if last is None else f"{first} to {last}"
        patch = f", {step.release} at first" if plan.named(step.release) != step.release else ""
        said.append(
            f"nixpkgs-unstable {days}{patch}" if said else f"in no NixOS release; nixpkgs-unstable {days}{patch}"
        )
    return ", ".join(said) or "not in nixpkgs"


def skipping(plan: Plan) -> Iterator[str]:
    """Which moves between NixOS releases leave a step out."""
    hops: dict[tuple[str, str], str] = {}
    for each in plan.hosts:
        if each.origin is not None and each.module.startswith("nixpkgs-"):
            for before, after, passed in skipped_by_channels(each.origin, plan.target):
                hops[before, after] = ", ".join(release.series for release in passed)
    for (earlier, later), left_out in hops.items():
        yield f"NixOS {earlier} → {later} skips Headscale {left_out}: set services.headscale.package in between"


def hosts_of(plan: Plan, names: tuple[str, ...]) -> str:
    """The hosts that it concerns, where that is not all."""
    return f": {', '.join(names)}" if len(plan.hosts) > 1 and len(names) < len(plan.hosts) else ""


def demands(plan: Plan, step: StepPlan) -> Iterator[str]:
    """The manual steps, beside changes to the configuration."""
    if step.required is not None:
        yield f"may not be skipped: {step.required}"
    if step.clients is not None:
        yield f"Tailscale clients before {step.clients} cannot connect any more"
    yield from step.duties
    if step.closes:
        yield f"closes {vulnerabilities(step.closes)}"
    if step.open and step.release == plan.target:
        yield f"leaves open {vulnerabilities(step.open)}; {NEWEST_PUBLISHED} has none that is known"


def vulnerabilities(found: tuple[Advisory, ...]) -> str:
    """`2 known vulnerabilities: hs-3146, hs-3312`, the worst first."""
    said = ", ".join(each.id for each in found)
    return f"{len(found)} known {'vulnerability' if len(found) == 1 else 'vulnerabilities'}: {said}"


def of_step(plan: Plan, step: StepPlan) -> list[Entry]:
    return [entry for entry in plan.entries if entry.release == step.release and entry not in unplaced(plan)]


def unplaced(plan: Plan) -> list[Entry]:
    """Entries of hosts whose steps are unknown."""
    known = {step.release for step in plan.steps}
    return [entry for entry in plan.entries if entry.release not in known]


def _entry(plan: Plan, entry: Entry) -> Iterator[str]:
    problem = entry.finding.problem
    yield f"   {_kind(entry)}: {place(plan, problem.at)}: {problem.message} [{entry.finding.rule.name}]"
    hosts = hosts_of(plan, entry.finding.hosts)
    if hosts:
        yield f"      on{hosts[1:]}"
    if entry.route:
        yield f"      in {entry.release.series} only: later releases take it"
    if entry.finding.condition:
        yield f"      {entry.finding.condition}"
    if problem.fix is not None and not entry.route:
        unsafe = "" if problem.fix.safe else " (changes what Headscale does)"
        yield f"      fix: {problem.fix.title}{unsafe}"


def _kind(entry: Entry) -> str:
    possible = "possibly " if entry.finding.certainty is Certainty.POSSIBLE else ""
    return f"{possible}{entry.kind.value}"


def place(plan: Plan, span: Span) -> str:
    at = span.file.position(span.start)
    return f"{path_from_here(plan.checked.inspection.project, span.file.path)}:{at.line + 1}:{at.column + 1}"


def summary(plan: Plan) -> Iterator[str]:
    """The summary: how much there is to do, and the commands that do it."""
    counts = [(kind, sum(entry.kind is kind for entry in plan.entries)) for kind in Kind]
    said = ", ".join(f"{number} {_NOUNS[kind](number)}" for kind, number in counts if number)
    yield f"{said or 'nothing to change'} up to Headscale {plan.to}"
    fixes = [e.finding.problem.fix for e in plan.entries if e.finding.problem.fix is not None and not e.route]
    safe = sum(fix.safe for fix in fixes)
    if safe:
        yield f"{count(safe, 'problem')} can be fixed with --fix"
    if len(fixes) > safe:
        yield f"{count(len(fixes) - safe, 'problem')} can be fixed with --fix --unsafe-fixes (look at --diff first)"
    if plan.stops:
        yield f"for one step at a time: --to {plan.steps[0].release.series}, and so on"
    if plan.already:
        yield f"{count(plan.already, 'problem')} more {'is' if plan.already == 1 else 'are'} there already: see hslint check"


def count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _noun(one: str, several: str) -> Callable[[int], str]:
    return lambda number: one if number == 1 else several


_NOUNS: dict[Kind, Callable[[int], str]] = {
    Kind.BREAKS: _noun("thing breaks", "things break"),
    Kind.SILENT: _noun("goes silent", "go silent"),
    Kind.DEFAULT: _noun("default changes", "defaults change"),
    Kind.RENAME: _noun("name is old", "names are old"),
    Kind.ADVICE: _noun("piece of advice", "pieces of advice"),
}
