"""A configuration that an option gets as its value: hslint goes into it once, and shows the rest of the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.checking import Request, check, inspect
from hslint.values.budget import with_deep_stack


def _project(directory: Path, body: str) -> str:
    path = directory / "configuration.nix"
    path.write_text(f"{{ config, lib, ... }}: {{ services.headscale.enable = true; {body} }}\n")
    return str(path)


@pytest.mark.parametrize(
    "body",
    [
        "environment.etc.foo = config;",
        "services.foo = config;",
        "systemd.services.x.y = config;",
        "environment.etc.foo = { a = config; b = { c = config; }; };",
    ],
)
def test_a_configuration_inside_itself_keeps_no_host_from_being_checked(tmp_path: Path, body: str) -> None:
    """What merges to a part of itself is not merged again and again, and the findings about Headscale are there."""
    checked = check([_project(tmp_path, body)], Request())
    assert [*checked.troubles] == []
    assert "magicdns-without-base-domain" in {finding.rule.name for finding in checked.findings}


def _written(path: str) -> list[str]:
    inspection, _ = inspect([path], Request())
    (host,) = inspection.hosts
    return [setting.option for setting in host.configuration.settings_below("services.headscale", as_written=True)]


def test_a_set_inside_itself_is_a_leaf_of_what_is_refused(tmp_path: Path) -> None:
    """A set is no port, so that it is listed as it stands in the file."""
    path = _project(tmp_path, "services.headscale.port = let s = { a = s; b.c = s; }; in s;")
    listed = [option for option in with_deep_stack(_written, path) if ".port" in option]
    assert listed == ["services.headscale.port.a", "services.headscale.port.b.c"]


def test_a_value_that_nests_too_deeply_ends_its_host_and_not_the_run(tmp_path: Path) -> None:
    """Whoever first asks what Nix refuses meets it, be it a rule or the run itself."""
    deep = "builtins.foldl' (a: n: { inherit a; }) { } (builtins.genList (x: x) 700)"
    checked = check([_project(tmp_path, f"environment.etc.x = {deep};")], Request())
    assert [*checked.troubles] == ["host default could not be evaluated: nests more deeply than hslint can follow"]
