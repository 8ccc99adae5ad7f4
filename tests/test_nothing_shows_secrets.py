"""No command, in no format, prints a secret; and what is none is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

import hslint.checking
from hslint.checking import Request, check, inspect
from hslint.cli import main
from hslint.hosts import Inspection, Options
from hslint.hosts.discovery import Scope
from hslint.hosts.search import inspect_projects
from hslint.hosts.secrets import Secrets
from hslint.lsp import hover
from hslint.lsp.analysis import Outcome
from hslint.lsp.convert import diagnostic
from hslint.record import replace
from hslint.reporters import FORMATS
from hslint.reporters.diff import Diff
from hslint.source import Encoding, Project, SourceFile

SECRET = "Zq7SENTINEL9xK"
#: Parts of it are too much as well: rules cut what they show.
PARTS = ("SENTI", "TINEL9")

#: Below `services.headscale.settings`.
SETTINGS = {
    "at its place": 'oidc.client_secret = "§";',
    "in a set": 'oidc = { issuer = "https://x.org"; client_secret = "§"; client_id = "a"; };',
    "password of the database": 'database.type = "postgres"; database.postgres = { host = "/run"; pass = "§"; };',
    "key of the API": 'cli.api_key = "§";',
    "camel case": "oidc.clientSecret = \"§\"; apiKey = ''§'';",
    "misspelt": 'database.postgres.passwrd = "§"; privat_key = "§";',
    "misplaced": 'oidc.secret = "§"; token = "§"; pass = "§";',
    "in a URL": 'derp.urls = [ "https://user:§@example.org/derp" ]; server_url = "https://user:§@hs.example.org:1/path";',
    "in another URL": 'database.sqlite.path = "postgres://u:§@db/x"; oidc.issuer = "ftp://someone:§@id.example.org";',
    "a key for a path": 'noise.private_key_path = "privkey:§";',
    "contents for a path": "noise.private_key_path = builtins.readFile ./noise.key;",
    "contents of another file": "oidc.client_secret_path = lib.fileContents ./other; policy.path = builtins.readFile ./other;",
    "a certificate's key": "tls_key_path = builtins.readFile ./key.pem; server_url = builtins.readFile ./key.pem;",
    "contents for a URL": "server_url = builtins.readFile ./noise.key; listen_addr = builtins.readFile ./noise.key;",
    "a variable": "oidc.client_secret = s; listen_addr = s; prefixes.v4 = s;",
    "many lines": "oidc.client_secret = ''\n      first\n      §\n    '';",
    "a private key": "noise.private_key_path = ''\n      -----BEGIN PRIVATE KEY-----\n      §\n      -----END PRIVATE KEY-----\n    '';",
    "as JSON": 'unknown_setting = builtins.toJSON { client_secret = "§"; };',
    "in a list as text": 'listen_addr = toString [ "x" s ]; oidc.client_secret = s;',
    "joined": 'oidc.client_secret = "a" + "§";',
    "forced": 'oidc.client_secret = lib.mkForce "§";',
    "under a condition": 'oidc.client_secret = lib.mkIf config.foo.enable "§";',
    "of a wrong type": 'oidc.client_secret = [ "§" ]; cli.api_key = { value = "§"; };',
    "instead of a set": 'oidc = "client_secret=§";',
    "on the line of another mistake": 'server_url = "ftp:/x"; oidc.client_secret = "§"; # old: client_secret = "§"',
    "in a failure": 'server_url = throw "bad ${s}"; oidc.client_secret = assert s == "x"; s;',
    "cut short": 'prefixes.v4 = "${s}-and-more"; token = s; listen_addr = "https://user:§@hs"; log.level = s;',
    "auth keys": 'foo = "tskey-auth-§"; bar.authKey = "hskey-auth-§"; baz = [ "--authkey" "§" ];',
    "a path": "database.sqlite.path = s; derp.server.url = s; token = s;",
    "renamed": 'db_pass = "§"; db_type = "postgres"; db_host = "x"; ip_prefixes = [ "100.64.0.0/10" ];',
}

#: In a configuration.
OPTIONS = {
    "a variable of the service": 'systemd.services.headscale.environment.HEADSCALE_DATABASE_POSTGRES_PASS = "§";',
    "another variable": 'systemd.services.headscale.environment.FOO_TOKEN = "§";',
    "variables as text": 'systemd.services.headscale.serviceConfig.Environment = [ "HEADSCALE_CLI_API_KEY=§" ];',
    "a flag": 'services.tailscale.extraUpFlags = [ "--authkey=tskey-§" "--auth-key=§" "--auth-key" "§" ];',
    "a script": 'systemd.services.x.script = "tailscale up --authkey §";',
    "of nginx": (
        'services.nginx.virtualHosts.x = { basicAuth.password = "§"; locations."/".proxyPass = "http://u:§@127.0.0.1"; '
        'extraConfig = "proxy_set_header Authorization \\"Bearer §\\";"; };'
    ),
    "an option of long ago": 'services.headscale.database = { passwordFile = "§"; password = "§"; };',
    "unknown options": 'services.headscale.oidc.clientSecret = "§"; services.headscale.clientSecret = "§";',
    "an assertion": 'assertions = [ { assertion = false; message = "x §"; } ]; services.headscale.settings.token = "§";',
    "a warning": 'warnings = [ "x ${s}" ]; services.headscale.settings.token = s;',
    "what lost": 'services.headscale.settings.oidc.client_secret = lib.mkMerge [ (lib.mkDefault "§") "b" ];',
    "two that conflict": (
        'imports = [ { services.headscale.settings.oidc.client_secret = "§"; } ]; '
        'services.headscale.settings.oidc.client_secret = "x1y2z3";'
    ),
    "said twice": "services.headscale.settings.pass = s; services.headscale.settings.pass = s;",
    "a file in YAML": "environment.etc.x.text = ''\n  client_secret: §\n'';\nservices.headscale.settings.server_url = 1;",
    "a syntax error": 'services.headscale.settings.oidc.client_secret = "§" foo = ',
    "another one": 'services.headscale.settings.oidc = { client_secret = "§"; x = "a }; ',
    "an undefined variable": 'services.headscale.settings.oidc.client_secret = nowhere "§";',
}

CASES = {
    **{name: f"services.headscale.settings = {{\n    {body}\n  }};" for name, body in SETTINGS.items()},
    **OPTIONS,
}

WHY = (
    "services.headscale",
    "settings",
    "settings.oidc",
    "settings.server_url",
    "systemd.services.headscale.environment",
    "services.nginx.virtualHosts",
    "services.tailscale.extraUpFlags",
)


def project(directory: Path, body: str) -> str:
    (directory / "noise.key").write_text(f"{SECRET}\n")
    (directory / "other").write_text(f"{SECRET}\n")
    (directory / "key.pem").write_text(f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n")
    body = body.replace("§", SECRET)
    variable = f'let s = "{SECRET}"; in\n' if re.search(r"\bs\b", body) else ""
    text = f"{{ config, lib, pkgs, ... }}:\n{variable}{{\n  services.headscale.enable = true;\n  {body}\n}}\n"
    (directory / "configuration.nix").write_text(text)
    return str(directory)


def commands(path: str) -> Iterator[list[str]]:
    for form in FORMATS:
        yield ["check", path, "--format", form]
    yield ["check", path, "--headscale", "0.22"]
    yield ["check", path, "--diff", "--unsafe-fixes"]
    for form in ("text", "json"):
        yield ["show", path, "--format", form]
        for option in WHY if form == "text" else WHY[:2]:
            yield ["why", path, option, "--format", form]
    for form in ("text", "json", "markdown"):
        yield ["upgrade", path, "--from", "0.22", "--format", form]
    yield ["upgrade", path, "--from", "0.22", "--diff", "--unsafe-fixes"]


@pytest.fixture
def evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same project is asked about again and again."""
    known: dict[str, list[Inspection]] = {}

    def inspect_once(
        found: Sequence[tuple[Scope, Options]], buffers: Mapping[str, bytes] | None = None
    ) -> list[Inspection]:
        asked = repr(([(scope, replace(options, deadline=None)) for scope, options in found], buffers))
        if asked not in known:
            known[asked] = inspect_projects(found, buffers)
        return known[asked]

    monkeypatch.setattr(hslint.checking, "inspect_projects", inspect_once)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("evaluated_once")
