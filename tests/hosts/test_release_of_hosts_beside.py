"""What a module that no host imports runs, the bound that `system.stateVersion` gives, and settings for single hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
from released import HEADSCALE, LATEST, READ, STABLE, flake, hslint, machine, runs

from hslint.checking import Request, check
from hslint.settings import InvalidSettings

SECOND = (
    STABLE
    + ' inputs.unstable.url = "github:NixOS/nixpkgs/nixos-26.05"; inputs.headscale.url = "github:juanfont/headscale/v0.28.0";'
)
OVERLAY = (
    "nixpkgs.overlays = [ (final: prev: { headscale = inputs.unstable.legacyPackages.x86_64-linux.headscale; }) ];"
)
IN_REPO = "imports = [ inputs.headscale.nixosModules.default ];"


def beside(directory: Path, module: str = "") -> Path:
    """A module that no host imports."""
    (directory / "vpn.nix").write_text(f"{{ inputs, pkgs, ... }}: {{ {HEADSCALE} {module} }}\n")
    return directory


def test_a_module_beside_hosts_runs_what_they_run(tmp_path: Path) -> None:
    """The release of an overlay, and the module that they import."""
    flake(beside(tmp_path), f"{OVERLAY} {IN_REPO}", inputs=SECOND)
    assert runs(tmp_path, "vpn.nix") == (
        "Headscale 0.28.0 (as on host a: input unstable: nixos-26.05),"
        " module in-repo-v0.28.0 (as on host a: inputs.headscale.nixosModules.default)"
    )


def test_what_the_module_says_itself_goes_first(tmp_path: Path) -> None:
    """Its own package; and importing the module that the hosts have is no second declaration."""
    package = 'services.headscale.package = pkgs.headscale.overrideAttrs { version = "0.26.1"; };'
    flake(beside(tmp_path, package), f"{OVERLAY} {IN_REPO}", inputs=SECOND)
    assert runs(tmp_path, "vpn.nix") == (
        "Headscale 0.26.1 (package headscale 0.26.1),"
        " module in-repo-v0.28.0 (as on host a: inputs.headscale.nixosModules.default)"
    )
    flake(beside(tmp_path, IN_REPO), f"{OVERLAY} {IN_REPO}", inputs=SECOND)
    assert [f.problem.message for f in check([str(tmp_path)], Request()).findings if f.effect.value == "refused"] == []


def test_hosts_that_differ_and_those_without_headscale_say_nothing(tmp_path: Path) -> None:
    """The module is checked against the flake's nixpkgs, as without hosts."""
    said = "Headscale 0.27.1 (input nixpkgs: nixos-25.11), module nixpkgs-25.11 (input nixpkgs: nixos-25.11)"
    other = "b = system ({ ... }: { });"
    assert runs(flake(beside(tmp_path), OVERLAY, inputs=SECOND, hosts=other), "vpn.nix") == said
    off = f"{OVERLAY} services.headscale.enable = nixpkgs.lib.mkForce false;"
    assert runs(flake(tmp_path, off, inputs=SECOND), "vpn.nix") == said


def test_hosts_off_do_not_count_beside_one_that_runs(tmp_path: Path) -> None:
    """Only what runs Headscale has to agree."""
    off = "b = system ({ lib, ... }: { services.headscale.enable = lib.mkForce false; });"
    flake(beside(tmp_path), OVERLAY, inputs=SECOND, hosts=off)
    assert runs(tmp_path, "vpn.nix").startswith(
        "Headscale 0.28.0 (as on host a: input unstable: nixos-26.05), module nixpkgs-25.11 ("
    )


def test_state_version_bounds_the_guess_from_below(tmp_path: Path) -> None:
    """A machine by channels runs at least the NixOS that it was installed with; the newest still stands in."""
    because = "at least that of system.stateVersion 25.11"
    assert runs(machine(tmp_path, 'system.stateVersion = "25.11";')) == (
        f"Headscale {LATEST}; settings as of {READ}, the last whose source was read ({because}, or 0.27, 0.28), module nixpkgs-26.05 ({because})"
    )


@pytest.mark.parametrize("version", ["24.05", "22.11", "soon", "99.99"])
def test_a_state_version_that_says_nothing_bounds_nothing(tmp_path: Path, version: str) -> None:
    """The oldest one known, an older one, and what is none."""
    said = f"Headscale {LATEST}; settings as of {READ}, the last whose source was read (newest known), module nixpkgs-26.05 (newest known)"
    assert runs(machine(tmp_path, f'system.stateVersion = "{version}";')) == said


