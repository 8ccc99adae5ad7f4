"""Open files → what `hslint check` says of the projects around them."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping, Sequence

from hslint.checking import Checked, Request, check
from hslint.finding import Finding
from hslint.hosts import CannotInspect
from hslint.hosts.discovery import NEEDLE, Target, flake_above, is_entry, nix_files, project_root
from hslint.hosts.host import Host
from hslint.record import Record
from hslint.settings import InvalidSettings

log = logging.getLogger(__name__)


class Outcome(Record):
    """What was found in all projects that open files lie in. `complaints` is what kept a project from being judged."""

    findings: tuple[Finding, ...] = ()
    hosts: tuple[Host, ...] = ()
    complaints: tuple[str, ...] = ()


def judge(buffers: Mapping[str, bytes], folders: Collection[str] = ()) -> Outcome:
    """Judge unsaved texts, by real path, and everything around them. `folders` are those that the editor works in.

    A broken project is no reason to fall silent about the others, and a defect of hslint none to fall silent for good.
    """
    done: list[Checked] = []
    complaints: list[str] = []
    projects = dict.fromkeys(project_of(path, folders) for path in buffers)
    for around in projects:
        _add(around, buffers, done, complaints)
    for path, text in buffers.items():
        # A file that was never saved is not found by looking at the disk.
        new = path.endswith(".nix") and NEEDLE in text and not os.path.exists(path)
        if new and path not in projects and not any(checked.covers(path) for checked in done):
            _add(path, buffers, done, complaints)
    hosts = (host for checked in done for host in checked.inspection.hosts)
    complaints.extend(checked.inspection.secrets.text(trouble) for checked in done for trouble in checked.troubles)
    return Outcome(_distinct(done), tuple(hosts), tuple(complaints))


def project_of(path: str, folders: Collection[str] = ()) -> str:
    """What somebody would hand to `hslint check`: the flake, else the repository, else the editor's folder, if it holds a
    configuration.nix, else the file itself.
    """
    target = Target(path, False)
    root, marked = project_root(target)
    if marked:
        return flake_above(target, root) or root
    # Nobody wants all of a home directory searched because an editor was started there.
    around = [folder for folder in folders if path.startswith(f"{folder}/") and folder != os.path.expanduser("~")]
    folder = max(around, key=len, default=path)
    return folder if around and any(map(is_entry, nix_files(folder))) else path


def _add(path: str, buffers: Mapping[str, bytes], done: list[Checked], complaints: list[str]) -> None:
    if not os.path.isdir(path) and not path.endswith(".nix"):
        return
    try:
        done.append(check([path], Request(whole_project=True), buffers))
    except CannotInspect:
        pass  # nothing lies on the disk yet
    except InvalidSettings as error:
        complaints.append(str(error))
    except Exception as error:
        log.exception("judging %s", path)
        complaints.append(f"internal-error: {path} cannot be judged: {type(error).__name__}: {error}")


def _distinct(done: Sequence[Checked]) -> tuple[Finding, ...]:
    """Projects may lie in each other."""
    seen: dict[tuple[object, ...], Finding] = {}
    for checked in done:
        for finding in checked.findings:
            at = finding.problem.at
            seen.setdefault((finding.rule.name, at.file.path, at.start, at.end, finding.problem.message), finding)
    return tuple(seen.values())
