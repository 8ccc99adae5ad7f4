"""The interface of an evaluation for built-in functions: call, select, decide, read a file, count work.

`Evaluator` holds what one evaluation shares (files already imported, budgets). Errors that Nix would stop with are raised as
Failure; what is not known is an Unknown value. The language and its built-in functions are above, in hslint.values.evaluate:
they need an evaluator, and only `evaluate` and `either` need them.
"""

from __future__ import annotations

import operator
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from hslint.record import Record
from hslint.source import Project, SourceFile, Span, Unreadable
from hslint.syntax import nodes
from hslint.syntax.problems import ProblemKind
from hslint.values import budget
from hslint.values.assumptions import Assumptions
from hslint.values.nesting import Nesting
from hslint.values.text import known_text
from hslint.values.value import (
    Attrs,
    Bool,
    Closure,
    Failure,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Primitive,
    Scope,
    String,
    Unknown,
    Value,
    Why,
    derived,
    identity,
    presume,
    type_name,
)

if TYPE_CHECKING:
    from hslint.syntax.parse import Parsed
    from hslint.syntax.problems import SyntaxProblem


#: What a call costs.
_CALL = budget.ELEMENTS

#: Defects that an evaluation remembers.
_DEFECTS = 100


class Defect(Record):
    """An exception that a built-in function of hslint raised: a fault of hslint, and an unknown value to whoever evaluates."""

    function: str
    error: Exception
    span: Span | None


#: How a function begins: in its scope, with its argument, called at a place.
Enter = Callable[[Scope, Lazy, Span | None], Value]


