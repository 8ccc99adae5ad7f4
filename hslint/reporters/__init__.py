"""Findings → text, JSON, SARIF, annotations; one small file each, loaded when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from hslint.checking import Checked
from hslint.reporters.terminal import Safe, Style, safe, style_for

FORMATS = (
    *("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "azure"),
    "markdown",
)

#: Formats whose module is not called like them.
_MODULES = {"markdown": "check_markdown"}


def report(
    form: str, checked: Checked, style: Style | None = None, *, terminal: bool = False, quiet: bool = False
) -> Iterator[Safe]:
    """The lines of a report in one of FORMATS; `quiet`: without remarks beside the findings."""
    module = importlib.import_module(f"{__name__}.{_MODULES.get(form, form)}")
    if form == "text":
        yield from module.report(checked, style or style_for(terminal=terminal), quiet=quiet)
    else:
        yield from map(safe, module.report(checked))
