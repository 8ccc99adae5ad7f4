"""Complete, current configurations in which nothing is wrong, one for each common way to run Headscale: none gets a finding of any kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from real_nix import RealNix
from sources import source

from hslint.checking import Request, check
from hslint.hosts import Options
from hslint.hosts.search import open_project
from hslint.values.value import Unknown

FIXTURES = Path(__file__).parent / "fixtures"
CLEAN = sorted((FIXTURES / "clean").glob("*.nix"))


def in_a_project_of_its_own(file: Path, directory: Path) -> Path:
    """The configuration and what lies beside it, without the other ones."""
    for beside in file.parent.iterdir():
        if beside == file or beside.suffix != ".nix":
            (directory / beside.name).write_bytes(beside.read_bytes())
    return directory / file.name


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """What is below a set of settings, by its path; an empty set and a list are leaves."""
    if not isinstance(value, dict) or not value:
        yield path, value
        return
    for name, inner in value.items():
        shown = name if name.replace("_", "").isalnum() else f'"{name}"'
        yield from leaves(inner, f"{path}.{shown}" if path else shown)


@pytest.mark.parametrize("file", CLEAN, ids=lambda file: file.stem)
def test_a_clean_configuration_gets_no_finding(file: Path, tmp_path: Path) -> None:
    """Not even a note, nor one that is only possible; and the configuration was evaluated, with Headscale on."""
    path = in_a_project_of_its_own(file, tmp_path)
    checked = check([str(path)], Request(possible=True))
    assert [(finding.rule.name, finding.problem.message) for finding in checked.findings] == []
    assert [*checked.troubles] == []
    assert len([host for host in checked.inspection.hosts if host.setting("enable").flag]) == 1


@pytest.mark.parametrize("file", CLEAN, ids=lambda file: file.stem)
def test_real_nix_can_read_it(file: Path, nix: RealNix) -> None:
    """Its syntax is that of Nix, and every name in it is bound."""
    assert nix.parses(file)


@pytest.mark.parametrize("file", CLEAN, ids=lambda file: file.stem)
def test_real_nix_makes_the_same_settings_of_it(file: Path, nix: RealNix, tmp_path: Path) -> None:
    """With HSLINT_NIXPKGS_LIB (the lib directory of nixpkgs) real Nix evaluates it, and hslint has the same for every setting."""
    lib = source("HSLINT_NIXPKGS_LIB")
    path = in_a_project_of_its_own(file, tmp_path)
    outline = FIXTURES / "outline" / "nixos.nix"
    evaluated = nix.json(f"import {outline} {{ lib = import {lib}; file = {path}; }}")
    assert isinstance(evaluated, list)
    (expected,) = evaluated
    (host,) = (host for host in open_project([str(path)], Options()).hosts if host.setting("enable").flag)
    for option, value in leaves(expected):
        found = host.setting(option).data
        assert isinstance(found, Unknown) or found == value, option