def test_no_command_prints_a_secret(tmp_path: Path, name: str) -> None:
    """Whatever it is asked for, on standard output as on standard error."""
    path = project(tmp_path, CASES[name])
    for arguments in commands(path):
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code in (0, 1, 2) and "internal-error" not in done.output
        reported = [line for line in done.output.splitlines() if any(part in line for part in PARTS)]
        assert reported == [], arguments


@pytest.mark.parametrize("name", CASES)
def test_no_editor_shows_a_secret_beside_the_text(tmp_path: Path, name: str) -> None:
    """In diagnostics, in the titles of fixes, and under the cursor, wherever that is."""
    path = project(tmp_path, CASES[name])
    checked = check([path], Request(whole_project=True))
    for finding in checked.findings:
        shown = diagnostic(finding, Encoding.UTF16, lambda address: address)
        said = [shown.message, *(each.message for each in shown.related_information or ())]
        said.append(finding.problem.fix.title if finding.problem.fix is not None else "")
        assert not any(part in each for part in PARTS for each in said)
    file = tmp_path / "configuration.nix"
    outcome = Outcome(hosts=tuple(checked.inspection.hosts))
    for word in re.finditer(rb"[\w.]+(?= =)|[\w./]{5,}(?=\")", file.read_bytes()):
        offset = word.end() - 1
        found = hover.at(str(file), offset, outcome)
        assert found is None or not any(part in found.text for part in PARTS)


