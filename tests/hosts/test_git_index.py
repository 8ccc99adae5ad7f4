"""git's index as git writes it, and what is not said where it cannot be read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hslint.checking import Request, check
from hslint.hosts.git_index import tracked_files
from hslint.source import Project
from hslint.testing import git_index

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git writes the indexes that are read here")

MODULE = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "t.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
    };
  };
}
"""

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.vpn = nixpkgs.lib.nixosSystem { modules = [ ./hosts/vpn.nix ]; };
  };
}
"""


def git(directory: Path, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "a test",
        "GIT_AUTHOR_EMAIL": "test@example.org",
        "GIT_COMMITTER_NAME": "a test",
        "GIT_COMMITTER_EMAIL": "test@example.org",
    }
    subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=directory,
        env=environment,
        check=True,
        capture_output=True,
    )


def repository(directory: Path, *arguments: str) -> Path:
    (directory / "hosts").mkdir(parents=True)
    (directory / "flake.nix").write_text(FLAKE)
    (directory / "hosts/vpn.nix").write_text(MODULE)
    git(directory, "init", "--quiet", *arguments)
    return directory.resolve()


def found(path: Path) -> list[str]:
    return [f.problem.message for f in check([str(path)], Request()).findings if f.rule.name == "untracked-file"]


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("hashes", ["sha1", "sha256"])
def test_every_version_of_an_index_is_read(tmp_path: Path, version: str, hashes: str) -> None:
    """Names of any length, those that are only meant to be added among them (which takes version 3)."""
    root = repository(tmp_path, f"--object-format={hashes}")
    names = {"a", "b/c.nix", "b/cd.nix", *("n" * length for length in range(1, 20)), "é.nix", "x" * 200}
    for name in names:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("{ }")
    git(root, "add", *names, "flake.nix")
    git(root, "add", "--intent-to-add", "hosts/vpn.nix")
    git(root, "update-index", f"--index-version={version}")
    tracked = tracked_files(Project(str(root)))
    assert tracked is not None
    assert tracked.files == {name.encode() for name in {*names, "flake.nix", "hosts/vpn.nix"}}


def test_a_module_that_git_does_not_track_is_reported_until_it_is_added(tmp_path: Path) -> None:
    """At its import, with the way out; the other rules have read the file all the same."""
    root = repository(tmp_path)
    git(root, "add", "flake.nix")
    assert found(root) == ["git does not track hosts/vpn.nix; Nix will not see it; git add hosts/vpn.nix"]
    checked = check([str(root / "hosts/vpn.nix")], Request())
    (finding,) = checked.findings
    assert finding.problem.at.text == "./hosts/vpn.nix"
    assert [note.at.file.path for note in finding.problem.notes] == [str(root / "hosts/vpn.nix")]
    git(root, "add", "hosts/vpn.nix")
    assert found(root) == []


def test_a_file_that_the_flake_imports_itself_must_be_tracked_too(tmp_path: Path) -> None:
    """Not only modules: what makes the hosts, as well."""
    root = repository(tmp_path)
    (root / "flake.nix").write_text(FLAKE.replace("[ ./hosts/vpn.nix ]", "import ./modules.nix"))
    (root / "modules.nix").write_text("[ ./hosts/vpn.nix ]")
    git(root, "add", "flake.nix", "hosts")
    assert found(root) == ["git does not track modules.nix; Nix will not see it; git add modules.nix"]


def test_nothing_is_said_where_git_does_not_decide(tmp_path: Path) -> None:
    """Without a repository, without a flake, of a file that nobody has saved yet, of what an input `path:` takes."""
    root = repository(tmp_path / "one")
    git(root, "add", "flake.nix")
    shutil.rmtree(root / ".git")
    assert found(root) == []

    plain = repository(tmp_path / "two")
    (plain / "flake.nix").unlink()
    (plain / "configuration.nix").write_text("{ imports = [ ./hosts/vpn.nix ]; }")
    git(plain, "add", "configuration.nix")
    assert found(plain) == []

    unsaved = repository(tmp_path / "three")
    git(unsaved, "add", "flake.nix")
    (unsaved / "hosts/vpn.nix").unlink()
    buffers = {str(unsaved / "hosts/vpn.nix"): MODULE.encode()}
    checked = check([str(unsaved)], Request(), buffers)
    assert [host.active for host in checked.inspection.hosts] == [True]
    assert checked.findings == ()

    taken = repository(tmp_path / "four")
    (taken / "flake.nix").write_text(
        FLAKE.replace("outputs", 'inputs.sub.url = "path:./hosts";\n  outputs')
        .replace("nixpkgs, ...", "nixpkgs, sub, ...")
        .replace("./hosts/vpn.nix", "sub.nixosModules.default")
    )
    (taken / "hosts/flake.nix").write_text("{ outputs = _: { nixosModules.default = ./vpn.nix; }; }")
    git(taken, "add", "flake.nix")
    assert found(taken) == []


def test_submodules_are_left_alone(tmp_path: Path) -> None:
    """Whether Nix takes them is said where the flake is used."""
    other = repository(tmp_path / "other")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "--message", "one")
    root = repository(tmp_path / "root")
    git(root, "submodule", "--quiet", "add", str(other), "sub")
    (root / "flake.nix").write_text(FLAKE.replace("./hosts/vpn.nix", "./sub/hosts/vpn.nix"))
    (root / "hosts/vpn.nix").unlink()
    git(root, "add", "flake.nix")
    assert found(root) == []


def test_an_index_outside_the_project_is_not_read(tmp_path: Path) -> None:
    """A linked worktree keeps its index in the main one: nothing is said of its files."""
    root = repository(tmp_path / "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "one")
    git(root, "worktree", "add", "--quiet", "../linked")
    linked = (tmp_path / "linked").resolve()
    (linked / "flake.nix").write_text(FLAKE.replace("./hosts/vpn.nix", "./new.nix"))
    (linked / "new.nix").write_text(MODULE)
    assert tracked_files(Project(str(linked))) is None
    assert found(linked) == []


@pytest.mark.parametrize(
    "damaged",
    [b"", b"DIRC", b"DIRC\0\0\0\x09\0\0\0\0" + bytes(20), git_index(["flake.nix"])[:40], b"\xff" * 400],
    ids=["empty", "short", "a later version", "cut off", "noise"],
)
def test_a_damaged_index_says_nothing(tmp_path: Path, damaged: bytes) -> None:
    """Neither that files are missing nor anything else."""
    root = repository(tmp_path)
    (root / ".git/index").write_bytes(damaged)
    assert tracked_files(Project(str(root))) is None
    assert found(root) == []


def test_a_split_index_says_nothing(tmp_path: Path) -> None:
    """Most of its entries lie in another file."""
    root = repository(tmp_path)
    git(root, "add", "flake.nix", "hosts")
    git(root, "update-index", "--split-index")
    assert tracked_files(Project(str(root))) is None
