"""GitLab's code quality report: a list of issues, the paths seen from the repository."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hslint.checking import Checked
from hslint.problem import Severity
from hslint.reporters.fingerprint import fingerprint
from hslint.reporters.json import dumped
from hslint.reporters.reported import Reported, path_in_repository, reported
from hslint.reporters.terminal import Safe, printable

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def report(checked: Checked) -> Iterator[Safe]:
    yield dumped([*_issues(checked)], checked.inspection.secrets)


def _issues(checked: Checked) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for each in reported(checked):
        path = path_in_repository(checked, each.path, "CI_PROJECT_DIR")
        yield {
            "type": "issue",
            "check_name": each.name,
            "description": printable(each.message),
            "content": {"body": "\n".join(map(printable, each.more))},
            "categories": ["Bug Risk"],
            "severity": _SEVERITIES[each.severity],
            "fingerprint": _fingerprint(checked, each, seen),
            "location": {
                "path": printable(path),
                "lines": {"begin": each.start.line + 1, "end": each.end.line + 1},
            },
        }


def _fingerprint(checked: Checked, each: Reported, seen: Counter[str]) -> str:
    if each.finding is not None:
        return fingerprint(checked.inspection, each.finding, seen)
    return hashlib.sha256(f"{each.name}\0{each.message}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
