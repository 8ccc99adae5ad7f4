"""No text of the input reaches a terminal, or the log of a workflow, with anything in it that steers either."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from hslint.checking import Request, inspect
from hslint.cli import main
from hslint.cli.eval import eval_  # noqa: F401  # loaded once, not by the first test
from hslint.lsp import hover
from hslint.lsp.analysis import Outcome
from hslint.reporters import FORMATS
from hslint.reporters.terminal import Safe, Style, printable, safe

#: Escapes of C0 and C1, line ends, marks of direction, what nobody sees.
HOSTILE = "x\x1b[2J\r\n::error::owned\x9b31m\u202e\u2066\u200b\x07\ufeff\x7f\u2028\u3164\U000e0101y"


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


H = quoted(HOSTILE)

VALUES = f"""{{ ... }}: {{
  services.headscale = {{
    enable = true;
    user = {H};
    settings = {{
      {H} = 1;
      "::error::name" = 2;
      "##[error]name" = 3;
      "##vso[task.complete]name" = 4;
      unix_socket = {H};
      listen_addr = {H};
      log.level = {H};
      policy.path = {H};
      prefixes.v4 = {H};
      dns.nameservers.split.{H} = [ {H} ];
      dns.extra_records = [ {{ name = {H}; type = {H}; value = {H}; }} ];
      derp.server.enable = false;
    }};
  }};
  warnings = [ {H} ];
  assertions = [ {{ assertion = false; message = {H}; }} ];
  services.nginx.virtualHosts.{H}.locations."/".proxyPass = {H};
}}
"""

CASES = {
    "values": VALUES,
    "a failure": f"{{ services.headscale.enable = true; services.headscale.settings.server_url = throw {H}; }}",
    "an option": f"{{ services.headscale.enable = true; services.headscale.{H} = 1; }}",
    "a syntax error": "{ services.headscale = { enable = true; " + HOSTILE + " = ",
    "a variable": "{ services.headscale = { enable = true; settings.server_url = \u202efoo; }; }",
    "an import": f"{{ imports = [ (./. + {quoted('/' + HOSTILE)}) ]; services.headscale.enable = true; services.headscale.settings.url = 1; }}",
}


def commands(path: str) -> Iterator[list[str]]:
    for form in FORMATS:
        yield ["check", path, "--format", form]
    yield ["check", path, "--diff", "--unsafe-fixes"]
    for form in ("text", "json"):
        yield ["show", path, "--format", form]
    for option in ("settings", "settings.server_url", "services.nginx", "services.headscale", f"settings.{H}"):
        yield ["why", path, option]
    for form in ("text", "json", "markdown"):
        yield ["upgrade", path, "--from", "0.22", "--format", form]


def harm(output: str, *, orders: bool = False) -> list[str]:
    """What is wrong with some output; `orders`: where it consists of workflow commands, of which only hslint's own are right."""
    return [
        repr(line)
        for line in output.split("\n")
        if not (line.isprintable() and not re.search("[\u3164\U000e0100-\U000e01ef]", line))
        or "##[" in line
        or re.search(r"##vso\[" if not orders else r"(?<!^)##vso\[|^##vso\[(?!task\.logissue )", line)
        or re.match(r"\s*::(?!(?:error|warning|notice) (?:file|title)=)" if orders else r"\s*::", line)
    ]


def run(*arguments: str, **variables: str) -> str:
    done = CliRunner().invoke(
        main, arguments, env={"GITHUB_WORKSPACE": None, "FORCE_COLOR": None, "GITHUB_ACTIONS": "true", **variables}
    )
    assert done.exception is None or isinstance(done.exception, SystemExit), arguments
    return done.output


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_nothing_of_a_configuration_steers_anything(tmp_path: Path, name: str) -> None:
    """Its values, names, messages and mistakes come out as text on one line."""
    (tmp_path / "configuration.nix").write_text(CASES[name], "utf-8")
    for arguments in commands(str(tmp_path)):
        assert harm(run(*arguments), orders=arguments[-1] in ("github", "azure")) == [], arguments


@pytest.mark.slow
def test_nothing_of_the_names_of_hosts_steers_anything(tmp_path: Path) -> None:
    """Neither of those that are reported, nor of those that cannot be evaluated."""
    (tmp_path / "flake.nix").write_text(
        f"{{ outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations = {{\n"
        f"  {H} = nixpkgs.lib.nixosSystem {{ modules = [ ./configuration.nix ]; }};\n"
        f"  b = nixpkgs.lib.nixosSystem {{ modules = [ ./configuration.nix {{ services.headscale.settings.a = 1; }} ]; }};\n"
        f"  {quoted(HOSTILE + 'z')} = throw {H};\n}}; }}; }}\n",
        "utf-8",
    )
    (tmp_path / "configuration.nix").write_text(VALUES, "utf-8")
    for arguments in commands(str(tmp_path)):
        output = run(*arguments)
        assert harm(output, orders=arguments[-1] in ("github", "azure")) == [], arguments
    inspection, _ = inspect([str(tmp_path)], Request())
    outcome = Outcome(hosts=tuple(inspection.hosts))
    texts = [
        found.text
        for offset in range(0, len(VALUES.encode()), 5)
        if (found := hover.at(str(tmp_path / "configuration.nix"), offset, outcome)) is not None
    ]
    assert texts and all(harm(text) == [] for text in texts)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "darwin", reason="names of files are Unicode there")