def shown(tmp_path: Path, settings: str, *command: str) -> str:
    text = f"{{ lib, config, ... }}: {{\n  services.headscale.enable = true;\n  services.headscale.settings = {{\n{settings}\n  }};\n}}\n"
    (tmp_path / "configuration.nix").write_text(text)
    return CliRunner().invoke(main, [command[0], str(tmp_path), *command[1:]]).output


def test_an_excerpt_masks_the_text_between_the_quotes_and_carets_stand_below_it(tmp_path: Path) -> None:
    """Names, quotes and what is around them stay, each in its column."""
    said = shown(tmp_path, '    oidc.client_secret = "hunter2"; # why', "check", "--select", "secret-inline")
    assert said.splitlines()[2:4] == [
        ' 4 |     oidc.client_secret = "*******"; # why',
        "   |                          ^^^^^^^^^",
    ]


def test_an_excerpt_masks_what_a_secret_comes_from(tmp_path: Path) -> None:
    """The variable's text, although its name says nothing."""
    (tmp_path / "configuration.nix").write_text(
        '{ ... }:\nlet\n  x = "pässwörd-港"; in {\n  services.headscale.enable = true;\n'
        "  services.headscale.settings.oidc.client_secret = x;\n}\n"
    )
    said = CliRunner().invoke(main, ["check", str(tmp_path), "--select", "secret-inline"]).output
    assert '3 |   x = "**********"; in {' in said
    assert "    |       ^^^^^^^^^^^^" in said or "   |       ^^^^^^^^^^^^" in said


def test_values_are_shown_as_redacted(tmp_path: Path) -> None:
    """Beside others that are shown as they are."""
    settings = '    oidc = { client_secret = "hunter2"; client_id = "me"; client_secret_path = "/run/oidc"; };'
    said = shown(tmp_path, settings, "show")
    assert 'client_secret: "<redacted>"' in said
    assert 'client_id: "me"' in said
    assert 'client_secret_path: "/run/oidc"' in said
    view = json.loads(shown(tmp_path, settings, "show", "--format", "json"))
    oidc = view["hosts"]["default"]["headscale"]["settings"]["oidc"]
    assert (oidc["client_secret"], oidc["client_secret_path"]) == ("<redacted>", "/run/oidc")