class Evaluator(ABC):
    """One evaluation of the files of a project."""

    #: The outermost scope.
    globals: Scope

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
        """`strict` refuses a file with syntax errors, as Nix does; otherwise what could be read of it is evaluated.

        `parsed` are files that another evaluation of the same project has parsed already.
        """
        self.project = project
        self.parse = parse
        self.strict = strict
        #: When to stop, whatever is left of the budget: looked at once for each slice of work.
        self.deadline = deadline
        #: Units of work left of the current slice, and those that are left after it. A call costs `budget.ELEMENTS`.
        self.work_left = 0
        self.calls = budget.CALLS if calls is None else calls
        self.work_reserved = self.calls * budget.ELEMENTS
        #: Whether something could not be evaluated for want of budget, and how often it was so before `renew`.
        self.exhausted = False
        self.times_exhausted = 0
        self.assumptions = assumptions or Assumptions()
        self.depth = 0
        #: The calls under way beyond `budget.CALL_DEPTH`.
        self._deepest: list[tuple[nodes.Function, Scope, Lazy]] = []
        self.undecided = 0
        #: Files by path, in the order in which they were first imported.
        self.imported: dict[str, Lazy] = {}
        self.parsed: dict[str, Parsed] = {} if parsed is None else parsed
        #: Where each of them was first imported.
        self.import_places: dict[str, Span] = {}
        #: How packages above give meaning to what lies outside the files: `<nixpkgs>`, `import inputs.nixpkgs`, `builtins.getFlake`.
        self.search: Callable[[str], Value] | None = None
        self.importer: Callable[[Value], Value | None] | None = None
        #: What a fetcher gives (`fetchTarball`, `getFlake`, …), by its name and its argument; None leaves it unknown.
        self.fetcher: Callable[[str, Value], Value | None] | None = None
        #: Experimental features of Nix that are on.
        self.features: frozenset[str] = frozenset()
        #: Whether paths outside the project exist that the user names on the command line; no others are looked at.
        self.named_outside: Mapping[str, bool] = {}
        #: The search path of `<…>`, as prefixes and absolute paths; None when it is the machine's.
        self.nix_path: Sequence[tuple[str, str]] | None = None
        self.traces: list[str] = []
        #: Faults of hslint's own functions. Tests and fuzzers set `raises_defects` to see them as they are raised.
        self.defects: list[Defect] = []
        self.raises_defects = False
        #: What `==` and `<`, and coercion to a string, are inside of.
        self.comparing = Nesting(self.spend)
        self.coercing = Nesting(self.spend)
        #: What `derivation` found out about derivations with a known store path, by that path.
        self.derivations: dict[str, object] = {}
        #: nixpkgs' `lib`, once it was made (hslint.values.nixpkgs_lib).
        self.library = Lazy.done(Unknown(Why.FUNCTION, "lib"))
        #: The module system that works on these values, once it is used (hslint.modules.module_system).
        self.module_system: object | None = None
        #: How each function that was met begins.
        self.enter: dict[nodes.Function, Enter] = {}

    # -- what the language does with it (hslint.values.evaluate) ---------------------------------------------------

    @abstractmethod
    def evaluate(self, expression: nodes.Expression, names: Mapping[str, Lazy] | None = None) -> Value:
        """The value of a whole file's expression, with extra names in scope (`scopedImport`)."""

    @abstractmethod
    def either(self, why: Unknown, alternatives: tuple[Lazy, ...], span: Span | None) -> Value:
        """The join of several values, one of which it is."""

    def parse_file(self, path: str) -> Parsed | Unreadable:
        """The parsed file, once for each path."""
        parsed = self.parsed.get(path)
        if parsed is None:
            if self.deadline is not None:
                self.deadline.check()  # many files may be read between two calls
            file = self.project.read(path)
            if isinstance(file, Unreadable):
                return file
            parsed = self.parsed[path] = self.parse(file)
        return parsed

    def refused(self, parsed: Parsed, names: Mapping[str, Lazy] | None = None) -> Sequence[SyntaxProblem]:
        """Why Nix would not even begin to evaluate a file: its syntax, or a variable that nothing binds (`names` are bound).

        Nesting past hslint's own limit comes last: it says nothing about Nix.
        """
        known = self.globals.names.keys()
        refusals = [problem for problem in parsed.problems if problem.kind is not ProblemKind.TOO_DEEP]
        return refusals or parsed.undefined_variables(known | names.keys() if names else known) or parsed.problems

    def import_file(self, path: str, span: Span | None = None, names: Mapping[str, Lazy] | None = None) -> Value:
        """The value of `import path`: a file is evaluated once, a directory stands for its default.nix."""
        path = os.path.normpath(path)
        if self.project.is_directory(path):
            path = os.path.join(path, "default.nix")
        if names is not None:
            return self._evaluate_file(path, span, names)
        lazy = self.imported.get(path)
        if lazy is None:
            lazy = self.imported[path] = Lazy(lambda _: self._evaluate_file(path, span, None))
            if span is not None:
                self.import_places[path] = span
        return lazy.force()

    def _evaluate_file(self, path: str, span: Span | None, names: Mapping[str, Lazy] | None) -> Value:
        parsed = self.parse_file(path)
        if isinstance(parsed, Unreadable):
            match parsed:
                case Unreadable.OUTSIDE:
                    return Unknown(Why.OUTSIDE, path, span)
                case Unreadable.MISSING:
                    raise Failure(Kind.MISSING_FILE, f"getting status of '{path}': No such file or directory", span)
                case _:
                    return Unknown(Why.FILE, self.project.relative(path), span)
        if self.strict and (problems := self.refused(parsed, names)):
            problem = problems[0]
            if problem.kind is ProblemKind.TOO_DEEP:
                return Unknown(Why.BUDGET, "what is " + problem.message, problem.span)
            raise Failure(Kind.SYNTAX, problem.message, problem.span)
        return self.evaluate(parsed.expression, names)

    # -- application -----------------------------------------------------------------------------------------------

    def apply(self, function: Value, argument: Lazy, span: Span | None = None) -> Value:
        """`function argument`."""
        if type(function) is Closure:
            self.work_left -= _CALL
            if self.work_left < 0:
                self._next_slice(span)
            self.depth += 1
            try:
                if self.depth > budget.CALL_DEPTH:
                    self._past_call_depth(function, argument, span)
                return self.enter[function.node](function.scope, argument, span)
            finally:
                self.depth -= 1
        if type(function) is Primitive:
            self.work_left -= _CALL
            if self.work_left < 0:
                self._next_slice(span)
            arguments = (*function.arguments, argument)
            if len(arguments) < function.arity:
                return Primitive(function.name, function.arity, function.run, arguments, span, None)
            try:
                value = function.run(self, *arguments)
            except NotKnown as unknown:
                value = unknown.unknown
            except Failure as failure:
                if failure.span is None:
                    failure.span = span
                raise
            except RecursionError:
                raise  # whoever asked has used up the stack: `Lazy.outcome`
            except Exception as error:  # noqa: BLE001 - a defect of a function must not take the evaluation down
                return self._defect(function, error, span)
            return self._result(value, span) if type(value) is Unknown else value
        if isinstance(function, Attrs):
            functor = function.get("__functor")
            if functor is not None:
                return self.apply(self.apply(functor.force(), Lazy.done(function), span), argument, span)
            if function.rest is not None:
                return function.rest
        if isinstance(function, Unknown):
            return self.assumed(derived(function, span or function.span))
        raise Failure(Kind.CALL, f"attempt to call something which is not a function but {type_name(function)}", span)

    def _defect(self, function: Primitive, error: Exception, span: Span | None) -> Unknown:
        """The unknown result of a built-in function that raised an exception, which is recorded as a defect."""
        if self.raises_defects:
            raise error
        if isinstance(error, MemoryError):
            return Unknown(Why.BUDGET, "", span)
        if len(self.defects) < _DEFECTS:
            self.defects.append(Defect(function.name, error, span))
        return Unknown(Why.FUNCTION, function.name, span)

    def _result(self, unknown: Unknown, span: Span | None) -> Value:
        """The unknown result of a built-in function: no longer the argument that makes it so."""
        if span is None or unknown.term is span:
            return unknown
        return self.assumed(Unknown(unknown.why, unknown.detail, unknown.span, unknown.may_be, unknown.term or span))

    def _past_call_depth(self, function: Closure, argument: Lazy, span: Span | None) -> None:
        """Past the limit a call that is under way already, of the same function with the same argument, never ends.

        What else nests that deeply is no Failure: other releases of Nix, or another `max-call-depth`, may go on.
        """
        level = self.depth - budget.CALL_DEPTH
        if level > budget.CALLS_OF_A_CYCLE:
            raise NotKnown(Unknown(Why.BUDGET, f"a chain of {budget.CALL_DEPTH} calls", span))
        del self._deepest[level - 1 :]
        call = (function.node, function.scope, identity(argument))
        if any(all(map(operator.is_, call, before)) for before in self._deepest):
            raise Failure(Kind.RECURSION, "stack overflow (possible infinite recursion)", span)
        self._deepest.append(call)

    def spend(self, elements: int) -> None:
        """Count the work of a builtin or operator that goes through so many elements, before it is done.

        Raises NotKnown once the budget is used up, and Interrupted once the deadline has expired.
        """
        self.work_left -= elements
        if self.work_left < 0:
            self._next_slice(None)

    def renew(self) -> None:
        """The whole budget again, for the next of several hosts: one that uses up its own does not take the others along."""
        self.times_exhausted += self.exhausted
        if self.times_exhausted < budget.EXHAUSTED:
            self.exhausted = False
            self.work_left, self.work_reserved = 0, self.calls * budget.ELEMENTS

    def deplete(self) -> None:
        """No budget, for a host that has used up its own already."""
        self.times_exhausted += self.exhausted
        self.exhausted = False
        self.work_left = self.work_reserved = 0

    def _next_slice(self, span: Span | None) -> None:
        """More work out of what is reserved, after a look at the clock."""
        if self.deadline is not None and self.deadline.expired():
            raise budget.Interrupted
        wanted = budget.SLICE - self.work_left
        if wanted > self.work_reserved and self.work_left + self.work_reserved < 0:
            self.exhausted = True
            raise NotKnown(Unknown(Why.BUDGET, "", span))
        taken = min(wanted, self.work_reserved)
        self.work_reserved -= taken
        self.work_left += taken

    def call(self, function: Value, *arguments: Lazy, span: Span | None = None) -> Value:
        """`function a b c`."""
        for argument in arguments:
            function = self.apply(function, argument, span)
        return function

    # -- what strict functions ask of their arguments (NotKnown when it is unknown) ---------------------------------

    def known(self, lazy: Lazy) -> Value:
        value = lazy.force()
        if isinstance(value, Unknown):
            raise NotKnown(value)
        return value

    def boolean(self, lazy: Lazy) -> bool:
        value = self.known(lazy)
        if not isinstance(value, Bool):
            raise Failure(Kind.TYPE, f"value is {type_name(value)} while a Boolean was expected", value.span)
        return value.value

    def integer(self, lazy: Lazy) -> int:
        value = self.known(lazy)
        if not isinstance(value, Int):
            raise Failure(Kind.TYPE, f"value is {type_name(value)} while an integer was expected", value.span)
        return value.value

    def string(self, lazy: Lazy) -> String:
        """A string, perhaps half known. Paths and numbers are refused, as `forceString` of Nix does."""
        value = self.known(lazy)
        if not isinstance(value, String):
            raise Failure(Kind.TYPE, f"value is {type_name(value)} while a string was expected", value.span)
        return value

    def text(self, lazy: Lazy) -> str:
        """The text of a string that is wholly known; whoever asks goes through it."""
        text = known_text(self.string(lazy))
        if len(text) > 1024:
            self.spend(len(text) >> 6)
        return text

    def list(self, lazy: Lazy) -> List:
        """A list; there may be more elements (`rest`)."""
        value = self.known(lazy)
        if not isinstance(value, List):
            raise Failure(Kind.TYPE, f"value is {type_name(value)} while a list was expected", value.span)
        return value

    def closed_list(self, lazy: Lazy) -> List:
        value = self.list(lazy)
        if value.rest is not None:
            raise NotKnown(value.rest)
        return value

    def attrs(self, lazy: Lazy) -> Attrs:
        """A set; there may be more names (`rest`), and some may be absent (`maybe`)."""
        value = self.known(lazy)
        if not isinstance(value, Attrs):
            raise Failure(Kind.TYPE, f"value is {type_name(value)} while a set was expected", value.span)
        return value

    def closed_attrs(self, lazy: Lazy) -> Attrs:
        value = self.attrs(lazy)
        if value.rest is not None:
            raise NotKnown(value.rest)
        if value.maybe:
            raise NotKnown(Unknown(Why.CONDITION, next(iter(value.maybe)), value.span))
        return value

    def function(self, lazy: Lazy) -> Value:
        """Something that can be called: a function, or a set with `__functor`."""
        value = self.known(lazy)
        if isinstance(value, Closure | Primitive) or (isinstance(value, Attrs) and value.get("__functor")):
            return value
        raise Failure(Kind.TYPE, f"value is {type_name(value)} while a function was expected", value.span)

    # -- selection -------------------------------------------------------------------------------------------------

    def builtin(self, name: str) -> Value:
        return self.select(self.globals.names["builtins"].force(), name)

    def select(self, target: Value, name: str, span: Span | None = None) -> Value:
        """`target.name`."""
        if isinstance(target, Attrs):
            lazy = target.get(name)
            if lazy is not None:
                return lazy.force()
            if target.rest is not None and not target.certainly_lacks(name):
                return self.assumed(target.rest.attribute(name, span))
            unseen = target.unseen(name)
            if unseen is not None:
                return self.assumed(unseen)
            raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", span, likely=target.why_missing(name))
        if isinstance(target, Unknown):
            return self.assumed(target.attribute(name, span or target.span))
        raise Failure(Kind.TYPE, f"value is {type_name(target)} while a set was expected", span)

    def assumed(self, unknown: Unknown) -> Value:
        """The value of an unknown under the assumptions of this evaluation."""
        if not self.assumptions.holds:
            return unknown
        truth = self.assumptions.decided(unknown)
        return unknown if truth is None else Bool(truth, unknown.span)

    def guard(self, condition: Value, span: Span | None, *, otherwise: bool = False) -> bool | Unknown:
        """The condition of a guarded part of a configuration: it may be assumed to hold. `otherwise`: another part takes its place."""
        decided = self.decide(condition, span)
        if isinstance(decided, bool):
            return decided
        truth = self.assumptions.guarded(decided, otherwise=otherwise)
        return decided if truth is None else truth

    def decide(self, condition: Value, span: Span | None) -> bool | Unknown:
        """A condition: true, false or undecided."""
        if isinstance(condition, Bool):
            return condition.value
        if isinstance(condition, Unknown):
            truth = self.assumptions.decided(condition)
            return condition if truth is None else truth
        raise Failure(Kind.CONDITION, f"value is {type_name(condition)} while a Boolean was expected", span)

    def holds(self, condition: Value, span: Span | None) -> bool:
        """The truth of an assertion: an undecided assertion holds in every configuration that works."""
        decision = self.decide(condition, span)
        if isinstance(decision, Unknown):
            presume(decision)
            return True
        return decision
