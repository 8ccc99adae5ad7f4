"""Excerpts of modules on rules' pages: the body of one set, which is put into a module that is valid by itself.

Page fences name the set: ```nix settings is the body of `services.headscale.settings`, ```nix config that of the whole
configuration. It is indented as between the set's braces. Around it stands an ordinary Headscale, without the settings that the
excerpt writes itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hslint.record import Record
from hslint.source import SourceFile
from hslint.syntax.nodes import AttributeSet, Expression
from hslint.syntax.parse import parse

_SETTINGS = "services.headscale.settings"

#: The set whose body an excerpt is, by the word in its fence; the configuration as a whole has no name.
SETS = {"config": "", "settings": _SETTINGS}

#: What a Headscale needs before anything can be said of one part of it.
_ORDINARY = {
    "services.headscale.enable": "true",
    f"{_SETTINGS}.server_url": '"https://hs.example.com"',
    f"{_SETTINGS}.dns.base_domain": '"tailnet.example.net"',
    f"{_SETTINGS}.dns.nameservers.global": '[ "9.9.9.9" ]',
}

_FENCE = re.compile(r"```nix(?: (\w+))?")


class Surroundings(Record):
    """The lines before and after an excerpt in its file."""

    before: str = ""
    after: str = ""

    @property
    def first_line(self) -> int:
        """The number, from 0, that the excerpt's first line has in the file."""
        return self.before.count("\n")

    def around(self, text: str) -> str:
        return f"{self.before}{text}{self.after}"

    def without(self, whole: str) -> str | None:
        """The excerpt in a file; None where what surrounds it was changed."""
        if not whole.startswith(self.before) or not whole.endswith(self.after):
            return None
        return whole[len(self.before) : len(whole) - len(self.after)]


def surroundings(kind: str, text: str) -> Surroundings:
    """The lines around an excerpt that make it a module. They set nothing that the excerpt sets, and nothing within what that computes as a whole."""
    of = SETS[kind]
    body = parse(SourceFile(f"/{kind}.nix", f"{{\n{text}\n}}".encode())).expression
    before = ["{ config, lib, pkgs, ... }:", "{"]
    for option, value in _ORDINARY.items():
        inside = option.removeprefix(f"{of}." if of else "")
        if (of and inside == option) or not _sets(body, inside):
            before.append(f"  {option} = {value};")
    after = ["}"]
    if of:
        before.append(f"{of} = {{")
        after.insert(0, "};")
    return Surroundings("\n".join((*before, "")), "\n".join((*after, "")))


def _sets(body: Expression, path: str) -> bool:
    """Whether a body allows no other definition of an attribute."""
    for name in path.split("."):
        if not isinstance(body, AttributeSet) or body.recursive:
            return True
        attribute = body.attributes.get(name)
        if attribute is None:
            return False
        body = attribute.value
    return True


def readable(page: str) -> str:
    """A page without its fences: what is the body of a set stands in that set's braces."""
    return "\n".join(_readable(page.split("\n")))


def _readable(lines: list[str]) -> Iterator[str]:
    kind: str | None = None
    inside = False
    for line in lines:
        if inside:
            inside = line != "```"
            if not inside and kind is not None:
                yield "};" if SETS[kind] else "}"
            yield line
        elif fence := _FENCE.fullmatch(line):
            inside = True
            fixed = fence[1] == "fixed"
            if not fixed:  # what a fix makes of an example is cut from the same set
                kind = fence[1] if fence[1] in SETS else None
            yield "```nix fixed" if fixed else "```nix"
            if kind is not None:
                yield f"{SETS[kind]} = {{" if SETS[kind] else "{"
        else:
            yield line
