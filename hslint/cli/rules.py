"""`hslint rules`: every rule with its effect and one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

import click

from hslint import __version__
from hslint.cli.errors import report_errors
from hslint.cli.output import columns, put, put_all, put_table, to_terminal
from hslint.plugins import rules as all_rules
from hslint.problem import Origin, Rule
from hslint.reporters.terminal import style_for
from hslint.suppression import RULES

#: Columns from which on a table fits.
_TABLE = 100


def _stacked(rules: Sequence[Rule], width: int, *, long: bool) -> Iterator[str]:
    """Each rule with its sentence below it: names are whole, and words too."""
    style = style_for(terminal=True)
    for subject, group in groupby(rules, key=lambda rule: rule.subject):
        yield style.paint(subject, "1")
        for rule in group:
            yield style.line("  ", style.link(rule.name, rule.url), f"  {rule.effect.severity.value}")
            yield from wrap(rule.summary, width, initial_indent="      ", subsequent_indent="      ")
            if long:
                yield f"      {origin(rule)}"


@click.command("rules", short_help="List the rules.")
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
        elif to_terminal() and columns() < _TABLE:
            put_all(_stacked(known, columns(), long=long))
        elif to_terminal():
            from rich.table import Column, Table

            # Names are for --select and explain: they are shown whole, however narrow the terminal is.
            table = Table(
                Column("rule", no_wrap=True),
                Column("severity", no_wrap=True),
                "what it reports",
                box=None,
                pad_edge=False,
            )
            if long:
                table.add_column("from", no_wrap=True)
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
                put(f"{rule.name}: {rule.effect.severity.value}: {rule.summary}{where}")


def origin(rule: Rule) -> Origin:
    return rule.origin or Origin("hslint", __version__)
