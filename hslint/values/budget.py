"""The limits of an evaluation, by name. Past one of them a value is Unknown(BUDGET), never a hang and never a crash."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

#: Function calls that the evaluation of one host may make, some three seconds of them, and about half a gigabyte. Large public
#: hosts make less than a hundred thousand. What goes through many elements counts them as well (`Evaluator.spend`).
CALLS = 1_000_000

#: The same for `hslint eval`, where one value is asked for: nixpkgs' own tests of its library need six million.
CALLS_OF_ONE_VALUE = 8_000_000

#: Hosts of one run that may use up what there is to spend for each; those behind them get nothing anew.
EXHAUSTED = 2

#: Elements that a builtin or operator copies for the price of one call: an element is the unit of work.
ELEMENTS = 16

#: What it costs to make a delayed value: it takes memory until it is forced.
THUNK = 8

#: Units of work between two looks at the clock, some 20 milliseconds.
SLICE = 8192 * ELEMENTS

#: Seconds that one check may take, unless the project's settings say otherwise: many times what a large flake takes.
TIME_LIMIT = 60.0

#: Calls within calls. Nix since 2.20 stops there, too (`max-call-depth`), unless it is configured otherwise.
CALL_DEPTH = 10_000

#: Calls beyond it among which one that comes back is looked for: mutual recursion without end.
CALLS_OF_A_CYCLE = 32

#: Python frames, which chains of delayed values cost as well; a level of Nix takes four to ten.
FRAMES = 120_000

#: Bytes of C stack for the few places where Python itself recurses; only touched pages cost memory.
STACK = 512 * 1024 * 1024

#: New objects between two looks of Python's garbage collector: an evaluation makes many and gives few back.
OBJECTS = 200_000

#: Characters of one string, elements of one list, names of one set.
STRING = 16 * 1024 * 1024
ITEMS = 2_000_000

#: Values that an undecided condition may leave open (`may_be`).
ALTERNATIVES = 8

#: Undecided conditions inside undecided conditions whose arms are still looked at.
UNDECIDED_DEPTH = 4


class Interrupted(BaseException):
    """Ends an evaluation from outside: the deadline is past, or the caller has cancelled.

    No Exception, like KeyboardInterrupt: what turns the defects of a rule or of a built-in function into data must not
    swallow it.
    """


class Deadline:
    """When evaluation stops: after so many seconds (None: never), or once `cancel` was called, from any thread."""

    __slots__ = ("_at", "_cancelled")

    def __init__(self, seconds: float | None = None) -> None:
        self._at = None if seconds is None else time.monotonic() + seconds
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def expired(self) -> bool:
        return self._cancelled or (self._at is not None and time.monotonic() >= self._at)

    def check(self) -> None:
        """Raises Interrupted once it has expired. For loops that spend nothing of an evaluator's budget."""
        if self.expired():
            raise Interrupted


def with_deep_stack(run: Callable[..., T], *arguments: Any) -> T:
    """Run something that nests deeply: on a thread with a large C stack and a high frame limit. Exceptions pass through."""
    outcome: list[T] = []
    raised: list[BaseException] = []

    def body() -> None:
        try:
            outcome.append(run(*arguments))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            raised.append(error)

    frames = sys.getrecursionlimit()
    collection = gc.get_threshold()
    size = threading.stack_size(STACK)
    sys.setrecursionlimit(max(frames, FRAMES))
    gc.set_threshold(max(OBJECTS, collection[0]), 50, 100)
    try:
        # A daemon: an interrupted run does not wait for it.
        thread = threading.Thread(target=body, name="hslint-evaluation", daemon=True)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(frames)
        gc.set_threshold(*collection)
    if raised:
        raise raised[0]
    return outcome[0]
