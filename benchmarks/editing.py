"""From an edit to its diagnostics in an editor, in a project of 100 modules, against a whole `hslint check` of it."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from lsp_editor import Editor, pulling  # noqa: E402 - scripts have no package to import from
from run import HSLINT, many_hosts  # noqa: E402


async def answers(module: Path, text: str, runs: int) -> list[float]:
    """Seconds from each edit of an open module to what is said of it."""
    editor = Editor()
    await editor.begin(pulling(), module.parent.parent)
    uri = editor.open(module)
    await editor.report(uri)
    times = []
    for number in range(runs):
        started = time.perf_counter()
        editor.write(uri, f"{text}# {number}\n")
        await editor.report(uri)
        times.append(time.perf_counter() - started)
    await editor.abandon()
    return times


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=7, help="how many edits and checks (default: %(default)s)")
    runs: int = arguments.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="hslint-benchmark-") as scratch:
        many_hosts(Path(scratch))
        root = Path(scratch) / "fleet"
        checks = []
        for _ in range(runs):
            started = time.perf_counter()
            subprocess.run([HSLINT, "check", root], stdout=subprocess.DEVNULL, check=False)
            checks.append(time.perf_counter() - started)
        module = root / "modules" / "m000.nix"
        edits = asyncio.run(answers(module, module.read_text(), runs))
    edit, whole = statistics.median(edits), statistics.median(checks)
    print(f"edit → diagnostics : check, 10 hosts of 100 modules  {edit / whole:.2f} ×  {edit:.2f} s : {whole:.2f} s")


if __name__ == "__main__":
    main()
