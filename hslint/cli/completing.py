"""Shell completion of arguments: rules, releases, modules, hosts, settings and files. All of it is loaded when a shell asks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

#: Names that a shell may insert into a command line: those of hosts come from the configuration, which is not trusted.
_HARMLESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]*")

#: Seconds that a completion may take.
_PATIENCE = 3.0


def _offered(names: Iterable[str | tuple[str, str]], incomplete: str, before: str = "") -> list[CompletionItem]:
    """The names that go on from what was typed, with a sentence where there is one."""
    from click.shell_completion import CompletionItem

    pairs = (name if isinstance(name, tuple) else (name, "") for name in names)
    return [
        CompletionItem(before + name, help=said or None)
        for name, said in pairs
        if name.startswith(incomplete) and _HARMLESS.fullmatch(name)
    ]


def rules(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Rules and subjects; behind a comma another one."""
    before, comma, last = incomplete.rpartition(",")
    return _offered(_rules(), last, before + comma)


def _rules() -> list[tuple[str, str]]:
    from hslint.plugins import rules as all_rules  # late: as all of this module
    from hslint.suppression import RULES

    known = (*all_rules(), *RULES)
    subjects = dict.fromkeys(rule.subject for rule in known)
    return [*((rule.name, rule.summary) for rule in known), *((subject, "a subject") for subject in subjects)]


def releases(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _offered(_releases(), incomplete)


def _releases() -> list[str]:
    from hslint.catalogue import RELEASES  # late: as above
    from hslint.catalogue.published import NEWEST_PUBLISHED

    series = dict.fromkeys(release.series for release in RELEASES)
    return [*series, *dict.fromkeys(map(str, (*RELEASES, NEWEST_PUBLISHED)))]


def modules(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from hslint.catalogue.module_versions import MODULE_VERSIONS  # late: as above

    return _offered(["in-repo", *MODULE_VERSIONS], incomplete)


def hosts(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The hosts of the project that is named on the line so far, or of the current directory."""
    from hslint.checking import Request, inspect  # late: as above
    from hslint.values.budget import Deadline, Interrupted, with_deep_stack

    named = ctx.params.get("paths") or ctx.params.get("path") or "."
    paths = [named] if isinstance(named, str) else list(named)

    def found() -> list[str]:
        inspection, _ = inspect(paths, Request(deadline=Deadline(_PATIENCE)))
        return [host.name for host in inspection.hosts]

    try:
        return _offered(with_deep_stack(found), incomplete)
    except (Exception, Interrupted):  # noqa: BLE001 - a shell has no use for what is wrong; the command will say it
        return []


def explained(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names that `hslint explain` takes."""
    from hslint.catalogue import NEWEST, schema  # late: as above
    from hslint.catalogue.advisories import advisories

    known: list[str | tuple[str, str]] = [(name, said) for name, said in _rules() if said != "a subject"]
    known += [*schema(NEWEST).keys, *_releases(), *(each.id for each in advisories())]
    return _offered(known, incomplete)


def options(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A path, or an option of Headscale."""
    from hslint.catalogue import NEWEST, schema  # late: as above

    settings = [f"settings.{key}" for key in schema(NEWEST).keys]
    return _offered(settings, incomplete) or files(ctx, parameter, incomplete)


def files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, completed by the shell itself."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def report_formats(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from hslint.reporters import FORMATS  # late: as above

    return [CompletionItem(f"{form}=") for form in FORMATS if form.startswith(incomplete)]
