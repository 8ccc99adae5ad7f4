"""`hslint rules`: every rule with its effect and one sentence."""

from __future__ import annotations

import json
from itertools import groupby

import click

from hslint.cli.errors import report_errors
from hslint.cli.output import put, put_all, put_table, to_terminal
from hslint.plugins import rules as all_rules
from hslint.suppression import RULES


@click.command("rules")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def rules(form: str) -> None:
    """List the rules."""
    with report_errors():
        known = sorted((*all_rules(), *RULES), key=lambda rule: (rule.subject, rule.name))
        if form == "json":
            listed = [
                {
                    "name": rule.name,
                    "subject": rule.subject,
                    "effect": rule.effect.value,
                    "severity": rule.effect.severity.value,
                    "since": rule.since,
                    "until": rule.until,
                    "summary": rule.summary,
                    "url": rule.url,
                }
                for rule in known
            ]
            put_all(json.dumps({"version": 1, "rules": listed}, indent=2).split("\n"))
        elif to_terminal():
            from rich.table import Table

            table = Table("rule", "severity", "what it reports", box=None, pad_edge=False)
            for subject, group in groupby(known, key=lambda rule: rule.subject):
                table.add_section()
                table.add_row(f"[bold]{subject}[/bold]")
                for rule in group:
                    table.add_row(f"  [link={rule.url}]{rule.name}[/link]", rule.effect.severity.value, rule.summary)
            put_table(table)
        else:
            for rule in known:
                put(f"{rule.subject}/{rule.name}: {rule.effect.severity.value}: {rule.summary}")
