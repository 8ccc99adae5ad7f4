"""`hslint explain NAME`: the manual, offline: a rule's page, or what a setting does in each release."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.resources import files

import click

from hslint.cli.failing import Failing, plainly
from hslint.plugins import rules as all_rules
from hslint.rule import Rule


@click.command("explain")
@click.argument("name")
def explain(name: str) -> None:
    """Explain a rule, or an option or setting of Headscale."""
    with plainly():
        text = _page(name) or _setting(name)
        if text is None:
            raise Failing(f"{name}: neither a rule nor a setting{_near(name)}")
        if sys.stdout.isatty():
            from rich.console import Console
            from rich.markdown import Markdown

            Console().print(Markdown(text))
        else:
            click.echo(text)


def _page(name: str) -> str | None:
    rule = next((rule for rule in all_rules() if rule.name == name), None)
    if rule is None:
        return None
    page = page_of(rule)
    return page.partition("\n## More cases")[0].rstrip() + "\n"


def page_of(rule: Rule) -> str:
    """The page beside a rule's module."""
    package, _, module = rule.module.rpartition(".")
    return files(package).joinpath(f"{module}.md").read_text(encoding="utf-8")


def _setting(name: str) -> str | None:
    return "\n".join(lines) if (lines := list(_setting_lines(name))) else None


def _setting_lines(name: str) -> Iterator[str]:
    from hslint.catalogue import RELEASES, schema

    key = name.removeprefix("services.headscale.").removeprefix("settings.")
    told = False
    for release in reversed(RELEASES):
        read = schema(release).key(key)
        removed = schema(release).removed(key)
        if read is not None:
            if not told:
                yield from (f"# {read.path}", "", read.what, "", f"Documentation: {read.page}", "")
                told = True
            yield f"- {release.series}: read; default {read.default!r}"
        elif removed is not None:
            if not told:
                yield from (f"# {removed.path}", "", removed.what, "", f"Instead: {removed.instead}.", "")
                told = True
            yield f"- {release.series}: {removed.how.value}"
        elif told:
            yield f"- {release.series}: not read"


def _near(name: str) -> str:
    from hslint.catalogue import NEWEST, schema

    known = [*(rule.name for rule in all_rules()), *schema(NEWEST).keys]
    near = get_close_matches(name.removeprefix("settings."), known, 1)
    return f"; did you mean {near[0]}?" if near else "; `hslint rules` lists the rules"
