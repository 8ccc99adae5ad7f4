"""The sources that `flake.lock` pins for the inputs of the root flake, with their dates."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from hslint.record import Record
from hslint.source import Project, SourceFile

#: The first second past Python's dates; no lock file has it.
_YEAR_9999 = 253370764800


class Source(Record):
    """The source of a flake, as its URL or its lock entry says (Nix manual, "Flake references").

    `kind` is github, gitlab, sourcehut, git, path, tarball, indirect, …; for github and its like `owner` and `repo` are in lower case.
    """

    kind: str = ""
    owner: str = ""
    repo: str = ""
    ref: str = ""
    rev: str = ""
    path: str = ""
    url: str = ""
    modified: int | None = None  # seconds since 1970

    @property
    def slug(self) -> str:
        """`owner/repo` in lower case, or the name of an indirect flake."""
        return f"{self.owner}/{self.repo}".lower() if self.owner else self.repo.lower()


class Lock(Record):
    """The lock file: the root's inputs by name; empty when there is none or it cannot be read.

    `nixpkgs` names the one that an input itself uses, by the input's name; `malformed` why nothing could be made of the file.
    """

    inputs: Mapping[str, Source]
    file: SourceFile | None = None
    nixpkgs: Mapping[str, Source] = MappingProxyType({})
    malformed: str = ""


#: The versions of the format that Nix reads (src/libflake/lockfile.cc).
_VERSIONS = (5, 6, 7)


def read_lock(project: Project, directory: str) -> Lock:
    file = project.read(os.path.join(directory, "flake.lock"))
    if not isinstance(file, SourceFile):
        return Lock({})
    try:
        data = json.loads(file.text)
    except (ValueError, RecursionError):
        return Lock({}, file, malformed="is not valid JSON")
    version = data.get("version") if isinstance(data, dict) else None
    if version is None or isinstance(version, bool) or not isinstance(version, int):
        return Lock({}, file, malformed="is no lock file")
    if version not in _VERSIONS:
        return Lock({}, file, malformed=f"is of version {version}, which is none that Nix reads")
    try:
        nodes = data["nodes"]
        start = data.get("root", "root")
        by_name = {name: _follow(nodes, start, target) for name, target in nodes[start].get("inputs", {}).items()}
        found = {name: _source(nodes, node) for name, node in by_name.items()}
        own = {name: _source(nodes, _nixpkgs_of(nodes, start, node)) for name, node in by_name.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Lock({}, file, malformed="is no lock file")
    return Lock(_known(found), file, _known(own))


def _known(sources: Mapping[str, Source | None]) -> dict[str, Source]:
    return {name: source for name, source in sources.items() if source is not None}


def _nixpkgs_of(nodes: Any, root: str, node: str | None) -> str | None:
    target = nodes[node].get("inputs", {}).get("nixpkgs") if node in nodes else None
    return _follow(nodes, root, target) if target else None


def _follow(nodes: Any, root: str, target: Any, budget: int = 32) -> str | None:
    """The node that an input names: a name, or a path of inputs from the root (`follows`)."""
    if isinstance(target, str):
        return target
    name: str | None = root
    for step in target:
        if budget <= 0 or name is None:
            return None
        name = _follow(nodes, root, nodes[name]["inputs"].get(step, []), budget - 1) or None
    return name


def _source(nodes: Any, name: str | None) -> Source | None:
    if name is None or name not in nodes:
        return None
    locked, original = nodes[name].get("locked", {}), nodes[name].get("original", {})
    if not locked and not original:
        return None

    def text(key: str, *entries: Any) -> str:
        found = next((entry[key] for entry in entries if entry.get(key)), "")
        return found if isinstance(found, str) else ""

    kind, url = text("type", locked, original), text("url", locked, original)
    owner, repo = text("owner", locked, original), text("repo", locked, original) or text("id", original)
    ref = text("ref", original, locked)
    if kind in ("tarball", "git", "file") and url:
        # What the flake declares says more than the address it was redirected to, unless it is any release.
        written, found = parse_url(text("url", original) or url), parse_url(url)
        named = written if written.repo else found
        owner, repo, ref = named.owner, named.repo, ref or written.ref or found.ref
    modified = locked.get("lastModified")
    if not isinstance(modified, int) or not 0 <= modified < _YEAR_9999:
        modified = None
    return Source(
        kind, owner, repo, ref.removeprefix("refs/heads/").removeprefix("refs/tags/"), text("rev", locked, original),
        text("path", locked, original), url, modified,
    )  # fmt: skip


def parse_url(url: str) -> Source:
    """A flake reference in its URL form."""
    body, _, query = url.partition("?")
    parameters = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    ref, rev = parameters.get("ref", ""), parameters.get("rev", "")
    scheme, colon, rest = body.partition(":")
    if not colon or "/" in scheme:
        if body.startswith((".", "/")):
            return Source("path", path=body, url=url)
        parts = body.split("/")
        return Source(
            "indirect",
            repo=parts[0],
            ref=parts[1] if len(parts) > 1 else ref,
            rev=parts[2] if len(parts) > 2 else rev,
            url=url,
        )
    if scheme in ("github", "gitlab", "sourcehut"):
        parts = rest.split("/")
        return Source(
            scheme,
            parts[0].lower() if parts else "",
            parts[1].lower() if len(parts) > 1 else "",
            "/".join(parts[2:]) or ref,
            rev,
            url=url,
        )
    if scheme == "path":
        return Source("path", path=rest, url=url)
    if scheme == "flake":
        return parse_url(rest)
    return _web(scheme, rest, url, ref, rev)


def _web(scheme: str, rest: str, url: str, ref: str, rev: str) -> Source:
    """git+https://host/owner/repo.git, https://host/owner/repo/archive/REF.tar.gz, and channel tarballs."""
    kind = "git" if scheme.startswith("git") else "path" if scheme == "file" else "tarball"
    parts = [part for part in rest.lstrip("/").split("/") if part]
    host, path = (parts[0].rsplit("@", 1)[-1], parts[1:]) if parts else ("", [])
    channel = _channel(host, path)
    if channel is not None:
        return Source(kind, "nixos", "nixpkgs", channel, rev, url=url)
    if host == "flakehub.com" and len(path) >= 3:
        return Source(kind, path[1].lower(), path[2].lower(), path[3] if len(path) > 3 else "", rev, url=url)
    if len(path) >= 2:
        archive = path[-1] if len(path) > 3 and path[2] in ("archive", "tarball") else ""
        return Source(
            kind,
            path[0].lower(),
            path[1].lower().removesuffix(".git"),
            ref or archive.removesuffix(".tar.gz").removesuffix(".zip"),
            rev,
            url=url,
        )
    return Source(kind, ref=ref, rev=rev, url=url)


def _channel(host: str, path: Sequence[str]) -> str | None:
    """The branch of nixpkgs behind an address that NixOS or FlakeHub gives out; "" where the address says any release."""
    match host, *path:
        case ("channels.nixos.org", branch, *_) | ("nixos.org", "channels", branch, *_):
            return branch
        case "releases.nixos.org", ("nixos" | "nixpkgs") as project, release, *_:
            # nixos/26.05/nixos-26.05.5449.…, nixos/unstable/nixos-26.11pre…, nixpkgs/nixpkgs-26.11pre…
            return f"{project}-{release if release[:1].isdigit() else 'unstable'}"
        case ("flakehub.com", "f", "NixOS", "nixpkgs", *version) | (
            "api.flakehub.com", "f", "pinned", "NixOS", "nixpkgs", *version
        ):  # fmt: skip
            # 0.2511.914302 is of 25.11; 0.1 counts the commits of nixos-unstable
            found = re.match(r"0\.(?:(1)\b|(\d\d)(\d\d)\b)", version[0]) if version else None
            return "" if found is None else "nixos-unstable" if found[1] else f"nixos-{found[2]}.{found[3]}"
        case _:
            return None
