"""What an installation consists of: exactly the tree's two packages, and nothing else."""

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import entry_points
from pathlib import Path, PurePosixPath

import pytest

import hslint

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SHIPPED = {".py", ".json", ".md", ".nix", ".typed"}


def tree() -> dict[str, Path]:
    """The files that must be installed: their place below site-packages, and in the repository."""
    placed = {}
    for room, package in (("hslint", "hslint"), ("rules", "hslint/rules")):
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and path.suffix in SHIPPED and "__pycache__" not in path.parts:
                placed[f"{package}/{path.relative_to(ROOT / room).as_posix()}"] = path
    return placed


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """sdist, then the wheel from it, offline; a wheel straight from the tree could resurrect files of an old build/."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_listed_packages_are_the_folders_of_the_tree() -> None:
    """A new room that is not listed would be missing from an installation and nowhere else."""
    folders = {
        PurePosixPath(place).parent.as_posix().replace("/", ".") for place in tree() if place.endswith("__init__.py")
    }
    assert sorted(folders) == PYPROJECT["tool"]["setuptools"]["packages"]


def test_every_folder_with_python_files_is_a_package() -> None:
    """A folder without __init__.py would not be installed."""
    folders = {PurePosixPath(place).parent for place in tree() if place.endswith(".py")}
    assert {folder for folder in folders if f"{folder}/__init__.py" not in tree()} == set()


@pytest.mark.outside
def test_the_wheel_holds_the_tree_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """Rules, their pages and the catalogue's data are all there, byte for byte."""
    held = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    assert held == {place: path.read_bytes() for place, path in tree().items()}


@pytest.mark.outside
def test_nothing_called_rules_reaches_the_top_level(wheel: zipfile.ZipFile) -> None:
    """Another project's `rules` must stay importable beside hslint."""
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"hslint", f"hslint-{hslint.__version__}.dist-info"}


def test_the_version_stands_in_both_places_alike() -> None:
    """The package says it as a literal because reading metadata is slow; this is the price."""
    assert hslint.__version__ == PYPROJECT["project"]["version"]


def test_the_command_is_installed() -> None:
    """`hslint` on the command line is hslint.cli.main."""
    (script,) = entry_points(group="console_scripts", name="hslint")
    assert script.load() is __import__("hslint.cli", fromlist=["main"]).main
