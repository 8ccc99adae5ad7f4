"""hslint in a directory that would like to be run: modules, packages and plugins of the repository under inspection stay text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample import MODULE

pytestmark = pytest.mark.slow  # starts hslint again and again

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parent.parent

#: Our own dependencies, and modules of the standard library that Python itself does not need to start hslint.
MODULES = ("click", "rich", "tree_sitter", "tree_sitter_nix", "pygls", "lsprotocol", "json", "tomllib", "logging")

#: What each of them does when it is imported.
RUN = 'import os; open(os.environ["WITNESS"], "a").write(f"{__name__} was run\\n")\n'

FOUND = "headscale.nix:8:19: warning: derp.server.enable is not read; Headscale reads derp.server.enabled"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A repository with a mistake in a module of NixOS, and with everything that Python could take for its own."""
    root = tmp_path.resolve() / "hostile"
    (root / ".git").mkdir(parents=True)
    (root / "headscale.nix").write_text(MODULE)
    for place in (root, root / "lib"):
        _put_traps(place)
    (root / "hosts").mkdir()
    return root


def _put_traps(place: Path) -> None:
    place.mkdir(exist_ok=True)
    for number, name in enumerate((*MODULES, "evil")):
        if number % 2:
            (place / name).mkdir()
            (place / name / "__init__.py").write_text(RUN)
        else:
            (place / f"{name}.py").write_text(RUN)
    metadata = place / "evil-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[hslint.rules]\nevil = evil\n")


def run(
    hostile: Path, *command: str | Path, at: Path | None = None, pythonpath: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command there, and see that nothing of the repository was run by it."""
    witness = hostile.parent / "witness"
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    variables |= {"PYTHONDONTWRITEBYTECODE": "1", "WITNESS": str(witness)}
    if pythonpath is not None:
        variables["PYTHONPATH"] = pythonpath
    done = subprocess.run(
        command, cwd=at or hostile, env=variables, capture_output=True, text=True, timeout=60, input=""
    )
    assert not witness.exists(), witness.read_text()
    return done


COMMANDS: dict[str, tuple[str | Path, ...]] = {
    "python -m hslint": (sys.executable, "-m", "hslint"),
    "hslint": (BIN / "hslint",),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(
    "path", [None, "", ".", "lib", ":lib:", "{root}", "{root}/lib", "{root}/hosts/..", "{link}/lib"]
)
def test_nothing_of_the_repository_is_imported(
    hostile: Path, command: tuple[str | Path, ...], path: str | None
) -> None:
    """Whatever PYTHONPATH adds: the working directory, a relative one, one in the project, by another name."""
    link = hostile.parent / "link"
    link.symlink_to(hostile)
    if path is None:  # else an editable installation of hslint imports this before hslint begins
        (hostile / "__future__.py").write_text(RUN)
    pythonpath = None if path is None else path.format(root=hostile, link=link)
    done = run(hostile, *command, "check", "--format", "concise", "headscale.nix", pythonpath=pythonpath)
    assert done.stdout.startswith(FOUND), done.stdout + done.stderr
    assert (done.returncode, done.stderr) == (1, "")


def test_a_project_is_not_imported_from_elsewhere_either(hostile: Path) -> None:
    """The project is that of the path on the command line, and PYTHONPATH leads into it."""
    elsewhere = hostile.parent / "elsewhere"
    elsewhere.mkdir()
    for path in (hostile, hostile / "lib"):
        done = run(
            hostile,
            *COMMANDS["hslint"],
            "check",
            str(hostile / "headscale.nix"),
            at=elsewhere,
            pythonpath=str(path),
        )
        assert "headscale.nix:8:19" in done.stdout, done.stdout + done.stderr


def test_a_directory_of_the_repository_is_no_better_than_its_root(hostile: Path) -> None:
    """Who stands in `hosts/` inspects the whole repository."""
    done = run(
        hostile,
        *COMMANDS["python -m hslint"],
        "check",
        "../headscale.nix",
        at=hostile / "hosts",
        pythonpath=str(hostile / "lib"),
    )
    assert "headscale.nix:8:19" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--version",), ("show", "headscale.nix"), ("rules",), ("upgrade", "headscale.nix"), ("lsp",), ("eval", "lib")],
    ids=" ".join,
)
def test_it_holds_for_every_command(hostile: Path, arguments: tuple[str, ...]) -> None:
    """The language server as well, which editors start in the project."""
    (hostile / "lib" / "default.nix").write_text("1\n")
    for command in COMMANDS.values():
        done = run(hostile, *command, *arguments, pythonpath=".")
        assert "Traceback" not in done.stderr, done.stderr


def test_a_virtual_environment_in_the_project_is_the_users_own(hostile: Path) -> None:
    """It may hold hslint and packages with rules, which were installed, wherever that is."""
    environment = hostile / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (site,) = (environment / "lib").glob("python3*/site-packages")
    # As an editable installation: the directories of this one, by a .pth file.
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (site / "ours.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in ours))
    (site / "friendly").mkdir()
    (site / "friendly" / "__init__.py").touch()
    (site / "friendly" / "friendly_rule.py").write_text(
        "from hslint.rule import Effect, rule\n\n\n"
        '@rule(Effect.ADVICE)\ndef friendly_rule(host):\n    """Of an installed package."""\n    return ()\n'
    )
    metadata = site / "friendly-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: friendly\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[hslint.rules]\nfriendly = friendly\n")
    done = run(hostile, environment / "bin" / "python", "-m", "hslint", "rules")
    assert "friendly-rule" in done.stdout, done.stdout + done.stderr


def test_hslint_itself_may_lie_in_a_directory_of_the_import_path(hostile: Path) -> None:
    """From a copy that PYTHONPATH names, outside the project: nothing else of that directory is left out."""
    copy = hostile.parent / "copy"
    copy.mkdir()
    (copy / "hslint").symlink_to(ROOT / "hslint")
    done = run(hostile, *COMMANDS["python -m hslint"], "--version", pythonpath=str(copy))
    assert done.stdout.startswith("hslint, version "), done.stderr
