"""A team's own rules in the settings: an option, a condition in Nix, a message and a severity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hslint.cli import main

MODULE = """{ config, lib, ... }: {
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://hs.example.com";
      dns.base_domain = "tailnet.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      log.level = "debug";
    };
  };
}
"""

RULE = """
[[assert]]
option = "settings.log.level"
condition = "value != 'debug'"
message = "logs are kept, and debug says too much"
severity = "warning"
""".replace("'", '\\"')


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "configuration.nix").write_text(MODULE)
    (tmp_path / "hslint.toml").write_text(RULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hslint(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "--format", "concise", *arguments])


def asserting(tree: Path, condition: str, option: str = "settings.log.level") -> list[str]:
    """What is reported where only this is asserted."""
    text = f"[[assert]]\nname = 'x'\noption = '{option}'\ncondition = '''{condition}'''\nmessage = 'wrong'\n"
    (tree / "hslint.toml").write_text(text)
    return hslint("--select", "team-x").stdout.splitlines()


def problem(tree: Path, text: str) -> str:
    (tree / "hslint.toml").write_text(text)
    result = hslint()
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr.removeprefix("hslint: ").rstrip("\n")


@pytest.mark.usefixtures("tree")
def test_what_a_team_asserts_is_a_rule() -> None:
    """Called after its option, with its own severity and message, at the value."""
    result = hslint()
    assert (result.exit_code, result.stdout) == (
        1,
        "configuration.nix:8:19: warning: logs are kept, and debug says too much [team-log-level]\n",
    )


def test_what_holds_is_not_reported(tree: Path) -> None:
    """With the value that the module gives where nobody sets one."""
    (tree / "configuration.nix").write_text(MODULE.replace('"debug"', '"info"'))
    assert hslint().output == ""
    assert asserting(tree, "value == 8080", "services.headscale.port") == []


@pytest.mark.parametrize(
    ("condition", "option"),
    [
        ("value == null", "settings.log.level"),
        ('lib.elem value [ "info" "warn" ]', "settings.log.level"),
        ("config.services.nginx.enable", "settings.log.level"),
        ("builtins.stringLength value < 5", "services.headscale.settings.log.level"),
        ('value.level != "debug"', "settings.log"),
    ],
)
def test_a_condition_is_nix(tree: Path, condition: str, option: str) -> None:
    """With the value, the whole configuration and nixpkgs' lib."""
    (line,) = asserting(tree, condition, option)
    assert line.endswith(": error: wrong [team-x]")


def test_an_option_that_nothing_sets_is_null(tree: Path) -> None:
    """What is missing is reported where Headscale is enabled."""
    assert asserting(tree, "value == null", "settings.randomize_client_port") == []
    assert asserting(tree, "value != null", "settings.randomize_client_port") == [
        "configuration.nix:3:5: error: wrong [team-x]"
    ]


@pytest.mark.parametrize("value", ["config.my.level", 'builtins.getEnv "LEVEL"', "(throw 1)"])
def test_what_is_unknown_is_not_reported(tree: Path, value: str) -> None:
    """Neither is what Nix fails on: that is another rule's business."""
    (tree / "configuration.nix").write_text(MODULE.replace('"debug"', value))
    assert asserting(tree, 'value == "info"') == []


def test_what_another_file_may_set_is_not_reported(tree: Path) -> None:
    (tree / "configuration.nix").write_text(
        MODULE.replace("services.headscale", "imports = [ <x> ]; services.headscale", 1)
    )
    assert asserting(tree, "value != null", "settings.randomize_client_port") == []


def test_under_a_condition_it_is_possible(tree: Path) -> None:
    """As with any rule."""
    guarded = 'lib.mkIf (builtins.getEnv "DEBUG" == "1") "debug"'
    (tree / "configuration.nix").write_text(MODULE.replace('"debug"', guarded))
    assert hslint().exit_code == 0
    (line,) = hslint("--possible").stdout.splitlines()
    assert ": possible warning: logs are kept" in line


def test_a_condition_that_fails_says_so(tree: Path) -> None:
    """It is the settings that are wrong, and they are named."""
    for condition, said in (
        ("nothing value", "the condition at hslint.toml:3:1 fails: undefined variable 'nothing'"),
        ("value + 1", "the condition at hslint.toml:3:1 fails: "),
        ("value", "the condition at hslint.toml:3:1 is neither true nor false"),
    ):
        (line,) = asserting(tree, condition)
        assert line.startswith(f"configuration.nix:8:19: error: {said}")


