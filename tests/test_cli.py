"""The commands as users run them: what is printed, where, and how it ends."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from released import OWN_MODULE
from sample import CRASHING

from hslint import __version__
from hslint.catalogue.edition import AS_OF, NEWEST_KNOWN
from hslint.cli import main
from hslint.reporters import FORMATS

GOOD = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
    };
  };
}
"""
PLAIN_HTTP = GOOD.replace("https:", "http:")
NO_WAL = GOOD.replace("dns.base", "database.sqlite.write_ahead_log = false;\n      dns.base")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with a correct configuration in it."""
    (tmp_path / "configuration.nix").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hslint(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=given)


def process(
    *arguments: str, environment: dict[str, str] | None = None, **more: object
) -> subprocess.CompletedProcess[bytes]:
    """A real process: signals, pipes and encodings are its own."""
    variables = {**os.environ, "PYTHONUTF8": "1", **(environment or {})}
    run: subprocess.CompletedProcess[bytes] = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "hslint", *arguments], env=variables, **{"stderr": subprocess.PIPE, **more}
    )
    return run


TYPO = "services.headscale.settings.derp.server.enable = true;"


@pytest.mark.parametrize(
    "module",
    [
        f"{{ {TYPO} }}\n",
        f'{{ config, lib, ... }}: lib.mkIf (config.networking.hostName == "vpn") {{ {TYPO} }}\n',
    ],
    ids=["never enabled here", "enabled on another machine"],
)
def test_a_part_of_a_configuration_is_checked_by_what_it_says(tree: Path, module: str) -> None:
    """A module that enables nothing is completed by others: what it says can be wrong, what it leaves out cannot."""
    (tree / "relay.nix").write_text(module)
    result = hslint("check", "--format", "concise", "relay.nix")
    place, severity, said = result.stdout.strip().split(": ", 2)
    assert place == f"relay.nix:1:{module.index('enable =') + 1}"
    assert severity == "warning"
    where = ' (where `networking.hostName == "vpn"` holds)' if "hostName" in module else ""
    assert said == f"derp.server.enable is not read; Headscale reads derp.server.enabled{where} [misplaced-setting]"


def test_what_does_not_exist_is_named_as_people_write_it(tree: Path) -> None:
    """Nix names files from the root of the machine; who looks at a report stands in the project."""
    (tree / "configuration.nix").write_text("{ imports = [ ./monitoring.nix ]; }\n")
    assert hslint("check", "--format", "concise").stdout == (
        "configuration.nix:1:15: error: getting status of 'monitoring.nix': No such file or directory [evaluation-error]\n"
    )


def complaint(*arguments: str, given: bytes | None = None) -> str:
    """The one line with which a command ends that could not run."""
    result = hslint(*arguments, given=given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("hslint: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("hslint: ").rstrip("\n")


# -- exit status ---------------------------------------------------------------------------------------------------------


def test_nothing_found_is_zero(tree: Path) -> None:
    """And it is said, so that nobody wonders whether anything was looked at."""
    result = hslint("check", "configuration.nix")
    assert (result.exit_code, result.stdout) == (0, "no problems found (1 host with Headscale)\n")


def test_findings_are_one(tree: Path) -> None:
    """On standard output, with their place."""
    (tree / "configuration.nix").write_text(PLAIN_HTTP)
    result = hslint("check", "--format", "concise", "configuration.nix")
    assert result.exit_code == 1
    assert result.stdout == (
        "configuration.nix:5:20: warning: hs.example.com is served without TLS; clients expect HTTPS "
        "[server-url-plain-http]\n"
    )


def test_without_a_path_the_current_directory_is_checked(tree: Path) -> None:
    """As `hslint check .` does."""
    assert hslint("check").stdout == hslint("check", ".").stdout == "no problems found (1 host with Headscale)\n"


def test_a_host_that_is_no_host_is_no_host(tree: Path) -> None:
    """What there is, is named."""
    assert complaint("check", "--host", "nobody") == "--host nobody: no such host; found: default"


def members(value: object) -> object:
    """The shape of JSON: names of members, nested; the elements of a list are alike."""
    if isinstance(value, dict):
        return {name: members(inner) for name, inner in value.items()}
    return [members(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def test_json_has_the_members_that_its_page_shows(tree: Path) -> None:
    """docs/json.md is the contract with other programs."""
    (tree / "configuration.nix").write_text(NO_WAL)
    page = (Path(__file__).parent.parent / "docs" / "json.md").read_text()
    documented = json.loads(page.partition("```json\n")[2].partition("```")[0])
    printed = json.loads(hslint("check", "--format", "json").stdout)
    assert members(printed) == members(documented)
    assert printed["root"] == str(tree)


# -- what cannot be run --------------------------------------------------------------------------------------------------


def test_a_file_that_does_not_exist(tree: Path) -> None:
    """It is named as it was given."""
    assert complaint("check", "missing.nix") == "missing.nix: no such file or directory"
    assert complaint("show", "missing.nix") == "missing.nix: no such file or directory"
    assert complaint("check", "") == "an empty path names no file"


def test_a_name_of_several_lines_is_still_one_line(tree: Path) -> None:
    """Nor does it steer the terminal."""
    assert complaint("check", "a\nb\x1b[31m") == "a\ufffdb\ufffd[31m: no such file or directory"


def test_a_directory_without_nix(tree: Path) -> None:
    """Silence would look like success."""
    (tree / "empty").mkdir()
    assert complaint("check", "empty") == f"{tree}/empty: holds no .nix file"


def test_a_file_that_may_not_be_read(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions do not bind everybody, so the answer of the system is replaced here."""
    monkeypatch.setattr("hslint.hosts.discovery.os.access", lambda path, mode: False)
    assert complaint("check", "configuration.nix") == "configuration.nix: cannot be read (permission denied)"


