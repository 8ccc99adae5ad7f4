"""Go's parsers of texts: durations (also those of Prometheus), booleans, ranges of addresses, URLs. None for what Go refuses."""

import re
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import NamedTuple

NANOSECOND = 1
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

LONGEST = (1 << 63) - 1

_GO_UNITS = {
    "ns": NANOSECOND,
    "us": MICROSECOND,
    "µs": MICROSECOND,  # micro sign
    "μs": MICROSECOND,  # Greek letter mu
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_GO_PART = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?(?P<unit>[^0-9.]+)")

_PROMETHEUS = re.compile(
    r"(?:([0-9]+)y)?(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?", re.ASCII
)
_PROMETHEUS_UNITS = (365 * DAY, 7 * DAY, DAY, HOUR, MINUTE, SECOND, MILLISECOND)

_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


def duration(text: str) -> int | None:
    """Nanoseconds, as Go's time.ParseDuration reads them; None where it fails (`30`, `1d`, `5 m`, the empty text).

    A sign, decimal fractions and several parts are allowed: `-1.5h`, `1h30m`. There are no days.
    """
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    if not rest:
        return None
    total, at = 0, 0
    while at < len(rest):
        part = _GO_PART.match(rest, at)
        if part is None or not (part["whole"] or part["fraction"]) or part["unit"] not in _GO_UNITS:
            return None
        unit = _GO_UNITS[part["unit"]]
        # More digits than fit are an error for Go; fewer than that keep the arithmetic small.
        if len(part["whole"].lstrip("0")) > 19:
            return None
        total += int(part["whole"] or "0") * unit
        total += _fraction(part["fraction"] or "", unit)
        if total > LONGEST + (1 if sign < 0 else 0):
            return None
        at = part.end()
    return sign * total


def _fraction(digits: str, unit: int) -> int:
    """The part of a unit that decimals mean, with the rounding of Go's floats and without digits that overflow."""
    numerator, scale = 0, 1.0
    for digit in digits:
        if numerator > LONGEST // 10 or numerator * 10 + int(digit) > LONGEST + 1:
            break
        numerator = numerator * 10 + int(digit)
        scale *= 10
    return int(numerator * (unit / scale))


def prometheus_duration(text: str) -> int | None:
    """Nanoseconds, as Prometheus' model.ParseDuration reads them; None where it fails (`1.5h`, `90`, `never`, the empty text).

    Whole numbers only, units from large to small, each once: `90d`, `1h30m`. `0` needs no unit.
    """
    if text == "0":
        return 0
    parts = _PROMETHEUS.fullmatch(text) if text and len(text) < 100 else None
    if parts is None:
        return None
    total = sum(
        int(count) * unit for count, unit in zip(parts.groups(), _PROMETHEUS_UNITS, strict=True) if count is not None
    )
    return total if total <= LONGEST else None


def boolean(text: str) -> bool | None:
    """A boolean, as Go's strconv.ParseBool reads it; None where it fails (`yes`, `on`, `tRUE`)."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def prefix(text: str) -> IPv4Interface | IPv6Interface | None:
    """A range, as Go's netip.ParsePrefix reads it; None where it fails (no length, a mask, leading zeros, a zone)."""
    address, slash, bits = text.rpartition("/")
    if not slash or not re.fullmatch(r"0|[1-9][0-9]{0,2}", bits) or "%" in address:
        return None
    try:
        return ip_interface(text)
    except ValueError:
        return None


class Url(NamedTuple):
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


def url(text: str) -> Url | None:
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
            return Url(scheme, "", "")  # opaque, as `mailto:somebody`
        if ":" in rest.partition("/")[0]:
            return None
    return None if _BAD_ESCAPE.search(rest) else Url(scheme, host, rest)


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