def test_it_is_chosen_suppressed_and_graded_as_other_rules_are(tree: Path) -> None:
    """By its name, or with the others of the team."""
    for name in ("team-log-level", "team-rules"):
        (tree / "hslint.toml").write_text(RULE)
        assert hslint("--select", name).exit_code == 1
        assert hslint("--ignore", name).exit_code == 0
        (tree / "hslint.toml").write_text(f'ignore = ["{name}"]\n{RULE}')
        assert hslint().output == ""
        (tree / "hslint.toml").write_text(f'{RULE}\n[per-path-ignore]\n"configuration.nix" = ["{name}"]\n')
        assert hslint().output == ""
    (tree / "hslint.toml").write_text(f'{RULE}\n[severity]\nteam-log-level = "note"\n')
    assert ": note: " in hslint().stdout
    (tree / "hslint.toml").write_text(RULE)
    (tree / "configuration.nix").write_text(
        MODULE.replace("      log", "      # hslint: ignore[team-log-level] -- a laboratory\n      log")
    )
    assert hslint().output == ""


@pytest.mark.usefixtures("tree")
def test_a_rule_of_the_team_that_is_none_is_named_with_those_there_are() -> None:
    result = hslint("--select", "team-x")
    assert (result.exit_code, result.stderr) == (
        2,
        "hslint: --select: there is no rule team-x; the settings have team-log-level\n",
    )


@pytest.mark.usefixtures("tree")
def test_every_format_has_it() -> None:
    """With its page in the place of a rule's own."""
    (finding,) = json.loads(hslint("--format", "json").stdout)["findings"]
    assert (finding["rule"], finding["url"].rpartition("/")[2]) == ("team-log-level", "team-rules.md#team-log-level")
    (rule,) = json.loads(hslint("--format", "sarif").stdout)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"] == "# team-log-level\n\nlogs are kept, and debug says too much"


@pytest.mark.usefixtures("tree")
def test_explain_knows_it() -> None:
    """Where its settings hold."""
    page = CliRunner().invoke(main, ["explain", "team-log-level"]).stdout
    assert page.splitlines() == [
        "# team-log-level",
        "",
        "logs are kept, and debug says too much.",
        "",
        "services.headscale.settings.log.level must meet this condition (hslint.toml:3:1, warning):",
        "",
        '    value != "debug"',
    ]
    assert CliRunner().invoke(main, ["explain", "team-x"]).exit_code == 2


OPTION, CONDITION, MESSAGE = 'option = "port"\n', 'condition = "true"\n', 'message = "x"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("assert = 1\n", "hslint.toml:1:1: assert must be tables; write [[assert]] before each"),
        ("[[assert]]\n" + CONDITION + MESSAGE, "hslint.toml:1:3: [[assert]] needs an option, such as"),
        ("[[assert]]\n" + OPTION + MESSAGE, "hslint.toml:1:3: [[assert]] needs a condition: Nix that is"),
        ("[[assert]]\n" + OPTION + CONDITION, "hslint.toml:1:3: [[assert]] needs a message that says"),
        ("[[assert]]\n" + OPTION + 'condition = ""\n' + MESSAGE, "hslint.toml:3:1: [[assert]] needs a condition"),
        ("[[assert]]\n" + OPTION + 'condition = "a ="\n' + MESSAGE, "hslint.toml:3:1: condition is no Nix: "),
        (
            "[[assert]]\n" + OPTION + CONDITION + MESSAGE + "[[assert]]\n" + OPTION + CONDITION + MESSAGE,
            "hslint.toml:6:1: another [[assert]] is called team-port as well; give one of them a name of its own",
        ),
        (
            RULE + "[[assert]]\n" + OPTION + CONDITION + MESSAGE + 'severty = "note"\n',
            "hslint.toml:11:1: unknown setting severty of [[assert]]; did you mean severity?",
        ),
        (
            "[[assert]]\n" + OPTION + CONDITION + MESSAGE + 'severity = "fatal"\n',
            "hslint.toml:5:13: fatal is no severity; write error, warning or note",
        ),
        (
            '[[assert]]\nname = "My rule"\n' + OPTION + CONDITION + MESSAGE,
            "hslint.toml:2:1: name must be small letters, digits and hyphens, such as metrics-are-private",
        ),
    ],
)
def test_a_wrong_one_has_its_place_and_its_way_out(tree: Path, text: str, said: str) -> None:
    assert problem(tree, text).startswith(said)
