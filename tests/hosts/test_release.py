"""Which release of Headscale and which module a host runs, and what says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from released import READ

from hslint.checking import Request, check
from hslint.hosts import Options
from hslint.hosts.release import Runs
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack

INPUTS = """
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  inputs.unstable.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.headscale.url = "github:juanfont/headscale/v0.28.0";
  inputs.other.url = "github:someone/packages";
"""


def flake(directory: Path, module: str, *, arguments: str = "", inputs: str = INPUTS, before: str = "") -> Path:
    """A flake with one host, whose module is `module`."""
    directory.joinpath("flake.nix").write_text(
        f"{{{inputs}\n  outputs = {{ self, nixpkgs, ... }}@inputs: {before} {{\n"
        "    nixosConfigurations.a = nixpkgs.lib.nixosSystem {\n"
        f'      system = "x86_64-linux"; specialArgs = {{ inherit inputs; }}; {arguments}\n'
        f"      modules = [ ({{ pkgs, lib, inputs, ... }}: {{ services.headscale.enable = true; {module} }}) ];\n"
        "    };\n  };\n}\n"
    )
    return directory


def lock(directory: Path, **days: int) -> None:
    """A lock file that says of each input how many seconds after 1970 it is of."""
    owners = {"nixpkgs": "NixOS", "headscale": "juanfont"}
    nodes = {
        name: {"locked": {"type": "github", "owner": owners[name], "repo": name, "lastModified": day}}
        for name, day in days.items()
    }
    root = {"root": {"inputs": {name: name for name in days}}}
    directory.joinpath("flake.lock").write_text(json.dumps({"nodes": {**nodes, **root}, "root": "root", "version": 7}))


def runs(directory: Path, **options: str) -> Runs:
    def ask() -> Runs:
        (host,) = open_project([str(directory)], Options(**options)).hosts  # type: ignore[arg-type]
        return host.runs

    return with_deep_stack(ask)


def release(directory: Path) -> str:
    found = runs(directory).release
    assert found.certain
    return f"{found.value}: {found.because}"


@pytest.mark.parametrize(
    ("package", "found"),
    [
        ("pkgs.headscale", "0.25.1: input nixpkgs: nixos-25.05"),
        ("inputs.unstable.legacyPackages.${pkgs.system}.headscale", "0.27.1: input unstable: nixos-25.11"),
        ("(import inputs.unstable { inherit (pkgs) system; }).headscale", "0.27.1: input unstable: nixos-25.11"),
        ("inputs.headscale.packages.x86_64-linux.default", "0.28.0: input headscale: v0.28.0"),
        ("inputs.headscale.packages.x86_64-linux.headscale", "0.28.0: input headscale: v0.28.0"),
        ('pkgs.headscale.overrideAttrs { version = "0.26.0"; }', "0.26.1: package headscale 0.26.0"),
        (
            'pkgs.headscale.overrideAttrs (old: rec { version = "0.26.0"; src = pkgs.fetchurl { url = version; }; })',
            "0.26.1: package headscale 0.26.0",
        ),
        (
            "pkgs.headscale.overrideAttrs (final: prev: { patches = [ ./a.patch ]; })",
            "0.25.1: input nixpkgs: nixos-25.05",
        ),
        (
            'pkgs.headscale.override { buildGoModule = args: pkgs.buildGoModule (args // { version = "0.24.0"; }); }',
            "0.24.3: package headscale 0.24.0",
        ),
        ('pkgs.buildGoModule { pname = "headscale"; version = "0.23.0"; }', "0.23.0: package headscale 0.23.0"),
    ],
)
def test_the_release_is_that_of_the_package(tmp_path: Path, package: str, found: str) -> None:
    """Wherever `services.headscale.package` comes from, and whatever version an override writes; patches change none."""
    assert release(flake(tmp_path, f"services.headscale.package = {package};")) == found


@pytest.mark.parametrize(
    ("overlay", "found"),
    [
        ("inputs.headscale.overlays.default", "0.28.0: input headscale: v0.28.0"),
        ("inputs.headscale.overlay", "0.28.0: input headscale: v0.28.0"),
        ("inputs.other.overlays.default", "0.25.1: input nixpkgs: nixos-25.05"),
        (
            '(final: prev: { headscale = prev.headscale.overrideAttrs { version = "0.26.1"; }; })',
            "0.26.1: package headscale 0.26.1",
        ),
        ("(import ./overlay.nix inputs)", "0.27.1: input unstable: nixos-25.11"),
    ],
)
def test_an_overlay_may_replace_the_package(tmp_path: Path, overlay: str, found: str) -> None:
    """Also one that is given when nixpkgs is imported, and one in a file of its own; those of unknown inputs add other things."""
    tmp_path.joinpath("overlay.nix").write_text(
        "inputs: final: prev: { inherit (inputs.unstable.legacyPackages.${prev.system}) headscale; }"
    )
    assert release(flake(tmp_path, f"nixpkgs.overlays = [ {overlay} ];")) == found
    imported = f'pkgs = import nixpkgs {{ system = "x86_64-linux"; overlays = [ {overlay} ]; }};'
    assert release(flake(tmp_path, "", arguments=imported)) == found


@pytest.mark.parametrize("given", ["packages", "lib.mkDefault packages"])
def test_a_package_set_may_be_given_as_an_option(tmp_path: Path, given: str) -> None:
    """`nixpkgs.pkgs` goes before the nixpkgs that the host is made with; overlays come on top of it."""
    packages = 'let packages = import inputs.unstable { system = "x86_64-linux"; }; in'
    module = f"nixpkgs.pkgs = {packages} {given};"
    assert release(flake(tmp_path, module)) == "0.27.1: input unstable: nixos-25.11"


def test_a_second_nixpkgs_is_known_by_the_name_that_an_overlay_gives_it(tmp_path: Path) -> None:
    """`pkgs.unstable` is what the overlay says, not what its name suggests."""
    overlay = "(final: prev: { unstable = import inputs.unstable { inherit (prev) system; }; })"
    module = f"nixpkgs.overlays = [ {overlay} ]; services.headscale.package = pkgs.unstable.headscale;"
    assert release(flake(tmp_path, module)) == "0.27.1: input unstable: nixos-25.11"


def test_a_package_of_an_unknown_nixpkgs_is_of_one_that_is_pinned(tmp_path: Path) -> None:
    """The newest of them is checked against, and the others are named."""
    found = runs(flake(tmp_path, "services.headscale.package = pkgs.unstable.headscale;")).release
    assert [each.series for each in found.among] == ["0.25", "0.27"]
    assert (str(found.value), found.because) == (
        "0.27.1", "input nixpkgs: nixos-25.05 or input unstable: nixos-25.11",
    )  # fmt: skip


def test_a_version_that_is_no_release_leaves_the_release_open(tmp_path: Path) -> None:
    """A revision between two releases, and a source without a version, may read anything."""
    for change in ('version = "unstable-2025-01-01";', "src = ./headscale;"):
        found = runs(
            flake(tmp_path, f"services.headscale.package = pkgs.headscale.overrideAttrs {{ {change} }};")
        ).release
        assert len(found.among) > 1
        assert found.because == "package headscale of an unknown version"


def test_a_package_of_an_unknown_input_leaves_the_release_open(tmp_path: Path) -> None:
    """Nobody can tell what somebody's own flake packages; the place where it is chosen is known."""
    found = runs(flake(tmp_path, "services.headscale.package = inputs.other.packages.x86_64-linux.headscale;")).release
    assert (found.because, str(found.value)) == ("package headscale of input other", READ)
    assert found.at is not None
    assert found.at.text == "package"


