"""A file that could not be read is reported in every format: what is in it may be anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hslint.checking import Checked, Request, check
from hslint.reporters import FORMATS, report
from hslint.source import LARGEST_FILE

MACHINE = "{ services.headscale.enable = true; imports = [ ./part.nix ]; }\n"


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"{ services.headscale.enable = true; } #")
        file.truncate(LARGEST_FILE + 1)  # zeros that take no room on the disk


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_directory(path: Path) -> None:
    (path / "default.nix").mkdir(parents=True)


UNREADABLE = [
    (too_large, "part.nix", "is larger than hslint reads"),
    (a_pipe, "part.nix", "cannot be read"),
    (a_directory, "part.nix/default.nix", "is a directory"),
]


def reported(checked: Checked, form: str) -> str:
    return "\n".join(report(form, checked, terminal=False))


@pytest.mark.parametrize(("make", "path", "why"), UNREADABLE, ids=["too large", "no file", "a directory"])
def test_a_module_of_a_host_that_cannot_be_read_is_reported(tmp_path: Path, make: object, path: str, why: str) -> None:
    """The host is checked by the rest, as any with a module that could not be followed."""
    (tmp_path / "configuration.nix").write_text(MACHINE)
    assert callable(make)
    make(tmp_path / "part.nix")
    checked = check([str(tmp_path)], Request())
    assert checked.unread == ((path, why),)
    assert [*checked.troubles] == [f"{path} {why}: nothing is known of what is in it"]
    assert not checked.nothing_evaluated
    assert all(finding.depends_on for finding in checked.findings)
    assert "(1 host with Headscale; 1 file could not be read)" in reported(checked, "text")
    assert json.loads(reported(checked, "json"))["summary"]["unread"] == [{"path": path, "reason": why}]
    run = json.loads(reported(checked, "sarif"))["runs"][0]["invocations"][0]
    assert [each["message"]["text"] for each in run["toolExecutionNotifications"]] == [f"{path} {why}"]
    assert run["executionSuccessful"]
    assert f"::warning title=hslint::{path} {why}" in reported(checked, "github")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
def test_nothing_but_a_file_that_cannot_be_read_is_not_clean(tmp_path: Path, named: bool, form: str) -> None:
    path = tmp_path / "headscale.nix"
    too_large(path)
    command = [
        str(Path(sys.executable).with_name("hslint")),
        "check",
        "--format",
        form,
        str(path if named else tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "hslint: headscale.nix is larger than hslint reads: nothing is known of what is in it\n"


def test_a_file_that_is_named_does_not_hide_what_was_evaluated(tmp_path: Path) -> None:
    """Exit status 2 is for runs that evaluated nothing."""
    too_large(tmp_path / "other.nix")
    (tmp_path / "headscale.nix").write_text("{ services.headscale.enable = true; }\n")
    checked = check([str(tmp_path / "other.nix"), str(tmp_path / "headscale.nix")], Request())
    assert checked.unread == (("other.nix", "is larger than hslint reads"),)
    assert not checked.nothing_evaluated


def test_what_is_not_there_or_outside_is_no_unread_file(tmp_path: Path) -> None:
    """The first is an error of the configuration, the second nothing that hslint reads."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / ".git").mkdir()
    (tmp_path / "outside.nix").write_text("{ }")
    (tmp_path / "project" / "configuration.nix").write_text(
        "{ services.headscale.enable = true; imports = [ ../outside.nix ./missing.nix ]; }\n"
    )
    checked = check([str(tmp_path / "project")], Request())
    assert checked.unread == ()
