"""The identity of a finding from one run to the next: made of what stands at its place, so that moved lines keep theirs."""

from __future__ import annotations

import hashlib
from collections import Counter

from hslint.finding import Finding
from hslint.hosts import Inspection


def fingerprint(inspection: Inspection, finding: Finding, seen: Counter[str]) -> str:
    """Rule, file and the text of the line; equal ones are numbered in their order.

    A secret must not be found by trying out which one has this fingerprint.
    """
    project, at = inspection.project, finding.problem.at
    line = inspection.secrets.line(at.file, at.file.position(at.start).line).strip()
    key = "\0".join((finding.rule.name, project.relative(at.file.path), line, finding.problem.message))
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"
