"""What `flake.lock` pins: which source each input of the root flake is, and how old."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from hslint.record import Record
from hslint.source import Project, SourceFile


class Source(Record):
    """Where a flake comes from, as its URL or its lock entry says (Nix manual, "Flake references").

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
    """The lock file: the root's inputs by name; empty when there is none or it cannot be read."""

    inputs: Mapping[str, Source]
    file: SourceFile | None = None


def read_lock(project: Project, directory: str) -> Lock:
    file = project.read(os.path.join(directory, "flake.lock"))
    if not isinstance(file, SourceFile):
        return Lock({})
    try:
        data = json.loads(file.text)
        nodes = data["nodes"]
        root = nodes[data.get("root", "root")].get("inputs", {})
        found = {
            name: _source(nodes, _follow(nodes, data.get("root", "root"), target)) for name, target in root.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Lock({}, file)
    return Lock({name: source for name, source in found.items() if source is not None}, file)


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

    def text(key: str) -> str:
        value = locked.get(key) or original.get(key) or ""
        return value if isinstance(value, str) else ""

    modified = locked.get("lastModified")
    source = Source(
        text("type"), text("owner"), text("repo") or str(original.get("id") or ""), "", text("rev"), text("path"), text("url"),
        modified if isinstance(modified, int) else None,
    )  # fmt: skip
    ref = original.get("ref") or locked.get("ref") or ""
    if source.kind in ("tarball", "git", "file") and source.url:
        # What somebody wrote says more than the address it was redirected to.
        written = original.get("url")
        from_url = parse_url(written if isinstance(written, str) else source.url)
        source = Source(
            source.kind,
            from_url.owner,
            from_url.repo,
            from_url.ref,
            source.rev,
            source.path,
            source.url,
            source.modified,
        )
        ref = ref or from_url.ref
    return Source(
        source.kind, source.owner, source.repo, str(ref).removeprefix("refs/heads/").removeprefix("refs/tags/"), source.rev,
        source.path, source.url, source.modified,
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
    if host == "channels.nixos.org" and path:
        return Source(kind, "nixos", "nixpkgs", path[0], rev, url=url)
    if host == "flakehub.com" and len(path) >= 3:
        return Source(
            kind,
            path[1].lower(),
            path[2].lower(),
            path[3].removesuffix(".tar.gz") if len(path) > 3 else "",
            rev,
            url=url,
        )
    if len(path) >= 2:
        archive = path[3] if len(path) > 3 and path[2] in ("archive", "tarball") else ""
        return Source(
            kind,
            path[0].lower(),
            path[1].lower().removesuffix(".git"),
            ref or archive.removesuffix(".tar.gz").removesuffix(".zip"),
            rev,
            url=url,
        )
    return Source(kind, ref=ref, rev=rev, url=url)
