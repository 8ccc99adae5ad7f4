"""What an evaluation presumes because a configuration that fails is of no interest, for `builtins.tryEval` to know.

An undecided `assert` holds, and an alternative that throws is not the one that is taken: else there would be no configuration
to speak of. Only `tryEval` makes something of a failure, so it has to know whether what it tries rests on a presumption.
A `Lazy` whose value was found under one makes it again for whoever forces it (see `Lazy.force`); hence it makes no difference
whether the value was first asked for inside the `tryEval` or before.

Assumptions about guards (hslint.values.assumptions) come first: a condition that one of them decides needs no presumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hslint.values.value import Unknown


class _Ledger:
    """How often something was presumed, and what the last presumption is about. The number only grows: whoever compares it before
    and after a computation knows whether the computation rests on one.
    """

    __slots__ = ("last", "made")

    def __init__(self) -> None:
        self.made = 0
        self.last: Unknown | None = None


LEDGER = _Ledger()


def presume(about: Unknown) -> None:
    """What is computed now holds only if something that cannot be told is no error."""
    LEDGER.made += 1
    LEDGER.last = about
