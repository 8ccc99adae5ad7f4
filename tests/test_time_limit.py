"""An analysis that takes too long ends, says so, and never looks clean."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hslint.checking import Checked, Request, check
from hslint.hosts import CannotInspect, Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.problem import Effect, Problem, Rule
from hslint.reporters import FORMATS, report
from hslint.runner import run
from hslint.upgrade import Wanted, plan
from hslint.values.budget import TIME_LIMIT, Deadline, Interrupted, with_deep_stack

MODULE = """{
  services.headscale.enable = true;
  # hslint: ignore[port-clash] -- it speaks of what nobody has looked for
  services.headscale.settings.server_url = "http://vpn.example.org";
}
"""


#: One host was found, nothing of it was evaluated, and there may be more.
REPORTED = [
    "hosts of the project could not be evaluated: the time limit was reached",
    "host default could not be evaluated: the time limit was reached",
]


class ExpiresAfter(Deadline):
    """Has expired once somebody has looked at it so many times."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks = looks

    def expired(self) -> bool:
        self.looks -= 1
        return self.cancelled or self.looks < 0


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    (tmp_path / "configuration.nix").write_text(MODULE)
    return tmp_path


def late(machine: Path, looks: int = 0) -> Checked:
    return check([str(machine)], Request(deadline=ExpiresAfter(looks)))


def test_what_there_was_no_time_for_is_reported_and_is_not_clean(machine: Path) -> None:
    checked = late(machine)
    assert checked.findings == () and checked.nothing_evaluated
    assert [*checked.troubles] == REPORTED


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_reports_it(machine: Path, form: str) -> None:
    """In its own words; on standard error besides, as for all troubles."""
    reported = "\n".join(report(form, late(machine), terminal=False))
    if form == "text":
        assert (
            reported
            == "nothing was found in what could be evaluated (0 hosts with Headscale; 1 host could not be evaluated)"
        )
    elif form == "json":
        assert json.loads(reported)["hosts"][0]["error"] == "the time limit was reached"
    elif form == "jsonl":
        assert '"error": "the time limit was reached"' in reported
    else:
        assert "hosts of the project could not be evaluated: the time limit was reached" in reported


@pytest.mark.slow
def test_a_host_is_not_evaluated_unless_every_rule_was_run(machine: Path) -> None:
    """What the others found is reported; comments about the rest are not called unused."""
    whole = check([str(machine)], Request())
    assert {"server-url-plain-http", "unused-suppression"} <= {finding.rule.name for finding in whole.findings}
    count = len(whole.inspection.hosts)
    enough = next(looks for looks in range(2, 200) if late(machine, looks).findings)
    checked = late(machine, enough)
    (reported,) = checked.troubles
    assert reported.startswith("host default could not be evaluated: the time limit was reached before ")
    assert reported.endswith(" rules were run")
    assert count == 1 and checked.nothing_evaluated
    assert {f.rule.name for f in checked.findings} < {f.rule.name for f in whole.findings} - {"unused-suppression"}


def test_rules_that_were_not_run_may_have_named_the_cause(machine: Path) -> None:
    """A report that yields to another rule's waits for that one."""

    def seen(host: Host) -> Iterator[Problem]:
        yield Problem("seen", host.anchor)

    first = Rule("first", "test", Effect.FAILS, "", seen, yields_to=("second",))
    other = Rule("other", "test", Effect.FAILS, "", seen)
    second = Rule("second", "test", Effect.FAILS, "", lambda host: iter(()))

    def names(looks: int) -> tuple[list[str], list[int]]:
        hosts = open_project([str(machine)], Options()).hosts
        done = run(hosts, [first, other, second], ExpiresAfter(looks))
        return [finding.rule.name for finding in done.findings], [*done.not_run.values()]

    assert with_deep_stack(names, 3) == (["first", "other"], [])
    assert with_deep_stack(names, 2) == (["other"], [1])
    assert with_deep_stack(names, 0) == ([], [3])


def test_what_is_reported_of_an_evaluated_host_has_no_deadline(machine: Path) -> None:
    deadline = Deadline()
    checked = check([str(machine)], Request(deadline=deadline))
    deadline.cancel()
    assert "server-url-plain-http" in "\n".join(report("json", checked, terminal=False))


def test_a_cancelled_analysis_ends_without_an_outcome(machine: Path) -> None:
    deadline = Deadline()
    deadline.cancel()
    with pytest.raises(Interrupted):
        check([str(machine)], Request(deadline=deadline))


def test_an_upgrade_is_not_planned_from_half_a_check(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "hslint.toml").write_text("time-limit = 1e-9\n")
    with pytest.raises(CannotInspect, match="the time limit was reached"):
        plan(Wanted((str(machine),)))


def hslint(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("hslint")), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("form", FORMATS)
def test_a_run_without_the_time_for_anything_is_undecided(machine: Path, form: str) -> None:
    (machine / "hslint.toml").write_text("time-limit = 1e-9\n")
    done = hslint("check", "--format", form, str(machine))
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"hslint: {reported}" for reported in REPORTED]


@pytest.mark.parametrize(
    "command",
    [("show",), ("why", "port"), ("check", "--fix")],
    ids=lambda command: command[0],
)
def test_other_commands_end_with_one_line(machine: Path, command: tuple[str, ...]) -> None:
    (machine / "hslint.toml").write_text("time-limit = 1e-9\n")
    done = hslint(command[0], str(machine), *command[1:])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("hslint: the time limit was reached") and done.stderr.count("\n") == 1
    assert (machine / "configuration.nix").read_text() == MODULE


def test_the_limit_is_generous_unless_the_settings_say_otherwise(machine: Path) -> None:
    assert check([str(machine)], Request()).settings.time_limit == TIME_LIMIT
    (machine / "hslint.toml").write_text("time-limit = 90\n")
    assert check([str(machine)], Request()).settings.time_limit == 90.0


@pytest.mark.parametrize("value", ["0", "-1", "true", '"60"', "nan", "inf", "1e400", "100000000000000000000"])
def test_a_limit_is_a_number_of_seconds(machine: Path, value: str) -> None:
    (machine / "hslint.toml").write_text(f"time-limit = {value}\n")
    done = hslint("check", str(machine))
    assert done.returncode == 2
    assert done.stderr == "hslint: hslint.toml:1:1: time-limit must be a number of seconds, above 0 and at most 86400\n"
