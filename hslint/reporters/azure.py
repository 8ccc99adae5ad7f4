"""Logging commands that make Azure Pipelines list what was found, and annotate pull requests."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.checking import Checked
from hslint.problem import Severity
from hslint.reporters.reported import path_in_repository, reported
from hslint.reporters.terminal import Safe, without_orders

#: Azure has no notes.
_TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "warning"}


def report(checked: Checked) -> Iterator[Safe]:
    for each in reported(checked):
        properties = {"type": _TYPES[each.severity]}
        if each.at is not None:
            properties["sourcepath"] = path_in_repository(checked, each.path, "BUILD_SOURCESDIRECTORY")
            properties["linenumber"] = str(each.start.line + 1)
            properties["columnnumber"] = str(each.start.column + 1)
        properties["code"] = each.name
        listed = "".join(f"{name}={_property(value)};" for name, value in properties.items())
        yield Safe(f"##vso[task.logissue {listed}]{_data('; '.join((each.message, *each.more)))}")


def _data(text: str) -> str:
    """Text as a command carries it: line ends are escaped, what steers a terminal is gone."""
    return without_orders(text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")
