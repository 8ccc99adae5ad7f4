"""What is wrong with hslint itself, as an editor learns of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sample import CRASHING, MODULE

from hslint.lsp.analysis import check_buffers

if TYPE_CHECKING:
    import pytest


def test_a_rule_that_crashes_is_reported_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the command line."""
    monkeypatch.setattr("hslint.checking.all_rules", lambda: CRASHING)
    outcome = check_buffers({str(tmp_path / "headscale.nix"): MODULE.encode()})
    assert [finding.rule.name for finding in outcome.findings] == ["reporting"]
    assert outcome.complaints == ("internal-error: the rule crashing failed on default: ZeroDivisionError: by zero",)


def test_a_defect_does_not_silence_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reported, and what can be checked elsewhere is."""
    from hslint.checking import check

    def fails(paths: list[str], *more: object) -> object:
        if "a.nix" in paths[0]:
            raise KeyError("x")
        return check(paths, *more)  # type: ignore[arg-type]

    monkeypatch.setattr("hslint.lsp.analysis.check", fails)
    one, other = str(tmp_path / "a.nix"), str(tmp_path / "b.nix")
    outcome = check_buffers({one: MODULE.encode(), other: MODULE.encode()})
    assert outcome.complaints == (f"internal-error: {one} cannot be checked: KeyError: 'x'",)
    assert [finding.problem.at.file.path for finding in outcome.findings] == [other]
