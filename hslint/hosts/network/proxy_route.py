"""One place of a web server's configuration that passes requests on."""

from __future__ import annotations

from hslint.hosts.network.address import Url
from hslint.record import Record
from hslint.source import Span


class ProxyRoute(Record):
    """A place of a web server's configuration that passes requests on; what is None is unknown.

    names       the host names it answers for, lower case; `all_names` is false when there may be others
    path        the path below which it does: "/", "/metrics"; None where the server decides by other means
    target      where to
    websockets  whether it passes `Upgrade` on
    tls         whether clients reach it over TLS
    guarded     whether only some clients may use it: addresses, passwords, certificates
    at          the target's text, `name_at` the option that holds it, `binding` its whole statement
    option      the option's path, for messages
    """

    names: tuple[str, ...]
    all_names: bool
    path: str | None
    target: Url
    websockets: bool | None
    tls: bool | None
    guarded: bool | None
    at: Span | None
    name_at: Span | None
    binding: Span | None
    option: str

    def answers(self, name: str) -> bool | None:
        """Whether requests for a host name come here; wildcards count."""
        name = name.lower()
        for each in self.names:
            if each == name or (
                each.startswith("*.") and name.endswith(each[1:]) and name.count(".") == each.count(".")
            ):
                return True
        return False if self.all_names else None
