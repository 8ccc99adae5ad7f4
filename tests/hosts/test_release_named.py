"""A release that is asked for or pinned by its number: kept as it is written, and checked against one that is known, which is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from released import LATEST, READ, flake, hslint, machine, runs

from hslint.checking import Request, check
from hslint.hosts import CannotInspect
from hslint.reporters import FORMATS, report
from hslint.settings import InvalidSettings
from hslint.upgrade.path import CannotUpgrade, release_named

UNKNOWN = "hslint knows no such release of Headscale; the nearest is {}, known are 0.22 to 0.29"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("0.29.7", f"Headscale 0.29.7; settings as of {READ}, the last whose source was read (--headscale)"),
        ("v0.27.0", "Headscale 0.27.0; settings as of 0.27.1, the one of its series that was read (--headscale)"),
        (
            "0.29.0-beta.4",
            f"Headscale 0.29.0-beta.4; settings as of {READ}, the one of its series that was read (--headscale)",
        ),
        (READ, f"Headscale {READ} (--headscale)"),
        ("0.27", "Headscale 0.27.1 (--headscale)"),
        ("0.29", f"Headscale {LATEST}; settings as of {READ}, the last whose source was read (--headscale)"),
        (
            "0.29.9",
            f"Headscale 0.29.9 (not a release that hslint knows of); settings as of {READ}, the last whose source was read (--headscale)",
        ),
    ],
)
def test_a_patch_release_is_kept_and_checked_against_its_series(tmp_path: Path, asked: str, said: str) -> None:
    """A series alone means the newest release of it, and one whose settings were read needs no words."""
    assert str(runs(machine(tmp_path), headscale=asked)).startswith(f"{said}, module ")


@pytest.mark.parametrize(("asked", "near"), [("0.99", LATEST), ("0.31.1", LATEST), ("1.0", LATEST), ("0.21", "0.22.3")])
def test_a_release_of_an_unknown_series_is_refused_with_the_nearest(tmp_path: Path, asked: str, near: str) -> None:
    """On the command line, for `upgrade`, and in the settings with its place."""
    unknown = UNKNOWN.format(near)
    with pytest.raises(CannotInspect) as refused:
        runs(machine(tmp_path), headscale=asked)
    assert str(refused.value) == f"--headscale {asked}: {unknown}"
    with pytest.raises(CannotUpgrade) as cannot:
        release_named("--to", asked)
    assert str(cannot.value) == f"--to {asked}: {unknown}"
    (tmp_path / "hslint.toml").write_text(f'possible = true\nheadscale = "{asked}"\n')
    with pytest.raises(InvalidSettings) as wrong:
        check([str(tmp_path)], Request())
    assert str(wrong.value) == f"hslint.toml:2:14: headscale = {asked}: {unknown}"


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (
            "0.28.9",
            "Headscale 0.28.9 (not a release that hslint knows of); settings as of 0.28.0, the last whose source was read (package headscale 0.28.9)",
        ),
        ("0.31.0", f"Headscale 0.31.0, checked as {READ}, the newest whose source was read (package headscale 0.31.0)"),
        ("0.20.0", "Headscale 0.20.0, checked as 0.22.3, the oldest whose source was read (package headscale 0.20.0)"),
        ("0.28.0", "Headscale 0.28.0 (package headscale 0.28.0)"),
    ],
)
def test_a_pinned_release_is_no_reason_to_refuse(tmp_path: Path, version: str, said: str) -> None:
    """What the project runs is checked against the nearest known release, and that is said."""
    package = f'services.headscale.package = pkgs.headscale.overrideAttrs {{ version = "{version}"; }};'
    assert str(runs(flake(tmp_path, package))).startswith(f"{said}, module ")


def test_a_tag_of_headscales_flake_is_kept(tmp_path: Path) -> None:
    """A patch release that the catalogue lacks is named as the flake names it."""
    inputs = 'inputs.nixpkgs.url = "nixpkgs"; inputs.headscale.url = "github:juanfont/headscale/v0.28.1";'
    module = "services.headscale.package = inputs.headscale.packages.x86_64-linux.default;"
    assert str(runs(flake(tmp_path, module, inputs=inputs))).startswith(
        "Headscale 0.28.1 (not a release that hslint knows of); settings as of 0.28.0, the last whose source was read (input headscale: v0.28.1), module "
    )


def test_every_report_says_against_which_release_it_checks(tmp_path: Path) -> None:
    """In every format, once for all hosts that it holds for; and nothing of the kind where the release is known."""
    said = f"host default: Headscale 0.29.7; settings as of {READ}, the last whose source was read (--headscale)"
    checked = check([str(machine(tmp_path))], Request(headscale="0.29.7"))
    assert checked.inspection.remarks == (said,)
    for form in FORMATS:
        assert said in "\n".join(report(form, checked, terminal=False)), form
    known = check([str(tmp_path)], Request(headscale=READ))
    for form in FORMATS:
        assert "settings as of" not in "\n".join(report(form, known, terminal=False)), form


def test_show_why_and_json_name_the_release_that_was_asked_for(tmp_path: Path) -> None:
    """`release` is what was asked for, `release_checked_as` the one whose data was used."""
    machine(tmp_path)
    given = (str(tmp_path), "--headscale", "0.29.7")
    (host,) = json.loads(hslint("check", "--format", "json", *given).stdout)["hosts"]
    assert (host["release"], host["release_checked_as"], host["release_from"]) == ("0.29.7", READ, "--headscale")
    header = f"Headscale 0.29.7; settings as of {READ}, the last whose source was read (--headscale), module "
    assert hslint("show", *given).stdout.startswith(f"# default: {header}")
    assert (
        hslint("why", str(tmp_path), "server_url", "--headscale", "0.29.7")
        .stdout.splitlines()[1]
        .startswith(f"  {header}")
    )


def test_an_upgrade_says_which_releases_stand_in(tmp_path: Path) -> None:
    """For the release moved to as for the one in use."""
    machine(tmp_path)
    result = hslint("upgrade", str(tmp_path), "--from", "0.28.5", "--to", "0.29.7")
    assert f"--to: Headscale 0.29.7; settings as of {READ}, the last whose source was read\n" in result.stderr
    assert (
        "--from: Headscale 0.28.5 (not a release that hslint knows of); settings as of 0.28.0, the last whose source was read\n"
        in result.stderr
    )
    assert hslint("upgrade", str(tmp_path), "--from", "0.27", "--to", "0.28").stderr == ""
