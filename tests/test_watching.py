"""`--watch`, what is told to whoever waits, and Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from hslint.checking import Checked, Request, check
from hslint.cli import main
from hslint.cli.errors import report_errors
from hslint.cli.progress import progress
from hslint.cli.watching import marks, watch

MODULE = """{
  imports = [ ./part.nix ];
  services.headscale.enable = true;
}
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "configuration.nix").write_text(MODULE)
    (tmp_path / "part.nix").write_text("{ }\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def watched(*changes: Callable[[], object]) -> list[object]:
    """What each check of a watched directory gives, with a change before every one but the first; looks without one go on."""
    runs: list[object] = []
    pending = [*changes]

    def run() -> Checked:
        with report_errors():
            try:
                checked = check(["."], Request())
            except BaseException as error:
                runs.append(str(error))
                raise
        runs.append(len(checked.findings))
        return checked

    def wait() -> None:
        if not pending:
            raise KeyboardInterrupt
        pending.pop(0)()

    with pytest.raises(KeyboardInterrupt):
        watch(["."], run, wait)
    return runs


def test_each_change_is_a_check(tree: Path) -> None:
    """Of a file that was read, however deep; of one that comes; of one that goes."""
    mistake = "{ services.headscale.settings.derp.server.enable = true; }\n"
    runs = watched(
        lambda: (tree / "part.nix").write_text(mistake),
        lambda: (tree / "other.nix").write_text("{ services.headscale.settings.foo.bar = 1; }\n"),
        lambda: (tree / "part.nix").write_text("{ }\n"),
    )
    assert len(runs) == 4
    assert runs[0] != runs[1] != runs[3]


@pytest.mark.usefixtures("tree")
def test_what_does_not_matter_is_no_change() -> None:
    """Such as a report that is written beside the files."""
    assert len(watched(lambda: Path("report.json").write_text("x"), lambda: Path("README").write_text("x"))) == 1


@pytest.mark.usefixtures("tree")
def test_what_cannot_be_checked_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Settings that are being written; their file may not even have been there."""
    settings = Path("hslint.toml")
    runs = watched(
        lambda: settings.write_text("ignore = ["),
        lambda: settings.write_text('ignore = ["dns"]\n'),
    )
    assert [type(each) for each in runs] == [int, str, int]
    assert "hslint.toml: is not valid TOML" in capsys.readouterr().err


def test_a_change_during_a_check_counts(tree: Path) -> None:
    """It may have come after the file was read."""
    runs = []

    def run() -> Checked:
        checked = check(["."], Request())
        runs.append(len(checked.findings))
        if len(runs) == 2:
            (tree / "part.nix").write_text("{ services.headscale.settings.a = 1; }\n")
        return checked

    def wait() -> None:
        if len(runs) == 1:
            (tree / "configuration.nix").write_text(MODULE + "\n")
        else:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(["."], run, wait)
    assert len(runs) == 3


def test_a_file_is_known_by_more_than_its_time(tree: Path) -> None:
    path = str(tree / "part.nix")
    before = marks([path])
    os.utime(path, ns=(0, 0))
    (tree / "part.nix").unlink()
    assert marks([path]) != before and marks([path]) == {path: ()}


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("option", ["--fix", "--diff", "--write-baseline", "--add-ignores"])
def test_watching_changes_nothing(option: str) -> None:
    done = CliRunner().invoke(main, ["check", "--watch", option])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("hslint: --watch only reports")


# -- waiting -------------------------------------------------------------------------------------------------------------


def test_a_terminal_shows_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, which goes away. Without a terminal nothing is shown."""
    reported: list[str] = []
    monkeypatch.setattr("hslint.cli.progress.put_status", reported.append)
    monkeypatch.setattr("hslint.cli.progress._PATIENCE", 0.0)
    monkeypatch.setattr("hslint.cli.progress._PAUSE", 0.0)
    monkeypatch.setenv("TERM", "xterm")

    def wait_for(text: str, show: Callable[[str], None]) -> None:
        show(text)
        for _ in range(1_000_000):
            if f"hslint: {text} ..." in reported:
                return

    for quiet, terminal in ((True, True), (False, False)):
        monkeypatch.setattr("hslint.cli.progress.to_terminal", lambda *, errors, here=terminal: here)
        with progress(quiet=quiet) as show:
            show("host 1 of 2: a")
    assert reported == []
    monkeypatch.setattr("hslint.cli.progress.to_terminal", lambda *, errors: True)
    with progress() as show:
        wait_for("host 1 of 2: a", show)
        wait_for("host 2 of 2: b", show)
    assert reported[-1] == "" and reported.count("hslint: host 1 of 2: a ...") == 1


@pytest.mark.usefixtures("tree")
def test_a_check_shows_which_host_it_looks_at() -> None:
    reported: list[str] = []
    check(["."], Request(progress=reported.append))
    assert reported == ["host 1 of 1: default"]


def test_a_short_check_at_a_terminal_shows_nothing(tree: Path) -> None:
    """No flicker."""
    ours, theirs = pty.openpty()
    with progress():
        pass
    done = subprocess.run(
        [sys.executable, "-m", "hslint", "--version"], cwd=tree, stderr=theirs, stdout=subprocess.PIPE
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0


# -- Ctrl-C --------------------------------------------------------------------------------------------------------------


def test_ctrl_c_is_quiet(tree: Path) -> None:
    """A real process, which is watching."""
    command = [sys.executable, "-m", "hslint", "check", "--watch", "--format", "concise"]
    process = subprocess.Popen(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "watching" in line:
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")


def test_ctrl_c_is_quiet_wherever_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in a command that looks at nothing."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hslint.cli.man.put_all", interrupted)
    done = CliRunner().invoke(main, ["man"])
    assert (done.exit_code, done.output) == (130, "")
    with pytest.raises(SystemExit), report_errors():
        raise KeyboardInterrupt


# -- too much ------------------------------------------------------------------------------------------------------------


def test_too_much_is_said_soon(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the root of the machine, and of a directory that nothing marks and that has too many below it."""
    assert CliRunner().invoke(main, ["check", "/"]).stderr == (
        "hslint: /: holds no .nix file itself, and all below it is too much to look at; "
        "name the flake or the directory that you mean\n"
    )
    many = tree.parent / "many"
    for number in range(4):
        (many / str(number)).mkdir(parents=True)
    (many / "a.nix").write_text("{ services.headscale.enable = true; }\n")
    monkeypatch.setattr("hslint.hosts.tree._TOO_MANY", 3)
    said = CliRunner().invoke(main, ["check", str(many)]).stderr
    assert said.startswith(
        f"hslint: {many}: has more than 3 directories below it, and neither a flake nor a repository"
    )
    (many / ".git").mkdir()
    assert CliRunner().invoke(main, ["check", str(many)]).stderr == ""
