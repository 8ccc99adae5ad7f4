"""What Go's net/url makes of a text that ought to be an address on the web."""

import re
from typing import NamedTuple


class GoUrl(NamedTuple):
    scheme: str
    host: str
    """with the port, as it is written"""
    path: str

    @property
    def hostname(self) -> str:
        """The host without its port and without brackets"""
        if self.host.startswith("["):
            return self.host[1:].partition("]")[0]
        return self.host.partition(":")[0]


# Bytes that may not stand in a host as they are (url.shouldEscape, encodeHost).
_NOT_IN_HOST = re.compile(r"[\x00-\x20\x7f#/?@\\^`{|}%]")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def go_url(text: str) -> GoUrl | None:
    """The parts, as url.Parse finds them; None where it fails (`https://h:abc`, `%zz`, `1.1.1.1:53`, `:x`)."""
    rest, _, fragment = text.partition("#")
    if re.search(r"[\x00-\x1f\x7f]", rest) or _BAD_ESCAPE.search(fragment):
        return None
    named = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", rest)
    if named is None and rest.startswith(":"):
        return None
    scheme = named[0][:-1].lower() if named else ""
    rest = rest[named.end() if named else 0 :].partition("?")[0]
    host = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        user, _, host = authority.rpartition("@")
        if not _USER.fullmatch(user) or _BAD_ESCAPE.search(user) or not _is_host(host):
            return None
        rest = slash + path
    elif not rest.startswith("/"):
        if scheme:
            return GoUrl(scheme, "", "")  # opaque, as `mailto:somebody`
        if ":" in rest.partition("/")[0]:
            return None
    return None if _BAD_ESCAPE.search(rest) else GoUrl(scheme, host, rest)


def _is_host(host: str) -> bool:
    name, port = host, ""
    if host.startswith("["):
        name, bracket, port = host.rpartition("]")
        if not bracket:
            return False
        name = name[1:].replace("%25", "")
    elif ":" in host:
        name, _, digits = host.rpartition(":")
        port = f":{digits}"
    # Escapes of bytes beyond ASCII may stand in a host.
    name = re.sub(r"%[89A-Fa-f][0-9A-Fa-f]|%25", "", name)
    return re.fullmatch(r"(:[0-9]*)?", port) is not None and _NOT_IN_HOST.search(name) is None
