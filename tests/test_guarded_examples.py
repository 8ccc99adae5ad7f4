"""What the rules' pages show is reported as well where a module guards it with an option of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hslint.checking import Request, check
from hslint.testing import Example, Mark, examples, mark_of

GUARD = "`my.vpn.enable` is true"
OPTION = 'options.my.vpn.enable = lib.mkEnableOption "the control server";'
BODY = "if builtins.isFunction module then module args else module"

#: Ways to guard a module's configuration; each keeps its text on lines of its own.
WRAPPERS = {
    "mkIf": f"config = lib.mkIf config.my.vpn.enable ({BODY});",
    "mkMerge": f"config = lib.mkMerge [ (lib.mkIf config.my.vpn.enable ({BODY})) {{ }} ];",
}


def wrapped(text: str, wrapper: str) -> str:
    """The module, guarded; its lines are moved down by one."""
    head = "args@{ config, lib, options, pkgs, ... }: let module ="
    return f"{head}\n{text.rstrip()}\n; in {{ {OPTION} {WRAPPERS[wrapper]} }}\n"


def pages() -> Iterator[Path]:
    yield from sorted((Path(__file__).parent.parent / "rules").glob("*/*.md"))


#: What a module by itself cannot be told to be wrong about: options and arguments that come from elsewhere, what a flake pins, that
#: nobody enables what a module configures, that nothing stands in front of Headscale.
ONLY_ON_A_HOST = frozenset(
    (
        "configured-but-disabled",
        "evaluation-error",
        "listener-unreachable",
        "package-module-mismatch",
        "proxy-not-enabled",
        "unknown-module-option",
    )
)


def can_be_guarded(example: Example) -> bool:
    """Whether an example is one module that only configures."""
    (text, *others) = example.files.values()
    return not others and bool(example.marks) and not any(word in text for word in ("imports", "options.", "config ="))


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("page", [*pages()], ids=lambda page: page.stem)
def test_a_guarded_mistake_is_reported_where_it_stands(page: Path, wrapper: str, tmp_path: Path) -> None:
    """Every example of a single module, under `mkIf config.my.vpn.enable`, is reported at the same place, with the guard named."""
    missed: list[str] = []
    for example in filter(can_be_guarded, examples(page.read_text("utf-8"))):
        ((name, text),) = example.files.items()
        (tmp_path / name).write_text(wrapped(text, wrapper), "utf-8")
        checked = check([str(tmp_path / name)], Request(headscale=example.release, module=example.module, alone=True))
        found = {mark_of(tmp_path, finding): finding for finding in checked.findings}
        for mark in example.marks:
            if mark.rule in ONLY_ON_A_HOST:
                continue
            moved = Mark(mark.file, mark.line + 1, mark.start, mark.end, mark.rule)
            finding = found.get(moved) or found.get(replace(moved, rule=f"possible {mark.rule}"))
            if finding is None or (GUARD not in finding.where and finding.condition):
                missed.append(f"line {example.line}: {mark}: {finding and finding.condition}")
    assert missed == []