def test_nothing_of_the_names_of_files_steers_anything(tmp_path: Path) -> None:
    """Nor of directories; bytes that are no text are shown as a replacement."""
    directory = tmp_path / "a\x1b[2J\u202e\r\n::error::b"
    directory.mkdir()
    (directory / "::error::\x1b\u2066.nix").write_text(VALUES, "utf-8")
    (directory / os.fsdecode(b"\xff\x1b.nix")).write_text(VALUES, "utf-8")
    for arguments in commands(str(directory)):
        output = run(*arguments)
        assert harm(output, orders=arguments[-1] in ("github", "azure")) == [], arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", HOSTILE],
        ["check", ".", "--host", HOSTILE],
        ["check", ".", "--headscale", HOSTILE],
        ["check", ".", "--module", HOSTILE],
        ["check", ".", "--select", HOSTILE],
        ["check", ".", "--format", HOSTILE],
        ["check", ".", f"--{HOSTILE}"],
        ["check", "-", "--stdin-filename", HOSTILE],
        ["show", HOSTILE],
        ["why", ".", HOSTILE],
        ["upgrade", ".", "--from", HOSTILE],
        ["explain", HOSTILE],
        ["eval", HOSTILE],
        ["eval", "failing.nix"],
        ["eval", "--parse", "broken.nix"],
        ["eval", "failing.nix", "-A", HOSTILE],
        [HOSTILE],
    ],
    ids=lambda arguments: " ".join(arguments).replace(HOSTILE, "…"),
)
def test_nothing_of_the_command_line_comes_back_to_steer_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Scripts put names of files there that they found somewhere."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configuration.nix").write_text("{ services.headscale.enable = true; }")
    (tmp_path / "failing.nix").write_text(f"throw {H}", "utf-8")
    (tmp_path / "broken.nix").write_text("{ a = \x1b; \u202e", "utf-8")
    output = run(*arguments)
    assert output.strip()
    assert harm(output) == []


def test_colours_and_links_are_hslints_own(tmp_path: Path) -> None:
    """On a terminal there are escapes; those of the input are not among them."""
    (tmp_path / "configuration.nix").write_text(VALUES, "utf-8")
    output = run("check", str(tmp_path), FORCE_COLOR="1")
    assert "\x1b[1;31m" in output
    assert harm(re.sub(r"\x1b\[[0-9;]*m", "", output)) == []
    style = Style(colour=True, links=True)
    assert style.link("a\x1b]8;;evil\x1b\\", "https://x\x1b\\") == (
        "\x1b]8;;https://x\ufffd\\\x1b\\a\ufffd]8;;evil\ufffd\\\x1b]8;;\x1b\\"
    )
    assert style.line(style.paint("a\x1b[0m", "1"), "\x1b[2J") == "\x1b[1ma\ufffd[0m\x1b[0m\ufffd[2J"


def test_a_workflow_command_says_nothing_but_its_message(tmp_path: Path) -> None:
    """A line end in a message is an escape, which ends no command."""
    (tmp_path / "configuration.nix").write_text(VALUES, "utf-8")
    output = run("check", str(tmp_path), "--format", "github")
    assert "%0D%0A::error::owned" in output
    assert [line for line in output.splitlines() if line.startswith("::error::")] == []


def test_json_has_escapes_for_what_it_shows(tmp_path: Path) -> None:
    """A program gets the very text."""
    (tmp_path / "configuration.nix").write_text(VALUES, "utf-8")
    output = run("show", str(tmp_path), "--format", "json")
    assert output.isascii()
    assert json.loads(output)["hosts"]["default"]["headscale"]["user"] == HOSTILE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ümläut, 港, 🎉", "plain, ümläut, 港, 🎉"),
        ("tab\t", "tab\ufffd"),
        ("a\nb", "a\ufffdb"),
        ("\u202aa\u202e\u2066\u2069\u200b\u200d\ufeff\u00ad", "\ufffda" + "\ufffd" * 7),
        ("\x00\x1b\x7f\x80\x9b", "\ufffd" * 5),
        ("\udcff\ud800", "\ufffd\ufffd"),
        ("\u2028\u2029\u00a0", "\ufffd\ufffd\ufffd"),
        ("\u3164\ufe0f\U000e0101\u034f", "\ufffd" * 4),
    ],
)
def test_printable_text(text: str, shown: str) -> None:
    """Every character that shows nothing, or more than itself, is replaced by one that shows."""
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::x", "\ufffd:error::x"),
        ("  ::error::x", "  \ufffd:error::x"),
        ("a ::error::x", "a ::error::x"),
        ("a ##[error]x", "a #\ufffd[error]x"),
        ("::1 is an address", "\ufffd:1 is an address"),
    ],
)
def test_a_line_orders_nothing(line: str, shown: str) -> None:
    """GitHub Actions reads whatever a step prints."""
    assert safe(line) == shown
    assert safe(Safe(line)) == line
