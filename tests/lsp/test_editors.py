"""Real editors: a module is opened, fixed by the quick fix and saved."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sample import behind

HERE = Path(__file__).parent

OPENED = behind("/* 😀 */ ")

COMMANDS = {
    "nvim": ("nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", str(HERE / "neovim.lua")),
    # -Q would not find Debian's eglot.
    "emacs": ("emacs", "-q", "--batch", "-l", str(HERE / "eglot.el")),
}


#: Neovim counts in bytes, Emacs' eglot is looked at where UTF-16 comes in.
PLACES = {"nvim": "7:29-7:35", "emacs": "7:27-7:33"}


@pytest.mark.parametrize("editor", [pytest.param(name, marks=pytest.mark.needs_program(name)) for name in COMMANDS])
def test_an_editor_shows_fixes_and_saves(tmp_path: Path, editor: str) -> None:
    """What it shows stands at its place, and after saving nothing is left of it in the editor or the file."""
    module, output = tmp_path / "module.nix", tmp_path / "output"
    module.write_text(OPENED)
    environment = os.environ | {
        "HOME": str(tmp_path),
        "HSLINT_MODULE": str(module),
        "HSLINT_OUTPUT": str(output),
        "HSLINT_PROGRAM": str(Path(sys.executable).with_name("hslint")),
    }
    done = subprocess.run(COMMANDS[editor], env=environment, capture_output=True, text=True, timeout=100)
    said = output.read_text().splitlines() if output.exists() else [done.stdout + done.stderr]
    assert said == [f"{PLACES[editor]} misplaced-setting", "--", "write derp.server.enabled", "--"]
    assert module.read_text() == OPENED.replace("server.enable ", "server.enabled ")
