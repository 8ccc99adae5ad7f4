"""Several projects in one run, and reports that are limited to a part of one: what is written, hidden and reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hslint.checking import Request, check
from hslint.cli import main
from hslint.fixes import apply_fixes
from hslint.reporters import FORMATS
from hslint.source import LARGEST_FILE
from hslint.values.nesting import Walk
from hslint.values.value import Attrs, Failure, Lazy, List, String
from hslint.values.without_secrets import strings_in, without_secrets


def machine(directory: Path, text: str) -> Path:
    directory.mkdir(parents=True)
    (directory / ".git").mkdir()
    (directory / "configuration.nix").write_text(text)
    return directory


@pytest.fixture
def flake(tmp_path: Path) -> Path:
    """Two hosts of one flake, each with a directory of its own."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "flake.nix").write_text(
        '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11"; outputs = { nixpkgs, ... }: { nixosConfigurations = {\n'
        "  one = nixpkgs.lib.nixosSystem { modules = [ ./one/host.nix ]; };\n"
        "  two = nixpkgs.lib.nixosSystem { modules = [ ./two/host.nix ]; }; }; }; }\n"
    )
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "host.nix").write_text("{ services.headscale.enable = true; }\n")
    return tmp_path


def test_fixes_of_several_projects_are_written_in_each(tmp_path: Path) -> None:
    text = '{ services.headscale.enable = true; services.headscale.settings.log_level = "info"; }\n'
    first, second = machine(tmp_path / "first", text), machine(tmp_path / "second", text)
    outcome = apply_fixes([str(first), str(second)], Request(), {}).write()
    assert outcome.left == ()
    assert outcome.written == tuple(str(each / "configuration.nix") for each in (first, second))
    for each in (first, second):
        assert "log.level" in (each / "configuration.nix").read_text()


def test_the_secret_of_another_host_is_hidden_in_a_limited_report(flake: Path) -> None:
    """It is known as one by what the other host does with it, and stands in a file that a finding of this one shows."""
    (flake / "shared.nix").write_text('{ word = "Zq7SENTINEL9xK"; }\n')
    (flake / "two" / "host.nix").write_text(
        "{ services.headscale.enable = true; services.headscale.settings.oidc.client_secret = (import ../shared.nix).word; }\n"
    )
    (flake / "one" / "host.nix").write_text(
        "{ services.headscale.enable = true; services.headscale.settings.log.level = (import ../shared.nix).word; }\n"
    )
    for form in FORMATS:
        done = CliRunner().invoke(main, ["check", "--format", form, str(flake / "one")])
        assert "log.level" in done.output
        assert "SENTINEL" not in done.output


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"{ services.headscale.enable = true; } #")
        file.truncate(LARGEST_FILE + 1)


def test_a_file_that_cannot_be_read_is_reported_where_it_was_asked_about(flake: Path) -> None:
    """Beside what was named, and of no host of that, it is nobody's concern."""
    (flake / "three").mkdir()
    too_large(flake / "three" / "headscale.nix")
    reported = (("three/headscale.nix", "is larger than hslint reads"),)
    assert check([str(flake)], Request()).unread == reported
    assert check([str(flake / "three")], Request()).unread == reported
    assert check([str(flake / "one")], Request()).unread == ()
    (flake / "one" / "host.nix").write_text(
        "{ imports = [ ../three/headscale.nix ]; services.headscale.enable = true; }\n"
    )
    assert check([str(flake / "one")], Request()).unread == reported


def test_what_is_gits_own_is_no_unread_file(flake: Path) -> None:
    """Nothing of a configuration is in it."""
    (flake / ".gitignore").mkdir()
    too_large(flake / ".git" / "index")
    assert check([str(flake)], Request()).unread == ()


@pytest.mark.slow
def test_a_host_that_takes_too_much_work_does_not_take_the_others_along(flake: Path) -> None:
    """Nor is anything said of it that only looks as if nobody had written it."""
    heavy = "builtins.foldl' (a: b: a + b) 0 (builtins.concatMap (x: builtins.genList (y: x + y) 2000) (builtins.genList (x: x) 2000))"
    (flake / "one" / "host.nix").write_text(
        f"{{ services.headscale.enable = true; services.headscale.port = {heavy}; }}\n"
    )
    checked = check([str(flake)], Request())
    assert [*checked.troubles] == ["host one could not be evaluated: takes more work to evaluate than hslint spends"]
    assert [host.name for host in checked.inspection.hosts] == ["two"]
    assert {host for finding in checked.findings for host in finding.hosts} == {"two"}


def test_a_value_inside_itself_is_inside_itself_without_its_secrets() -> None:
    """So whoever walks over it knows where to stop."""
    endless = Attrs({"client_secret": Lazy.done(String("hunter2x"))})
    endless.items["again"] = Lazy.done(endless)
    shown = without_secrets(endless)
    assert isinstance(shown, Attrs)
    secret = shown.items["client_secret"].force()
    assert isinstance(secret, String) and secret.known == "<redacted>"
    walk = Walk()
    assert walk.stops(shown) is None
    inner = shown.items["again"].force()
    assert isinstance(inner, Attrs) and isinstance(walk.stops(inner), Failure)
    assert len(strings_in(endless)) == 1
    rows = List([])
    rows.items.append(Lazy.done(rows))  # type: ignore[attr-defined]
    copy = without_secrets(rows)
    assert isinstance(copy, List) and copy.items[0].force() is copy
