"""Fuzzers of values: closed expressions, expressions that depend on the environment, calls of `lib`, modules."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evaluated import NOWHERE, Outcome, Refused, Untold, evaluator, outcome, value_of
from fuzzers import library_calls, modules
from fuzzers.claims import AS_JSON, contradiction
from fuzzers.expressions import Writer
from fuzzers.fuzzer import CALLS, Fuzzer, NotHere
from real_nix import NixRefused, RealNix

from hslint.modules import library_extra
from hslint.modules.module_system import module_system
from hslint.values.budget import with_deep_stack
from hslint.values.evaluator import Evaluator
from hslint.values.nixpkgs_lib import library
from hslint.values.show import show
from hslint.values.value import Failure, Lazy, NotKnown, Value, Why

if TYPE_CHECKING:
    from fuzzers.choices import Choices


class ClosedExpressions(Fuzzer):
    """Expressions without a free name: the same value, or both refuse."""

    def write(self, choices: Choices) -> str:
        return Writer(choices).expression()

    def found(self, text: str) -> Outcome:
        return outcome(text, self.directory, calls=CALLS)

    def asked(self, text: str) -> str:
        """What real Nix is asked."""
        return text

    def problems(self, inputs: Sequence[str]) -> list[tuple[str, str]]:
        found = [(text, self.found(f"(builtins.toJSON (let in {text}))")) for text in inputs]
        answered = [(text, answer) for text, answer in found if isinstance(answer, str)]
        wrong = self._differing(answered)
        for text, answer in found:
            if not isinstance(answer, Refused) or _newer(answer):
                continue
            try:
                real = self.nix.text(self.asked(f"(builtins.toJSON (let in {text}))"), cwd=self.directory)
            except NixRefused:
                continue
            wrong.append((text, f"hslint: {answer}\nNix:    {real}"))
        return wrong

    def _differing(self, answered: list[tuple[str, str]]) -> list[tuple[str, str]]:
        if not answered:
            return []
        together = self.asked("[\n" + "\n".join(f"(builtins.toJSON (let in {text}))" for text, _ in answered) + "\n]")
        try:
            real = self.nix.text(together, cwd=self.directory)
        except NixRefused as refused:
            real = str(refused)
        if real == f"[ {' '.join(answer for _, answer in answered)} ]":
            return []
        if len(answered) == 1:
            text, answer = answered[0]
            return [(text, f"hslint: {answer}\nNix:    {real}")]
        middle = len(answered) // 2
        return self._differing(answered[:middle]) + self._differing(answered[middle:])


def _newer(answer: Refused) -> bool:
    """Whether only newer releases than the one that is compared with refuse: overflow since 2.25; looking at a function that has nothing
    to do, or that is not called yet, since 2.14; JSON of what is no UTF-8.
    """
    return answer.message == "integer overflow" or any(
        part in answer.message for part in ("while a function was expected", "invalid UTF-8")
    )


class HalfUnknownExpressions(Fuzzer):
    """Expressions that depend on the environment: what hslint claims is so in each of several environments."""

    worlds = ({"A": "", "B": ""}, {"A": "1", "B": "x"}, {"A": "x", "B": "1"}, {"A": "a", "B": "a b"})

    #: What is in scope for real Nix.
    bindings = ""

    def write(self, choices: Choices) -> str:
        return Writer(choices, unknown=True).expression()

    def problems(self, inputs: Sequence[str]) -> list[tuple[str, str]]:
        def run() -> list[tuple[str, str]]:
            claims = [(text, claim) for text in inputs if (claim := self._claimed(text)) is not None]
            # One expression that fails makes real Nix refuse all: those that probably do are asked for by themselves.
            groups = [[claim for claim in claims if not isinstance(claim[1], Failure)]]
            groups.extend([claim] for claim in claims if isinstance(claim[1], Failure))
            return [
                problem for world in self.worlds for group in groups for problem in self._contradicted(group, world)
            ]

        return list(dict(with_deep_stack(run)).items())

    def _claimed(self, text: str) -> Value | Failure | None:
        """What hslint says; None where it says nothing."""
        try:
            return self.value(f"(let in {text})")
        except Failure as failure:
            return failure
        except (NotKnown, RecursionError):
            return None

    def value(self, text: str) -> Value:
        return value_of(evaluator(NOWHERE, calls=CALLS), text)

    def _contradicted(self, claims: list[tuple[str, Value | Failure]], world: dict[str, str]) -> list[tuple[str, str]]:
        if not claims:
            return []
        elements = "\n".join(f"(asJson (let in {text}))" for text, _ in claims)
        try:
            together = self.nix.json(
                f"let {self.bindings} {AS_JSON} in [\n{elements}\n]", cwd=self.directory, environment=world
            )
        except NixRefused:
            if len(claims) == 1:
                return []
            middle = len(claims) // 2
            return self._contradicted(claims[:middle], world) + self._contradicted(claims[middle:], world)
        assert isinstance(together, list)
        return [
            (text, f"with {json.dumps(world)}: {problem}")
            for (text, claim), real in zip(claims, together, strict=True)
            if (problem := contradiction(claim, real)) is not None
            and not (isinstance(claim, Failure) and _newer(Refused(claim.message)))
        ]


class LibraryCalls(ClosedExpressions):
    """Calls of nixpkgs' functions: what nixpkgs' own code gives under real Nix (HSLINT_NIXPKGS_LIB)."""

    def __init__(self, nix: RealNix, directory: Path) -> None:
        super().__init__(nix, directory)
        self.library = _nixpkgs_library()

    def write(self, choices: Choices) -> str:
        return f"asJson ({library_calls.call(choices)})"

    def found(self, text: str) -> Outcome:
        return with_deep_stack(_with_library, f"let {AS_JSON} in {text}")

    def asked(self, text: str) -> str:
        return f"let lib = import {self.library}; {AS_JSON} in {text}"


def _nixpkgs_library() -> str:
    found = os.environ.get("HSLINT_NIXPKGS_LIB")
    if found is None:
        raise NotHere("HSLINT_NIXPKGS_LIB names no lib of nixpkgs")
    return found


def _value_with_library(ev: Evaluator, text: str) -> Value:
    lib = library(ev, library_extra(ev))
    module_system(ev).lib = Lazy.done(lib)
    return value_of(ev, text, {"lib": lib})


def _with_library(text: str) -> Outcome:
    ev = evaluator(NOWHERE, calls=CALLS)
    try:
        return show(ev, _value_with_library(ev, text))
    except Failure as failure:
        return Refused(failure.message)
    except (NotKnown, RecursionError):
        return Untold(Why.BUDGET)


class Modules(LibraryCalls):
    """Configurations merged by `lib.evalModules`."""

    def write(self, choices: Choices) -> str:
        return f"asJson {modules.evaluated(choices)}"


class HalfUnknownCalls(HalfUnknownExpressions):
    """Calls of nixpkgs' functions on arguments that depend on the environment."""

    def __init__(self, nix: RealNix, directory: Path) -> None:
        super().__init__(nix, directory)
        self.bindings = f"lib = import {_nixpkgs_library()};"

    def write(self, choices: Choices) -> str:
        return library_calls.call(choices, unknown=True)

    def value(self, text: str) -> Value:
        return _value_with_library(evaluator(NOWHERE, calls=CALLS), text)
