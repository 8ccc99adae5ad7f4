"""What a path means, for every entry point: the project around it is evaluated, and the path limits what is reported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from hslint.checking import Request, check
from hslint.cli import main
from hslint.finding import Finding
from hslint.lsp.analysis import check_buffers

NIXPKGS = 'inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";'

#: Headscale with one mistake in the file itself.
SERVER = """{ ... }: {
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.nameservers.global = [ "9.9.9.9" ];
      log_level = "info";
    };
  };
}
"""

#: With SERVER: the server's name lies in the base domain; the finding stands here, its cause there.
DOMAIN = """{ ... }: {
  services.headscale.settings.dns.base_domain = "example.com";
}
"""


def flake(hosts: str) -> str:
    return f"{{ {NIXPKGS}\n  outputs = {{ self, nixpkgs, ... }}@inputs: {{\n    {hosts}\n  }};\n}}\n"


def host(name: str, *modules: str) -> str:
    listed = " ".join(modules)
    return f"nixosConfigurations.{name} = nixpkgs.lib.nixosSystem {{ specialArgs = {{ inherit inputs; }}; modules = [ {listed} ]; }};"


class Case(NamedTuple):
    """A project, a directory and a file of it, and how many of its findings concern each."""

    files: Mapping[str, str]
    directory: str
    file: str
    all: int
    in_directory: int
    in_file: int
    hosts: set[str]


CASES = {
    "flake": Case(
        {
            "flake.nix": flake(host("hub", "./hosts/hub/configuration.nix")),
            "hosts/hub/configuration.nix": "{ inputs, ... }: { imports = [ ./server.nix ../../domain.nix ]; }\n",
            "hosts/hub/server.nix": SERVER,
            "domain.nix": DOMAIN,
        },
        "hosts/hub",
        "domain.nix",
        all=2,
        in_directory=2,
        in_file=1,
        hosts={"hub"},
    ),
    "nested flake": Case(
        {
            "flake.nix": flake(host("hub", "./server.nix")),
            "server.nix": SERVER.replace("dns.name", 'dns.base_domain = "t.example.net"; dns.name'),
            "infra/flake.nix": flake(host("relay", "./relay.nix", "./domain.nix")),
            "infra/relay.nix": SERVER,
            "infra/domain.nix": DOMAIN,
        },
        "infra",
        "infra/relay.nix",
        all=3,
        in_directory=2,
        in_file=2,
        hosts={"hub", "relay"},
    ),
    "flake in a directory": Case(
        {
            "configuration.nix": "{ inputs, ... }: { imports = [ inputs.self.nixosModules.x ./server.nix ]; }\n",
            "server.nix": SERVER,
            "infra/flake.nix": flake("nixosModules.x = ./domain.nix; " + host("hub", "../configuration.nix")),
            "infra/domain.nix": DOMAIN,
        },
        "infra",
        "server.nix",
        all=2,
        in_directory=1,
        in_file=2,
        hosts={"hub"},
    ),
    "configuration.nix alone": Case(
        {
            "configuration.nix": "{ ... }: { imports = [ ./modules/server.nix ./domain.nix ]; }\n",
            "modules/server.nix": SERVER,
            "domain.nix": DOMAIN,
        },
        "modules",
        "domain.nix",
        all=2,
        in_directory=2,
        in_file=1,
        hosts={"default"},
    ),
    "two machines by channels": Case(
        {
            "a/configuration.nix": "{ ... }: { imports = [ ../modules/server.nix ../domain.nix ]; }\n",
            "b/configuration.nix": "{ ... }: { imports = [ ../modules/server.nix ]; services.headscale.settings.dns.base_domain = "
            '"t.example.net"; }\n',
            "modules/server.nix": SERVER,
            "domain.nix": DOMAIN,
        },
        "modules",
        "domain.nix",
        all=2,
        in_directory=2,
        in_file=1,
        hosts={"a", "b"},
    ),
    "hive": Case(
        {
            "hive.nix": "{ meta.nixpkgs = <nixpkgs>; defaults = { ... }: { }; relay = { ... }: { imports = [ ./nodes/relay.nix ./domain.nix ]; }; }\n",
            "nodes/relay.nix": SERVER,
            "domain.nix": DOMAIN,
        },
        "nodes",
        "domain.nix",
        all=2,
        in_directory=2,
        in_file=1,
        hosts={"relay"},
    ),
    "two hosts that share a module": Case(
        {
            "flake.nix": flake(host("one", "./server.nix", "./one") + "\n    " + host("two", "./server.nix", "./two")),
            "server.nix": SERVER,
            "one/default.nix": DOMAIN,
            "two/default.nix": DOMAIN.replace("example.com", "t.example.net"),
        },
        "one",
        "server.nix",
        all=2,
        in_directory=1,
        in_file=2,
        hosts={"one", "two"},
    ),
    "a lone module in a repository": Case(
        {"modules/vpn.nix": SERVER.replace("dns.name", 'dns.base_domain = "example.com"; dns.name')},
        "modules",
        "modules/vpn.nix",
        all=2,
        in_directory=2,
        in_file=2,
        hosts={"default"},
    ),
    "two modules in a repository": Case(
        {
            "modules/vpn.nix": SERVER,
            "modules/other.nix": SERVER.replace("log_level", "derp_url"),
        },
        "modules",
        "modules/vpn.nix",
        all=4,
        in_directory=4,
        in_file=2,
        hosts={"modules/vpn.nix", "modules/other.nix"},
    ),
    "container": Case(
        {
            "flake.nix": flake(host("hub", "./hub.nix")),
            "hub.nix": "{ containers.vpn.config = { ... }: { imports = [ ./vpn/server.nix ./domain.nix ]; }; }\n",
            "vpn/server.nix": SERVER,
            "domain.nix": DOMAIN,
        },
        "vpn",
        "domain.nix",
        all=2,
        in_directory=2,
        in_file=1,
        hosts={"hub/vpn"},
    ),
    "npins": Case(
        {
            "npins/default.nix": "{ }\n",
            "npins/sources.json": '{ "pins": { "nixpkgs": { "type": "Channel", "name": "nixos-26.05", "url": "https://releases.nixos.org/x" } }, "version": 5 }',
            "default.nix": "let sources = import ./npins; in { nixosConfigurations.relay ="
            ' import "${sources.nixpkgs}/nixos/lib/eval-config.nix" { modules = [ ./hosts/relay.nix ./domain.nix ]; }; }\n',
            "hosts/relay.nix": SERVER,
            "domain.nix": DOMAIN,
        },
        "hosts",
        "domain.nix",
        all=2,
        in_directory=2,
        in_file=1,
        hosts={"relay"},
    ),
}


class Said(NamedTuple):
    """A finding, as far as every entry point says it."""

    path: str
    line: int
    rule: str
    message: str


def written(directory: Path, files: Mapping[str, str], *, repository: bool) -> Path:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if repository:
        (directory / ".git").mkdir()
    return directory.resolve()


def said(finding: Finding) -> Said:
    at = finding.problem.at
    return Said(at.file.path, at.file.position(at.start).line, finding.rule.name, finding.problem.message)


def places(finding: Finding) -> Iterator[str]:
    """The files that a finding stands in or has its cause in."""
    yield finding.problem.at.file.path
    for note in finding.problem.notes:
        yield note.at.file.path


def concerning(findings: tuple[Finding, ...], path: Path) -> set[Said]:
    return {
        said(finding)
        for finding in findings
        if any(place == str(path) or place.startswith(f"{path}/") for place in places(finding))
    }


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_every_entry_point_gives_one_answer(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root, a subdirectory, a directory, a file, the hook and the editor, after the filter."""
    root = written(tmp_path, case.files, repository=True)
    directory, file = root / case.directory, root / case.file

    whole = check([str(root)], Request())
    everything = {said(finding) for finding in whole.findings}
    assert len(everything) == case.all, everything
    assert {host.name for host in whole.inspection.hosts if host.active} == case.hosts
    assert whole.inspection.skipped == ()

    of_directory, of_file = concerning(whole.findings, directory), concerning(whole.findings, file)
    assert (len(of_directory), len(of_file)) == (case.in_directory, case.in_file)
    assert {said(finding) for finding in check([str(directory)], Request()).findings} == of_directory
    assert {said(finding) for finding in check([str(file)], Request()).findings} == of_file
    monkeypatch.chdir(directory)
    assert {said(finding) for finding in check([], Request()).findings} == of_directory

    hook = subprocess.run(
        [Path(sys.executable).with_name("hslint"), "check", "--format", "json"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    report = json.loads(hook.stdout)
    assert {
        Said(os.path.join(report["root"], f["path"]), f["start"]["line"] - 1, f["rule"], f["message"])
        for f in report["findings"]
    } == everything

    assert concerning(check_buffers({str(file): file.read_bytes()}).findings, file) == of_file


def test_the_value_that_a_named_file_passes_on_is_part_of_its_report(tmp_path: Path) -> None:
    """The domain is written in the flake; the directory that is named makes it the base domain."""
    root = written(
        tmp_path,
        {
            "flake.nix": flake(
                'nixosConfigurations.a = nixpkgs.lib.nixosSystem { specialArgs.domain = "example.com"; modules = [ ./hs/server.nix ./hs/domain.nix ]; };'
            ),
            "hs/server.nix": SERVER,
            "hs/domain.nix": "{ domain, ... }: { services.headscale.settings.dns.base_domain = domain; }",
        },
        repository=False,
    )
    found = {
        said(finding).rule: said(finding).path for finding in check([str(root / "hs/domain.nix")], Request()).findings
    }
    assert found == {"base-domain-covers-server": str(root / "flake.nix")}


def test_an_entry_that_is_named_stands_for_its_host(tmp_path: Path) -> None:
    """What its modules do wrong is the host's; other machines of the project are not shown."""
    root = written(tmp_path, CASES["two machines by channels"].files, repository=True)
    checked = check([str(root / "b/configuration.nix")], Request())
    assert [host.name for host in checked.inspection.hosts] == ["b"]
    assert [finding.rule.name for finding in checked.findings] == ["misplaced-setting"]


def test_what_stands_between_two_projects_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each path has its own project, whatever directory the two have in common."""
    for name in ("a", "b", "c"):
        written(tmp_path / name, {"configuration.nix": SERVER + f"# {name}\n"}, repository=name == "a")
    written(
        tmp_path,
        {"shared.nix": "{ }", "b/more.nix": "{ imports = [ ../c/configuration.nix ../shared.nix ]; }"},
        repository=False,
    )
    opened: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("open", "os.scandir", "os.listdir") and isinstance(arguments[0], str):
            opened.append(arguments[0])

    watching = True
    sys.addaudithook(watch)
    try:
        monkeypatch.chdir(tmp_path)
        checked = check(["a", "b"], Request())
    finally:
        watching = False
    assert sorted(said(finding).path for finding in checked.findings if finding.rule.name == "misplaced-setting") == [
        str(tmp_path / "a/configuration.nix"),
        str(tmp_path / "b/configuration.nix"),
    ]
    inside = [path for path in opened if path.startswith(str(tmp_path))]
    assert inside
    assert not [path for path in inside if not path.startswith((f"{tmp_path}/a", f"{tmp_path}/b"))]


def test_each_project_has_its_own_settings(tmp_path: Path) -> None:
    """Two projects in one run: what one ignores the other reports."""
    one = written(
        tmp_path / "one",
        {"configuration.nix": SERVER, "hslint.toml": 'ignore = ["misplaced-setting"]\n'},
        repository=True,
    )
    two = written(tmp_path / "two", {"configuration.nix": SERVER}, repository=True)
    checked = check([str(one), str(two)], Request())
    assert [said(f).path for f in checked.findings if f.rule.name == "misplaced-setting"] == [
        str(two / "configuration.nix")
    ]


def test_a_file_in_the_home_directory_does_not_make_all_of_it_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what lies beside it is looked at, and configurations below are not searched for."""
    home = written(tmp_path, {"vpn.nix": SERVER, "deep/down/configuration.nix": SERVER}, repository=False)
    monkeypatch.setenv("HOME", str(home))
    checked = check([str(home / "vpn.nix")], Request(whole_project=True))
    assert [host.name for host in checked.inspection.hosts] == ["default"]


def test_a_module_that_other_files_lead_to_is_checked_with_them(tmp_path: Path) -> None:
    """Without a flake or an entry the one file that leads to all that is about Headscale is the configuration."""
    root = written(
        tmp_path,
        {
            "main.nix": "{ imports = [ ./hs/server.nix ./hs/domain.nix ]; }",
            "hs/server.nix": SERVER,
            "hs/domain.nix": DOMAIN,
        },
        repository=True,
    )
    for paths in ([str(root)], [str(root / "main.nix")]):
        checked = check(paths, Request())
        assert [(host.name, host.alone) for host in checked.inspection.hosts] == [("default", False)]
        assert {finding.rule.name for finding in checked.findings} == {"base-domain-covers-server", "misplaced-setting"}


HUB = {
    "flake.nix": flake(host("hub", "./hosts/hub") + "\n    " + host("other", "./hosts/other")),
    "hosts/hub/default.nix": '{ ... }: { imports = [ ../../modules/vpn.nix ]; services.headscale.address = "127.0.0.1"; }\n',
    "hosts/other/default.nix": "{ ... }: { imports = [ ../../modules/vpn.nix ]; }\n",
    "modules/vpn.nix": '{ ... }: { services.headscale = { enable = true; serverUrl = "https://hs.example.com"; port = 8443;'
    ' settings.dns.base_domain = "t.example.net"; settings.dns.nameservers.global = [ "9.9.9.9" ]; }; }\n',
}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flake of two hosts, seen from the directory of one."""
    root = written(tmp_path, HUB, repository=True)
    monkeypatch.chdir(root / "hosts/hub")
    return root


def run(*arguments: str) -> str:
    return CliRunner().invoke(main, arguments).stdout


def test_show_takes_the_hosts_that_have_to_do_with_a_path(hub: Path) -> None:
    """By a directory, by a file that both import; places are those that can be opened from here."""
    assert [line for line in run("show").splitlines() if line.startswith("# ") and "Headscale" in line] == [
        line for line in run("show", "--host", "hub").splitlines() if line.startswith("# ") and "Headscale" in line
    ]
    assert "# ../../modules/vpn.nix:1" in run("show")
    assert set(json.loads(run("show", "../../modules/vpn.nix", "--format", "json"))["hosts"]) == {"hub", "other"}
    assert set(json.loads(run("show", "default.nix", "--format", "json"))["hosts"]) == {"hub"}


def test_why_shows_what_a_host_has_from_the_directory_of_its_own(hub: Path) -> None:
    """Not the default of a module that was looked at alone."""
    reported = run("why", ".", "port")
    assert reported.startswith("hub: services.headscale.port = 8443\n")
    assert "  wins   ../../modules/vpn.nix:1:" in reported
    assert "other:" not in reported


def test_an_upgrade_is_planned_for_the_hosts_of_a_directory(hub: Path) -> None:
    """What is to be done for them lies elsewhere, and is listed all the same."""
    plan = json.loads(run("upgrade", "--format", "json"))
    assert [host["name"] for host in plan["hosts"]] == ["hub"]
    assert {entry["path"] for entry in plan["entries"]} == {"modules/vpn.nix"}
    assert all(entry["hosts"] == ["hub"] for entry in plan["entries"])
