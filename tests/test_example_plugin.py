"""examples/plugin, installed beside hslint as a user would install both: from wheels, into an environment of their own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sample import MODULE

import hslint

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = ROOT / "examples" / "plugin"


@pytest.fixture(scope="module")
def environment(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with both wheels; what they depend on comes from this one, without its editable hslint."""
    place = tmp_path_factory.mktemp("plugin")
    plugin = shutil.copytree(PLUGIN, place / "plugin")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(place), str(plugin)]
    subprocess.run(build, check=True, capture_output=True)
    wheels = [*dist.glob("*.whl"), *place.glob("*.whl")]
    root = place / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root], check=True)
    python = root / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    install = ["install", "--quiet", "--no-deps", "--no-index", *map(str, wheels)]
    subprocess.run([*pip, *install], check=True)
    (site,) = (root / "lib").glob("python3*/site-packages")
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in sys.path if path.endswith("site-packages")))
    return root


def run(environment: Path, *command: str, at: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = command
    return subprocess.run([environment / "bin" / program, *arguments], cwd=at, capture_output=True, text=True)


def test_its_pages_agree_with_its_rules(environment: Path, tmp_path: Path) -> None:
    """Run as its README says, in a copy of it; the rules are those of the wheel."""
    copy = shutil.copytree(PLUGIN, tmp_path / "plugin")
    done = run(environment, "python", "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", at=copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout


def test_the_list_of_rules_says_where_each_came_from(environment: Path, tmp_path: Path) -> None:
    """By package and version."""
    lines = run(environment, "hslint", "rules", "--long", at=tmp_path).stdout.splitlines()
    (found,) = (line for line in lines if "log-not-json: " in line)
    assert found.endswith(
        "log-not-json: note: The collector of logs drops lines that are no JSON. [hslint-example-house 1.0.0]"
    )
    assert {line.rpartition("[")[2] for line in lines} == {
        "hslint-example-house 1.0.0]",
        f"hslint {hslint.__version__}]",
    }
    short = run(environment, "hslint", "rules", at=tmp_path).stdout.splitlines()
    assert [line.rpartition(" [")[0] for line in lines] == short


def test_programs_read_where_a_rule_came_from(environment: Path, tmp_path: Path) -> None:
    """With or without --long."""
    listed = json.loads(run(environment, "hslint", "rules", "--format", "json", at=tmp_path).stdout)["rules"]
    origins = {each["name"]: each["from"] for each in listed}
    assert origins["server-url-elsewhere"] == {
        "package": "hslint-example-house",
        "version": "1.0.0",
        "module": "hslint_example_house.house.server_url_elsewhere",
    }
    assert origins["unused-suppression"] == {"package": "hslint", "version": hslint.__version__, "module": ""}
    addresses = {each["name"]: each["url"] for each in listed}
    assert addresses["server-url-elsewhere"] == "https://git.example.com/house/rules"
    assert addresses["misplaced-setting"].endswith("/rules/settings/misplaced_setting.md")


def test_its_rules_are_like_any_other(environment: Path, tmp_path: Path) -> None:
    """Reported, selected by subject, explained."""
    (tmp_path / "headscale.nix").write_text(MODULE)
    done = run(environment, "hslint", "check", "--select", "house", "--format", "concise", "headscale.nix", at=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(
        "headscale.nix:5:20: warning: vpn.example.org does not lie in example.com; there is no certificate for it"
    )
    explained = run(environment, "hslint", "explain", "log-not-json", at=tmp_path).stdout
    assert explained.startswith("# log-not-json\n")
    assert "log.format" in explained


def test_it_is_written_like_hslint_s_own_rules() -> None:
    """Whoever copies it begins with code that passes."""
    for command in ("ruff check", "ruff format --check", "mypy --strict"):
        name, *options = command.split()
        program = Path(sys.executable).with_name(name)
        done = subprocess.run([program, *options, PLUGIN], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