def test_headscales_flake_without_a_tag_is_what_was_worked_on(tmp_path: Path) -> None:
    """The branch holds the last release before its date, or already the next."""
    inputs = INPUTS.replace("/v0.28.0", "")
    module = "services.headscale.package = inputs.headscale.packages.x86_64-linux.default;"
    lock(flake(tmp_path, module, inputs=inputs), headscale=1756684800)  # 2025-09-01
    found = runs(tmp_path).release
    assert [each.series for each in found.among] == ["0.26", "0.27"]
    assert found.because == "input headscale: headscale of 2025-09-01"


def test_near_a_change_a_date_leaves_two_releases_open(tmp_path: Path) -> None:
    """Unstable branches follow by some days; the newer release counts."""
    lock(flake(tmp_path, "", inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";'), nixpkgs=1749081600)
    reported = str(runs(tmp_path))
    assert reported == (
        "Headscale 0.26.1 (input nixpkgs: nixos-unstable of 2025-06-05, or 0.25),"
        " module nixpkgs-25.11 (input nixpkgs: nixos-unstable of 2025-06-05)"
    )


def test_package_and_module_are_inferred_apart(tmp_path: Path) -> None:
    """The module of Headscale's flake with the package of nixpkgs."""
    found = runs(flake(tmp_path, "imports = [ inputs.headscale.nixosModules.default ];"))
    assert (str(found.release.value), found.module.value.name) == ("0.25.1", "in-repo-v0.28.0")


def test_what_the_user_says_is_reported_as_such(tmp_path: Path) -> None:
    """--headscale goes before the package, and leaves the module alone."""
    found = runs(flake(tmp_path, "services.headscale.package = pkgs.unknown;"), headscale="0.26")
    assert (str(found.release.value), found.release.because, found.release.certain) == ("0.26.1", "--headscale", True)
    assert found.module.value.name == "nixpkgs-25.05"


def holds(directory: Path, settings: str) -> dict[str, str | None]:
    """Findings with the releases that they hold for, by rule."""
    module = directory / "configuration.nix"
    module.write_text(
        "{ services.headscale = { enable = true; settings = {"
        f' server_url = "https://a.example.com"; dns.base_domain = "t.example.net"; {settings}'
        " }; }; }"
    )
    findings = check([str(module)], Request()).findings
    return {finding.rule.name: None if finding.holds is None else str(finding.holds) for finding in findings}


def test_a_finding_names_the_releases_that_it_holds_for_where_none_is_known(tmp_path: Path) -> None:
    """The rule is asked for each release that may be in use; what holds for all of them needs no words."""
    found = holds(tmp_path, 'ip_prefixes = [ "10.0.0.0/8" ]; nonsense = 1;')
    assert found == {
        "removed-setting": "from 0.23 on",
        "unknown-setting": None,
        "override-without-nameservers": "from 0.26 on",
    }


def test_a_known_release_needs_no_range(tmp_path: Path) -> None:
    """With the release in use given, a finding holds for it and for nothing else."""
    module = tmp_path / "configuration.nix"
    module.write_text("{ services.headscale = { enable = true; settings.ip_prefixes = [ ]; }; }")
    assert all(finding.holds is None for finding in check([str(module)], Request(headscale="0.28")).findings)


NPINS = {
    "version": 7,
    "pins": {
        "nixpkgs": {
            "type": "Channel",
            "name": "nixos-25.11",
            "url": "https://releases.nixos.org/nixos/25.11/x",
            "hash": "x",
        },
        "unstable": {
            "type": "Git",
            "repository": {"type": "GitHub", "owner": "NixOS", "repo": "nixpkgs"},
            "branch": "nixos-26.05",
            "revision": "abc",
            "url": "https://github.com/NixOS/nixpkgs/archive/abc.tar.gz",
        },
    },
}
NIV = {"nixpkgs": {"branch": "nixos-25.05", "owner": "NixOS", "repo": "nixpkgs", "rev": "abc", "url": "https://x"}}


@pytest.mark.parametrize(
    ("tool", "kept", "imported", "pins", "found"),
    [
        ("npins", "npins/sources.json", "./npins", NPINS, "0.27.1: npins nixpkgs: nixos-25.11"),
        ("niv", "nix/sources.json", "./nix/sources.nix", NIV, "0.25.1: niv nixpkgs: nixos-25.05"),
    ],
)
def test_pins_stand_for_inputs_where_there_is_no_flake(
    tmp_path: Path, tool: str, kept: str, imported: str, pins: object, found: str
) -> None:
    """The pinned nixpkgs is what the machine runs, also when the configuration asks for it by name."""
    path = tmp_path / kept
    path.parent.mkdir()
    path.write_text(json.dumps(pins))
    configuration = tmp_path / "configuration.nix"
    configuration.write_text("{ services.headscale.enable = true; }")
    assert release(tmp_path) == found
    configuration.write_text(
        f"let sources = import {imported}; in"
        " { services.headscale = { enable = true; package = (import sources.nixpkgs { }).headscale; }; }"
    )
    assert release(tmp_path) == found


def test_one_of_several_pins_is_chosen_by_its_name(tmp_path: Path) -> None:
    """`sources.unstable` is another nixpkgs than the machine's, whose module stays."""
    (tmp_path / "npins").mkdir()
    (tmp_path / "npins" / "sources.json").write_text(json.dumps(NPINS))
    (tmp_path / "configuration.nix").write_text(
        "let pkgs = import (import ./npins).unstable { }; in"
        " { services.headscale = { enable = true; package = pkgs.headscale; }; }"
    )
    assert str(runs(tmp_path)) == (
        "Headscale 0.28.0 (npins unstable: nixos-26.05), module nixpkgs-25.11 (npins nixpkgs: nixos-25.11)"
    )


@pytest.mark.parametrize(
    ("fetched", "found"),
    [
        (
            '(fetchTarball "https://github.com/NixOS/nixpkgs/archive/nixos-25.05.tar.gz")',
            "0.25.1: fetchTarball nixpkgs: nixos-25.05",
        ),
        (
            '(fetchTarball { url = "https://channels.nixos.org/nixos-25.11/nixexprs.tar.xz"; sha256 = ""; })',
            "0.27.1: fetchTarball nixpkgs: nixos-25.11",
        ),
        (
            '(fetchGit { url = "https://github.com/NixOS/nixpkgs"; ref = "refs/heads/nixos-26.05"; })',
            "0.28.0: fetchGit nixpkgs: nixos-26.05",
        ),
    ],
)
def test_a_fetched_nixpkgs_is_known_by_its_branch(tmp_path: Path, fetched: str, found: str) -> None:
    """Nothing is fetched: the address says what it is."""
    (tmp_path / "configuration.nix").write_text(
        f"{{ services.headscale = {{ enable = true; package = (import {fetched} {{ }}).headscale; }}; }}"
    )
    assert release(tmp_path) == found


def test_a_fetched_revision_gives_no_release(tmp_path: Path) -> None:
    """Forty hexadecimal digits have no date."""
    (tmp_path / "configuration.nix").write_text(
        "{ services.headscale = { enable = true; package ="
        ' (import (fetchTarball "https://github.com/NixOS/nixpkgs/archive/fb192fec7cc7a4c26d51779e9bab07ce6fa5597a.tar.gz") { })'
        ".headscale; }; }"
    )
    assert not runs(tmp_path).release.certain


def test_broken_pins_are_none(tmp_path: Path) -> None:
    """A file that is no JSON, or not of the form, says nothing."""
    (tmp_path / "npins").mkdir()
    (tmp_path / "configuration.nix").write_text("{ services.headscale.enable = true; }")
    for text in ("", "[]", '{"pins": []}', '{"pins": {"nixpkgs": {"type": "Channel", "name": 1}}}'):
        (tmp_path / "npins" / "sources.json").write_text(text)
        assert not runs(tmp_path).release.certain
