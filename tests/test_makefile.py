"""`make demo` on machines where it cannot work: it says what is missing, and leaves nothing broken behind."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = pytest.mark.needs_program("make")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    root.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    return root


def demo(clone: Path, python: str | None, *variables: str) -> subprocess.CompletedProcess[str]:
    """`make demo` with a Python that is a script, or with none."""
    program = clone.parent / "python3"
    if python is not None:
        program.write_text(f"#!/bin/sh\n{python}\n")
        program.chmod(0o755)
    return subprocess.run(
        ["make", f"PYTHON={program}", *variables, "demo"], cwd=clone, capture_output=True, text=True, timeout=60
    )


def test_an_old_python_is_named_with_what_is_needed(clone: Path) -> None:
    """That of macOS is 3.9. No environment is begun."""
    done = demo(clone, "echo 3.9; exit 1")
    assert done.stderr.splitlines()[0] == (
        f"hslint needs Python 3.11 or later; {clone.parent}/python3 is 3.9. Name another one: make PYTHON=python3.12 demo"
    )
    assert done.returncode == 2
    assert sorted(path.name for path in clone.iterdir()) == ["Makefile", "pyproject.toml"]


def test_a_python_that_is_not_there_is_named(clone: Path) -> None:
    """As on a machine without any."""
    done = demo(clone, None)
    assert f"{clone.parent}/python3 is not there" in done.stderr.splitlines()[0]
    assert not (clone / ".venv").exists()


HALF = (
    'case "$1" in -c) exec "{python}" "$@";; esac\nmkdir -p .venv/bin; touch .venv/bin/python .venv/pyvenv.cfg; exit 1'
)


def test_an_environment_that_came_out_half_is_taken_away(clone: Path) -> None:
    """As by Debian's Python without python3-venv. The next attempt begins anew."""
    for _ in range(2):
        done = demo(clone, HALF.format(python=sys.executable))
        assert done.stderr.splitlines()[0].endswith("on Debian and Ubuntu: apt install python3-venv")
        assert not (clone / ".venv").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(clone: Path) -> None:
    """As after an upgrade of the system."""
    (clone / ".venv" / "bin").mkdir(parents=True)
    (clone / ".venv" / "pyvenv.cfg").touch()
    (clone / ".venv" / "bin" / "python").symlink_to("/nonexistent/python3.10")
    done = demo(clone, f'case "$1" in -c) exec "{sys.executable}" "$@";; esac\necho "$@" >asked; exit 1')
    assert (clone / "asked").read_text() == "-m venv --clear .venv\n", done.stderr


def test_a_foreign_directory_is_left_alone(clone: Path) -> None:
    """VENV may name anything."""
    (clone / "mine").mkdir()
    (clone / "mine" / "notes").write_text("mine")
    done = demo(clone, f'exec "{sys.executable}" "$@"', "VENV=mine")
    assert done.stderr.startswith("mine is there and is no virtual environment.")
    assert (clone / "mine" / "notes").read_text() == "mine"
