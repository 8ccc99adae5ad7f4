"""The commit hook and CI: what they are given is what `hslint check` says, in forms that others define."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sample import FIXED, FLAKE, MODULE

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def run(*command: str | Path, at: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, timeout=170)


@pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="pre-commit takes hooks from repositories, and this tree is none"
)
def test_a_commit_fails_is_fixed_and_passes(tmp_path: Path, unreachable: Callable[[str], None]) -> None:
    """Committing a file without a mistake fails as well: the project is checked. The hooks are those of this tree, as it is."""
    sample = tmp_path / "sample"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
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

    sample.mkdir()
    git("init", "--quiet")
    (sample / "headscale.nix").write_text(MODULE)
    git("add", ".")
    git("commit", "--quiet", "--message", "before there were hooks")
    hook = sample / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    # Git passes to its hooks where this repository is; pre-commit would take that for the one with the hooks.
    hook.write_text(f"#!/bin/sh\nunset $(git rev-parse --local-env-vars)\nexec pre-commit try-repo '{ROOT}' hslint\n")
    hook.chmod(0o755)

    (sample / "flake.nix").write_text(FLAKE)
    git("add", ".")
    refused = git("commit", "--message", "one")
    if "No matching distribution found for setuptools" in refused.stdout + refused.stderr:
        unreachable("PyPI cannot be reached, and pre-commit installs hooks from there")
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert "headscale.nix:8:19" in refused.stdout + refused.stderr
    assert "[misplaced-setting]" in refused.stdout + refused.stderr

    fixed = run("pre-commit", "try-repo", ROOT, "hslint-fix", "--all-files", at=sample, env=environment)
    assert "files were modified by this hook" in fixed.stdout, fixed.stdout + fixed.stderr
    assert (sample / "headscale.nix").read_text() == FIXED

    git("add", ".")
    passed = git("commit", "--message", "two")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_the_hooks_run_when_findings_may_change() -> None:
    """And a commit of anything else costs nothing."""
    patterns = re.findall(r"^  files: '(.*)'$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    assert len(patterns) == 2
    for pattern in patterns:
        for path in (
            "flake.nix",
            "flake.lock",
            "hosts/vpn.nix",
            "acl/policy.hujson",
            "infra/flake.lock",
            "hslint.toml",
        ):
            assert re.search(pattern, path), path
        for path in ("readme.txt", "nix", "hosts/vpn.nix.orig", "a.flake.lock", "my-hslint.toml"):
            assert not re.search(pattern, path), path


@pytest.mark.outside
def test_the_action_is_one_that_github_accepts() -> None:
    """By GitHub's own schema, and without the ways in that zizmor knows."""
    schema = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml", at=ROOT)
    assert schema.returncode == 0, schema.stdout
    audit = run(BIN / "zizmor", "--offline", ".", at=ROOT)
    assert audit.returncode == 0, audit.stdout


@pytest.mark.outside
def test_what_is_given_to_the_action_is_never_run(tmp_path: Path) -> None:
    """Its last step, as GitHub runs it: with a path that a shell would make much of, and with one of a project."""
    script = re.findall(r"^      run: (.*)$", (ROOT / "action.yml").read_text(), re.MULTILINE)[-1]
    (tmp_path / "headscale.nix").write_text(MODULE)

    def step(path: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HSLINT_FORMAT": "github", "HSLINT_PATH": path}
        return run("bash", "-e", "-o", "pipefail", "-c", script, at=tmp_path, env=given)

    for path in ('"; touch ran; "', "$(touch ran)", "--fix"):
        refused = step(path)
        assert (refused.returncode, refused.stderr) == (2, f"hslint: {path}: no such file or directory\n")
    assert not (tmp_path / "ran").exists()
    found = step("headscale.nix")
    assert found.returncode == 1
    assert found.stdout == (
        "::warning file=headscale.nix,line=8,endLine=8,col=19,endColumn=25,title=hslint misplaced-setting"
        "::derp.server.enable is not read; Headscale reads derp.server.enabled\n"
    )


@pytest.mark.needs_program("npm")
def test_sarif_follows_its_schema(tmp_path: Path, unreachable: Callable[[str], None]) -> None:
    """The schema is that of the standard, as Microsoft's package carries it."""
    packed = run("npm", "pack", "--silent", "@microsoft/jest-sarif", at=tmp_path)
    if packed.returncode != 0:
        unreachable(f"the schema comes from npm's registry: {packed.stderr.strip().splitlines()[-1]}")
    (archive,) = tmp_path.glob("*.tgz")
    assert run("tar", "xzf", archive, at=tmp_path).returncode == 0
    schema = next(path for path in sorted(tmp_path.rglob("*.json")) if "2.1.0" in path.name)
    (tmp_path / "flake.nix").write_text(FLAKE.replace("    nixos", "    nixosConfigurations.b = throw 1;\n    nixos"))
    (tmp_path / "headscale.nix").write_text(MODULE)
    reports = {}
    for name, project in (
        ("mistaken", tmp_path),
        ("showcase", ROOT / "examples" / "showcase"),
        ("clean", ROOT / "benchmarks"),
    ):
        reports[name] = tmp_path / f"{name}.sarif"
        reports[name].write_text(run(BIN / "hslint", "check", "--format", "sarif", project, at=tmp_path).stdout)
    # The schema holds a regular expression that is none with the `u` flag, which is the checker's default.
    command: tuple[str | Path, ...] = (
        BIN / "check-jsonschema",
        "--regex-variant",
        "nonunicode",
        "--schemafile",
        schema,
        *reports.values(),
    )
    valid = run(*command, at=tmp_path)
    assert valid.returncode == 0, valid.stdout
    runs = {name: json.loads(path.read_text())["runs"][0] for name, path in reports.items()}
    (mistake,) = runs["mistaken"]["results"]
    assert (mistake["ruleId"], len(mistake["fixes"])) == ("misplaced-setting", 1)
    (reported,) = runs["mistaken"]["invocations"][0]["toolExecutionNotifications"]
    assert reported["message"]["text"].startswith("host b could not be evaluated: flake.nix:4: ")
    assert any("relatedLocations" in result for result in runs["showcase"]["results"])
    for rule in runs["showcase"]["tool"]["driver"]["rules"]:
        assert rule["help"]["markdown"].startswith(f"# {rule['id']}\n")
    assert [result for result in runs["clean"]["results"] if result["properties"]["certainty"] == "certain"] == []