def test_what_is_neither_file_nor_directory(tree: Path) -> None:
    """A pipe would be waited for for ever."""
    os.mkfifo(tree / "pipe.nix")
    assert complaint("check", "pipe.nix") == "pipe.nix: is neither a file nor a directory"


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_a_rule_that_does_not_exist(tree: Path, option: str) -> None:
    """The nearest one is named, or where to look."""
    said = complaint("check", option, "server-url-plain-htp")
    assert said == f"{option}: there is no rule server-url-plain-htp; did you mean server-url-plain-http?"
    assert complaint("check", option, "zzz") == f"{option}: there is no rule zzz; `hslint rules` lists them"


def test_a_release_or_module_that_does_not_exist(tree: Path) -> None:
    """With the form, and with the names that there are."""
    assert complaint("check", "--headscale", "new") == "--headscale new: not a release; write it like 0.28 or 0.28.0"
    assert complaint("check", "--module", "new").startswith("--module new: no such module; known are in-repo, ")


def test_a_command_that_does_not_exist() -> None:
    """The nearest one is named."""
    result = hslint("chek")
    assert result.exit_code == 2
    assert "did you mean check?" in result.stderr


def test_options_that_go_together(tree: Path) -> None:
    """One without the other is a mistake."""
    assert complaint("check", "--stdin-filename", "a.nix") == "--stdin-filename goes with the path `-`"
    assert complaint("check", "--unsafe-fixes") == "--unsafe-fixes goes with --fix or --diff"
    assert complaint("check", "-", "a.nix").startswith("standard input (`-`) cannot be checked together")


