"""Files that git ignores are no part of a project, unless a host imports them or somebody names them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from hslint.checking import Request, check

MODULE = "{ services.headscale.enable = true; services.headscale.settings.log_level = %s; }"


def project(directory: Path, ignoring: Mapping[str, str], *, repository: bool = True) -> Path:
    """Modules in several directories; `ignoring` are the patterns, by `root` and by directory."""
    for name in ("kept/a.nix", "build/b.nix", "build/deep/c.nix", "kept/local.nix", "kept/deep/build/d.nix"):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(MODULE % f'"{name}"')
    if repository:
        (directory / ".git" / "info").mkdir(parents=True)
    for where, patterns in ignoring.items():
        path = directory / {"root": ".gitignore", "exclude": ".git/info/exclude"}.get(where, f"{where}/.gitignore")
        path.write_text(patterns)
    return directory.resolve()


def hosts(path: Path) -> set[str]:
    return {host.name for host in check([str(path)], Request()).inspection.hosts}


ALL = {"kept/a.nix", "build/b.nix", "build/deep/c.nix", "kept/local.nix", "kept/deep/build/d.nix"}


@pytest.mark.parametrize(
    ("ignoring", "left"),
    [
        ({}, ALL),
        ({"root": "build/\n"}, {"kept/a.nix", "kept/local.nix"}),
        ({"root": "/build\n# kept\n"}, {"kept/a.nix", "kept/local.nix", "kept/deep/build/d.nix"}),
        ({"root": "local.nix\n"}, ALL - {"kept/local.nix"}),
        ({"kept": "local.nix\n"}, ALL - {"kept/local.nix"}),
        ({"root": "*.nix\n!a.nix\n!b.nix\n/build/\n!c.nix\n!local.nix"}, {"kept/a.nix", "kept/local.nix"}),
        ({"root": "*.nix\n", "kept": "!*.nix\n"}, {"kept/a.nix", "kept/local.nix", "kept/deep/build/d.nix"}),
        ({"exclude": "build\n"}, {"kept/a.nix", "kept/local.nix"}),
        ({"root": "!\nlocal.nix\n"}, ALL - {"kept/local.nix"}),
    ],
)
def test_what_git_ignores_is_left_out(tmp_path: Path, ignoring: dict[str, str], left: set[str]) -> None:
    """By patterns of the root, of directories below it, and of the repository's own file."""
    assert hosts(project(tmp_path, ignoring)) == left


def test_without_a_repository_nothing_is_ignored(tmp_path: Path) -> None:
    """A .gitignore says something to git only."""
    assert hosts(project(tmp_path, {"root": "build/\n"}, repository=False)) == ALL


def test_what_is_named_is_checked_whatever_git_thinks(tmp_path: Path) -> None:
    """A directory, and a file."""
    root = project(tmp_path, {"root": "build/\n"})
    assert hosts(root / "build") == {"build/b.nix", "build/deep/c.nix"}
    assert hosts(root / "build/b.nix") == {"build/b.nix"}


def test_what_a_host_imports_is_read_although_git_ignores_it(tmp_path: Path) -> None:
    """It is part of the machine."""
    root = project(tmp_path, {"root": "build/\n"})
    (root / "configuration.nix").write_text("{ imports = [ ./build/b.nix ]; }")
    checked = check([str(root)], Request())
    (host,) = (host for host in checked.inspection.hosts if host.name == "default")
    assert str(root / "build/b.nix") in {file.path for file in host.configuration.files}
    assert "misplaced-setting" in {f.rule.name for f in checked.findings if f.hosts == ("default",)}
