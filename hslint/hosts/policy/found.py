"""Follows a host's settings to its policy: a file of the project, a generated one, a text or a value of Nix."""

from __future__ import annotations

import os
from enum import Enum

from hslint.catalogue.release import Release
from hslint.hosts.host import Host
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.policy.texts import text_with_places
from hslint.hosts.policy.values import ValueTree
from hslint.hosts.setting import Setting
from hslint.policy.complaint import Complaint, Matter, Outcome
from hslint.policy.hujson import Document, parse, parse_text
from hslint.policy.meaning import Meaning
from hslint.policy.reading import read_document, read_tree
from hslint.policy.tree import Node
from hslint.record import Record
from hslint.source import SourceFile, Span
from hslint.values.packages import GeneratedFile
from hslint.values.store_copies import original
from hslint.values.text import normalise_path
from hslint.values.text_origins import FileText, GeneratedHash, JsonText, WrittenFile
from hslint.values.value import Attrs, Failure, Path, String, Value

#: Before 0.23 a policy might be YAML, by its name.
_YAML = (".yml", ".yaml")

_IS_YAML = "the policy is YAML: Headscale refuses it from 0.23 on, and hslint does not read it"

#: A link to a link to a file …
_STEPS = 8


class Mode(Enum):
    """The source of Headscale's policy (`policy.mode`)."""

    FILE = "file"
    DATABASE = "database"


class HostPolicy(Record):
    """A policy that a host's configuration names. `content` is a text that was read, or the tree of a value."""

    content: Document | Node
    #: The setting that names it, and where that was written.
    setting: Setting
    #: The file that it is, where it is one of the project's.
    file: SourceFile | None = None
    #: The name of the file, by whose ending Headscale recognises YAML until 0.22.
    name: str = ""

    def read_by(self, release: Release) -> Meaning:
        """The policy as a release reads it."""
        if isinstance(self.content, Document):
            if not release.reaches("0.23") and self.name.endswith(_YAML):
                said = Complaint(Matter.SYNTAX, _IS_YAML, self.content.root, Outcome.UNREAD, span=self.setting.at)
                return Meaning((said,), complete=False)
            return read_document(self.content, release)
        return read_tree(self.content, release)

    @property
    def at(self) -> Span | None:
        """The place for problems of the policy as a whole."""
        root = self.content.root if isinstance(self.content, Document) else self.content
        return root.span or self.setting.at


def mode_of(host: Host) -> Mode | None:
    """The host's `policy.mode`; None where it is unknown."""
    mode = host.reads("policy.mode")
    if mode is None:
        return Mode.FILE
    return next((each for each in Mode if each.value == mode), None)


def setting_of(host: Host) -> Setting:
    """The setting that names the policy: `policy.path`, or `acl_policy_path` where that is what it is called, or was."""
    return host.meant_for("policy.path") if "policy.path" in host.schema.keys else host.given("acl_policy_path")


@cached_per_host
def policy_of(host: Host) -> HostPolicy | None:
    """The policy that Headscale reads when it starts on the host; None where there is none, or it cannot be read."""
    setting = setting_of(host)
    if host.policy is not None:
        return _Search(host, setting).file(host.policy)
    if mode_of(host) is not Mode.FILE:
        return None
    if setting.value is None or not setting.written:
        return None
    return _Search(host, setting).policy(setting.value)


def policy_file(host: Host) -> SourceFile | None:
    """The policy of a host on which Headscale runs, where that is a file of the project."""
    with host.configuration.turn(again=False):
        policy = policy_of(host) if host.active else None
        return None if policy is None else policy.file
    return None


@cached_per_host
def meaning_of(host: Host) -> Meaning | None:
    """The policy as the host's Headscale evaluates it."""
    policy = policy_of(host)
    return None if policy is None else policy.read_by(host.release)


class _Search:
    def __init__(self, host: Host, setting: Setting) -> None:
        self.host = host
        self.setting = setting
        self.steps = 0

    def policy(self, value: Value | Failure) -> HostPolicy | None:
        """The policy in the file that a value names."""
        self.steps += 1
        if self.steps > _STEPS:
            return None
        match value:
            case WrittenFile(text=text):
                return self._text(text, value.known or "")
            case Path(path):
                return self.file(path)
            case String(known=str(path)):
                return self._named(path)
            case String():
                return self._in_store(value)
            case Attrs(native=GeneratedFile() as made):
                return self._text(made.text.outcome(), made.name)
            case Attrs():
                out = value.get("outPath")
                return self.policy(out.outcome()) if out is not None else None
            case _:
                return None

    def _in_store(self, value: String) -> HostPolicy | None:
        found = original(value)
        if found is not None:
            return self.file(normalise_path(found.path)) if found.path is not None else None
        match value.parts:
            case (str(), GeneratedHash(text=text), str(name)):
                return self._text(text.outcome(), name)
            case _:
                return None

    def _named(self, path: str) -> HostPolicy | None:
        """A path on the machine: a file that NixOS puts into /etc, or one of a project that lies where it is deployed."""
        if path.startswith("/etc/"):
            name = path.removeprefix("/etc/")
            for element in (f'environment.etc."{name}"', f"environment.etc.{name}"):
                source, text = self.host.nixos(f"{element}.source"), self.host.nixos(f"{element}.text")
                if text.written and text.value is not None:
                    return self._text(text.value, name)
                if source.written and source.value is not None:
                    return self.policy(source.value)
        return self.file(path) if path.startswith(f"{self.host.project.root.rstrip('/')}/") else None

    def file(self, path: str) -> HostPolicy | None:
        file = self.host.project.read(path)
        if not isinstance(file, SourceFile):
            return None
        return HostPolicy(parse(file), self.setting, file, os.path.basename(path))

    def _text(self, value: Value | Failure, name: str) -> HostPolicy | None:
        """A policy given as a text."""
        around = self.setting.at
        match value:
            case JsonText(data=data):
                return HostPolicy(ValueTree(self.host.project).node(data, around), self.setting, name=name)
            case FileText(file=file):
                return HostPolicy(parse(file), self.setting, file, name)
            case String():
                text, locate = text_with_places(value, around)
                return HostPolicy(parse_text(text, locate), self.setting, name=name)
            case _:
                return None


__all__ = ["HostPolicy", "Mode", "meaning_of", "mode_of", "policy_file", "policy_of", "setting_of"]
