"""`hslint check`: findings, and the exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

import click

from hslint.baseline import DEFAULT
from hslint.checking import Checked, Request, check, names
from hslint.cli import completing
from hslint.cli.baselines import shrink, write_new
from hslint.cli.colour import color_option
from hslint.cli.errors import CANNOT_RUN, CLEAN, FOUND, CliError, report_errors
from hslint.cli.fixing import fix_options, show_diff, tell_withdrawn, wants_fixes, write_files
from hslint.cli.output import pass_through, put_all
from hslint.cli.progress import progress
from hslint.cli.report_files import ReportFile, report_files
from hslint.cli.reports import Reports
from hslint.plugins import rules as all_rules
from hslint.problem import Severity
from hslint.record import replace
from hslint.reporters import FORMATS
from hslint.settings import TEAM
from hslint.spelling import nearest

_SEVERITY = click.Choice([severity.value for severity in Severity])


def _severity(name: str | None) -> Severity | None:
    return None if name is None else Severity(name)


def _names(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Rules and subjects, separated by commas or given again and again."""
    wanted = tuple(name.strip() for text in value for name in text.split(",") if name.strip())
    if not wanted:
        return ()
    rules, subjects = names(all_rules())
    known = rules | subjects
    for name in wanted:
        if name not in known and not name.startswith(TEAM):  # those are the settings' business
            near = nearest(name, known)
            hint = f"; did you mean {near}?" if near else "; `hslint rules` lists them"
            raise CliError(f"{parameter.opts[0]}: there is no rule {name}{hint}")
    return wanted


