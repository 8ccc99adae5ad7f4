"""The evaluator of the Nix language: an evaluation with the language and its built-in functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from hslint.source import Project, SourceFile, Span
from hslint.syntax import nodes
from hslint.values import budget, builtins
from hslint.values.alternatives import join
from hslint.values.assumptions import Assumptions
from hslint.values.evaluator import Evaluator
from hslint.values.language import compile_expression
from hslint.values.scope import StaticScope
from hslint.values.value import Failure, Lazy, Scope, Unknown, Value, Why, presume

if TYPE_CHECKING:
    from hslint.syntax.parse import Parsed


class NixEvaluator(Evaluator):
    """One evaluation of the files of a project by the rules of Nix."""

    def __init__(
        self,
        project: Project,
        parse: Callable[[SourceFile], Parsed],
        *,
        calls: int | None = None,
        strict: bool = False,
        deadline: budget.Deadline | None = None,
        assumptions: Assumptions | None = None,
        parsed: dict[str, Parsed] | None = None,
    ) -> None:
        super().__init__(
            project, parse, calls=calls, strict=strict, deadline=deadline, assumptions=assumptions, parsed=parsed
        )
        self.globals = Scope(builtins.global_names(self), None)
        self._static_globals = StaticScope(frozenset(self.globals.names), None)

    def evaluate(self, expression: nodes.Expression, names: Mapping[str, Lazy] | None = None) -> Value:
        """The value of a whole file's expression, with extra names in scope (`scopedImport`)."""
        if not names:
            return compile_expression(self, expression, self._static_globals)(self.globals)
        static = StaticScope(frozenset(names), self._static_globals)
        return compile_expression(self, expression, static)(Scope(dict(names), self.globals))

    def either(self, why: Unknown, alternatives: tuple[Lazy, ...], span: Span | None) -> Value:
        """The join of several values, one of which it is. An alternative that fails cannot be the one of a working configuration:
        a presumption, as far as `tryEval` could catch the failure.
        """
        undecided = Unknown(Why.CONDITION, why.detail if why.why is Why.CONDITION else why.reason, span, alternatives)
        if self.undecided >= budget.UNDECIDED_DEPTH:
            return Unknown(undecided.why, undecided.detail, span)
        self.undecided += 1
        try:
            outcomes = [(lazy, lazy.outcome()) for lazy in alternatives]
        finally:
            self.undecided -= 1
        possible = [(lazy, value) for lazy, value in outcomes if not isinstance(value, Failure)]
        failures = [failure for _, failure in outcomes if isinstance(failure, Failure)]
        if not possible:
            raise next((failure for failure in failures if failure.catchable), failures[0])
        if any(failure.catchable for failure in failures):
            presume(undecided)
        return join(self, undecided, [value for _, value in possible], [lazy for lazy, _ in possible])
