"""`hslint eval` answers the same whether a path outside the project exists or not, but for what its user names."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hslint.cli import main


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project, and beside it a file and a directory that are none of its business."""
    project = tmp_path.resolve() / "project"
    project.mkdir()
    (project / "flake.nix").write_text("{ outputs = _: { }; }\n")
    (project.parent / "there").mkdir()
    (project.parent / "there" / "file").write_text("1")
    return project


def answer(project: Path, code: str, *options: str) -> Result:
    file = project / "code.nix"
    file.write_text(code)
    return CliRunner().invoke(main, ["eval", *options, str(file)], env={"NIX_PATH": ""})


@pytest.mark.parametrize(
    "code",
    [
        "builtins.pathExists {path}",
        'builtins.pathExists "{path}/"',
        "builtins.pathExists ./link",
        "import {path}",
        "builtins.readFile {path}",
        "builtins.attrNames (builtins.readDir {path})",
        "builtins.readFileType {path}",
        'builtins.hashFile "sha256" {path}',
        "builtins.tryEval (import {path})",
        'builtins.findFile [ {{ prefix = ""; path = {path}; }} ] "file"',
        'builtins.findFile [ {{ prefix = "x"; path = {path}; }} ] "x"',
    ],
)
def test_whether_a_foreign_path_exists_is_not_shown(project: Path, code: str) -> None:
    """The answers differ in nothing but the path that the question names."""
    reported = []
    for name in ("there", "nothing"):
        path = project.parent / name
        (project / "link").unlink(missing_ok=True)
        (project / "link").symlink_to(path)
        result = answer(project, code.format(path=path))
        reported.append((result.exit_code, result.stdout, result.stderr.replace(str(path), "PATH")))
    assert reported[0] == reported[1]
    assert reported[0][:2] == (3, "")
    assert "lies outside the project" in reported[0][2]


def test_what_the_search_path_of_the_machine_holds_is_not_shown(project: Path) -> None:
    """`NIX_PATH` says where to look, not that its reader may."""
    file = project / "code.nix"
    file.write_text("<x>")
    for name in ("there", "nothing"):
        result = CliRunner().invoke(main, ["eval", str(file)], env={"NIX_PATH": f"x={project.parent / name}"})
        assert (result.exit_code, result.stdout) == (3, "")


def test_what_the_command_line_names_may_be_known(project: Path) -> None:
    """Whoever gives `-I` or `--nixpkgs` names a directory; what lies in it stays unknown."""
    there, nothing = project.parent / "there", project.parent / "nothing"
    include = ("-I", f"x={there}")
    assert answer(project, "<x>", *include).stdout == f"{there}\n"
    assert answer(project, "builtins.pathExists <x>", *include).stdout == "true\n"
    assert answer(project, f"builtins.pathExists {nothing}", "-I", f"x={nothing}").stdout == "false\n"
    assert answer(project, "<nixpkgs>", "--nixpkgs", str(there)).stdout == f"{there}\n"
    for code in ("<x/file>", "<x/nothing>", f"builtins.pathExists {there}/file", "import <x>"):
        assert answer(project, code, *include).exit_code == 3
