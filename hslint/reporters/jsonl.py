"""JSON lines: an object each for the run, every finding, every host and the summary, distinguished by `type`; documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.json import document, dumped
from hslint.reporters.terminal import Safe


def report(checked: Checked) -> Iterator[Safe]:
    whole, secrets = document(checked), checked.inspection.secrets
    rows = (
        {"type": "run", "version": whole["version"], "root": whole["root"]},
        *({"type": "finding", **each} for each in whole["findings"]),
        *({"type": "host", **each} for each in whole["hosts"]),
        {"type": "summary", **whole["summary"]},
    )
    return (dumped(row, secrets, indent=None) for row in rows)
