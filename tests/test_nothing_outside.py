"""What hslint asks of the system, as Python's audit events tell it: nothing outside the project, no process, no network."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from sample import FLAKE, MODULE

ROOT = Path(__file__).resolve().parent.parent
WATCHED = ROOT / "tests" / "watched.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what a descriptor stands for is found in /proc")

#: A configuration that asks for everything outside: by its path, through links, by a search path, from the network.
CURIOUS = """{ pkgs, lib, ... }: {
  imports = [
    ./link.nix ./directory/module.nix ../outside.nix /etc/passwd <nixpkgs/nixos> ./loop.nix
    (import ../outside.nix) (fetchTarball "https://example.org/a.tar.gz")
  ] ++ lib.optional (builtins.pathExists ../outside.nix) ./more.nix
    ++ map (name: ./directory + "/${name}") (builtins.attrNames (builtins.readDir ./directory));
  services.headscale.settings = {
    server_url = builtins.readFile ./link.txt;
    policy.path = ./link.hujson;
    tls_cert_path = "${../outside.nix}";
    noise.private_key_path = toString ../key;
    dns.base_domain = lib.fileContents /etc/hostname;
    derp.paths = [ (builtins.readFile /etc/passwd) (builtins.hashFile "sha256" ./link.txt) ];
    oidc.client_secret = builtins.readFile (./. + "/../../outside.nix");
    logtail.enabled = builtins.readFileType ./directory == "directory" || builtins.pathExists "/etc/passwd";
  };
}
"""

OUTSIDE = """{ services.headscale.settings.server_url = "https://sentinel.example.org"; }\n"""


def project(place: Path) -> Path:
    """A flake in a repository, with links that lead out of it in every way, and what they lead to beside it."""
    place.mkdir(parents=True)
    (place / ".git").mkdir()
    (place / "flake.nix").write_text(
        FLAKE.replace("./headscale.nix", "./headscale.nix ./curious.nix").replace(
            "  outputs", '  inputs.sibling.url = "path:../sibling";\n  outputs'
        )
    )
    (place / "headscale.nix").write_text(MODULE)
    (place / "curious.nix").write_text(CURIOUS)
    (place / "default.nix").write_text("[ (builtins.pathExists ../outside.nix) (import ./link.nix) ]\n")
    beside = place.parent
    for name in ("outside.nix", "outside.txt", "outside.hujson", "key"):
        (beside / name).write_text(OUTSIDE)
    for name in ("directory", "sibling"):
        (beside / name).mkdir(exist_ok=True)
        (beside / name / "flake.nix").write_text("{ outputs = _: { }; }\n")
        (beside / name / "module.nix").write_text(OUTSIDE)
    (place / "link.nix").symlink_to("../outside.nix")
    (place / "link.txt").symlink_to(beside / "outside.txt")
    (place / "link.hujson").symlink_to("/etc/passwd")
    (place / "flake.lock").symlink_to("../outside.txt")
    (place / "pyproject.toml").symlink_to("../outside.txt")
    (place / "directory").symlink_to("../directory")
    (place / "loop.nix").symlink_to("loop.nix")
    return place


def watch(tmp_path: Path, at: Path, *arguments: str, given: bytes = b"") -> list[tuple[str, str]]:
    """The events of a run of hslint."""
    log = tmp_path / "events"
    log.unlink(missing_ok=True)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    variables["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run(
        [sys.executable, WATCHED, log, *arguments],
        cwd=at,
        env=variables,
        input=given,
        capture_output=True,
        timeout=120,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return [(event, about) for event, about in map(json.loads, log.read_text().splitlines())]


def _installed() -> Iterable[str]:
    """Where Python, hslint and what it depends on lie."""
    yield from (sys.prefix, sys.base_prefix, str(ROOT / "hslint"), str(ROOT / "rules"), os.devnull)
    yield from (*sysconfig.get_paths().values(), site.getusersitepackages())
    yield from (path for path in sys.path if path.endswith((".zip", "-packages")))


def trespasses(events: Sequence[tuple[str, str]], projects: Sequence[Path], *, server: bool = False) -> list[str]:
    """What none of the projects allows. Names above a project are looked at, never opened: whether a flake or a repository is there."""
    installed = [*_installed(), *map(os.path.realpath, _installed())]
    allowed = [*map(str, projects), *installed]
    marks = {str(directory / mark) for path in projects for directory in path.parents for mark in ("flake.nix", ".git")}
    above = {str(directory) for path in allowed for directory in Path(path).parents}
    found = []
    for event, about in events:
        if any(about == path or about.startswith(f"{path}/") for path in allowed):
            continue
        if event in ("stat", "lstat", "readlink") and about in above | marks:
            continue
        if server and event == "socket.__new__":
            continue  # asyncio wakes itself up through a pair of sockets; it is connected to nothing
        found.append(f"{event} {about}")
    return found


COMMANDS = [
    ("check", "."),
    ("check", "--diff", "flake.nix"),
    ("check", "--alone", "curious.nix"),
    ("check", "curious.nix"),
    ("check", "--fix", "--unsafe-fixes"),
    ("show", "."),
    ("why", ".", "services.headscale.settings.server_url"),
    ("why", ".", "services.headscale.settings.derp.paths"),
    ("upgrade", "."),
    ("upgrade", "--diff", "."),
    ("eval", "default.nix"),
    ("eval", "curious.nix"),
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_outside_the_project_is_asked_for(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Whatever the configuration says: no file, no directory, no name, no process, no socket."""
    place = project(tmp_path.resolve() / "around" / "project")
    events = watch(tmp_path, place, *command)
    assert trespasses(events, [place]) == []
    assert any(event == "opened" and about.endswith(".nix") for event, about in events)


