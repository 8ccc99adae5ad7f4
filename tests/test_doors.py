"""The commit hook and CI: what they are given is what `hslint check` says, in forms that others define."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample import FLAKE, MENDED, MODULE

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def run(*command: str | Path, at: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, timeout=170)


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="pre-commit takes hooks from repositories, and this tree is none"
)
def test_a_commit_fails_is_mended_and_passes(tmp_path: Path) -> None:
    """Committing a file that nobody touched the mistake in fails as well: the project is judged."""
    sample = tmp_path / "sample"
    sample.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "PRE_COMMIT_HOME": str(tmp_path / "hooks"),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
        "GIT_AUTHOR_NAME": "a test",
        "GIT_AUTHOR_EMAIL": "test@example.org",
        "GIT_COMMITTER_NAME": "a test",
        "GIT_COMMITTER_EMAIL": "test@example.org",
    }
    (tmp_path / "gitconfig").write_text("[safe]\n\tdirectory = *\n")

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run("git", *arguments, at=sample, env=environment)

    revision = run("git", "rev-parse", "HEAD", at=ROOT, env=environment).stdout.strip()
    (sample / "flake.nix").write_text(FLAKE)
    (sample / "headscale.nix").write_text(MODULE)
    (sample / ".pre-commit-config.yaml").write_text(
        f"""repos:
  - repo: {ROOT}
    rev: {revision}
    hooks:
      - id: hslint
      - id: hslint-fix
        stages: [manual]
"""
    )
    git("init", "--quiet")
    git("add", "headscale.nix", ".pre-commit-config.yaml")
    git("commit", "--quiet", "--message", "before there were hooks")
    installed = run(BIN / "pre-commit", "install", at=sample, env=environment)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    git("add", "flake.nix")

    refused = git("commit", "--message", "one")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "misplaced-setting" in refused.stdout + refused.stderr

    run(BIN / "pre-commit", "run", "--hook-stage", "manual", "--all-files", "hslint-fix", at=sample, env=environment)
    assert (sample / "headscale.nix").read_text() == MENDED
    git("add", "headscale.nix")
    passed = git("commit", "--message", "two")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_the_action_is_one_that_github_accepts() -> None:
    """By GitHub's own schema, and without the ways in that zizmor knows."""
    schema = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml", at=ROOT)
    assert schema.returncode == 0, schema.stdout
    audit = run(BIN / "zizmor", "--offline", "action.yml", at=ROOT)
    assert audit.returncode == 0, audit.stdout


@pytest.mark.needs_program("npm")
def test_sarif_follows_its_schema(tmp_path: Path) -> None:
    """The schema is that of the standard, as Microsoft's package carries it."""
    packed = run("npm", "pack", "--silent", "@microsoft/jest-sarif", at=tmp_path)
    assert packed.returncode == 0, packed.stderr
    (archive,) = tmp_path.glob("*.tgz")
    assert run("tar", "xzf", archive, at=tmp_path).returncode == 0
    schema = next(path for path in sorted(tmp_path.rglob("*.json")) if "2.1.0" in path.name)
    reports = []
    for name, text in (("found", MODULE), ("clean", MENDED)):
        module = tmp_path / f"{name}.nix"
        module.write_text(text)
        reported = run(BIN / "hslint", "check", "--format", "sarif", module, at=tmp_path)
        reports.append(tmp_path / f"{name}.sarif")
        reports[-1].write_text(reported.stdout)
    # The schema holds a regular expression that is none with the `u` flag, which is the checker's default.
    valid = run(
        BIN / "check-jsonschema", "--regex-variant", "nonunicode", "--schemafile", schema, *reports, at=tmp_path
    )
    assert valid.returncode == 0, valid.stdout
    results = json.loads(reports[0].read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["misplaced-setting"]
    assert json.loads(reports[1].read_text())["runs"][0]["results"] == []
