"""The real `hslint lsp`, spoken to as editors speak."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_editor import EMACS, NEOVIM, VS_CODE, Editor, edited, shown

from hslint.finding import Finding
from hslint.lsp.convert import suppression
from hslint.rule import Problem
from hslint.source import SourceFile
from hslint.suppression import UNUSED

#: One finding that can be mended (a key under a wrong name), with or without something in front of it on the line.
MISTAKE = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://vpn.example.org";
      dns.base_domain = "tail.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      %sderp.server.enable = false;
    };
  };
}
"""
PLAIN = MISTAKE % ""
MENDED = PLAIN.replace("server.enable ", "server.enabled ")
FOUND = ["7:18-7:24 misplaced-setting"]

Start = Callable[..., Editor]


@pytest.fixture
def start() -> Iterator[Start]:
    editors: list[Editor] = []

    def begin(capabilities: dict[str, Any], encodings: list[str] | None = None) -> Editor:
        editors.append(Editor(capabilities, encodings))
        return editors[-1]

    yield begin
    for editor in editors:
        editor.kill()


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "headscale.nix"
    path.write_text(PLAIN)
    return path


@pytest.mark.parametrize("capabilities", [NEOVIM, EMACS], ids=["neovim", "emacs"])
def test_an_editor_that_does_not_pull_is_pushed_to(start: Start, module: Path, capabilities: dict[str, Any]) -> None:
    """At the exact place, and an empty list when it is mended in the buffer."""
    editor = start(capabilities)
    uri = editor.open(module)
    assert editor.wait_for_push(uri) == FOUND
    editor.write(uri, MENDED)
    assert editor.wait_for_push(uri, 2) == []
    assert editor.leave() == 0


def test_an_editor_that_pulls_is_never_pushed_to(start: Start, module: Path) -> None:
    """It would see everything twice; it is asked to pull again instead."""
    editor = start(VS_CODE)
    uri = editor.open(module)
    assert shown(editor.pull(uri)) == FOUND
    editor.write(uri, MENDED)
    assert editor.pull(uri) == []
    assert editor.pushed == []
    assert "workspace/diagnostic/refresh" in editor.asked
    assert editor.leave() == 0


def test_what_did_not_change_is_not_sent_again(start: Start, module: Path) -> None:
    """An editor that names the report it has is told that it is still right."""
    editor = start(VS_CODE)
    document = {"uri": editor.open(module)}
    first = editor.request("textDocument/diagnostic", {"textDocument": document})
    params = {"textDocument": document, "previousResultId": first["resultId"]}
    assert editor.request("textDocument/diagnostic", params)["kind"] == "unchanged"


