"""hslint's verdict on configurations beside that of each release's own loader.

`fixtures/loader_verdicts.json` holds configurations and what the loader of each release, built and run, made of them: refused, fine
with a warning in the log, or fine. Each becomes a module here, with a Headscale module around it that sets nothing by itself, as
the loader was given nothing else. Where the loader is silent, and hslint warns of what it ignores, misreads or cannot see, the case
names the rules that do (`silently`), and no other may.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generated_settings import written
from loader_agreement import hslint_verdict, no_module

from hslint.checking import Request, check
from hslint.problem import Severity

pytestmark = pytest.mark.slow  # 818 verdicts

STORED: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures/loader_verdicts.json").read_text("utf-8"))

#: Where hslint says otherwise than the loader, for good: what the configuration holds, the releases, and why.
OTHERWISE = {
    "db_type bad": ("0.22", "refused when the database is opened, which the loader does not do"),
    "policy.mode db": ("0.23 0.24 0.25 0.26 0.27", "refused when the policy is read, after the configuration"),
    "relative db path": (
        "0.23 0.24 0.25 0.26 0.27 0.28 0.29",
        "fails when the database is opened: on NixOS the path lies beside the configuration, which is read-only",
    ),
}


def cases() -> Iterator[Any]:
    for case in STORED["cases"]:
        yield pytest.param(case, id=f"{case['what']}, {case['base']}")


@pytest.mark.parametrize("case", list(cases()))
def test_refuses_and_warns_as_the_loader_of_each_release_does(case: dict[str, Any], tmp_path: Path) -> None:
    """What the loader refuses is an error, what it warns of is at least a warning, and nothing else is refused."""
    file = tmp_path / "configuration.nix"
    file.write_text(module(case), "utf-8")
    for release, said in verdicts(case):
        checked = check([str(file)], Request(headscale=release, module=no_module()))
        assert not checked.crashes
        found = [
            finding
            for finding in checked.findings
            if finding.severity is not Severity.NOTE and not finding.rule.of_release
        ]
        releases, _ = OTHERWISE.get(case["what"], ("", ""))
        hslint = hslint_verdict(found).value
        reported = f"Headscale {release}: {[finding.problem.message for finding in found]}"
        if release in releases.split():
            assert (hslint == "refused") is (said != "refused"), f"no longer otherwise than the loader; {reported}"
        elif said == "fine" and hslint == "warned":
            silently = {name for name, releases in case.get("silently", {}).items() if release in releases.split()}
            assert {finding.rule.name for finding in found} == silently, reported
        else:
            assert hslint == said, reported


def test_at_least_98_percent_agree() -> None:
    """What is listed as otherwise stays rare."""
    every = sum(1 for case in STORED["cases"] for _ in verdicts(case))
    otherwise = sum(
        release in OTHERWISE[case["what"]][0].split()
        for case in STORED["cases"]
        if case["what"] in OTHERWISE
        for release, _ in verdicts(case)
    )
    assert (every, otherwise) == (818, 13)
    assert otherwise <= 0.02 * every


def verdicts(case: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for verdict in ("refused", "warned", "fine"):
        for release in case.get(verdict, "").split():
            yield release, verdict


def module(case: dict[str, Any]) -> str:
    base = STORED["bases"][case["base"]]
    settings = {name: value for name, value in base.items() if name not in case.get("without", ())}
    settings |= case.get("with", {})
    variables = case.get("environment", {})
    return (
        "{\n  services.headscale.enable = true;\n"
        f"  services.headscale.settings = {written(settings)};\n"
        f"  systemd.services.headscale.environment = {written(variables)};\n}}\n"
    )
