"""`--watch`: check again whenever a file changes that may matter. Files are asked for their times; nothing is installed for that."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from hslint.checking import Checked
from hslint.cli.errors import CliError
from hslint.cli.output import clear, complain
from hslint.hosts.discovery import project_root, upwards

#: Seconds between two looks.
PAUSE = 0.5

#: What the names of files end with that matter when they come or go; a report in JSON does not.
_ENDINGS = (".nix", ".hujson", ".lock", ".toml")

_SETTINGS = ("hslint.toml", "pyproject.toml")

#: What a file or a directory is known by: time and size, or the names in it that matter.
Mark = tuple[object, ...]


def watch(
    paths: Sequence[str], run: Callable[[], Checked], wait: Callable[[], None] = lambda: time.sleep(PAUSE)
) -> None:
    """Run, and run again after each change, until it is interrupted. What cannot be run is reported, and tried again."""
    watched = _always(paths)
    while True:
        before = marks(watched)
        clear()
        try:
            watched = {*_always(paths), *_read(run())}
        except CliError as error:
            error.show()
        complain(f"watching {len(watched)} files and directories; Ctrl-C ends it")
        # What was changed while the check ran counts as well.
        before = {**marks(watched), **{path: mark for path, mark in before.items() if path in watched}}
        while marks(watched) == before:
            wait()


def marks(paths: Iterable[str]) -> Mapping[str, Mark]:
    return {path: _mark(path) for path in paths}


def _mark(path: str) -> Mark:
    try:
        if os.path.isdir(path):
            # Reports that are written there must not count.
            return tuple(sorted(name for name in os.listdir(path) if name.endswith(_ENDINGS)))
        found = os.stat(path)
        return found.st_mtime_ns, found.st_size, found.st_ino
    except OSError:
        return ()


def _always(paths: Sequence[str]) -> set[str]:
    """The paths that are always watched: those that were named, and the files that may hold settings."""
    found: set[str] = set()
    for path in map(os.path.abspath, paths):
        found.add(path)
        start = path if os.path.isdir(path) else os.path.dirname(path)
        for above in upwards(start, project_root(start).path):
            found.update(os.path.join(above, name) for name in _SETTINGS)
    return found


def _read(checked: Checked) -> set[str]:
    """The watched paths of the last run: the files that were read, and the directories in which there may be others."""
    inspection = checked.inspection
    files = {file.path for project in inspection.projects or (inspection.project,) for file in project.files_read}
    files.update(path for host in inspection.hosts for path in host.nix_files)
    files.update(each.path for each in checked.baselines)
    return {*files, *map(os.path.dirname, files)}
