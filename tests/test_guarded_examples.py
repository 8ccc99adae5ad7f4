"""What the rules' pages show is reported as well where a module guards it with an option of its own."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hslint.checking import Request, check
from hslint.finding import Finding
from hslint.plugins import rules
from hslint.testing import Example, Mark, examples, mark_of

GUARD = "`my.vpn.enable` is true"
OPTION = 'options.my.vpn.enable = lib.mkEnableOption "the control server";'

#: The same option in a submodule, beside one that takes the whole body.
SUBMODULE = """options.my.vpn = lib.mkOption { default = { }; type = lib.types.submodule { options = {
  enable = lib.mkEnableOption "the control server"; body = lib.mkOption { type = lib.types.raw; }; }; }; };"""

#: Ways to guard a module's configuration. Where a guard decides which attributes there are, it stands inside of each option set of
#: the body: around all of them Nix goes round for ever, since the guard is one of them.
WRAPPERS = {
    "mkIf": f"{OPTION} config = lib.mkIf config.my.vpn.enable body;",
    "mkMerge": f"{OPTION} config = lib.mkMerge [ (lib.mkIf config.my.vpn.enable body) {{ }} ];",
    "optionalAttrs": f"{OPTION} config = each (name: lib.optionalAttrs config.my.vpn.enable body.${{name}});",
    "if": f"{OPTION} config = each (name: if config.my.vpn.enable then body.${{name}} else {{ }});",
    "submodule": f"{SUBMODULE} config = {{ my.vpn.body = body; }}"
    " // each (name: lib.mkIf config.my.vpn.enable config.my.vpn.body.${name});",
}


def wrapped(text: str, wrapper: str) -> str:
    """The module, guarded; its text keeps lines of its own, moved down by one."""
    head = "args@{ config, lib, options, pkgs, ... }: let module ="
    body = "body = if builtins.isFunction module then module args else module;"
    each = "each = lib.genAttrs (builtins.attrNames body);"
    return f"{head}\n{text.rstrip()}\n; {body} {each} in {{ {WRAPPERS[wrapper]} }}\n"


def pages() -> Iterator[Path]:
    yield from sorted((Path(__file__).parent.parent / "rules").glob("*/*.md"))


#: Rules whose examples cannot be reported in a module by itself that guards them, and why.
EXCEPTIONS = {
    "configured-but-disabled": "the option that enables Headscale may be set by another module",
    "evaluation-error": "the options and arguments that an expression asks for may come from another module",
    "package-module-mismatch": "which module is used is pinned by a flake, or by the channel of a machine",
    "unknown-module-option": "another module may declare the option",
    "listener-unreachable": "what stands in front of Headscale may be set by another module",
    "proxy-not-enabled": "another module may enable the proxy",
    "conflicting-definitions": "its example is of two files, whose definitions Nix puts together",
    "duplicate-module-import": "imports cannot be conditional",
    "untracked-file": "imports cannot be conditional",
}


def can_be_guarded(example: Example) -> bool:
    """Whether an example is one module that only configures."""
    ((name, text), *others) = example.files.items()
    if not name.endswith(".nix"):
        return False  # a policy by itself
    return not others and bool(example.marks) and re.search(r"imports|options\.|\bconfig =", text) is None


def missed(page: Path, wrapper: str, directory: Path, rules: Container[str]) -> list[str]:
    """What a page marks for rules and is not reported of its guarded examples, at its place and with the guard named."""
    reported: list[str] = []
    for example in filter(can_be_guarded, examples(page.read_text("utf-8"))):
        ((name, text),) = example.files.items()
        marks = [(mark, rule) for mark in example.marks if (rule := mark.rule.removeprefix("possible ")) in rules]
        if not marks:
            continue
        (directory / name).write_text(wrapped(text, wrapper), "utf-8")
        # The page itself is checked by all rules; here the others only cost time.
        select = tuple({rule for _, rule in marks})
        request = Request(select=select, headscale=example.release, module=example.module, alone=True)
        checked = check([str(directory / name)], request)
        found = {mark_of(directory, finding): finding for finding in checked.findings}
        for mark, _ in marks:
            moved = Mark(mark.file, mark.line + 1, mark.start, mark.end, mark.rule)
            finding = found.get(moved) or found.get(replace(moved, rule=f"possible {mark.rule}"))
            if finding is None or not names_the_guard(finding):
                reported.append(f"line {example.line}: {mark}: {finding and finding.condition}")
    return reported


def names_the_guard(finding: Finding) -> bool:
    """Whether the guard is among what it depends on; what is wrong with the text, Headscale or not, depends on nothing."""
    return GUARD in finding.where or (finding.rule.when_disabled and not finding.condition)


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("page", [*pages()], ids=lambda page: page.stem)
def test_a_guarded_mistake_is_reported_where_it_stands(page: Path, wrapper: str, tmp_path: Path) -> None:
    """Every example of a single module, under `mkIf config.my.vpn.enable`, is reported at the same place, with the guard named."""
    assert missed(page, wrapper, tmp_path, {rule.name for rule in rules()} - EXCEPTIONS.keys()) == []


@pytest.mark.parametrize("page", [*pages()], ids=lambda page: page.stem)
def test_what_cannot_be_guarded_is_an_exception_with_a_reason(page: Path, tmp_path: Path) -> None:
    """And nothing else is one: an exception has no example that can be guarded, or is not reported there."""
    name = page.stem.replace("_", "-")
    shown = [example for example in examples(page.read_text("utf-8")) if example.marks]
    if all(path.endswith(".hujson") for example in shown for path in example.files):
        assert name not in EXCEPTIONS  # there is no module to guard
        return
    guarded = any(
        mark.rule.removeprefix("possible ") == name
        for example in filter(can_be_guarded, examples(page.read_text("utf-8")))
        for mark in example.marks
    )
    reported = guarded and (name not in EXCEPTIONS or not missed(page, "mkIf", tmp_path, {name}))
    assert reported is (name not in EXCEPTIONS)
