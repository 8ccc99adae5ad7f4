"""All fuzzers by name."""

from __future__ import annotations

from fuzzers.kinds import ClosedExpressions, Fuzzer, HalfUnknownExpressions


class NotHere(Exception):
    """What a fuzzer needs is not on this machine."""


FUZZERS: dict[str, type[Fuzzer]] = {
    "closed": ClosedExpressions,
    "half-unknown": HalfUnknownExpressions,
}