def test_a_defect_of_hslint_is_no_finding(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own exit status would be 1, which means findings."""

    def defective(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("hslint.cli.check.check", defective)
    assert complaint("check") == "internal-error: KeyError: 'oops' (a defect of hslint; HSLINT_TRACEBACK=1 shows where)"
    monkeypatch.setenv("HSLINT_TRACEBACK", "1")
    assert isinstance(hslint("check").exception, KeyError)


def test_an_interrupted_run_is_quiet(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever pressed Ctrl-C knows; the status is that of a program which it ended."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hslint.cli.check.check", interrupted)
    result = hslint("check")
    assert (result.exit_code, result.output) == (130, "")


# -- rules that crash ----------------------------------------------------------------------------------------------------


def test_a_rule_that_crashes_is_named_and_the_others_go_on(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The findings of the others are printed; the status says that the run was not whole."""
    monkeypatch.setattr("hslint.checking.all_rules", lambda: CRASHING)
    result = hslint("check", "--format", "concise")
    assert result.exit_code == 2
    assert result.stdout == "configuration.nix:3:5: note: found [reporting]\n"
    assert result.stderr == (
        "hslint: internal-error: the rule crashing failed on default: ZeroDivisionError: by zero\n"
    )


# -- choosing rules ------------------------------------------------------------------------------------------------------


def test_rules_are_chosen_by_name_and_by_subject(tree: Path) -> None:
    """Several are separated by commas, or the option is repeated."""
    (tree / "configuration.nix").write_text(PLAIN_HTTP)
    assert hslint("check", "--select", "server-url-plain-http,dns").exit_code == 1
    assert hslint("check", "--select", "dns", "--select", "storage").exit_code == 0
    assert hslint("check", "--ignore", "network").exit_code == 0


# -- standard input ------------------------------------------------------------------------------------------------------


def test_standard_input_stands_for_the_file_it_names(tree: Path) -> None:
    """It is checked as part of the project around that name, with the imports as seen from there."""
    (tree / "configuration.nix").write_text("{ imports = [ ./hosts/vpn.nix ]; }")
    (tree / "hosts").mkdir()
    (tree / "hosts" / "url.nix").write_text('"http://hs.example.com"')
    text = PLAIN_HTTP.replace('"http://hs.example.com"', "import ./url.nix").encode()
    result = hslint("check", "-", "--format", "concise", "--stdin-filename", "hosts/vpn.nix", given=text)
    assert result.stdout.startswith("hosts/url.nix:1:1: warning: ")


def test_standard_input_needs_no_name(tree: Path) -> None:
    """It is called stdin.nix then, and lies in the current directory."""
    result = hslint("check", "-", "--format", "concise", given=PLAIN_HTTP.encode())
    assert result.stdout.startswith("stdin.nix:5:20: ")


# -- fixes ---------------------------------------------------------------------------------------------------------------


def test_diff_shows_what_fix_would_do_and_does_nothing(tree: Path) -> None:
    """It can be piped into `git apply`."""
    (tree / "configuration.nix").write_text(NO_WAL)
    result = hslint("check", "--diff", "--unsafe-fixes")
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/configuration.nix\n+++ b/configuration.nix\n@@ ")
    assert "+      database.sqlite.write_ahead_log = true;\n" in result.stdout
    assert (tree / "configuration.nix").read_text() == NO_WAL


def test_fix_writes_and_reports_the_rest(tree: Path) -> None:
    """How much was fixed is said apart from the report."""
    (tree / "configuration.nix").write_text(NO_WAL)
    assert hslint("check", "--fix").exit_code == 1  # the fix changes what Headscale does: not without being asked
    assert (tree / "configuration.nix").read_text() == NO_WAL
    result = hslint("check", "--fix", "--unsafe-fixes")
    assert (result.exit_code, result.stderr) == (0, "fixed 1 problem in 1 file\n")
    assert (tree / "configuration.nix").read_text() == NO_WAL.replace("= false", "= true")


def test_what_comes_by_standard_input_goes_on_fixed(tree: Path) -> None:
    """The text on standard output, the rest of the report beside it; files stay as they are."""
    result = hslint("check", "-", "--fix", "--unsafe-fixes", "--stdin-filename", "new.nix", given=NO_WAL.encode())
    assert result.exit_code == 0
    assert result.stdout == NO_WAL.replace("= false", "= true")
    assert result.stderr == "fixed 1 problem in 1 file\nno problems found (1 host with Headscale)\n"
    assert [path.name for path in tree.iterdir()] == ["configuration.nix"]


# -- the other commands --------------------------------------------------------------------------------------------------


def test_explain_prints_a_rule_s_page() -> None:
    """Without the cases that only matter as tests."""
    page = hslint("explain", "base-domain-covers-server").stdout
    assert page.startswith("# base-domain-covers-server\n")
    assert "## Wrong" in page
    assert "More cases" not in page


def test_explain_shows_a_setting_s_history() -> None:
    """However it is called: as an option of NixOS, below `settings`, or as Headscale's key."""
    shown = [
        hslint("explain", name).stdout
        for name in ("services.headscale.settings.dns.magic_dns", "settings.dns.magic_dns", "dns.magic_dns")
    ]
    assert all("- 0.22: not read\n- 0.23 to 0.29: read; default true\n" in page for page in shown)
    assert "- 0.23 to 0.29: ignored" in hslint("explain", "ip_prefixes").stdout


def test_explain_knows_the_module_s_options() -> None:
    """Those that are no settings of Headscale as well."""
    assert f"- in-repo-v0.28.0 to {OWN_MODULE}: port; default 8080\n" in hslint("explain", "port").stdout


def test_explain_knows_every_rule_that_is_listed() -> None:
    """Those that look after suppressions included."""
    listed = json.loads(hslint("rules", "--format", "json").stdout)["rules"]
    assert "unused-suppression" in {rule["name"] for rule in listed}
    for rule in listed:
        assert hslint("explain", rule["name"]).stdout.startswith(f"# {rule['name']}\n")


def test_explain_suggests_what_may_be_meant() -> None:
    """Rules and settings alike."""
    assert complaint("explain", "sqlite-without-wall").endswith("; did you mean sqlite-without-wal?")
    assert complaint("explain", "dns.magicdns").endswith("; did you mean dns.magic_dns?")


def test_rules_are_listed_with_severity_and_a_sentence() -> None:
    """One a line when piped."""
    lines = hslint("rules").stdout.splitlines()
    assert any(line.startswith("base-domain-covers-server: error: ") for line in lines)
    assert all(line.endswith((".", "?")) for line in lines)


def test_show_gives_the_effective_configuration(tree: Path) -> None:
    """Module defaults included; a lone module is the host `default`."""
    shown = json.loads(hslint("show", "configuration.nix", "--format", "json").stdout)
    headscale = shown["hosts"]["default"]["headscale"]
    assert (headscale["enable"], headscale["port"]) == (True, 8080)
    assert headscale["settings"]["server_url"] == "https://hs.example.com"


def test_settings_hold_for_every_command(tree: Path) -> None:
    """And what the command line says goes first; either is named as what says so."""
    (tree / "hslint.toml").write_text('headscale = "0.26"\nmodule = "nixpkgs-25.05"\n')
    for command in ("check", "show"):
        hosts = json.loads(hslint(command, "configuration.nix", "--format", "json").stdout)["hosts"]
        host = hosts["default"] if command == "show" else hosts[0]
        assert (host["release"], host["release_from"]) == ("0.26.1", "hslint.toml")
        assert (host["module"], host["module_from"]) == ("nixpkgs-25.05", "hslint.toml")
    (option,) = json.loads(hslint("why", ".", "settings.server_url", "--headscale", "0.27", "--format", "json").stdout)[
        "options"
    ]
    assert (option["release"], option["release_from"], option["module_from"]) == (
        "0.27.1",
        "--headscale",
        "hslint.toml",
    )


def test_fail_on_lets_milder_findings_pass(tree: Path) -> None:
    """They are reported all the same; severities are those that the settings make of them."""
    (tree / "configuration.nix").write_text(NO_WAL)
    (tree / "hslint.toml").write_text('fail-on = "error"\n')
    result = hslint("check")
    assert result.exit_code == 0
    assert "[sqlite-without-wal]" in result.stdout
    (tree / "hslint.toml").write_text('fail-on = "error"\nseverity.storage = "error"\n')
    result = hslint("check")
    assert result.exit_code == 1
    assert result.stdout.startswith("error: write_ahead_log is off")


# -- real processes ------------------------------------------------------------------------------------------------------


def test_a_reader_that_has_had_enough_is_no_error(tree: Path) -> None:
    """`hslint check | head`: no traceback, nothing on standard error."""
    (tree / "configuration.nix").write_text(PLAIN_HTTP)
    reading, writing = os.pipe()
    os.close(reading)
    done = process("check", "--format", "json", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
def test_a_full_disk_is_said_in_one_line(tree: Path) -> None:
    """The report is lost, so the status is not that of a report."""
    with open("/dev/full", "wb") as full:
        done = process("check", stdout=full)
    assert done.returncode == 2
    assert done.stderr == b"hslint: the report cannot be written: No space left on device\n"


@pytest.mark.parametrize(("closed", "status"), [(">&-", 0), ("<&-", 0), ("2>&-", 0), (">&- 2>&- <&-", 0)])
def test_closed_streams_do_no_harm(tree: Path, closed: str, status: int) -> None:
    """As started by some service managers."""
    done = subprocess.run(["sh", "-c", f'"$0" -m hslint check {closed}', sys.executable], capture_output=True)
    assert (done.returncode, done.stderr) == (status, b"")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_and_texts_may_be_more_than_an_encoding_can_say(tree: Path, form: str, encoding: str) -> None:
    """A file's name is bytes, and a terminal may know ASCII alone."""
    name = os.fsencode(tree) + b"/caf\xe9.nix"
    with open(name, "wb") as file:
        file.write(PLAIN_HTTP.replace("hs.", "hs.ü港").encode())
    done = process(
        "check", "--format", form, os.fsdecode(name), environment={"PYTHONIOENCODING": encoding}, stdout=subprocess.PIPE
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"server-url-plain-http" in done.stdout


def loaded(code: str, *packages: str) -> Sequence[str]:
    """The modules of some packages that a piece of Python loads."""
    text = f"import sys\n{code}\nprint(*(m for m in sys.modules if m.split('.')[0] in {packages!r}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return sorted(done.stderr.split())


def test_the_version_costs_next_to_nothing() -> None:
    """Nothing of hslint is loaded but the list of commands."""
    version = "from hslint.cli import main\nmain(['--version'], standalone_mode=False)"
    assert loaded(version, "hslint", "rich", "tree_sitter", "json") == [
        "hslint",
        "hslint.catalogue",
        "hslint.catalogue.edition",
        "hslint.cli",
    ]
    assert hslint("--version").stdout == (
        f"hslint, version {__version__}\nknows Headscale up to {NEWEST_KNOWN} (catalogue of {AS_OF})\n"
    )


def test_a_piped_check_loads_nothing_for_terminals_and_editors(tree: Path) -> None:
    """Neither rich nor the language server nor a test framework."""
    check = "from hslint.cli import main\ntry: main(['check'])\nexcept SystemExit: pass"
    assert loaded(check, "rich", "pygls", "lsprotocol", "pytest") == []


def flake(tree: Path, hosts: str) -> None:
    (tree / "flake.nix").write_text(
        f"{{ outputs = {{ nixpkgs, other, ... }}: {{ nixosConfigurations = {hosts}; }}; }}\n"
    )


def test_hosts_that_cannot_be_evaluated_do_not_look_clean(tree: Path) -> None:
    """They are counted and named; the exit status is that of the hosts that could be checked."""
    flake(
        tree,
        "{ good = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };"
        ' a = throw "not today"; b = other.lib.system { }; c = other.lib.system { }; d = 5; }',
    )
    result = hslint("check")
    assert result.exit_code == 0
    assert (
        result.stdout
        == "nothing was found in what could be evaluated (1 host with Headscale; 4 hosts could not be evaluated)\n"
    )
    assert result.stderr.splitlines() == [
        "hslint: host a could not be evaluated: flake.nix:1: not today",
        "hslint: host b could not be evaluated: flake.nix:1: inputs.other.lib.system comes from a flake input that is not read",
        "hslint: host c could not be evaluated: flake.nix:1: inputs.other.lib.system comes from a flake input that is not read",
        "hslint: host d could not be evaluated: flake.nix:1: is not a NixOS system",
    ]


def test_where_no_host_could_be_evaluated_nothing_was_checked(tree: Path) -> None:
    """Not even their number may be known; as long as a module could be checked by itself, that counts."""
    flake(tree, "other.lib.systems { }")
    reported = (
        "hslint: hosts of the flake could not be evaluated: flake.nix:1: "
        "inputs.other.lib.systems comes from a flake input that is not read\n"
    )
    checked = hslint("check")
    assert (checked.exit_code, checked.stderr) == (0, reported)
    (tree / "configuration.nix").unlink()
    nothing = hslint("check")
    assert (nothing.exit_code, nothing.stderr) == (2, reported)
    assert (
        nothing.stdout
        == "nothing was found in what could be evaluated (0 hosts with Headscale; hosts could not be evaluated)\n"
    )


def test_a_host_that_was_asked_for_and_cannot_be_evaluated_is_no_unknown_one(tree: Path) -> None:
    """And when another one was asked for, nothing is said of it."""
    flake(tree, '{ good = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; a = throw "not today"; }')
    assert complaint("check", "--host", "a") == "host a could not be evaluated: flake.nix:1: not today"
    assert hslint("check", "--host", "good").stderr == ""
    assert complaint("check", "--host", "b") == "--host b: no such host; found: good"


def test_show_names_the_hosts_that_it_cannot_show(tree: Path) -> None:
    """What Nix would stop at is an error, what is unknown is unknown."""
    flake(tree, '{ a = throw "not today"; b = other.lib.system { }; }')
    shown = json.loads(hslint("show", "--format", "json").stdout)["hosts"]
    assert shown["a"] == {"error": "not today", "errorKind": "error"}
    assert shown["b"] == {"__unknown": "inputs.other.lib.system comes from a flake input that is not read"}
    assert "# host a could not be evaluated: flake.nix:1: not today\n" in hslint("show").stdout
