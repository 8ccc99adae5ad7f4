"""All that a rule imports.

A rule is one function in one file, which takes a Host and yields Problems; its name is the file's name. Beside it stands its
page: the manual, and the examples that test it.

    @rule(Effect.FAILS, since="0.26")
    def override_needs_nameservers(host: Host) -> Iterator[Problem]:
        "Headscale does not start when override_local_dns is on and no global nameserver is given."

What has a subject is named with it: `edits.write`, `go.duration`, `net.listeners`, `nix.String`, `catalogue.Key`. Which accessor
of Host and Setting to use when is in CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from hslint import catalogue, edits, spelling
from hslint import policy_problems as policy
from hslint.catalogue import go
from hslint.hosts import network as net
from hslint.hosts.custody import SECRETS, unreadable
from hslint.hosts.exposure import exposed_to
from hslint.hosts.host import Host
from hslint.hosts.ignored_settings import IgnoredSetting, UnreadReason
from hslint.hosts.setting import Entry, Setting
from hslint.modules.definition import Definition
from hslint.modules.refusals import OptionFailure
from hslint.problem import Effect, Fix, Note, Problem, rule, shortened
from hslint.source import Span
from hslint.syntax.problems import ProblemKind
from hslint.values import value as nix

__all__ = [
    "SECRETS",
    "Definition",
    "Effect",
    "Entry",
    "Fix",
    "Host",
    "IgnoredSetting",
    "Iterator",
    "Note",
    "OptionFailure",
    "Problem",
    "ProblemKind",
    "Setting",
    "Span",
    "UnreadReason",
    "catalogue",
    "edits",
    "exposed_to",
    "go",
    "net",
    "nix",
    "policy",
    "rule",
    "shortened",
    "spelling",
    "unreadable",
]
