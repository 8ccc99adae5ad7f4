#!/usr/bin/env python3
"""Compares what hslint says of policies with what Headscale said of them.

    tools/policy_checks.py --cases FILE [--show]

FILE (or the variable HSLINT_POLICY_CASES) is JSON, a list of {"case", "policy", "results"}: `policy` is a text or a JSON value,
`results` has for each release ("v0.26.1") a text that begins with "OK" or "ERR". That is what it said when it read
the policy; what it refuses only once it makes rules of it does not count. Each release must agree in 98 of 100 cases.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hslint.catalogue.release import RELEASES, Release
from hslint.policy.hujson import parse
from hslint.policy.meaning import Meaning
from hslint.policy.reading import read_document
from hslint.source import SourceFile

ENOUGH = 0.98


def meaning_of(text: bytes, release: Release) -> Meaning:
    return read_document(parse(SourceFile("/policy.hujson", text)), release)


def text_of(policy: Any) -> bytes:
    return policy.encode() if isinstance(policy, str) else json.dumps(policy, indent=2).encode()


def disagreements(cases: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, list[str]]]:
    """The case, the release, what Headscale said, and what hslint says."""
    by_tag = {release.tag: release for release in RELEASES}
    for case in cases:
        for tag, said in case["results"].items():
            found = meaning_of(text_of(case["policy"]), by_tag[tag])
            if found.unreadable != said.startswith("ERR"):
                yield case["case"], tag, said, [complaint.message for complaint in found.complaints]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=Path, default=os.environ.get("HSLINT_POLICY_CASES"))
    parser.add_argument("--show", action="store_true", help="show what hslint says of every policy that is refused")
    arguments = parser.parse_args()
    if arguments.cases is None:
        parser.error("--cases or HSLINT_POLICY_CASES must name a file")
    cases = json.loads(Path(arguments.cases).read_text(encoding="utf-8"))
    wrong: Counter[str] = Counter()
    for case, tag, said, messages in disagreements(cases):
        wrong[tag] += 1
        print(f"{tag} {case}: Headscale says {said!r}, hslint {messages or 'nothing'}")
    if arguments.show:
        for case in cases:
            for tag, said in case["results"].items():
                release = next(release for release in RELEASES if release.tag == tag)
                found = meaning_of(text_of(case["policy"]), release).complaints
                print(f"{tag} {case['case']}\n   {said}\n   {[(c.outcome.value, c.message) for c in found]}")
    totals = Counter(tag for case in cases for tag in case["results"])
    for tag, total in sorted(totals.items()):
        print(f"{tag}: {total - wrong[tag]} of {total} agree")
    return int(any(wrong[tag] > (1 - ENOUGH) * total for tag, total in totals.items()))


if __name__ == "__main__":
    sys.exit(main())
