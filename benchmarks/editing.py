"""From an edit to its diagnostics in an editor, in a project of 100 modules, against a whole `hslint check` of it."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from lsp_editor import VS_CODE, Editor  # noqa: E402 - scripts have no package to import from
from run import HSLINT, many_hosts  # noqa: E402


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=7, help="how many edits and checks (default: %(default)s)")
    runs: int = arguments.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="hslint-benchmark-") as scratch:
        many_hosts(Path(scratch))
        root = Path(scratch) / "fleet"
        checks, edits = [], []
        for _ in range(runs):
            started = time.perf_counter()
            subprocess.run([HSLINT, "check", root], stdout=subprocess.DEVNULL, check=False)
            checks.append(time.perf_counter() - started)
        module = root / "modules" / "m000.nix"
        text = module.read_text()
        editor = Editor(VS_CODE)
        try:
            uri = editor.open(module)
            editor.pull(uri)
            for number in range(runs):
                started = time.perf_counter()
                editor.write(uri, f"{text}# {number}\n")
                editor.pull(uri)
                edits.append(time.perf_counter() - started)
        finally:
            editor.kill()
    edit, whole = statistics.median(edits), statistics.median(checks)
    print(f"edit → diagnostics : check, 10 hosts of 100 modules  {edit / whole:.2f} ×  {edit:.2f} s : {whole:.2f} s")


if __name__ == "__main__":
    main()
