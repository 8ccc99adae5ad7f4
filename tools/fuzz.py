"""Runs the fuzzers of tests/fuzzers by hand: `tools/fuzz.py --seconds 600 --seed 7 [KIND …]`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from fuzzers.fuzzer import NotHere
from fuzzers.run import run
from fuzzers.suite import FUZZERS
from real_nix import RealNix


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[[], *FUZZERS], metavar="KIND", help=", ".join(FUZZERS))
    parser.add_argument("--seconds", type=float, default=60, help="for each kind")
    parser.add_argument("--seed", type=int, default=None, help="else another one each time")
    parser.add_argument("--enough", type=int, default=5, help="problems of a kind after which it ends")
    given = parser.parse_args()
    program = shutil.which("nix-instantiate")
    if program is None:
        sys.stderr.write("nix-instantiate is not here (Debian: nix-bin)\n")
        return 2
    seed = given.seed if given.seed is not None else time.time_ns() % 1_000_000
    status = 0
    for kind in given.kinds or FUZZERS:
        with tempfile.TemporaryDirectory() as directory:
            try:
                fuzzer = FUZZERS[kind](RealNix(program), Path(directory))
            except NotHere as reason:
                sys.stdout.write(f"{kind}: left out: {reason}\n")
                continue
            report = run(fuzzer, seed, seconds=given.seconds, enough=given.enough)
        sys.stdout.write(f"{kind}: {report.inputs} inputs, seed {seed}, {len(report.problems)} problems\n")
        if report.problems:
            sys.stdout.write(f"{report}\n")
            status = 1
        sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
