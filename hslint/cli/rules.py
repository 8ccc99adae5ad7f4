"""`hslint rules`: every rule with its effect and one sentence."""

from __future__ import annotations

import json
from itertools import groupby

import click

from hslint import __version__
from hslint.cli.errors import report_errors
from hslint.cli.output import put, put_all, put_table, to_terminal
from hslint.plugins import rules as all_rules
from hslint.problem import Origin, Rule
from hslint.suppression import RULES


@click.command("rules")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.option("--long", is_flag=True, help="Also say with which package each was installed.")
def rules(form: str, *, long: bool) -> None:
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
                    "from": {"package": origin(rule).name, "version": origin(rule).version, "module": rule.module},
                }
                for rule in known
            ]
            put_all(json.dumps({"version": 1, "rules": listed}, indent=2).split("\n"))
        elif to_terminal():
            from rich.table import Table

            table = Table("rule", "severity", "what it reports", box=None, pad_edge=False)
            if long:
                table.add_column("from")
            for subject, group in groupby(known, key=lambda rule: rule.subject):
                table.add_section()
                table.add_row(f"[bold]{subject}[/bold]")
                for rule in group:
                    origins = (str(origin(rule)),) if long else ()
                    table.add_row(
                        f"  [link={rule.url}]{rule.name}[/link]", rule.effect.severity.value, rule.summary, *origins
                    )
            put_table(table)
        else:
            for rule in known:
                where = f" [{origin(rule)}]" if long else ""
                put(f"{rule.subject}/{rule.name}: {rule.effect.severity.value}: {rule.summary}{where}")


def origin(rule: Rule) -> Origin:
    return rule.origin or Origin("hslint", __version__)
