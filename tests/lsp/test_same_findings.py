"""What an editor gets is what `hslint check --format json` says: rule, place, severity and message."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lsp_editor import Editor, pulling
from lsprotocol import types as lsp

from hslint.checking import Request, check
from hslint.lsp.analysis import check_buffers, project_of
from hslint.lsp.convert import diagnostic
from hslint.reporters.json import document
from hslint.source import Encoding
from hslint.testing import examples

pytestmark = pytest.mark.slow  # every page, and a server

ROOT = Path(__file__).resolve().parents[2]

_SEVERITIES = {
    lsp.DiagnosticSeverity.Error: "error",
    lsp.DiagnosticSeverity.Warning: "warning",
    lsp.DiagnosticSeverity.Information: "note",
}


class Said(NamedTuple):
    """One finding, in whichever words. Lines and columns from 0; columns in UTF-16, or, in a report, in characters."""

    uri: str
    rule: object
    severity: str | None
    start: tuple[int, int]
    end: tuple[int, int]
    message: str


def in_the_editor(found: Mapping[str, Iterable[lsp.Diagnostic]]) -> list[Said]:
    return sorted(
        Said(
            uri,
            d.code,
            _SEVERITIES.get(d.severity) if d.severity is not None else None,
            (d.range.start.line, d.range.start.character),
            (d.range.end.line, d.range.end.character),
            # hosts and conditions have members of their own in a report
            d.message.partition(" [hosts: ")[0].partition(" (where ")[0],
        )
        for uri, diagnostics in found.items()
        for d in diagnostics
    )


def in_the_report(report: Mapping[str, Any]) -> list[Said]:
    return sorted(
        Said(
            Path(report["root"], found["path"]).as_uri(),
            found["rule"],
            "note" if found["depends_on"] else found["severity"],
            (found["start"]["line"] - 1, found["start"]["column"] - 1),
            (found["end"]["line"] - 1, found["end"]["column"] - 1),
            found["message"],
        )
        for found in report["findings"]
    )


@pytest.mark.asyncio
async def test_of_a_whole_project(start: Callable[..., Awaitable[Editor]]) -> None:
    """The showcase, through the real server and the real command."""
    root = ROOT / "examples" / "showcase"
    editor = await start(pulling(), root)
    editor.open(root / "flake.nix")
    program = Path(sys.executable).with_name("hslint")
    done = subprocess.run([program, "check", root, "--format", "json"], capture_output=True, text=True)
    report = in_the_report(json.loads(done.stdout))
    assert len(report) > 10
    assert in_the_editor(await editor.everything()) == report


def test_of_an_example_of_every_rule(tmp_path: Path) -> None:
    """The first on each page: its last file is open, the last words unsaved."""
    reported = set()
    for page in sorted((ROOT / "rules").rglob("*.md")):
        files = next(examples(page.read_text())).files
        for name, text in files.items():
            (tmp_path / page.stem / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / page.stem / name).write_text(text)
        last = tmp_path / page.stem / [*files][-1]
        buffers = {str(last): last.read_bytes() + "# 😀\n".encode()}
        report = in_the_report(document(check([project_of(str(last))], Request(whole_project=True), buffers)))
        found: dict[str, list[lsp.Diagnostic]] = {}
        for finding in check_buffers(buffers).findings:
            shown = diagnostic(finding, Encoding.UTF32, lambda path: Path(path).as_uri())
            found.setdefault(Path(finding.problem.at.file.path).as_uri(), []).append(shown)
        assert in_the_editor(found) == report, page.name
        reported |= {said.rule for said in report}
    assert len(reported) > 50