def test_a_state_version_never_bounds_from_above(tmp_path: Path) -> None:
    """One later than all known leaves the newest stable release and what comes after it."""
    because = "at least that of system.stateVersion 27.05"
    assert runs(machine(tmp_path, 'system.stateVersion = "27.05";')) == (
        f"Headscale {LATEST}; settings as of {READ}, the last whose source was read ({because}, or 0.28), module nixpkgs-26.05 ({because})"
    )


def test_a_state_version_says_nothing_beside_a_pinned_nixpkgs_or_package(tmp_path: Path) -> None:
    """What is pinned may be older or newer than that."""
    assert runs(flake(tmp_path, 'system.stateVersion = "26.05";')) == (
        "Headscale 0.27.1 (input nixpkgs: nixos-25.11), module nixpkgs-25.11 (input nixpkgs: nixos-25.11)"
    )
    (tmp_path / "flake.nix").unlink()
    package = 'system.stateVersion = "25.11"; services.headscale.package = pkgs.callPackage ./hs.nix { };'
    assert "or 0.27" not in runs(machine(tmp_path, package))


HOSTS = "b = system { };"


def settings(directory: Path, text: str) -> dict[str, str]:
    (flake(directory, hosts=HOSTS) / "hslint.toml").write_text(text)
    return {host.name: str(host.runs) for host in check([str(directory)], Request()).inspection.hosts}


def test_settings_give_release_and_module_of_a_host(tmp_path: Path) -> None:
    """The other hosts keep what the settings say of all, and what is inferred."""
    found = settings(tmp_path, 'headscale = "0.26"\n\n[hosts.a]\nheadscale = "0.28"\nmodule = "nixpkgs-26.05"\n')
    assert found == {
        "a": "Headscale 0.28.0 (hslint.toml:3:8), module nixpkgs-26.05 (hslint.toml:3:8)",
        "b": "Headscale 0.26.1 (hslint.toml), module nixpkgs-25.11 (input nixpkgs: nixos-25.11)",
    }


def test_a_host_is_evaluated_with_the_module_that_settings_give_it(tmp_path: Path) -> None:
    """An option that this module does not have is refused there, and nowhere else."""
    flake(tmp_path, 'services.headscale.serverUrl = "https://b.example.com";')
    (tmp_path / "hslint.toml").write_text('[hosts.a]\nmodule = "nixpkgs-24.05"\n')
    with_table = {f.rule.name for f in check([str(tmp_path)], Request()).findings}
    (tmp_path / "hslint.toml").unlink()
    without = {f.rule.name for f in check([str(tmp_path)], Request()).findings}
    assert with_table != without


def test_the_command_line_goes_before_the_settings_of_a_host(tmp_path: Path) -> None:
    """As it does before those of all hosts."""
    settings(tmp_path, '[hosts.a]\nheadscale = "0.28"\n')
    (host, *_) = check([str(tmp_path)], Request(headscale="0.25")).inspection.hosts
    assert str(host.runs).startswith("Headscale 0.25.1 (--headscale), ")


def test_settings_for_a_host_that_there_is_none_of_are_reported(tmp_path: Path) -> None:
    """A line in every report, and no error; nothing where all names are right."""
    settings(tmp_path, '[hosts.relays]\nheadscale = "0.28"\n[hosts.b]\nheadscale = "0.28"\n')
    said = "hslint.toml:1:8: there is no host relays"
    assert check([str(tmp_path)], Request()).inspection.remarks == (said,)
    assert said in hslint("check", str(tmp_path)).stdout
    settings(tmp_path, '[hosts.b]\nheadscale = "0.28"\n')
    assert check([str(tmp_path)], Request()).inspection.remarks == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[hosts.a]\nheadscal = "0.28"\n',
            "hslint.toml:2:1: unknown setting headscal of host a; did you mean headscale?",
        ),
        ('[hosts]\na = "0.28"\n', "hslint.toml:2:1: hosts.a must be a table"),
        (
            '[hosts.a]\nmodule = "nixpkgs-19.03"\n',
            "hslint.toml:2:11: there is no module nixpkgs-19.03; known are in-repo, ",
        ),
        (
            '[hosts.a]\nheadscale = "0.99"\n',
            f"hslint.toml:2:14: headscale = 0.99: hslint knows no such release of Headscale; the nearest is {LATEST}",
        ),
    ],
)
def test_wrong_settings_of_a_host_are_errors_with_their_place(tmp_path: Path, text: str, said: str) -> None:
    """As those of all hosts are."""
    with pytest.raises(InvalidSettings) as wrong:
        settings(tmp_path, text)
    assert str(wrong.value).startswith(said)
