"""Viper's getters: the value that Headscale gets for what stands in the file.

viper hands every value to spf13/cast, which never fails: what it cannot read becomes the type's empty value, in silence.
"""

import re
from typing import Literal, TypeAlias

from hslint.catalogue import go
from hslint.catalogue.data import Json
from hslint.catalogue.term import AttrsOf, ListOf, Scalar, Term

# What a getter gives.
Read: TypeAlias = bool | int | str | list[str]

"""what a permission that cannot be read becomes (util.PermissionFallback)"""


def read(term: Term, value: Json) -> Read:
    """The value that Headscale gets for a key of a type. Maps are left to those who know what lies in them: read as a list."""
    match term:
        case Scalar("bool"):
            return read_bool(value)
        case Scalar("duration"):
            return read_duration(value)
        case Scalar("int" | "port" | "seconds" | "milliseconds"):
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
            return go.boolean(value) or False
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
            return int(value) if abs(value) < go.LONGEST else 0
        case str() if digits := re.fullmatch(
            r"([-+]?)(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)(\.0*)?", value
        ):
            if digits[2].isdigit() and len(digits[2].lstrip("0")) > 22:
                return 0  # past 64 bits, also in octal
            text = re.sub(r"^0(?=[0-7])", "0o", digits[2])
            number = int(digits[1] + text, 0)
            return number if abs(number) <= go.LONGEST else 0
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
            return int(value) if abs(value) < go.LONGEST else 0
        case str():
            # cast.ToDurationE looks for any letter of a unit, and takes a text without one for nanoseconds.
            return go.duration(value if any(letter in value for letter in "nsuµmh") else value + "ns") or 0
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
    return 0 if text == "" else go.prometheus_duration(text)


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
    if go.duration(text) is not None:
        return None
    with_units = re.fullmatch(r"(\s*[0-9.]+\s*(y|w|d|h|m|s|ms|days?|weeks?|years?))+\s*", text)
    return "days" if with_units and re.search(r"[dwy]", text) else "unreadable"
