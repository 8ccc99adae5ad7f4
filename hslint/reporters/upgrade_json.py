"""An upgrade's plan as JSON, for programs; documented in docs/json.md, and versioned. No values of settings are in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hslint.catalogue.steps import skipped_by_channels
from hslint.reporters.json import dumped, place
from hslint.reporters.terminal import Safe
from hslint.upgrade import Entry, Plan, UpgradePath
from hslint.upgrade.plan import Kind
from hslint.upgrade.steps import StepPlan

#: Raised when a field changes its meaning or goes; new fields alone do not raise it.
VERSION = 1


def report(plan: Plan) -> Iterator[Safe]:
    yield dumped(document(plan), plan.checked.inspection.secrets)


def document(plan: Plan) -> dict[str, Any]:
    return {
        "version": VERSION,
        "root": plan.checked.inspection.project.root,
        "to": str(plan.to),
        "hosts": [_host(plan, each) for each in plan.hosts],
        "steps": [_step(plan, step) for step in plan.steps],
        "entries": [_entry(plan, entry) for entry in plan.entries],
        "summary": {
            **{kind.name.lower(): sum(entry.kind is kind for entry in plan.entries) for kind in Kind},
            "fixable": sum(e.finding.problem.fix is not None and not e.route for e in plan.entries),
            "already": plan.already,
            "crashes": [{"rule": c.rule.name, "host": c.host, "error": c.error} for c in plan.crashes],
        },
    }


def _host(plan: Plan, each: UpgradePath) -> dict[str, Any]:
    hops = skipped_by_channels(each.origin, plan.target) if each.origin and each.module.startswith("nixpkgs-") else ()
    return {
        "name": each.name,
        "from": None if each.origin is None else each.origin_name,
        "from_why": each.origin_from,
        "newer": each.ahead,
        "module": each.module,
        "module_after": each.module_after,
        "releases": [] if each.origin is None else [str(plan.named(release)) for release in each.releases],
        "channels_skip": [
            {"from": before, "to": after, "releases": [str(release) for release in passed]}
            for before, after, passed in hops
        ],
    }


def _step(plan: Plan, step: StepPlan) -> dict[str, Any]:
    return {
        "release": str(plan.named(step.release)),
        "hosts": list(step.hosts),
        "nixos": list(step.channels),
        "nixpkgs_unstable": None if step.days is None else [None if day is None else str(day) for day in step.days],
        "required": step.required,
        "clients": step.clients,
        "duties": list(step.duties),
        "closes": [each.id for each in step.closes],
        "open": [each.id for each in step.open],
    }


def _entry(plan: Plan, entry: Entry) -> dict[str, Any]:
    finding = entry.finding
    problem = finding.problem
    return {
        "kind": entry.kind.name.lower(),
        "release": str(plan.named(entry.release)),
        "only_there": entry.route,
        "rule": finding.rule.name,
        "effect": finding.effect.value,
        "severity": finding.severity.value,
        "certainty": finding.certainty.value,
        "message": problem.message,
        **place(plan.checked.inspection.project, problem.at),
        "hosts": list(finding.hosts),
        "where": list(finding.where),
        "depends_on": list(finding.depends_on),
        "fix": None if problem.fix is None or entry.route else {"title": problem.fix.title, "safe": problem.fix.safe},
        "url": finding.rule.url,
    }
