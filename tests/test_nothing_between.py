"""Two paths on the command line: each has its own project, and what lies between them is in neither."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sample import FLAKE
from test_nothing_outside import trespasses, watch

from hslint.reporters import FORMATS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a descriptor stands for is found in /proc")

SENTINEL = "sentinel.example.org"

#: A module that takes what it says from a directory beside its project.
GREEDY = """{ lib, ... }: {
  imports = [ ../between/sentinel.nix ];
  services.headscale = {
    enable = true;
    settings.server_url = builtins.readFile ../between/sentinel.txt;
    settings.dns.base_domain = (import ../between/sentinel.nix).domain;
    settings.derp.paths = builtins.attrNames (builtins.readDir ../between);
  };
}
"""


@pytest.fixture
def around(tmp_path: Path) -> Path:
    """Two projects and a directory between them, below one directory that is none."""
    around = tmp_path.resolve() / "around"
    for name in ("first", "second"):
        (around / name).mkdir(parents=True)
        (around / name / "flake.nix").write_text(FLAKE)
        (around / name / "headscale.nix").write_text(GREEDY)
    (around / "between").mkdir()
    (around / "between" / "sentinel.nix").write_text(f'{{ domain = "{SENTINEL}"; }}\n')
    (around / "between" / "sentinel.txt").write_text(f"https://{SENTINEL}")
    (around / "between" / "default.nix").write_text("{ services.headscale.enable = true; }\n")
    return around


@pytest.mark.parametrize(
    "paths",
    [("first", "second"), ("first/headscale.nix", "second"), ("first/headscale.nix", "second/headscale.nix")],
    ids=" ".join,
)
def test_what_lies_between_two_projects_is_not_asked_for(tmp_path: Path, around: Path, paths: tuple[str, ...]) -> None:
    """Their common directory is no project: nobody has named it."""
    events = watch(tmp_path, around, "check", *paths)
    assert trespasses(events, [around / "first", around / "second"]) == []
    assert {"first", "second"} == {
        name for name in ("first", "second") if ("opened", f"{around}/{name}/headscale.nix") in events
    }


@pytest.mark.parametrize("form", FORMATS)
def test_what_lies_between_two_projects_is_not_printed(around: Path, form: str) -> None:
    """In no format."""
    command = [sys.executable, "-m", "hslint", "check", "--format", form, "first", "second"]
    done = subprocess.run(command, cwd=around, capture_output=True, text=True)
    assert SENTINEL not in done.stdout + done.stderr
    assert done.returncode in (0, 1)
