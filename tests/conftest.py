"""Fixtures that several packages' tests share, what needs more than Python, and what is left out where that is missing."""

import gc
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_nix import RealNix
from sources import ALL_REQUIRED

#: Fixtures that reach outside.
OUTSIDE = {"nix", "unreachable"}

ROOT = Path(__file__).resolve().parent.parent

LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_program(name): runs a program that need not be installed")
    config.addinivalue_line(
        "markers", "outside: needs more than Python and its packages: real Nix, an editor, git, a registry"
    )
    config.addinivalue_line("markers", "slow: takes long; `make test` leaves it out")
    config.stash[LEFT_OUT] = {}


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


def _programs(item: pytest.Item) -> set[str]:
    """The programs that a test runs and that need not be installed."""
    named = {mark.args[0] for mark in item.iter_markers("needs_program")}
    return named | {"nix-instantiate"} if "nix" in getattr(item, "fixturenames", ()) else named


@pytest.hookimpl(tryfirst=True)  # before -m chooses by the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks what reaches outside, and deselects what needs a program that is not here; with HSLINT_REQUIRE_ALL=1 it stays and fails."""
    missing: dict[pytest.Item, set[str]] = {}
    for item in items:
        programs = _programs(item)
        if programs or not OUTSIDE.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("outside")
        if not ALL_REQUIRED and (absent := {name for name in programs if shutil.which(name) is None}):
            missing[item] = absent
    if missing:
        items[:] = [item for item in items if item not in missing]
        config.hook.pytest_deselected(items=list(missing))
        for name in set().union(*missing.values()):
            config.stash[LEFT_OUT][name] = sum(name in absent for absent in missing.values())


def pytest_collection_finish() -> None:
    """What all tests share is not looked through for garbage again: a tenth of the time."""
    gc.collect()
    gc.freeze()


# With pytest-xdist, workers collect the tests and another process speaks to people.


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left out"] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[LEFT_OUT].update(getattr(node, "workeroutput", {}).get("left out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The note about tests that were left out."""
    for name, count in sorted(config.stash[LEFT_OUT].items()):
        package = " (Debian: nix-bin)" if name == "nix-instantiate" else ""
        terminalreporter.write_line(f"note: {count} tests were left out: there is no {name} here{package}")
