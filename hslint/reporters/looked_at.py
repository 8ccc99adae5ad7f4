"""The inputs of a check: projects, settings files, hosts with their files, and the release that they were checked against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hslint.checking import Checked
from hslint.hosts.host import Host
from hslint.hosts.setting import Setting
from hslint.reporters.terminal import path_from_here, paths_from_here
from hslint.values.value import Unknown


def report(checked: Checked) -> Iterator[str]:
    inspection = checked.inspection
    for project in inspection.projects or (inspection.project,):
        yield f"project {project.root}: {_count(len(project.files_read), 'file')} read"
    file = checked.settings.file
    yield f"settings {path_from_here(inspection.project, file)}" if file else "settings: none, the defaults hold"
    for host in inspection.hosts:
        with host.configuration.turn():
            yield from _host(host)


def _host(host: Host) -> Iterator[str]:
    yield f"host {host.name}: {'' if host.active else 'without Headscale; '}{host.runs}"
    files = [file.path for file in host.configuration.files if file.path.startswith("/")]
    yield f"  {_count(len(files), 'file')}: {', '.join(path_from_here(host.project, path) for path in files)}"
    if not host.active:
        return
    settings = list(host.defined(""))
    unknown = [setting for setting in settings if isinstance(setting.value, Unknown)]
    yield f"  {_count(len(settings) - len(unknown), 'setting')} known, {len(unknown)} unknown"
    yield from (f"    {line}" for line in _reasons(host, unknown))
    yield from (f"  not followed: {opening.unknown.reason}" for opening in host.unresolved_imports)


def _reasons(host: Host, unknown: Sequence[Setting]) -> Iterator[str]:
    for setting in unknown:
        assert isinstance(setting.value, Unknown)
        option = setting.option.removeprefix("services.headscale.")
        yield paths_from_here(host.project, f"{option}: {setting.value.reason}")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
