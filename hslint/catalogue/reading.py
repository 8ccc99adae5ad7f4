"""How Headscale reads a value: what Go's parsers and viper's getters make of what stands in the file.

viper hands every value to spf13/cast, which never fails: what it cannot read becomes the type's empty value, in silence.
"""

import re
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import Literal, TypeAlias

from hslint.catalogue.data import Json
from hslint.catalogue.term import AttrsOf, ListOf, Plain, Term

# What a getter gives.
Read: TypeAlias = bool | int | str | list[str]

NANOSECOND = 1
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_LONGEST = (1 << 63) - 1

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

FALLBACK_MODE = 0o700
"""what a permission that cannot be read becomes (util.PermissionFallback)"""


def go_duration(text: str) -> int | None:
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
        if total > _LONGEST + (1 if sign < 0 else 0):
            return None
        at = part.end()
    return sign * total


def _fraction(digits: str, unit: int) -> int:
    """The part of a unit that decimals mean, with the rounding of Go's floats and without digits that overflow."""
    numerator, scale = 0, 1.0
    for digit in digits:
        if numerator > _LONGEST // 10 or numerator * 10 + int(digit) > _LONGEST + 1:
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
    return total if total <= _LONGEST else None


def parse_bool(text: str) -> bool | None:
    """A boolean, as Go's strconv.ParseBool reads it; None where it fails (`yes`, `on`, `tRUE`)."""
    if text in _TRUE:
        return True
    return False if text in _FALSE else None


def read(term: Term, value: Json) -> Read:
    """What Headscale gets when it asks for a key of a type. Maps are left to those who know what lies in them: read as a list."""
    match term:
        case Plain("bool"):
            return read_bool(value)
        case Plain("duration"):
            return read_duration(value)
        case Plain("int" | "port" | "seconds" | "milliseconds"):
            return read_int(value)
        case ListOf() | AttrsOf():
            return read_strings(value)
        case _:
            return read_string(value)


def read_bool(value: Json) -> bool:
    """viper.GetBool: what is no boolean for Go is false, in silence."""
    match value:
        case bool():
            return value
        case str():
            return parse_bool(value) or False
        case int() | float():
            return value != 0
        case _:
            return False


def read_int(value: Json) -> int:
    """viper.GetInt: text as Go's strconv.ParseInt takes it for base 0 (`0x10` is 16, `010` is 8), anything else is 0."""
    match value:
        case bool() | int():
            return int(value)
        case float():
            return int(value) if abs(value) < _LONGEST else 0
        case str() if digits := re.fullmatch(
            r"([-+]?)(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)(\.0*)?", value
        ):
            if digits[2].isdigit() and len(digits[2].lstrip("0")) > 22:
                return 0  # past 64 bits, also in octal
            text = re.sub(r"^0(?=[0-7])", "0o", digits[2])
            number = int(digits[1] + text, 0)
            return number if abs(number) <= _LONGEST else 0
        case _:
            return 0


def read_duration(value: Json) -> int:
    """viper.GetDuration: nanoseconds. A number without a unit is nanoseconds, what cannot be read is 0."""
    match value:
        case bool():
            return 0
        case int():
            return value
        case float():
            return int(value) if abs(value) < _LONGEST else 0
        case str():
            # cast.ToDurationE looks for any letter of a unit, and takes a text without one for nanoseconds.
            return go_duration(value if any(letter in value for letter in "nsuµmh") else value + "ns") or 0
        case _:
            return 0


def read_string(value: Json) -> str:
    """viper.GetString: scalars become text; a list or a set becomes the empty text."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
        case str():
            return value
        case _:
            return ""


def read_strings(value: Json) -> list[str]:
    """viper.GetStringSlice: a text is split at white space, not at commas."""
    match value:
        case list():
            return [read_string(item) for item in value]
        case str():
            return value.split()
        case bool() | int() | float():
            return [read_string(value)]
        case _:
            return []


def read_node_expiry(value: Json) -> int | None:
    """node.expiry, from 0.29: nanoseconds, 0 for never. None when Headscale warns and then takes it for never."""
    text = read_string(value)
    return 0 if text == "" else prometheus_duration(text)


def go_prefix(text: str) -> IPv4Interface | IPv6Interface | None:
    """A range, as Go's netip.ParsePrefix reads it; None where it fails (no length, a mask, leading zeros, a zone)."""
    address, slash, bits = text.rpartition("/")
    if not slash or not re.fullmatch(r"0|[1-9][0-9]{0,2}", bits) or "%" in address:
        return None
    try:
        return ip_interface(text)
    except ValueError:
        return None


def file_mode(text: str) -> int | None:
    """unix_socket_permission: octal digits without a prefix. None (Headscale takes 0700) for `0o770`, `rwx`, `0888`.

    The default that Headscale sets is itself `0o770`, so an unset key means 0700 too (util.GetFileMode).
    """
    if not text or any(digit not in "01234567" for digit in text):
        return None
    mode = int(text, 8)
    return mode if mode < 1 << 64 else None


DurationProblem: TypeAlias = Literal["no unit", "days", "unreadable"]


def duration_problem(text: str) -> DurationProblem | None:
    """Why Go does not read the text as its author meant it, or None if it does."""
    if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?", text):
        return None if re.fullmatch(r"[-+]?0+", text) else "no unit"
    if go_duration(text) is not None:
        return None
    with_units = re.fullmatch(r"(\s*[0-9.]+\s*(y|w|d|h|m|s|ms|days?|weeks?|years?))+\s*", text)
    return "days" if with_units and re.search(r"[dwy]", text) else "unreadable"
