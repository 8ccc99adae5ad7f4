"""Expressions evaluated by hslint, for tests: as text, as real Nix prints it, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hslint.source import Project, SourceFile
from hslint.syntax.parse import parse
from hslint.syntax.problems import ProblemKind
from hslint.values.budget import with_deep_stack
from hslint.values.evaluate import NixEvaluator
from hslint.values.evaluator import Evaluator
from hslint.values.show import show
from hslint.values.value import Attrs, Failure, Kind, Lazy, NotKnown, Unknown, Value, Why

NOWHERE = "/nowhere"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nix would stop here."""

    message: str


@dataclass(frozen=True, slots=True)
class Untold:
    """It is unknown, and why."""

    why: Why
    detail: str = ""


Outcome = str | Refused | Untold


def evaluator(root: Path | str = NOWHERE, *, calls: int | None = None) -> Evaluator:
    project = Project(str(root))
    return (
        NixEvaluator(project, parse, strict=True)
        if calls is None
        else NixEvaluator(project, parse, strict=True, calls=calls)
    )


def value_of(ev: Evaluator, text: str, names: dict[str, Value] | None = None) -> Value:
    """The value of an expression that stands in a file of the evaluator's root; `names` are in scope."""
    parsed = parse(SourceFile(f"{ev.project.root}/test.nix", text.encode("utf-8", "surrogateescape")))
    given = {name: Lazy.done(value) for name, value in (names or {}).items()}
    problems = ev.refused(parsed, given)
    if problems and problems[0].kind is ProblemKind.TOO_DEEP:
        raise NotKnown(Unknown(Why.BUDGET, problems[0].message, problems[0].span))
    if problems:
        raise Failure(Kind.SYNTAX, problems[0].message, problems[0].span)
    return ev.evaluate(parsed.expression, given)


def outcome(
    text: str, root: Path | str = NOWHERE, names: dict[str, Value] | None = None, *, calls: int | None = None
) -> Outcome:
    """What comes of an expression: its text, deeply forced, or why there is none."""

    def run() -> Outcome:
        ev = evaluator(root, calls=calls)
        try:
            return show(ev, value_of(ev, text, names))
        except Failure as failure:
            return Refused(failure.message)
        except NotKnown as unknown:
            return Untold(unknown.unknown.why, unknown.unknown.detail)
        except RecursionError:
            return Untold(Why.BUDGET)

    return with_deep_stack(run)


def unknown(detail: str = "somewhere", why: Why = Why.INPUT) -> Unknown:
    return Unknown(why, detail)


def open_set(**items: Value) -> Attrs:
    """A set that may have more names than these."""
    return Attrs({name: Lazy.done(value) for name, value in items.items()}, rest=unknown("more"))