#: Settings, what is to be seen of them, and how much is not.
HARMLESS = {
    "a path": ('oidc.client_secret_path = "/run/secrets/oidc";', ["/run/secrets/oidc"], 0),
    "a path under the wrong name": ('oidc.client_secret = "/run/secrets/oidc";', ["/run/secrets/oidc"], 0),
    "a credential": (
        'oidc.client_secret_path = "\\${CREDENTIALS_DIRECTORY}/oidc";',
        ["${CREDENTIALS_DIRECTORY}/oidc"],
        0,
    ),
    "a relative path": ('foo.private_key_path = "keys/noise.key";', ["keys/noise.key"], 0),
    "a switch": ("oidc.use_expiry_from_token = true;", ["use_expiry_from_token: true"], 0),
    "a word that is a password, too": (
        'database.postgres = { pass = "headscale"; user = "headscale"; };',
        ['user: "headscale"', 'pass: "<redacted>"', "/var/lib/headscale"],
        1,
    ),
    "a name that a password is like": (
        'database.postgres.pass = "sqlite"; log.level = "debug";',
        ["sqlite:", "/var/lib/headscale/db.sqlite", '"debug"'],
        1,
    ),
    "an address": (
        'server_url = "https://hs.example.org:8443"; oidc.issuer = "https://user@id.example.org/x";',
        ["https://hs.example.org:8443", "https://user@id.example.org/x"],
        0,
    ),
    "a public key": ('foo.public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1";', ["ssh-ed25519 AAAAC3NzaC1lZDI1"], 0),
    "a beginning that words have": (
        'token = "headscale-token-1"; derp.urls = [ "https://example.org/headscale" ];',
        ["https://example.org/headscale", "/var/lib/headscale"],
        1,
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_secret_is_shown(tmp_path: Path, name: str) -> None:
    """Every text but a secret's own."""
    settings, texts, hidden = HARMLESS[name]
    said = shown(tmp_path, settings, "show")
    assert [text for text in texts if text not in said] == []
    assert said.count("<redacted>") == hidden


def test_a_password_like_a_name_does_not_take_the_name_away(tmp_path: Path) -> None:
    """A host may be called like somebody's password."""
    (tmp_path / "flake.nix").write_text(
        "{ outputs = { nixpkgs, ... }: { nixosConfigurations.harbour = nixpkgs.lib.nixosSystem { modules = [\n"
        '  { services.headscale.enable = true; services.headscale.settings.token = "harbour"; } ]; }; }; }\n'
    )
    said = CliRunner().invoke(main, ["show", str(tmp_path)]).output
    assert said.startswith("# harbour: ")
    assert 'token: "<redacted>"' in said


def test_fixes_that_carry_a_secret_are_named_without_their_edits(tmp_path: Path) -> None:
    """A program that applied masked text would destroy the configuration."""
    text = '    db_pass = "hunter2x";\n    db_type = "postgres";\n    db_host = "x";'
    report = json.loads(shown(tmp_path, text, "check", "--format", "json"))
    assert "hunter2x" not in json.dumps(report)
    for fix in (finding["fix"] for finding in report["findings"] if finding["fix"]):
        assert all("*" not in edit["replacement"] and "redacted" not in edit["replacement"] for edit in fix["edits"])


def test_a_diff_masks_lines_with_secrets_and_says_that_it_is_no_patch(tmp_path: Path) -> None:
    """The other lines are those of the file."""
    text = '    oidc.client_secret = "hunter2";\n    derp.server.enable = false;'
    said = shown(tmp_path, text, "check", "--diff")
    assert '     oidc.client_secret = "*******";' in said
    assert "-    derp.server.enable = false;" in said
    assert "hslint: lines with secrets are masked, so this is no patch; --fix makes the changes" in said
    plain = shown(tmp_path, "    derp.server.enable = false;", "check", "--diff")
    assert "masked" not in plain


def test_a_diff_on_a_terminal_steers_nothing_and_in_a_pipe_is_a_patch() -> None:
    """An escape in a comment is part of the file, and of a patch for it."""
    before, after = b"# \x1b[2J\na\n", b"# \x1b[2J\nb\n"
    diff = Diff("/p", {"/p/x\x1b.nix": before}, {"/p/x\x1b.nix": after})
    assert [*diff.lines(raw=True)] == [
        '--- "a/x\\033.nix"',
        '+++ "b/x\\033.nix"',
        "@@ -1,2 +1,2 @@",
        " # \x1b[2J",
        "-a",
        "+b",
    ]
    assert [*diff.lines(raw=False)][3] == " # \ufffd[2J"


def test_a_secret_is_not_found_out_by_its_fingerprint(tmp_path: Path) -> None:
    """Who can read a SARIF log could try passwords until one fits."""

    def fingerprints(secret: str) -> list[str]:
        report = json.loads(shown(tmp_path, f'    oidc.client_secret = "{secret}";', "check", "--format", "sarif"))
        return [result["partialFingerprints"]["hslint/v1"] for result in report["runs"][0]["results"]]

    assert fingerprints("hunter2") == fingerprints("hunter3")


def test_a_secret_is_found_in_other_notations_and_cut_short() -> None:
    """Messages quote what they show, and end it where it grows too long."""
    file = SourceFile("/p/a.nix", rb'{ client_secret = "aB3\"dE5fG7hI9"; }')
    project = Project("/p")
    secrets = Secrets((project,), ())
    project._read["/p/a.nix"] = file
    for text in ('x aB3"dE5fG7hI9 y', r"x aB3\"dE5fG7hI9 y", 'x aB3"dE5fG… y', 'x aB3"dE5fG'):
        assert "dE5" not in secrets.text(text)
    assert secrets.text("aB3 and dE5") == "aB3 and dE5"


def test_secrets_of_files_that_no_host_could_be_made_of_are_known(tmp_path: Path) -> None:
    """A host that cannot be evaluated has no settings, and its files have secrets all the same."""
    (tmp_path / "flake.nix").write_text(
        '{ outputs = { nixpkgs, ... }: { nixosConfigurations.a = let client_secret = "hunter2x"; in\n'
        '  throw "not with ${client_secret}"; }; }\n'
    )
    inspection, _ = inspect([str(tmp_path)], Request())
    assert "hunter2x" not in inspection.secrets.text(inspection.describe(inspection.skipped[0]))
    assert "hunter2x" not in CliRunner().invoke(main, ["check", str(tmp_path)]).output