@pytest.mark.parametrize(("encoding", "width"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_columns_count_what_was_agreed_on(start: Start, module: Path, encoding: str, width: int) -> None:
    """A character outside the Basic Multilingual Plane is four, two or one."""
    editor = start(NEOVIM, [encoding])
    uri = editor.open(module, MISTAKE % "/*😀*/ ")
    assert editor.server["capabilities"]["positionEncoding"] == encoding
    column = 18 + len("/**/ ") + width
    assert editor.wait_for_push(uri) == [f"7:{column}-7:{column + 6} misplaced-setting"]


def test_lines_may_end_as_on_windows(start: Start, module: Path) -> None:
    """The place is the same."""
    editor = start(NEOVIM)
    uri = editor.open(module, PLAIN.replace("\n", "\r\n"))
    assert editor.wait_for_push(uri) == FOUND


def test_the_unsaved_text_of_one_file_changes_what_is_said_of_another(start: Start, tmp_path: Path) -> None:
    """The base domain stands in one file and the address in the other: the project is judged, not the file."""
    (tmp_path / "flake.nix").write_text(
        """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.vpn = nixpkgs.lib.nixosSystem { modules = [ ./headscale.nix ./domain.nix ]; };
  };
}
"""
    )
    (tmp_path / "headscale.nix").write_text(MENDED.replace('      dns.base_domain = "tail.example.net";\n', ""))
    domain = tmp_path / "domain.nix"
    text = '{ services.headscale.settings.dns.base_domain = "tail.example.net"; }\n'
    domain.write_text(text)
    editor = start(NEOVIM)
    uri = editor.open(domain)
    other = (tmp_path / "headscale.nix").as_uri()
    editor.write(uri, text.replace("tail.example.net", "example.org"))
    found = editor.wait_for_push(other) if other in str(editor.pushed) else editor.wait_for_push(uri, 2)
    assert any("base-domain-covers-server" in finding for finding in found)


def test_a_quick_fix_mends_the_buffer(start: Start, module: Path) -> None:
    """Its text is what the fix promises, and nothing is left to say."""
    editor = start(EMACS)
    uri = editor.open(module)
    place = {"start": {"line": 7, "character": 20}, "end": {"line": 7, "character": 20}}
    fix, suppress, fix_all = editor.actions(uri, place)
    assert edited(PLAIN, fix) == MENDED
    assert (fix["kind"], fix_all["kind"]) == ("quickfix", "source.fixAll.hslint")
    assert fix["edit"]["documentChanges"][0]["textDocument"]["version"] == 1
    assert suppress["title"] == "Suppress misplaced-setting here"
    editor.write(uri, edited(PLAIN, suppress))
    assert editor.wait_for_push(uri, 2) == []


def test_fix_all_can_be_asked_for_alone(start: Start, module: Path) -> None:
    """As editors do on saving: by the kind or by what the kind lies under."""
    editor = start(VS_CODE)
    uri = editor.open(module)
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    for kind in ("source.fixAll", "source.fixAll.hslint", "source"):
        (only,) = editor.actions(uri, place, [kind])
        assert edited(PLAIN, only) == MENDED
    assert editor.actions(uri, place, ["refactor"]) == []


def test_a_setting_explains_itself_under_the_cursor(start: Start, module: Path) -> None:
    """With what Headscale does with it and what it is."""
    editor = start(NEOVIM)
    uri = editor.open(module)
    at = {"textDocument": {"uri": uri}, "position": {"line": 5, "character": 12}}
    said = editor.request("textDocument/hover", at)["contents"]["value"]
    assert "settings.dns.base_domain" in said
    assert "tail.example.net" in said


def test_half_typed_text_is_answered(start: Start, module: Path) -> None:
    """Every beginning of the file, one edit after the other, faster than it can be judged; the last word counts."""
    editor = start(NEOVIM)
    uri = editor.open(module)
    for end in range(0, len(PLAIN), 7):
        editor.write(uri, PLAIN[:end])
    editor.write(uri, MENDED + "# \ud83d")
    editor.write(uri, PLAIN)
    assert editor.wait_for_push(uri, editor.versions[uri]) == FOUND
    seen = [params["version"] for params in editor.pushed if params["uri"] == uri]
    assert seen == sorted(seen)


def test_a_deleted_file_is_judged_as_long_as_it_is_open(start: Start, module: Path) -> None:
    """The buffer is the truth; when it is closed too, nothing is left to say."""
    editor = start(NEOVIM)
    uri = editor.open(module)
    assert editor.wait_for_push(uri) == FOUND
    module.unlink()
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert editor.wait_for_push(uri) == []
    assert editor.leave() == 0


def test_the_editor_gets_what_the_command_line_says(start: Start) -> None:
    """Rule, place and message of everything in the showcase, as `hslint check --format json` has them."""
    root = Path(__file__).resolve().parents[2] / "examples" / "showcase"
    editor = start(VS_CODE)
    editor.open(root / "flake.nix")
    report = editor.request("workspace/diagnostic", {"previousResultIds": []})
    mine = sorted(
        (item["uri"], d["code"], d["range"]["start"]["line"] + 1, d["range"]["start"]["character"] + 1)
        for item in report["items"]
        for d in item["items"]
    )
    program = Path(sys.executable).with_name("hslint")
    done = subprocess.run([program, "check", root, "--format", "json"], capture_output=True, text=True)
    findings = json.loads(done.stdout)["findings"]
    repository = root.parents[1]
    theirs = sorted(
        (
            next(base / f["path"] for base in (root, repository) if (base / f["path"]).exists()).as_uri(),
            f["rule"],
            f["start"]["line"],
            f["start"]["column"],
        )
        for f in findings
    )
    assert len(mine) > 5
    assert mine == theirs


def test_a_suppression_does_not_become_part_of_a_string(tmp_path: Path) -> None:
    """Inside one a comment would be text, so it goes to the top of the file and speaks of all of it."""
    inside = SourceFile(str(tmp_path / "a.nix"), b"{\r\n  a = ''\r\n    text\r\n  '';\r\n}\r\n")
    before = SourceFile(str(tmp_path / "b.nix"), b"{\r\n  a = 1;\r\n}\r\n")

    def edit(file: SourceFile, word: bytes) -> tuple[int, str]:
        at = file.text.index(word)
        problem = Problem("said", file.span(at, at + len(word)))
        (one,) = suppression(Finding(UNUSED, problem, ())).edits
        return one.span.start, one.replacement

    assert edit(inside, b"text") == (0, "# hslint: ignore-file[unused-suppression] -- reason\r\n")
    assert edit(before, b"a = 1") == (3, "  # hslint: ignore[unused-suppression] -- reason\r\n")


def test_a_file_is_addressed_as_the_editor_does(start: Start, module: Path, tmp_path: Path) -> None:
    """An editor that came by a symbolic link would take the real path for another file."""
    (tmp_path / "link").symlink_to(tmp_path)
    editor = start(NEOVIM)
    uri = editor.open(tmp_path / "link" / module.name, PLAIN)
    assert editor.wait_for_push(uri) == FOUND


def test_a_file_that_was_never_saved_is_judged(start: Start, tmp_path: Path) -> None:
    """There is nothing on the disk, and no file of that name."""
    (tmp_path / "flake.nix").write_text("{ outputs = _: { }; }\n")
    editor = start(NEOVIM)
    uri = editor.open(tmp_path / "new.nix", PLAIN)
    assert editor.wait_for_push(uri) == FOUND
    editor.open(tmp_path / "odd.nix", "{ services.headscale = \0 }")
    untitled = {"uri": "untitled:Untitled-1", "languageId": "nix", "version": 1, "text": PLAIN}
    editor.notify("textDocument/didOpen", {"textDocument": untitled})
    assert editor.leave() == 0
