"""All fuzzers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzzers.files import Configurations, Texts
from fuzzers.values import ClosedExpressions, HalfUnknownCalls, HalfUnknownExpressions, LibraryCalls, Modules

if TYPE_CHECKING:
    from fuzzers.fuzzer import Fuzzer

FUZZERS: dict[str, type[Fuzzer]] = {
    "closed": ClosedExpressions,
    "half-unknown": HalfUnknownExpressions,
    "library": LibraryCalls,
    "half-unknown-library": HalfUnknownCalls,
    "modules": Modules,
    "texts": Texts,
    "configurations": Configurations,
}
