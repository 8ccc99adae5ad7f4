"""Where the inputs of a flake come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hslint.hosts.inputs import InputKind, kind_of
from hslint.hosts.lock import Source, parse_url, read_lock
from hslint.source import Project


@pytest.mark.parametrize(
    ("url", "slug", "ref"),
    [
        ("github:NixOS/nixpkgs/nixos-25.11", "nixos/nixpkgs", "nixos-25.11"),
        ("github:NixOS/nixpkgs?ref=nixos-unstable", "nixos/nixpkgs", "nixos-unstable"),
        ("nixpkgs/nixos-25.05", "nixpkgs", "nixos-25.05"),
        ("nixpkgs", "nixpkgs", ""),
        ("https://channels.nixos.org/nixos-25.11/nixexprs.tar.xz", "nixos/nixpkgs", "nixos-25.11"),
        ("git+https://codeberg.org/someone/thing.git?ref=main", "someone/thing", "main"),
        ("git+ssh://git@github.com/juanfont/headscale.git?ref=v0.28.0", "juanfont/headscale", "v0.28.0"),
        ("https://github.com/NixOS/nixpkgs/archive/nixos-24.11.tar.gz", "nixos/nixpkgs", "nixos-24.11"),
        ("https://github.com/NixOS/nixpkgs/archive/refs/heads/nixos-24.11.zip", "nixos/nixpkgs", "nixos-24.11"),
        ("https://nixos.org/channels/nixos-25.11/nixexprs.tar.xz", "nixos/nixpkgs", "nixos-25.11"),
        ("https://releases.nixos.org/nixos/26.05/nixos-26.05.54.29/nixexprs.tar.xz", "nixos/nixpkgs", "nixos-26.05"),
        (
            "https://releases.nixos.org/nixos/unstable/nixos-26.11pre1.61/nixexprs.tar.xz",
            "nixos/nixpkgs",
            "nixos-unstable",
        ),
        (
            "https://releases.nixos.org/nixpkgs/nixpkgs-26.11pre1.61/nixexprs.tar.xz",
            "nixos/nixpkgs",
            "nixpkgs-unstable",
        ),
        ("https://flakehub.com/f/NixOS/nixpkgs/0.1.tar.gz", "nixos/nixpkgs", "nixos-unstable"),
        ("https://flakehub.com/f/NixOS/nixpkgs/0.2511", "nixos/nixpkgs", "nixos-25.11"),
        ("https://flakehub.com/f/NixOS/nixpkgs/*.tar.gz", "nixos/nixpkgs", ""),
        (
            "https://api.flakehub.com/f/pinned/NixOS/nixpkgs/0.2511.9%2Brev-1d/01/source.tar.gz",
            "nixos/nixpkgs",
            "nixos-25.11",
        ),
        ("github:juanfont/headscale/v0.29.2", "juanfont/headscale", "v0.29.2"),
    ],
)
def test_a_reference_names_its_repository_and_branch(url: str, slug: str, ref: str) -> None:
    """Every spelling of a flake reference that people use gives owner, repository and branch."""
    source = parse_url(url)
    assert (source.slug, source.ref) == (slug, ref)


def test_a_relative_reference_is_a_path() -> None:
    """`./sub` and `path:./sub` lie in the project."""
    assert (parse_url("./sub").kind, parse_url("./sub").path) == ("path", "./sub")
    assert (parse_url("path:./sub").kind, parse_url("path:./sub").path) == ("path", "./sub")


@pytest.mark.parametrize(
    ("name", "url", "kind"),
    [
        ("nixpkgs", "github:NixOS/nixpkgs/nixos-25.11", InputKind.NIXPKGS),
        ("stable", "github:nixos/nixpkgs/nixos-24.11", InputKind.NIXPKGS),
        ("unstable", "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz", InputKind.NIXPKGS),
        ("hs", "github:juanfont/headscale", InputKind.HEADSCALE),
        ("headscale", "github:someone/dotfiles", InputKind.OTHER),
        ("sops", "github:Mic92/sops-nix", InputKind.WITHOUT_HEADSCALE),
        ("parts", "github:hercules-ci/flake-parts", InputKind.FLAKE_PARTS),
        ("nixpkgs-fork", "github:someone/nixpkgs/branch", InputKind.NIXPKGS),
    ],
)
def test_an_input_is_what_its_address_says_and_not_its_name(name: str, url: str, kind: InputKind) -> None:
    """A fork of nixpkgs is nixpkgs; an input called headscale that comes from elsewhere is not Headscale's flake."""
    assert kind_of(name, parse_url(url)) is kind


def test_an_input_without_an_address_is_what_its_name_says() -> None:
    """A flake's formal that no input declares is looked up in the registry by its name."""
    assert kind_of("nixpkgs", Source()) is InputKind.NIXPKGS
    assert kind_of("flake-utils", Source()) is InputKind.FLAKE_UTILS
    assert kind_of("something", Source()) is InputKind.OTHER


def _locked(tmp_path: Path, nodes: object) -> Project:
    (tmp_path / "flake.lock").write_text(json.dumps({"nodes": nodes, "root": "root", "version": 7}))
    return Project(str(tmp_path))


def test_the_lock_file_gives_branch_and_date(tmp_path: Path) -> None:
    """`original` says the branch, `locked` the revision and its date."""
    nodes = {
        "root": {"inputs": {"nixpkgs": "nixpkgs_2"}},
        "nixpkgs_2": {
            "locked": {"lastModified": 1764000000, "owner": "NixOS", "repo": "nixpkgs", "rev": "abc", "type": "github"},
            "original": {"owner": "NixOS", "ref": "nixos-25.11", "repo": "nixpkgs", "type": "github"},
        },
    }
    source = read_lock(_locked(tmp_path, nodes), str(tmp_path)).inputs["nixpkgs"]
    assert (source.slug, source.ref, source.rev, source.modified) == ("nixos/nixpkgs", "nixos-25.11", "abc", 1764000000)


def test_an_input_that_follows_another_is_that_other_one(tmp_path: Path) -> None:
    """A `follows` is a path of inputs from the root."""
    locked = {"locked": {"owner": "nixos", "repo": "nixpkgs", "type": "github"}, "original": {"ref": "nixos-24.11"}}
    nodes = {
        "root": {"inputs": {"a": "a", "pkgs": ["a", "nixpkgs"]}},
        "a": {"inputs": {"nixpkgs": "n"}, "locked": {"type": "github", "owner": "x", "repo": "a"}},
        "n": locked,
    }
    assert read_lock(_locked(tmp_path, nodes), str(tmp_path)).inputs["pkgs"].ref == "nixos-24.11"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": {"root": {"inputs": {"a": ["b", "b"]}}}, "root": "root"}'])
def test_a_broken_lock_file_pins_nothing(tmp_path: Path, text: str) -> None:
    """Whatever stands in flake.lock, reading it gives inputs or none, never an error."""
    (tmp_path / "flake.lock").write_text(text)
    assert dict(read_lock(Project(str(tmp_path)), str(tmp_path)).inputs) == {}
