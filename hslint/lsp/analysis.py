"""The analysis of open files: the findings of `hslint check` in the projects around them."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from hslint.checking import Checked, Request, check
from hslint.finding import Finding
from hslint.hosts import CannotInspect
from hslint.hosts.discovery import RootKind, home, lies_in, project_root, scopes, upwards
from hslint.hosts.host import Host
from hslint.hosts.secrets import Secrets
from hslint.hosts.tree import Tree, is_policy
from hslint.record import Record
from hslint.settings import InvalidSettings
from hslint.source import Project
from hslint.values.budget import Deadline

log = logging.getLogger(__name__)

#: Seconds that an analysis may take while an editor waits for its outcome.
TIME_LIMIT = 10.0


class Outcome(Record):
    """The findings in all projects of open files. `complaints` says why a project could not be checked."""

    findings: tuple[Finding, ...] = ()
    hosts: tuple[Host, ...] = ()
    complaints: tuple[str, ...] = ()

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of the hosts and their projects, which must not be shown."""
        return Secrets(tuple(dict.fromkeys(host.project for host in self.hosts)), self.hosts)


def check_buffers(
    buffers: Mapping[str, bytes], folders: Collection[str] = (), deadline: Deadline | None = None
) -> Outcome:
    """Check unsaved texts, by real path, and everything around them. `folders` are those that the editor works in. Raises
    Interrupted when the deadline is cancelled.

    A broken project is no reason to fall silent about the others, and a defect of hslint none to fall silent for good.
    """
    done: list[Checked] = []
    complaints: list[str] = []
    projects: dict[str, list[str]] = {}
    for path in buffers:
        # A policy that no host names is checked because it is open.
        projects.setdefault(project_of(path, folders), []).extend([path] if is_policy(path) else [])
    request = Request(deadline=deadline or Deadline(TIME_LIMIT))
    for around, policies in projects.items():
        _add(around, policies, request, buffers, done, complaints)
    hosts = (host for checked in done for host in checked.inspection.hosts)
    complaints.extend(checked.inspection.secrets.text(trouble) for checked in done for trouble in checked.troubles)
    return Outcome(_distinct(done), tuple(hosts), tuple(complaints))


def project_of(path: str, folders: Collection[str] = ()) -> str:
    """The path to check for an open file: the flake, else the project's root; where nothing marks one the editor's folder,
    if it holds a configuration.nix, else the file itself. The project around it is evaluated in any case.
    """
    root = project_root(os.path.dirname(path))
    if root.kind is not RootKind.NOTHING:
        around = upwards(os.path.dirname(path), root.path)
        return next((above for above in around if os.path.isfile(os.path.join(above, "flake.nix"))), root.path)
    # A home directory is not searched because an editor was started there.
    holding = [folder for folder in folders if lies_in(path, folder) and folder not in ("/", home())]
    folder = max(holding, key=len, default=path)
    return folder if holding and _has_configuration(folder) else path


def _has_configuration(folder: str) -> bool:
    (scope,) = scopes([folder])
    return bool(Tree(Project(folder), scope).configurations)


def _add(
    path: str,
    policies: Sequence[str],
    request: Request,
    buffers: Mapping[str, bytes],
    done: list[Checked],
    complaints: list[str],
) -> None:
    if not os.path.isdir(path) and not path.endswith(".nix") and not is_policy(path):
        return
    try:
        done.append(check(list(dict.fromkeys([path, *policies])), request, buffers))
    except CannotInspect:
        pass  # nothing lies on the disk yet
    except InvalidSettings as error:
        complaints.append(str(error))
    except Exception as error:
        log.exception("checking %s", path)
        complaints.append(f"internal-error: {path} cannot be checked: {type(error).__name__}: {error}")


def _distinct(done: Sequence[Checked]) -> tuple[Finding, ...]:
    """Projects may lie in each other."""
    seen: dict[tuple[object, ...], Finding] = {}
    for checked in done:
        for finding in checked.findings:
            at = finding.problem.at
            seen.setdefault((finding.rule.name, at.file.path, at.start, at.end, finding.problem.message), finding)
    return tuple(seen.values())
