"""All fuzzers by name."""

from __future__ import annotations

from fuzzers.files import Configurations, Texts
from fuzzers.fuzzer import Fuzzer
from fuzzers.values import ClosedExpressions, HalfUnknownExpressions, LibraryCalls, Modules

FUZZERS: dict[str, type[Fuzzer]] = {
    "closed": ClosedExpressions,
    "half-unknown": HalfUnknownExpressions,
    "library": LibraryCalls,
    "modules": Modules,
    "texts": Texts,
    "configurations": Configurations,
}
