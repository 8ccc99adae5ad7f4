"""hslint's verdict on configurations beside that of each release's own loader.

`fixtures/loader_verdicts.json` holds configurations and what the loader of each release, built and run, made of them: refused, fine
with a warning in the log, or fine. Each becomes a module here, with a Headscale module around it that sets nothing by itself, as
the loader was given nothing else.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hslint.catalogue import ModuleEra, module_era
from hslint.checking import Request, check
from hslint.finding import Finding
from hslint.hosts import inspection
from hslint.record import replace
from hslint.rule import Effect, Severity

STORED: dict[str, Any] = json.loads((Path(__file__).parent / "fixtures/loader_verdicts.json").read_text("utf-8"))

#: Where hslint says otherwise than the loader, for good: what the configuration holds, the releases, and why.
OTHERWISE = {
    "db_type bad": ("0.22", "refused when the database is opened, which the loader does not do"),
    "policy.mode db": ("0.23 0.24 0.25 0.26 0.27", "refused when the policy is read, after the configuration"),
    "relative db path": (
        "0.23 0.24 0.25 0.26 0.27 0.28 0.29",
        "fails when the database is opened: on NixOS the path lies beside the configuration, which is read-only",
    ),
    "oidc secret path env unset": (
        "0.22 0.23 0.24 0.25 0.26 0.27 0.28 0.29",
        "refused because the file is not there; which files the machine has is not known from its configuration",
    ),
}

#: Rules that warn of what a release ignores, misreads or cannot see, without a word in its log.
SILENT = {
    "base-domain-covers-server",
    "base-domain-odd-name",
    "misplaced-setting",
    "nameserver-unreachable",
    "postgres-without-type",
    "removed-setting",
    "secret-inline",
    "server-url-malformed",
    "setting-too-new",
    "socket-mode",
    "stun-port-closed",
    "unknown-setting",
    "value-out-of-range",
    "wrong-setting-type",
}


def cases() -> Iterator[Any]:
    for case in STORED["cases"]:
        yield pytest.param(case, id=f"{case['what']}, {case['base']}")


@pytest.fixture
def bare_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Headscale module without defaults, definitions and assertions of its own."""
    era = module_era("in-repo")
    assert era is not None
    options = {path: option for path, option in era.options.items() if not path.startswith("settings.")}
    bare = replace(era, options=options, fixed={}, renamed={}, removed=(), assertions=())

    def only(name: str) -> ModuleEra:
        return bare

    monkeypatch.setattr(inspection, "module_era", only)


@pytest.mark.usefixtures("bare_module")
@pytest.mark.parametrize("case", list(cases()))
def test_refuses_and_warns_as_the_loader_of_each_release_does(case: dict[str, Any], tmp_path: Path) -> None:
    """What the loader refuses is an error, what it warns of is at least a warning, and nothing else is refused."""
    file = tmp_path / "configuration.nix"
    file.write_text(module(case), "utf-8")
    for release, said in verdicts(case):
        checked = check([str(file)], Request(headscale=release, module="in-repo"))
        assert not checked.crashes
        found = [finding for finding in checked.findings if finding.severity is not Severity.NOTE]
        releases, _ = OTHERWISE.get(case["what"], ("", ""))
        judged = "refused" if any(map(stops, found)) else "warned" if found else "fine"
        told = f"Headscale {release}: {[finding.problem.message for finding in found]}"
        if release in releases.split():
            assert (judged == "refused") is (said != "refused"), f"no longer otherwise than the loader; {told}"
        elif said == "fine" and judged == "warned":
            assert {finding.rule.name for finding in found} <= SILENT, told
        else:
            assert judged == said, told


def test_at_least_97_percent_agree() -> None:
    """What is listed as otherwise stays rare."""
    every = sum(1 for case in STORED["cases"] for _ in verdicts(case))
    otherwise = sum(
        release in OTHERWISE[case["what"]][0].split()
        for case in STORED["cases"]
        if case["what"] in OTHERWISE
        for release, _ in verdicts(case)
    )
    assert (every, otherwise) == (818, 21)
    assert otherwise <= 0.03 * every


def stops(finding: Finding) -> bool:
    return (finding.problem.effect or finding.rule.effect) in (Effect.REFUSED, Effect.FAILS)


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


def written(value: object) -> str:
    """A value as Nix text."""
    match value:
        case list():
            return f"[ {' '.join(map(written, value))} ]"
        case dict():
            return "{ " + " ".join(f"{name(key)} = {written(member)};" for key, member in value.items()) + " }"
        case _:
            return json.dumps(value).replace("${", "\\${")


def name(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key) else json.dumps(key)
