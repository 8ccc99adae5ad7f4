"""A virtual host of a web server: the names it answers for, and its reply to a request for a path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from hslint.hosts.network.address import Url
from hslint.record import Entity, Record
from hslint.source import Span

SiteProgram = Literal["nginx", "caddy", "traefik"]


class Gate(Record):
    """A demand for a login or a client certificate before a request is served: "basicAuth", "forward_auth"."""

    what: str
    at: Span | None


class Reply(Record):
    """The reply to a request: passed on, answered by the site itself, or unknown.

    target   where it is passed on to; None where the web server answers by itself, as `instead` says: "files", "a redirect"
    gates    what has to be passed before; `ungated` is whether these are certainly all
    at       the statement that decides it
    """

    target: Url | None
    instead: str
    gates: tuple[Gate, ...]
    at: Span | None


class Site(Entity):
    """One virtual host. What is None is unknown.

    names   what it is certainly called, lower case, wildcards and expressions included; `all_names` is false when there may be others
    tls     whether clients reach it over TLS
    only_by_name  whether requests under other names certainly do not come through: they get no certificate, or no site
    at      the name of the site's option
    """

    program: SiteProgram
    names: tuple[str, ...]
    all_names: bool
    tls: bool | None
    only_by_name: bool
    at: Span | None
    #: What becomes of a request for a host name and a path.
    reply: Callable[[str, str], Reply | None]

    def answers(self, name: str) -> bool | None:
        """Whether requests for a host name come here by that name; wildcards count."""
        return answers(self.names, name, complete=self.all_names)


def answers(names: tuple[str, ...], name: str, *, complete: bool) -> bool | None:
    """Whether a name is one of several, of which some may be wildcards (`*.example.com`) or nginx's expressions (`~^hs`)."""
    name = name.lower()
    for each in names:
        if each == name or (each.startswith("*.") and name.endswith(each[1:]) and len(name) >= len(each)):
            return True
        if each.startswith(".") and (name.endswith(each) or name == each[1:]):
            return True
    unsure = not complete or any(each.startswith("~") or each.endswith(".*") for each in names)
    return None if unsure else False


def part_of(literal: Span | None, piece: str) -> Span | None:
    """The place of a piece of text inside a literal, where it occurs exactly once; else the whole literal."""
    if literal is None or not piece or literal.text.count(piece) != 1:
        return literal
    start = literal.start + len(literal.text[: literal.text.index(piece)].encode())
    return Span(literal.file, start, start + len(piece.encode()))
