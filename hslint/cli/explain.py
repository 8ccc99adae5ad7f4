"""`hslint explain NAME`: the manual, offline: a rule's page, what a setting does in each release, and what is known of a release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

import click

from hslint.catalogue.term import spelled
from hslint.cli import completing
from hslint.cli.errors import CliError, report_errors
from hslint.cli.known_releases import page_of
from hslint.cli.output import put_markdown
from hslint.plugins import page
from hslint.plugins import rules as all_rules
from hslint.spelling import nearest
from hslint.suppression import RULES as SUPPRESSIONS

_COMMENTS = """A finding is suppressed by a comment that names the rule and gives a reason, on its line or above it:

    # hslint: ignore[server-url-plain-http] -- this network has no route to the outside

`ignore-file` instead of `ignore` speaks of the whole file."""


@click.command("explain", short_help="Explain a rule, a setting, a release or an advisory.")
@click.argument("name", shell_complete=completing.explained)
def explain(name: str) -> None:
    """Explain a rule, an option or setting of Headscale, a release, an advisory, or what a branch of nixpkgs packages."""
    with report_errors():
        text = _page(name) or _setting(name) or page_of(name) or _team_rule(name)
        if text is None:
            raise CliError(f"{name}: neither a rule, a setting, a release nor an advisory{_near(name)}")
        put_markdown(text)


def _page(name: str) -> str | None:
    looking_after = next((rule for rule in SUPPRESSIONS if rule.name == name), None)
    if looking_after is not None:
        return f"{page(looking_after)}\n\n{_COMMENTS}"
    rule = next((rule for rule in all_rules() if rule.name == name), None)
    return None if rule is None else page(rule)


def _team_rule(name: str) -> str | None:
    """The description of a team rule in the settings of the current directory."""
    from hslint.settings import TEAM  # late: only for a name that nothing else has

    if not name.startswith(TEAM):
        return None
    from hslint.checking import settings_of  # late: as above

    found = next((rule for rule in settings_of(".")[0].team_rules if rule.name == name), None)
    if found is None:
        return None
    condition = found.condition.file.text.decode("utf-8", "replace").strip().split("\n")
    return "\n".join(
        (
            f"# {name}",
            "",
            f"{found.message}.",
            "",
            f"{found.option} must meet this condition ({found.place}, {found.severity.value}):",
            "",
            *(f"    {line}" for line in condition),
        )
    )


def _setting(name: str) -> str | None:
    """The manual of a setting, an option of the module, or a group of them."""
    option = name.removeprefix("services.headscale.")
    key = option.removeprefix("settings.")
    paragraphs = [*_in_headscale(key), *_in_modules(option, key)]
    return None if not paragraphs else "\n".join((f"# {option}", "", *paragraphs)).rstrip()


def _in_headscale(key: str) -> Iterator[str]:
    from hslint.catalogue import NEWEST, RELEASES, schema  # late: a rule's page needs no catalogue

    stages: list[tuple[str, str]] = []
    what = ""
    for release in RELEASES:
        read = schema(release).key(key)
        removed = schema(release).removed(key)
        if read is not None:
            stages.append((release.series, f"read; default {_nix(read.default)}"))
            what = f"{read.what}.\n\nDocumentation: {read.page}"
        elif removed is not None:
            stages.append((release.series, removed.how.value))
            what = f"{removed.what}.\n\nInstead: {removed.instead}."
        else:
            stages.append((release.series, "not read"))
    if what:
        yield from (what, "", "In Headscale:", "", *_ranges(stages), "")
    yield from _in_preview(key)
    below = [path for path in schema(NEWEST).keys if path.startswith(f"{key}.")]
    if below:
        yield from (f"Settings below it in Headscale {NEWEST.series}:", "", *(f"- {path}" for path in below), "")


def _in_preview(key: str) -> Iterator[str]:
    """The changes in the unreleased version."""
    from hslint.catalogue import NEWEST, PREVIEW, schema  # late: only for a key

    before, after = schema(NEWEST).key(key), schema(PREVIEW).key(key)
    if before == after or (before is None and after is None):
        return
    if after is None:
        said = "not read"
    elif before is None:
        said = f"read; default {_nix(after.default)}. {after.what}"
    else:
        said = f"read otherwise ({spelled(after.type)})"
    yield from (f"In {PREVIEW}, which is unfinished (main as of {PREVIEW.as_of}): {said}.", "")


def _in_modules(option: str, key: str) -> Iterator[str]:
    from hslint.catalogue.module_versions import IN_REPOSITORY, MODULE_VERSIONS, module_version  # late: as above

    stages: list[tuple[str, str]] = []
    for name in MODULE_VERSIONS:
        version = module_version(name)
        if version is None:
            continue
        path = next((path for path in (option, f"settings.{key}") if version.option(path) is not None), option)
        declared = version.option(path)
        if declared is not None:
            default = f"; default {_nix(declared.default)}" if declared.has_default else "; no default"
            stages.append((name, f"{spelled(declared.type)}{default}"))
        elif option in version.renamed:
            stages.append((name, f"renamed to {version.renamed[option]}"))
        elif option in version.removed:
            stages.append((name, "removed: Nix refuses it"))
        else:
            stages.append((name, "not declared"))
    if any(stage != "not declared" for _, stage in stages):
        own = [stage for stage in stages if stage[0] in IN_REPOSITORY]
        yield from ("In the NixOS modules:", "", *_ranges(own), *_ranges(stages[len(own) :]), "")


def _ranges(stages: list[tuple[str, str]]) -> Iterator[str]:
    """One line for neighbours of which the same holds."""
    for stage, group in groupby(stages, key=lambda pair: pair[1]):
        names = [name for name, _ in group]
        yield f"- {names[0]}: {stage}" if len(names) == 1 else f"- {names[0]} to {names[-1]}: {stage}"


def _nix(default: object) -> str:
    match default:
        case {"package": str(name)}:
            return f"pkgs.{name}"
        case list(items):
            return f"[ {' '.join(map(_nix, items))} ]" if items else "[ ]"
        case dict(members):
            return (
                f"{{ {' '.join(f'{name} = {_nix(value)};' for name, value in members.items())} }}" if members else "{ }"
            )
        case _:
            return json.dumps(default, ensure_ascii=False)


def _near(name: str) -> str:
    from hslint.catalogue import NEWEST, schema  # late: as above

    known = [*(rule.name for rule in (*all_rules(), *SUPPRESSIONS)), *schema(NEWEST).keys]
    near = nearest(name.removeprefix("settings."), known)
    return f"; did you mean {near}?" if near else "; `hslint rules` lists the rules"
