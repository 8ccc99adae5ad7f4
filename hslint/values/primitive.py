"""The declaration of functions written in Python: `builtins.*`, `lib.*` and the stand-ins of the packages above.

A function takes the evaluator and its arguments as Lazy values, and returns a value. It asks the evaluator for what it needs
to know (`ev.text(name)`, `ev.closed_list(items)`): when an argument is unknown, that leaves the function and its result is
Unknown, so a function says only what it can do better than that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hslint.values.value import Primitive, Value

Function = TypeVar("Function", bound=Callable[..., Value])


class Registry:
    """Functions by their Nix names."""

    def __init__(self) -> None:
        self.functions: dict[str, Primitive] = {}

    def __call__(self, *names: str) -> Callable[[Function], Function]:
        """Declare a function under one or more Nix names; its arity is the number of its parameters after the evaluator."""

        def declare(run: Function) -> Function:
            arity = run.__code__.co_argcount - 1
            for name in names:
                self.functions[name] = Primitive(name, arity, run)
            return run

        return declare

    def calling(self, name: str, arity: int, run: Callable[..., Any]) -> None:
        self.functions[name] = Primitive(name, arity, run)
