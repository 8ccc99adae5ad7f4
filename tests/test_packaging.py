"""What an installation consists of: exactly the tree's two packages, and nothing else."""

import re
import subprocess
import sys
import tarfile
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
    for folder, package in (("hslint", "hslint"), ("rules", "hslint/rules")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in SHIPPED and "__pycache__" not in path.parts:
                placed[f"{package}/{path.relative_to(ROOT / folder).as_posix()}"] = path
    return placed


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    (built,) = dist.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_listed_packages_are_the_folders_of_the_tree() -> None:
    """A new folder that is not listed would be missing from an installation and nowhere else."""
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


def test_the_source_distribution_holds_what_the_wheel_is_made_of(dist: Path) -> None:
    """And what whoever packages it has to pass on; not a part of the tests, which need all of them."""
    (built,) = dist.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        files = {PurePosixPath(*PurePosixPath(each.name).parts[1:]) for each in archive if each.isfile()}
    sources = {PurePosixPath(path.relative_to(ROOT).as_posix()) for path in tree().values()}
    made = {"PKG-INFO", "setup.cfg"}
    beside = {"CHANGELOG.md", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml"}
    assert {str(file) for file in files - sources if file.parts[0] != "hslint.egg-info"} == made | beside
    assert sources <= files


@pytest.mark.parametrize("command", [["twine", "check", "--strict"], ["check-wheel-contents"]], ids=" ".join)
def test_an_index_would_take_what_is_built(dist: Path, command: list[str]) -> None:
    """The long description can be shown, and nothing is where it does not belong."""
    program = Path(sys.executable).with_name(command[0])
    files = [*dist.glob("*.whl"), *(dist.glob("*.tar.gz") if command[0] == "twine" else ())]
    done = subprocess.run([program, *command[1:], *files], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_changelog_has_a_part_for_each_version() -> None:
    """The newest first, with its day; what is not released yet above them. docs/releasing.md says when which is written."""
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert "Unreleased" not in headings[1:]
    parts = [
        re.fullmatch(r"(\d+)\.(\d+)\.(\d+) \(\d{4}-\d\d-\d\d\)", each) for each in headings if each != "Unreleased"
    ]
    versions = [tuple(map(int, part.groups())) for part in parts if part is not None]
    assert len(versions) == len(parts), headings
    assert versions == sorted(set(versions), reverse=True)
    assert headings[0] == "Unreleased" or headings[0].startswith(f"{hslint.__version__} ")


def test_the_version_stands_in_both_places_alike() -> None:
    """The package says it as a literal because reading metadata is slow; this is the price."""
    assert hslint.__version__ == PYPROJECT["project"]["version"]


def test_the_command_is_installed() -> None:
    """`hslint` on the command line is hslint.cli.main."""
    (script,) = entry_points(group="console_scripts", name="hslint")
    assert script.load() is __import__("hslint.cli", fromlist=["main"]).main