def test_a_link_on_the_command_line_that_leads_out_is_looked_at_and_not_opened(tmp_path: Path) -> None:
    """Whoever names it may know whether it is there."""
    place = project(tmp_path.resolve() / "around" / "project")
    found = trespasses(watch(tmp_path, place, "check", "link.nix"), [place])
    assert {each.split()[0] for each in found} <= {"stat", "lstat", "access"}
    assert {each.split()[1] for each in found} <= {str(place.parent / "outside.nix")}


@pytest.mark.slow
def test_the_language_server_asks_for_nothing_outside(tmp_path: Path) -> None:
    """From initialize to exit, with the curious module open and asked about."""
    place = project(tmp_path.resolve() / "around" / "project")
    uri = (place / "curious.nix").as_uri()
    document = {"uri": uri, "languageId": "nix", "version": 1, "text": CURIOUS}
    where = {"textDocument": {"uri": uri}, "position": {"line": 6, "character": 8}}
    report = {"textDocument": {"uri": uri}}
    messages: list[dict[str, object]] = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}, "processId": None, "rootUri": place.as_uri()}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"id": 2, "method": "textDocument/hover", "params": where},
        {"id": 3, "method": "textDocument/diagnostic", "params": report},
    ]
    events = _converse(tmp_path, place, messages)
    assert trespasses(events, [place], server=True) == []
    assert ("opened", str(place / "headscale.nix")) in events


def _converse(tmp_path: Path, at: Path, messages: list[dict[str, object]]) -> list[tuple[str, str]]:
    """The events of a server that is asked all this, until it has answered the last request."""
    log = tmp_path / "events"
    command = [sys.executable, str(WATCHED), str(log), "lsp"]
    with subprocess.Popen(
        command, cwd=at, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        for members in messages:
            body = json.dumps({"jsonrpc": "2.0", **members}).encode()
            server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        server.stdin.flush()
        answered = False
        while not answered:
            length = int(server.stdout.readline().partition(b":")[2])
            while server.stdout.readline() != b"\r\n":
                pass
            answered = json.loads(server.stdout.read(length)).get("id") == messages[-1]["id"]
        server.kill()
    return [(event, about) for event, about in map(json.loads, log.read_text().splitlines())]


def test_the_watch_sees_what_is_outside(tmp_path: Path) -> None:
    """A check who sees nothing finds nothing: a project that is not declared is one trespass after the other."""
    place = project(tmp_path.resolve() / "around" / "project")
    events = watch(tmp_path, place, "check", ".")
    found = trespasses(events, [])
    assert f"opened {place}/headscale.nix" in found
    assert f"os.scandir {place}" in found
