"""`hslint upgrade PATH`: what moving to another release brings, and the fixes for it."""

from __future__ import annotations

import importlib

import click

from hslint.cli import completing
from hslint.cli.colour import color_option
from hslint.cli.errors import CANNOT_RUN, CLEAN, FOUND, report_errors
from hslint.cli.fixing import fix_options, show_diff, tell_withdrawn, wants_fixes, write_files
from hslint.cli.output import complain, put_all, style
from hslint.reporters.highlight import highlighted

_FORMATS = ("text", "json", "markdown")


@click.command("upgrade", short_help="Show what moving to another release brings.")
@click.argument("path", default=".", shell_complete=completing.files)
@click.option(
    "--from",
    "origin",
    metavar="RELEASE",
    shell_complete=completing.releases,
    help="The release in use; else what the project says of each host.",
)
@click.option(
    "--to",
    "target",
    metavar="RELEASE",
    shell_complete=completing.releases,
    help="The release to move to; else the newest known.",
)
@click.option("--host", shell_complete=completing.hosts, help="Only this host.")
@fix_options
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="How the plan is reported.")
@color_option
def upgrade(
    path: str,
    origin: str | None,
    target: str | None,
    host: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    form: str,
    color: str,
) -> None:
    """Show what breaks, goes silent or changes on the way to another release, in the order in which to act.

    Exit status: 0 nothing to do, 1 something to do, 2 could not run, or not write a fix.
    """
    with report_errors():
        from hslint.catalogue.published import NEWEST_PUBLISHED  # late: `--help` needs none of it
        from hslint.upgrade import Wanted, plan
        from hslint.upgrade.path import CannotUpgrade, release_named
        from hslint.upgrade.plan import introduced_findings

        fixes = wants_fixes(fix, unsafe_fixes, diff)
        named = {
            option: release_named(option, text)
            for option, text in (("--to", target), ("--from", origin))
            if text is not None
        }
        to = named["--to"].release if "--to" in named else NEWEST_PUBLISHED
        since = named["--from"].release if "--from" in named else None
        if since is not None and since > to:
            raise CannotUpgrade(
                f"--from {origin} is newer than --to {target or to}: Headscale takes no database back to an earlier release"
            )
        wanted = Wanted((path,), to, since, host)
        complete = True
        if fixes:
            from hslint.fixes import apply_fixes  # late: few runs fix anything

            plan(wanted)  # what is no upgrade is reported before anything is fixed
            result = apply_fixes(
                wanted.paths,
                wanted.request,
                {},
                unsafe=unsafe_fixes,
                among=lambda texts, checked: introduced_findings(wanted, texts, checked),
            )
            tell_withdrawn(result)
            if diff:
                show_diff(result, color)
            complete = write_files(result)
        planned = plan(wanted)
        reporter = importlib.import_module(f"hslint.reporters.upgrade_{form}")
        secrets = planned.checked.inspection.secrets
        report = reporter.report(planned)
        put_all(highlighted("upgrade", map(secrets.text, report), style(color)) if form == "text" else report, secrets)
        for option, resolved in named.items():
            if resolved.stands_in:
                complain(f"{option}: Headscale {resolved.described}", secrets)
        for remark in planned.remarks:
            complain(remark, secrets)
        for gap in planned.checked.gaps:
            complain(gap, secrets)
        for crash in planned.crashes:
            complain(f"internal-error: the rule {crash.rule.name} failed on {crash.host}: {crash.error}", secrets)
        unsure = not complete or planned.crashes or planned.checked.could_not_run
        status = CANNOT_RUN if unsure else FOUND if planned.fails else CLEAN
    raise SystemExit(status)
