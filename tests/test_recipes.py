"""The recipes for forges and hooks: files that those accept, with commands that exist. Those for flakes: tests/test_flake.py."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from sample import FLAKE, MODULE

import hslint

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ROOT / "examples" / "recipes"
FILES = sorted(RECIPES.glob("*.y*ml"))
BIN = Path(sys.executable).parent


def run(*command: str | Path, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("github.yml", "vendor.github-workflows"),
        ("forgejo.yml", "vendor.github-workflows"),
        ("gitlab-ci.yml", "vendor.gitlab-ci"),
        ("woodpecker.yml", "vendor.woodpecker-ci"),
    ],
)
def test_a_recipe_follows_the_schema_of_its_forge(name: str, schema: str) -> None:
    """Forgejo's workflows are GitHub's."""
    done = run(BIN / "check-jsonschema", "--builtin-schema", schema, RECIPES / name)
    assert done.returncode == 0, done.stdout


def test_pre_commit_accepts_its_recipe() -> None:
    """And the hook is one that this repository has."""
    path = RECIPES / "pre-commit-config.yaml"
    done = run(BIN / "pre-commit", "validate-config", path)
    assert done.returncode == 0, done.stdout
    (repository,) = yaml.safe_load(path.read_text())["repos"]
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in repository["hooks"]} <= hooks


def test_the_workflow_has_no_way_in(tmp_path: Path) -> None:
    """None that zizmor knows, but for the tag of hslint itself, which says to pin it."""
    place = tmp_path / ".github" / "workflows"
    place.mkdir(parents=True)
    (place / "hslint.yml").write_text((RECIPES / "github.yml").read_text())
    done = run(BIN / "zizmor", "--offline", "--no-progress", ".", at=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_recipes_name_this_version() -> None:
    """A recipe is copied as it is, and a tag can be pinned; docs/releasing.md says when the tag is made."""
    for path in FILES:
        named = re.findall(r"hslint/hslint@v([\d.]+)|rev: v([\d.]+)", path.read_text())
        assert {"".join(each) for each in named} == {hslint.__version__}, path.name


def test_the_action_is_given_what_it_takes() -> None:
    """An input that it has not is ignored with a word in the log."""
    (job,) = yaml.safe_load((RECIPES / "github.yml").read_text())["jobs"].values()
    (step,) = (step for step in job["steps"] if step["uses"].startswith("hslint/"))
    assert set(step["with"]) <= set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])


def commands(value: Any) -> list[str]:
    """The lines of shell in a workflow, whatever its forge calls them."""
    if isinstance(value, dict):
        lines = [value["run"]] if isinstance(value.get("run"), str) else []
        return lines + [line for inner in value.values() for line in commands(inner)]
    if isinstance(value, list):
        return [line for inner in value for line in ([inner] if isinstance(inner, str) else commands(inner))]
    return []


@pytest.mark.parametrize("name", ["forgejo.yml", "gitlab-ci.yml", "woodpecker.yml"])
def test_the_last_command_checks_the_repository(name: str, tmp_path: Path) -> None:
    """And fails the job where something is found."""
    last = shlex.split(commands(yaml.safe_load((RECIPES / name).read_text()))[-1])
    assert Path(last[0]).name == "hslint"
    (tmp_path / "flake.nix").write_text(FLAKE)
    (tmp_path / "headscale.nix").write_text(MODULE)
    done = run(BIN / "hslint", *last[1:], at=tmp_path)
    assert (done.returncode, "[misplaced-setting]" in done.stdout) == (1, True)


@pytest.mark.parametrize("name", ["gitlab-ci.yml", "woodpecker.yml"])
def test_a_pipeline_runs_when_a_finding_may_change(name: str) -> None:
    """For the same files as the commit hook."""
    text = (RECIPES / name).read_text()
    assert re.findall(r'- "(.*)"', text) == ["**/*.nix", "**/*.hujson", "**/flake.lock", "**/hslint.toml"]


def test_every_recipe_is_in_the_manual() -> None:
    """docs/recipes.md leads to each, and to nothing that is not there."""
    named = set(re.findall(r"\]\(\.\./examples/recipes/([\w./-]+)\)", (ROOT / "docs" / "recipes.md").read_text()))
    there = {path.name for path in FILES} | {
        path.relative_to(RECIPES).as_posix() for path in RECIPES.glob("*/flake.nix")
    }
    assert named == there
