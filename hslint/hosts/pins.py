"""The sources that npins and niv pin: those of a project that is no flake, or not only one."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from hslint.hosts.inputs import Input, kind_of
from hslint.hosts.lock import Source
from hslint.source import Project, SourceFile

#: Which file a tool's pins are imported by, seen from the project (npins: also by its directory), and where they are kept.
_TOOLS = {"npins": ("npins/default.nix", "npins/sources.json"), "niv": ("nix/sources.nix", "nix/sources.json")}


def pins_of(project: Project, directory: str) -> Mapping[str, Input]:
    """Every source that a directory's npins or niv pins, by its name."""
    found: dict[str, Input] = {}
    for tool, (_, kept) in _TOOLS.items():
        found |= _read(project, os.path.join(directory, kept), tool)
    return found


def pins_imported(project: Project, path: str) -> Mapping[str, Input] | None:
    """The value of `import ./npins` and `import ./nix/sources.nix`; None for any other file."""
    for tool, (file, kept) in _TOOLS.items():
        for imported in (file, file.removesuffix("/default.nix")):
            if path.endswith(f"/{imported}"):
                return _read(project, f"{path.removesuffix(imported)}{kept}", tool) or None
    return None


def _read(project: Project, path: str, tool: str) -> Mapping[str, Input]:
    file = project.read(path)
    if not isinstance(file, SourceFile):
        return {}
    try:
        content = json.loads(file.text)
        pins = content["pins"] if tool == "npins" else content
        sources = {name: _source(pin) for name, pin in pins.items() if isinstance(pin, dict)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {name: Input(name, kind_of(name, source), source, tool) for name, source in sources.items()}


def _source(pin: Mapping[str, Any]) -> Source:
    """One pin: of a branch, a release or a channel (npins), or of a branch (niv)."""
    repository = pin.get("repository", pin)

    def text(entry: Mapping[str, Any], *keys: str) -> str:
        return next((value for key in keys if isinstance(value := entry.get(key), str)), "")

    if pin.get("type") == "Channel":
        return Source("tarball", "nixos", "nixpkgs", text(pin, "name"), url=text(pin, "url"))
    owner, repo = text(repository, "owner"), text(repository, "repo")
    ref, rev = text(pin, "branch", "version"), text(pin, "revision", "rev")
    return Source("github", owner.lower(), repo.lower(), ref, rev, url=text(pin, "url"))
