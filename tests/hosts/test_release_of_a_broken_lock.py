"""A lock file that nothing can be made of is reported, in every format, and pins nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from released import flake, hosts, lock

from hslint.checking import Request, check
from hslint.reporters import FORMATS, report

UNPINNED = 'inputs.nixpkgs.url = "github:NixOS/nixpkgs";'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not valid JSON"),
        ('{"nodes": {"root": {', "is not valid JSON"),
        ('<<<<<<< HEAD\n{"nodes": {}}', "is not valid JSON"),
        ("[]", "is no lock file"),
        ('{"nodes": [], "root": "root", "version": 7}', "is no lock file"),
        ('{"nodes": {}, "root": "root"}', "is no lock file"),
        ('{"nodes": {}, "root": "root", "version": 99}', "is of version 99, which is none that Nix reads"),
    ],
)
def test_a_corrupt_lock_file_is_reported(tmp_path: Path, text: str, why: str) -> None:
    """The hosts are evaluated all the same, and their releases are unknown."""
    flake(tmp_path, inputs=UNPINNED)
    (tmp_path / "flake.lock").write_text(text)
    checked = check([str(tmp_path)], Request())
    assert checked.unread == (("flake.lock", why),)
    assert list(checked.troubles) == [f"flake.lock {why}: nothing is known of what is in it"]
    for form in FORMATS:
        shown = "\n".join(report(form, checked, terminal=False))
        assert (why in shown) or (form == "text" and "1 file could not be read" in shown), form
    (host,) = checked.inspection.hosts
    assert not host.runs.release.certain
    assert not checked.could_not_run


def test_it_is_reported_wherever_in_its_flake_one_looks(tmp_path: Path) -> None:
    """For a module of a host of that flake, and not for what belongs to another."""
    flake(tmp_path, "imports = [ ./part.nix ];", inputs=UNPINNED)
    (tmp_path / "part.nix").write_text("{ }\n")
    (tmp_path / "flake.lock").write_text("{")
    (tmp_path / "other").mkdir()
    flake(tmp_path / "other", inputs=UNPINNED)
    assert [path for path, _ in check([str(tmp_path / "part.nix")], Request()).unread] == ["flake.lock"]
    assert check([str(tmp_path / "other")], Request()).unread == ()


def test_a_lock_file_that_is_right_or_absent_is_no_trouble(tmp_path: Path) -> None:
    """Versions 5 to 7 are read."""
    flake(tmp_path, inputs=UNPINNED)
    assert check([str(tmp_path)], Request()).unread == ()
    lock(tmp_path, "nixos-25.05", nixpkgs=1749081600)
    for version in (5, 6, 7):
        text = (tmp_path / "flake.lock").read_text().replace('"version": 7', f'"version": {version}')
        (tmp_path / "flake.lock").write_text(text)
        assert check([str(tmp_path)], Request()).unread == ()
        assert str(hosts(tmp_path)["a"].release) == "0.25.1"
