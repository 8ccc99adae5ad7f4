"""`--write-baseline`, and baselines that shrink: how they reach the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hslint import baseline
from hslint.baseline import DEFAULT
from hslint.cli.errors import CLEAN, CliError
from hslint.cli.output import complain, put
from hslint.cli.report_files import write_whole
from hslint.hosts.discovery import lies_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hslint.checking import Checked, Request


def write_new(checked: Checked, request: Request, buffers: Mapping[str, bytes]) -> int:
    """Write what was found as a baseline, and say how to use it; returns the exit status. Raises CliError."""
    if buffers:
        raise CliError("--write-baseline does not go with standard input")
    for trouble in checked.troubles:
        complain(trouble, checked.inspection.secrets)
    if checked.could_not_run:
        raise CliError("no baseline was written, because not everything could be checked")
    path = _path(checked, request)
    secrets = checked.inspection.secrets
    rows = baseline.entries(checked.shown, path, secrets)
    try:
        write_whole(path, baseline.written(rows))
    except OSError as error:
        raise CliError(f"{os.path.relpath(path)}: the baseline cannot be written: {error.strerror}") from None
    shown = os.path.relpath(path)
    put(f"wrote {shown}: {len(rows)} {'entry' if len(rows) == 1 else 'entries'}", secrets)
    if request.baseline is None and not checked.settings.baseline:
        put(f'use it with --baseline {shown}, or with baseline = "{os.path.basename(path)}" in hslint.toml', secrets)
    return CLEAN


def _path(checked: Checked, request: Request) -> str:
    if request.baseline is not None:
        return os.path.abspath(request.baseline)
    root = checked.inspection.project.root
    path = checked.settings.baseline or os.path.join(root, DEFAULT)
    # The settings are the repository's: they shall not say which file of the user's is replaced.
    if not lies_in(os.path.realpath(os.path.dirname(path)), root):
        raise CliError(f"{path}: the baseline of the settings lies outside the project")
    return path


def shrink(checked: Checked, request: Request, buffers: Mapping[str, bytes]) -> None:
    """Take out of the baselines what is not found any more, where everything was looked at that they may be about."""
    if not any(each.unmet for each in checked.baselines) or buffers or not _whole(checked, request):
        return
    for each in checked.baselines:
        gone = len(each.unmet)
        if not gone:
            continue
        said = f"{os.path.relpath(each.path)}: {gone} {'entry is' if gone == 1 else 'entries are'} not found any more"
        try:
            write_whole(each.path, baseline.written(sorted(each.met, key=each.entries.index)))
            complain(f"{said} and left it", checked.inspection.secrets)
        except OSError as error:
            complain(f"{said}, but it cannot be written: {error.strerror}", checked.inspection.secrets)


def _whole(checked: Checked, request: Request) -> bool:
    """Whether what was not found is not there: all rules ran on everything, as the settings want it seen."""
    narrowed = (
        *(request.select, request.ignore, request.headscale, request.module, request.host, request.alone),
        request.min_severity,
    )
    inspection = checked.inspection
    unseen = inspection.named or inspection.skipped or checked.crashes or checked.unread or inspection.cut_short
    return not any(narrowed) and not unseen