@click.command("check", short_help="Report mistakes in flakes, directories or modules.")
@click.argument("paths", nargs=-1, shell_complete=completing.files)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="How findings are reported.")
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FORMAT=FILE",
    callback=report_files,
    shell_complete=completing.report_formats,
    help="Write another report to a file; may be given several times.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    callback=_names,
    shell_complete=completing.rules,
    help="Only these rules or subjects.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULES",
    callback=_names,
    shell_complete=completing.rules,
    help="None of these rules or subjects.",
)
@click.option(
    "--headscale",
    metavar="RELEASE",
    shell_complete=completing.releases,
    help="The release of Headscale to check against, such as 0.28.",
)
@click.option(
    "--module",
    metavar="MODULE",
    shell_complete=completing.modules,
    help="The NixOS module to check against: in-repo, nixpkgs-25.11, …",
)
@click.option("--host", shell_complete=completing.hosts, help="Only this host.")
@click.option("--alone", is_flag=True, help="Check a module by itself, not on the hosts that use it.")
@click.option("--possible", is_flag=True, help="Show findings that depend on what cannot be told, too.")
@click.option("--min-severity", type=_SEVERITY, help="Report nothing milder than this.")
@click.option("--fail-on", type=_SEVERITY, help="The mildest severity that makes the exit status 1.")
@click.option("--fail-on-unevaluated", is_flag=True, help="Exit with 2 if any host could not be evaluated.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also when something was found.")
@click.option(
    "--baseline",
    metavar="FILE",
    shell_complete=completing.files,
    help="Do not report what this file has; entries that are gone leave it.",
)
@click.option("--write-baseline", is_flag=True, help=f"Write what is found to the baseline ({DEFAULT} if not said).")
@click.option("--add-ignores", is_flag=True, help="Write suppression comments for what is found; asks for a reason.")
@click.option("--reason", metavar="TEXT", help="With --add-ignores: why.")
@click.option("--statistics", is_flag=True, help="Count what each rule reports instead of showing it.")
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Show findings and nothing beside them.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes, until Ctrl-C.")
@click.option("-v", "--verbose", is_flag=True, help="Print on standard error what was looked at.")
@click.option(
    "--stdin-filename",
    metavar="PATH",
    shell_complete=completing.files,
    help="With `-`: the file that standard input stands for.",
)
@fix_options
def command(
    paths: tuple[str, ...],
    form: str,
    outputs: tuple[ReportFile, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    headscale: str | None,
    module: str | None,
    host: str | None,
    alone: bool,
    possible: bool,
    min_severity: str | None,
    fail_on: str | None,
    fail_on_unevaluated: bool,
    exit_zero: bool,
    baseline: str | None,
    write_baseline: bool,
    add_ignores: bool,
    reason: str | None,
    statistics: bool,
    color: str,
    quiet: bool,
    verbose: bool,
    watch: bool,
    stdin_filename: str | None,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
) -> None:
    """Report mistakes in flakes, directories or modules (the current directory when none is named).

    The project around each path is evaluated as a whole; a path limits what is reported. Exit status: 0 nothing found, 1 findings, 2
    could not run, or not write a fix.
    """
    request = Request(
        select,
        ignore,
        headscale,
        module,
        alone,
        host,
        fail_on_unevaluated=fail_on_unevaluated,
        possible=possible,
        fail_on=_severity(fail_on),
        min_severity=_severity(min_severity),
        baseline=baseline,
        without_baseline=write_baseline,
    )
    with report_errors():
        wanted, buffers = _inputs(paths, stdin_filename)
        reports = Reports(form, outputs, statistics, quiet, verbose, color)
        reports.check()
        if watch:
            from hslint.cli.watching import watch as run_again  # late: few runs go on

            if buffers or fix or unsafe_fixes or diff or write_baseline or add_ignores:
                raise CliError("--watch only reports: it goes with nothing that is written, and with no standard input")
            run_again(wanted, lambda: _reported(wanted, request, reports))
        complete = True
        if add_ignores or reason is not None:
            from hslint.cli.ignoring import write_ignores  # late: few runs suppress anything

            if not add_ignores:
                raise CliError("--reason goes with --add-ignores")
            if buffers or fix or unsafe_fixes or write_baseline:
                raise CliError("--add-ignores goes with no fixes, no baseline to write and no standard input")
            raise SystemExit(write_ignores(wanted, request, reason, color, diff=diff))
        if wants_fixes(fix, unsafe_fixes, diff):
            from hslint.fixes import apply_fixes  # late: few runs fix anything

            result = apply_fixes(wanted, request, buffers, unsafe=unsafe_fixes)
            tell_withdrawn(result)
            if diff:
                show_diff(result, color)
            if buffers:
                # What came by standard input goes on by standard output, fixed or not; nothing is written to files.
                ((path, text),) = buffers.items()
                pass_through(result.after.get(path, text))
                buffers = {path: result.after.get(path, text)}
                if result.changed:
                    put_all([result.summary()], errors=True)
            else:
                complete = write_files(result)
        with progress(quiet=quiet) as show:
            checked = check(wanted, replace(request, progress=show), buffers)
        if write_baseline:
            raise SystemExit(write_new(checked, request, buffers))
        shrink(checked, request, buffers)
        reports.give(checked, to_errors=fix and bool(buffers))
        unsure = not complete or checked.could_not_run
        status = CANNOT_RUN if unsure else FOUND if checked.fails and not exit_zero else CLEAN
    raise SystemExit(status)


def _reported(paths: list[str], request: Request, reports: Reports) -> Checked:
    """One of several checks: an error of one is reported, and the next one may succeed. Raises CliError."""
    with report_errors():
        with progress(quiet=reports.quiet) as show:
            checked = check(paths, replace(request, progress=show))
        shrink(checked, request, {})
        reports.give(checked)
    return checked


def _inputs(paths: tuple[str, ...], stdin_filename: str | None) -> tuple[list[str], Mapping[str, bytes]]:
    if "-" not in paths:
        if stdin_filename is not None:
            raise CliError("--stdin-filename goes with the path `-`")
        return list(paths) or ["."], {}
    if len(paths) > 1:
        raise CliError("standard input (`-`) cannot be checked together with other paths")
    if sys.stdin is None:
        raise CliError("standard input is closed")
    name = stdin_filename or "stdin.nix"
    return [name], {os.path.abspath(name): sys.stdin.buffer.read()}
