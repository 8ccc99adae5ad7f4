"""Fixtures that several rooms' tests share, and what is left out where there is no real Nix."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from real_nix import RealNix

ROOT = Path(__file__).resolve().parent.parent

#: Set by .ci/run: there nothing may be missing, so that no green run has quietly left something out.
ALL_REQUIRED = os.environ.get("HSLINT_REQUIRE_ALL") == "1"

LEFT_OUT = pytest.StashKey[int]()
PROGRAMS_LEFT_OUT = pytest.StashKey[set[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_program(name): runs a program that need not be installed")


@pytest.fixture(scope="session")
def nix() -> RealNix:
    """Real Nix; a test that asks for it fails where there is none (see `pytest_collection_modifyitems`)."""
    program = shutil.which("nix-instantiate")
    if program is None:
        pytest.fail("this test compares with real Nix and needs nix-instantiate (Debian: nix-bin)", pytrace=False)
    return RealNix(program)


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sdist, and the wheel from it, built offline in a copy: the tree may hold an old build/, and another
    process may be building.
    """
    copy = tmp_path_factory.mktemp("source")
    for path in (ROOT / "hslint", ROOT / "rules"):
        shutil.copytree(path, copy / path.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("CHANGELOG.md", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    return out


@pytest.fixture
def unreachable() -> Callable[[str], None]:
    """Ends a test that needs a package registry and cannot reach it: with a reason, or in failure where all is required."""
    return pytest.fail if ALL_REQUIRED else pytest.skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects what needs real Nix where there is none, and says so; with HSLINT_REQUIRE_ALL=1 it stays and fails."""
    _leave_out_missing_programs(config, items)
    if ALL_REQUIRED or shutil.which("nix-instantiate"):
        return
    needing = [item for item in items if "nix" in getattr(item, "fixturenames", ())]
    if needing:
        items[:] = [item for item in items if item not in set(needing)]
        config.hook.pytest_deselected(items=needing)
        config.stash[LEFT_OUT] = len(needing)


def _leave_out_missing_programs(config: pytest.Config, items: list[pytest.Item]) -> None:
    if ALL_REQUIRED:
        return
    needing: dict[pytest.Item, str] = {
        item: mark.args[0]
        for item in items
        if (mark := item.get_closest_marker("needs_program")) is not None and shutil.which(mark.args[0]) is None
    }
    if needing:
        items[:] = [item for item in items if item not in needing]
        config.hook.pytest_deselected(items=list(needing))
        config.stash[PROGRAMS_LEFT_OUT] = set(needing.values())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The note about tests that were left out."""
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"note: {count} tests compare with real Nix and were left out: no nix-instantiate here (Debian: nix-bin)"
        )
    if names := config.stash.get(PROGRAMS_LEFT_OUT, set()):
        terminalreporter.write_line(f"note: tests that need these programs were left out: {', '.join(sorted(names))}")
