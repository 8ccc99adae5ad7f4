"""The Nix language: each kind of expression is turned, when it is first needed, into a function from a scope to its value.

`Evaluator` holds what one evaluation shares (files already imported, budgets). Errors that Nix would stop with are raised as
Failure; what cannot be told is an Unknown value.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, assert_never

from hslint.source import Project, SourceFile, Span, Unreadable
from hslint.syntax import nodes
from hslint.values import budget, operations
from hslint.values.scope import Dynamic, Lexical, Scope, StaticScope, Unbound
from hslint.values.value import (
    Alias,
    Attrs,
    Bool,
    Closure,
    Failure,
    Float,
    Int,
    Kind,
    Lazy,
    List,
    NotKnown,
    Null,
    Path,
    Primitive,
    String,
    Unknown,
    Value,
    Why,
    type_name,
)

if TYPE_CHECKING:
    from hslint.syntax.parse import Parsed
    from hslint.syntax.problems import SyntaxProblem

Run = Callable[[Scope], Value]
Delay = Callable[[Scope], Lazy]
Enter = Callable[[Scope, Lazy, Span | None], Value]


class Evaluator:
    """One evaluation of the files of a project."""

    def __init__(
        self,
        project: Project,
        parse: Callable[[SourceFile], Parsed],
        *,
        calls: int = budget.CALLS,
        strict: bool = False,
    ) -> None:
        """`strict` refuses a file with syntax errors, as Nix does; otherwise what could be read of it is evaluated."""
        from hslint.values import builtins

        self.project = project
        self.parse = parse
        self.strict = strict
        self.calls_left = calls
        self.depth = 0
        self.undecided = 0
        #: Files by path, in the order in which they were first imported.
        self.imported: dict[str, Lazy] = {}
        self.parsed: dict[str, Parsed] = {}
        #: How rooms above give meaning to what lies outside the files: `<nixpkgs>`, `import inputs.nixpkgs`, `builtins.getFlake`.
        self.search: Callable[[str], Value] | None = None
        self.importer: Callable[[Value], Value | None] | None = None
        #: What a fetcher gives (`fetchTarball`, `getFlake`, …), by its name and its argument; None leaves it unknown.
        self.fetcher: Callable[[str, Value], Value | None] | None = None
        #: Experimental features of Nix that are on.
        self.features: frozenset[str] = frozenset()
        #: Whether `builtins.pathExists` may look beyond the project (`hslint eval`: contents are never read there).
        self.looks_outside = False
        #: The search path of `<…>`, as prefixes and absolute paths; None when it is the machine's.
        self.nix_path: Sequence[tuple[str, str]] | None = None
        self.traces: list[str] = []
        #: What `derivation` found out about derivations whose store path could be told, by that path.
        self.derivations: dict[str, object] = {}
        #: nixpkgs' `lib`, once somebody has made it (hslint.values.nixpkgs_lib).
        self.library = Lazy.done(Unknown(Why.FUNCTION, "lib"))
        self._enter: dict[nodes.Function, Enter] = {}
        self.globals = Scope(builtins.global_names(self), None)
        self._static_globals = StaticScope(frozenset(self.globals.names), None)

    # -- entry points ----------------------------------------------------------------------------------------------

    def evaluate(self, expression: nodes.Expression, names: Mapping[str, Lazy] | None = None) -> Value:
        """The value of a whole file's expression, with extra names in scope (`scopedImport`)."""
        if not names:
            return compile_expression(self, expression, self._static_globals)(self.globals)
        static = StaticScope(frozenset(names), self._static_globals)
        return compile_expression(self, expression, static)(Scope(dict(names), self.globals))

    def parse_file(self, path: str) -> Parsed | Unreadable:
        """The parsed file, once for each path."""
        parsed = self.parsed.get(path)
        if parsed is None:
            file = self.project.read(path)
            if isinstance(file, Unreadable):
                return file
            parsed = self.parsed[path] = self.parse(file)
        return parsed

    def refused(self, parsed: Parsed, names: Mapping[str, Lazy] | None = None) -> Sequence[SyntaxProblem]:
        """Why Nix would not even begin to evaluate a file: its syntax, or a variable that nothing binds (`names` are bound)."""
        known = self.globals.names.keys()
        return parsed.problems or parsed.undefined_variables(known | names.keys() if names else known)

    def import_file(self, path: str, span: Span | None = None, names: Mapping[str, Lazy] | None = None) -> Value:
        """What `import path` gives: a file is evaluated once, a directory stands for its default.nix."""
        path = os.path.normpath(path)
        if self.project.is_directory(path):
            path = os.path.join(path, "default.nix")
        if names is not None:
            return self._evaluate_file(path, span, names)
        lazy = self.imported.get(path)
        if lazy is None:
            lazy = self.imported[path] = Lazy(lambda _: self._evaluate_file(path, span, None))
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
            raise Failure(Kind.SYNTAX, problem.message, problem.span)
        return self.evaluate(parsed.expression, names)

    # -- application -----------------------------------------------------------------------------------------------

    def apply(self, function: Value, argument: Lazy, span: Span | None = None) -> Value:
        """`function argument`."""
        if type(function) is Closure:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise NotKnown(Unknown(Why.BUDGET, "", span))
            self.depth += 1
            if self.depth > budget.CALL_DEPTH:
                self.depth -= 1
                raise Failure(Kind.RECURSION, "stack overflow (possible infinite recursion)", span)
            try:
                return self._enter[function.node](function.scope, argument, span)
            finally:
                self.depth -= 1
        if type(function) is Primitive:
            self.calls_left -= 1
            if self.calls_left < 0:
                raise NotKnown(Unknown(Why.BUDGET, "", span))
            arguments = (*function.arguments, argument)
            if len(arguments) < function.arity:
                return Primitive(function.name, function.arity, function.run, arguments, span, None)
            try:
                return function.run(self, *arguments)
            except NotKnown as unknown:
                return unknown.unknown
            except Failure as failure:
                if failure.span is None:
                    failure.span = span
                raise
        if isinstance(function, Attrs):
            functor = function.get("__functor")
            if functor is not None:
                return self.apply(self.apply(functor.force(), Lazy.done(function), span), argument, span)
            if function.rest is not None:
                return function.rest
        if isinstance(function, Unknown):
            return Unknown(function.why, function.detail, span or function.span)
        raise Failure(Kind.CALL, f"attempt to call something which is not a function but {type_name(function)}", span)

    def spend(self, elements: int) -> None:
        """What a builtin or operator that goes through many elements counts for."""
        self.calls_left -= elements // budget.ELEMENTS
        if self.calls_left < 0:
            raise NotKnown(Unknown(Why.BUDGET))

    def call(self, function: Value, *arguments: Lazy, span: Span | None = None) -> Value:
        """`function a b c`."""
        for argument in arguments:
            function = self.apply(function, argument, span)
        return function

    # -- what strict functions ask of their arguments (NotKnown when it cannot be told) -----------------------------

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
        """The text of a string that is wholly known."""
        return known_text(self.string(lazy))

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

    def select(self, target: Value, name: str, span: Span | None = None) -> Value:
        """`target.name`."""
        if isinstance(target, Attrs):
            lazy = target.get(name)
            if lazy is not None:
                return lazy.force()
            if target.rest is not None:
                return Unknown(target.rest.why, _extended(target.rest.detail, name), span)
            raise Failure(Kind.MISSING_ATTRIBUTE, f"attribute '{name}' missing", span)
        if isinstance(target, Unknown):
            return Unknown(target.why, _extended(target.detail, name), span or target.span)
        raise Failure(Kind.TYPE, f"value is {type_name(target)} while a set was expected", span)

    def decide(self, condition: Value, span: Span | None) -> bool | Unknown:
        """A condition: true, false or undecided."""
        if isinstance(condition, Bool):
            return condition.value
        if isinstance(condition, Unknown):
            return condition
        raise Failure(Kind.CONDITION, f"value is {type_name(condition)} while a Boolean was expected", span)

    def either(self, why: Unknown, alternatives: tuple[Lazy, ...], span: Span | None) -> Value:
        """One of several values, nobody knows which. An alternative that fails cannot be the one of a working configuration."""
        undecided = Unknown(Why.CONDITION, why.detail if why.why is Why.CONDITION else why.reason, span, alternatives)
        if self.undecided >= budget.UNDECIDED_DEPTH:
            return Unknown(undecided.why, undecided.detail, span)
        self.undecided += 1
        try:
            outcomes = [(lazy, lazy.outcome()) for lazy in alternatives]
        finally:
            self.undecided -= 1
        possible = [(lazy, value) for lazy, value in outcomes if not isinstance(value, Failure)]
        if not possible:
            failure = outcomes[0][1]
            assert isinstance(failure, Failure)
            raise failure
        return operations.join(self, undecided, [value for _, value in possible], [lazy for lazy, _ in possible])


def known_text(value: String) -> str:
    if value.known is None:
        unknown = value.unknown
        assert unknown is not None
        raise NotKnown(unknown)
    return value.known


def _extended(detail: str, name: str) -> str:
    return f"{detail}.{name}" if detail and len(detail) < 80 else detail


# -- expressions -------------------------------------------------------------------------------------------------------


def compile_expression(ev: Evaluator, node: nodes.Expression, static: StaticScope) -> Run:
    """The function that evaluates `node` in a scope shaped like `static`."""
    match node:
        case nodes.Integer():
            return _constant(Int(node.value, node.span))
        case nodes.Floating():
            return _constant(Float(node.value, node.span))
        case nodes.Text():
            return _text(ev, node, static)
        case nodes.PathLiteral():
            return _path(ev, node, static)
        case nodes.SearchPath():
            return _search_path(ev, node, static)
        case nodes.Variable():
            return _variable(ev, node, static)
        case nodes.ListOf():
            return _list(ev, node, static)
        case nodes.InheritFrom():
            return _inherit_from(ev, node)
        case nodes.AttributeSet():
            return _attribute_set(ev, node, static)
        case nodes.Let():
            return _let(ev, node, static)
        case nodes.Select():
            return _select(ev, node, static)
        case nodes.HasAttribute():
            return _has_attribute(ev, node, static)
        case nodes.Function():
            return _function(ev, node, static)
        case nodes.Call():
            return _call(ev, node, static)
        case nodes.With():
            return _with(ev, node, static)
        case nodes.Assert():
            return _assert(ev, node, static)
        case nodes.If():
            return _if(ev, node, static)
        case nodes.Binary():
            return operations.binary(ev, node, compile_expression(ev, node.left, static), _later(ev, node.right, static))
        case nodes.Unary():
            return operations.unary(ev, node, compile_expression(ev, node.operand, static))
        case nodes.CurrentPosition():
            return _constant(operations.position(node.span))
        case nodes.Hole():
            return _constant(Unknown(Why.SYNTAX, "", node.span))
        case _:
            assert_never(node)


def _constant(value: Value) -> Run:
    return lambda scope: value


#: What is as cheap to make ready as to put off.
_LEAVES = (nodes.Variable, nodes.Integer, nodes.Floating, nodes.CurrentPosition)


def _later(ev: Evaluator, node: nodes.Expression, static: StaticScope) -> Run:
    """Like compile_expression, but the work is put off until the value is first needed."""
    if isinstance(node, _LEAVES):
        return compile_expression(ev, node, static)
    compiled: Run | None = None

    def run(scope: Scope) -> Value:
        nonlocal compiled
        if compiled is None:
            compiled = compile_expression(ev, node, static)
        return compiled(scope)

    return run


def _delayed(ev: Evaluator, node: nodes.Expression, static: StaticScope) -> Delay:
    """How an argument or a list element is handed on: constants and variables as they are, anything else suspended."""
    match node:
        case nodes.Integer() | nodes.Floating():
            done = Lazy.done(compile_expression(ev, node, static)(ev.globals))
            return lambda scope: done
        case nodes.Text(parts=parts) if all(isinstance(part, str) for part in parts):
            done = Lazy.done(compile_expression(ev, node, static)(ev.globals))
            return lambda scope: done
        case nodes.Variable():
            match static.resolve(node.name):
                case Lexical(hops=hops):
                    name = node.name
                    if hops == 0:
                        return lambda scope: scope.names[name]
                    if hops == 1:
                        return lambda scope: scope.outer.names[name]  # type: ignore[union-attr]
                    return lambda scope: scope.at(hops).names[name]
                case _:
                    pass
        case _:
            pass
    run = _later(ev, node, static)
    return lambda scope: Lazy(run, scope)


def _text(ev: Evaluator, node: nodes.Text, static: StaticScope) -> Run:
    span = node.span
    if all(isinstance(part, str) for part in node.parts):
        return _constant(String("".join(p for p in node.parts if isinstance(p, str)), span))
    parts = [part if isinstance(part, str) else compile_expression(ev, part, static) for part in node.parts]

    def run(scope: Scope) -> Value:
        return operations.concatenate(
            ev, [String(part) if isinstance(part, str) else operations.coerce(ev, part(scope), span) for part in parts], span
        )

    return run


def _path(ev: Evaluator, node: nodes.PathLiteral, static: StaticScope) -> Run:
    span = node.span
    directory = os.path.dirname(node.file.path)
    head = node.parts[0]
    assert isinstance(head, str)
    if head.startswith("~"):
        return _constant(Unknown(Why.ENVIRONMENT, head, span))
    if len(node.parts) == 1:
        return _constant(Path(operations.normalise_path(os.path.join(directory, head)), span))
    parts = [part if isinstance(part, str) else compile_expression(ev, part, static) for part in node.parts[1:]]

    def run(scope: Scope) -> Value:
        text = head
        for part in parts:
            if isinstance(part, str):
                text += part
                continue
            piece = operations.coerce(ev, part(scope), span, copy_paths=False)
            if isinstance(piece, Unknown):
                return Unknown(piece.why, piece.detail, span)
            text += known_text(piece)
        return Path(operations.normalise_path(os.path.join(directory, text)), span)

    return run


def _search_path(ev: Evaluator, node: nodes.SearchPath, static: StaticScope) -> Run:
    """`<name>` is `__findFile __nixPath "name"`, whatever these two are where it stands."""
    span = node.span
    if _rebound(ev, static, "__findFile") or _rebound(ev, static, "__nixPath"):
        find = _variable(ev, nodes.Variable(node.file, node.start, node.end, "__findFile"), static)
        where = _variable(ev, nodes.Variable(node.file, node.start, node.end, "__nixPath"), static)
        name = Lazy.done(String(node.name, span))
        return lambda scope: ev.call(find(scope), Lazy(where, scope), name, span=span)

    def run(scope: Scope) -> Value:
        if ev.search is not None:
            return ev.search(node.name)
        if ev.nix_path is None:
            return Unknown(Why.ENVIRONMENT, f"<{node.name}>", span)
        names = ev.globals.names
        return ev.call(names["__findFile"].force(), names["__nixPath"], Lazy.done(String(node.name, span)), span=span)

    return run


def _rebound(ev: Evaluator, static: StaticScope, name: str) -> bool:
    """Whether a file gives a name of Nix's own another meaning."""
    scope: StaticScope | None = static
    while scope is not None and scope is not ev._static_globals:
        if scope.names is not None and name in scope.names:
            return True
        scope = scope.outer
    return False


def _variable(ev: Evaluator, node: nodes.Variable, static: StaticScope) -> Run:
    name = node.name
    match static.resolve(name):
        case Lexical(hops=0):
            return lambda scope: scope.names[name].force()
        case Lexical(hops=1):
            return lambda scope: scope.outer.names[name].force()  # type: ignore[union-attr]
        case Lexical(hops=2):
            return lambda scope: scope.outer.outer.names[name].force()  # type: ignore[union-attr]
        case Lexical(hops=hops):
            return lambda scope: scope.at(hops).names[name].force()
        case Dynamic(hops=withs):
            span = node.span

            def run(scope: Scope) -> Value:
                for hops in withs:
                    lazy = scope.at(hops).namespace
                    assert lazy is not None
                    namespace = lazy.force()
                    if isinstance(namespace, Unknown):
                        return Unknown(namespace.why, _extended(namespace.detail, name), span)
                    if not isinstance(namespace, Attrs):
                        raise Failure(Kind.TYPE, f"value is {type_name(namespace)} while a set was expected", span)
                    found = namespace.get(name)
                    if found is not None:
                        return found.force()
                    if namespace.rest is not None and not namespace.lacks(name):
                        return Unknown(namespace.rest.why, _extended(namespace.rest.detail, name), span)
                raise Failure(Kind.UNDEFINED_VARIABLE, f"undefined variable '{name}'", span)

            return run
        case Unbound():
            span = node.span

            def unbound(scope: Scope) -> Value:
                raise Failure(Kind.UNDEFINED_VARIABLE, f"undefined variable '{name}'", span)

            return unbound


def _list(ev: Evaluator, node: nodes.ListOf, static: StaticScope) -> Run:
    items = [_delayed(ev, item, static) for item in node.items]
    span = node.span
    return lambda scope: List([item(scope) for item in items], span)


def _inherit_from(ev: Evaluator, node: nodes.InheritFrom) -> Run:
    span = node.span
    number, name = node.source, node.name
    return lambda scope: ev.select(scope.sources[number].force(), name, span)


class _Binding:
    """One attribute, made ready: how its value is delayed and where it was written."""

    __slots__ = ("find", "name", "outer", "place", "run", "statement")

    def __init__(self, ev: Evaluator, name: str, attribute: nodes.Attribute, inner: StaticScope, outer: StaticScope) -> None:
        self.name = name
        self.outer = attribute.outer
        static = outer if attribute.outer else inner
        self.run = _later(ev, attribute.value, static)
        self.find = _named(attribute.value, static, own=static is not outer)
        self.place = attribute.span
        self.statement = attribute.binding_span


    def lazy(self, here: Scope, scope: Scope) -> Lazy:
        around = scope if self.outer else here
        if self.find is not None:
            return Alias(self.find(around), self.place, self.statement)
        return Lazy(self.run, around, self.place, self.statement)


def _named(value: nodes.Expression, static: StaticScope, *, own: bool) -> Delay | None:
    """How the value behind a variable is found without forcing it; a name of the set's own scope may not be there yet."""
    if not isinstance(value, nodes.Variable):
        return None
    name = value.name
    match static.resolve(name):
        case Lexical(hops=hops) if hops or not own:
            return lambda scope: scope.at(hops).names[name]
        case _:
            return None


def _attribute_set(ev: Evaluator, node: nodes.AttributeSet, static: StaticScope) -> Run:
    span = node.span
    needs_scope = node.recursive or bool(node.sources)
    names = frozenset(node.attributes) if node.recursive else frozenset()
    inner = StaticScope(names, static) if needs_scope else static
    bindings = [_Binding(ev, name, attribute, inner, static) for name, attribute in node.attributes.items()]
    sources = [_later(ev, source, inner if node.recursive else static) for source in node.sources]
    dynamic = [
        (_name(ev, dynamic.name, inner), _Binding(ev, "", dynamic.attribute, inner, static), dynamic.name.span)
        for dynamic in node.dynamic
    ]

    def run(scope: Scope) -> Value:
        items: dict[str, Lazy] = {}
        here = scope
        if needs_scope:
            here = Scope(items if node.recursive else {}, scope)
            if sources:
                around = here if node.recursive else scope
                here.sources = tuple(Lazy(source, around) for source in sources)
        for binding in bindings:
            items[binding.name] = binding.lazy(here, scope)
        overrides = items.get("__overrides") if node.recursive else None
        known = _overridden(ev, items, overrides, span) if overrides is not None else Attrs(items, span)
        if not dynamic:
            return known
        # The scope of a recursive set holds its static names only.
        found = dict(items)
        rest = known.rest
        for name_of, binding, place in dynamic:
            name = name_of(here)
            if name is None:
                continue
            if isinstance(name, Unknown):
                rest = rest or Unknown(name.why, name.detail, place, (Lazy(binding.run, here, place, binding.statement),))
                continue
            if name in found:
                raise Failure(Kind.ERROR, f"dynamic attribute '{name}' already defined", place)
            found[name] = Lazy(binding.run, here, place, binding.statement)
        return Attrs(found, span, rest)

    return run


def _overridden(ev: Evaluator, items: dict[str, Lazy], overrides: Lazy, span: Span) -> Attrs:
    """`__overrides` of a recursive set replaces its attributes, also for those that refer to them (old, but still Nix)."""
    replaced = overrides.force()
    if not isinstance(replaced, Attrs):
        raise Failure(Kind.TYPE, f"value is {type_name(replaced)} while a set was expected", span)
    items.update(replaced.items)
    return Attrs(items, span, replaced.rest)


def _let(ev: Evaluator, node: nodes.Let, static: StaticScope) -> Run:
    inner = StaticScope(frozenset(node.attributes), static)
    bindings = [_Binding(ev, name, attribute, inner, static) for name, attribute in node.attributes.items()]
    sources = [_later(ev, source, inner) for source in node.sources]
    body = _later(ev, node.body, inner)

    def run(scope: Scope) -> Value:
        names: dict[str, Lazy] = {}
        here = Scope(names, scope)
        if sources:
            here.sources = tuple(Lazy(source, here) for source in sources)
        for binding in bindings:
            names[binding.name] = binding.lazy(here, scope)
        return body(here)

    return run


def _name(ev: Evaluator, name: nodes.Name, static: StaticScope) -> Callable[[Scope], str | Unknown | None]:
    """A step of an attribute path; None for the name null, which drops a dynamic attribute."""
    if isinstance(name.name, str):
        text = name.name
        return lambda scope: text
    run = compile_expression(ev, name.name, static)
    span = name.span

    def computed(scope: Scope) -> str | Unknown | None:
        value = run(scope)
        if isinstance(value, String):
            return value.known if value.known is not None else value.unknown
        if isinstance(value, Null):
            return None
        if isinstance(value, Unknown):
            return value
        raise Failure(Kind.TYPE, f"value is {type_name(value)} while a string was expected", span)

    return computed


def _select(ev: Evaluator, node: nodes.Select, static: StaticScope) -> Run:
    target = compile_expression(ev, node.target, static)
    if node.default is None and len(node.path) == 1 and isinstance(node.path[0].name, str):
        only = node.path[0].name
        place = node.path[0].span

        def select_one(scope: Scope) -> Value:
            value = target(scope)
            if isinstance(value, Attrs):
                lazy = value.get(only)
                if lazy is not None:
                    return lazy.force()
            return ev.select(value, only, place)

        return select_one
    path = [(_name(ev, name, static), name.span) for name in node.path]
    if node.default is None:

        def select(scope: Scope) -> Value:
            value = target(scope)
            for name_of, place in path:
                name = name_of(scope)
                if isinstance(name, Unknown):
                    return Unknown(name.why, name.detail, place)
                if name is None:
                    raise Failure(Kind.TYPE, "value is null while a string was expected", place)
                value = ev.select(value, name, place)
            return value

        return select
    otherwise = _later(ev, node.default, static)
    span = node.span

    def select_or(scope: Scope) -> Value:
        value = target(scope)
        for number, (name_of, place) in enumerate(path):
            name = name_of(scope)
            if isinstance(name, Unknown):
                return Unknown(name.why, name.detail, place)
            if isinstance(value, Unknown):
                return Unknown(value.why, value.detail, place, (Lazy(otherwise, scope),))
            if not isinstance(value, Attrs) or name is None:
                return otherwise(scope)
            lazy = value.get(name)
            if lazy is None:
                if value.rest is not None:
                    return Unknown(value.rest.why, _extended(value.rest.detail, name), place, (Lazy(otherwise, scope),))
                return otherwise(scope)
            if name in value.maybe and number == len(path) - 1:
                return ev.either(Unknown(Why.CONDITION, name, place), (lazy, Lazy(otherwise, scope)), span)
            value = lazy.force()
        return value

    return select_or


def _has_attribute(ev: Evaluator, node: nodes.HasAttribute, static: StaticScope) -> Run:
    target = compile_expression(ev, node.target, static)
    path = [_name(ev, name, static) for name in node.path]
    span = node.span

    def run(scope: Scope) -> Value:
        value = target(scope)
        for number, name_of in enumerate(path):
            if isinstance(value, Unknown):
                return Unknown(value.why, value.detail, span)
            if not isinstance(value, Attrs):
                return Bool(False, span)
            name = name_of(scope)
            if isinstance(name, Unknown):
                return Unknown(name.why, name.detail, span)
            lazy = value.get(name) if name is not None else None
            if lazy is None:
                return Unknown(value.rest.why, value.rest.detail, span) if value.rest is not None else Bool(False, span)
            if name in value.maybe:
                return Unknown(Why.CONDITION, str(name), span)
            if number == len(path) - 1:
                return Bool(True, span)
            value = lazy.force()
        return Bool(True, span)

    return run


def _function(ev: Evaluator, node: nodes.Function, static: StaticScope) -> Run:
    span = node.span
    ev._enter[node] = _enter_formals(ev, node, static) if node.formals is not None else _enter_name(ev, node, static)
    return lambda scope: Closure(node, scope, span)


def _enter_name(ev: Evaluator, node: nodes.Function, static: StaticScope) -> Enter:
    parameter = node.parameter
    assert parameter is not None
    body = _later(ev, node.body, StaticScope(frozenset((parameter,)), static))
    return lambda scope, argument, span: body(Scope({parameter: argument}, scope))


def _enter_formals(ev: Evaluator, node: nodes.Function, static: StaticScope) -> Enter:
    formals = node.formals
    assert formals is not None
    known = frozenset(formal.name for formal in formals)
    inner = StaticScope(known | {node.parameter} if node.parameter is not None else known, static)
    prepared = [
        (formal.name, formal.span, _later(ev, formal.default, inner) if formal.default is not None else None)
        for formal in formals
    ]
    body = _later(ev, node.body, inner)
    parameter, ellipsis = node.parameter, node.ellipsis

    def enter(scope: Scope, argument: Lazy, span: Span | None) -> Value:
        given = argument.force()
        names: dict[str, Lazy] = {}
        here = Scope(names, scope)
        if parameter is not None:
            names[parameter] = argument
        if isinstance(given, Unknown):
            for name, place, default in prepared:
                may_be = (Lazy(default, here, place),) if default is not None else ()
                names[name] = Lazy.done(Unknown(given.why, _extended(given.detail, name), place, may_be), place)
            return body(here)
        if not isinstance(given, Attrs):
            raise Failure(Kind.TYPE, f"value is {type_name(given)} while a set was expected", span)
        for name, place, default in prepared:
            lazy = given.get(name)
            if lazy is None:
                if given.rest is not None:
                    may_be = (Lazy(default, here, place),) if default is not None else ()
                    lazy = Lazy.done(Unknown(given.rest.why, _extended(given.rest.detail, name), place, may_be), place)
                elif default is None:
                    raise Failure(Kind.MISSING_ARGUMENT, f"function called without required argument '{name}'", span or place)
                else:
                    lazy = Lazy(default, here, place)
            elif name in given.maybe and default is not None:
                lazy = Lazy(
                    lambda choice: ev.either(Unknown(Why.CONDITION, "", span), choice, span),
                    (lazy, Lazy(default, here, place)),
                    place,
                )
            names[name] = lazy
        if not ellipsis and len(given.items) > len(known.intersection(given.items)):
            unexpected = next(name for name in given.items if name not in known)
            if unexpected not in given.maybe:
                raise Failure(Kind.MISSING_ARGUMENT, f"function called with unexpected argument '{unexpected}'", span)
        return body(here)

    return enter


def _call(ev: Evaluator, node: nodes.Call, static: StaticScope) -> Run:
    function = compile_expression(ev, node.function, static)
    argument = _delayed(ev, node.argument, static)
    span = node.span
    apply = ev.apply
    return lambda scope: apply(function(scope), argument(scope), span)


def _with(ev: Evaluator, node: nodes.With, static: StaticScope) -> Run:
    namespace = _delayed(ev, node.namespace, static)
    body = _later(ev, node.body, StaticScope(None, static))
    return lambda scope: body(Scope({}, scope, namespace(scope)))


def _assert(ev: Evaluator, node: nodes.Assert, static: StaticScope) -> Run:
    condition = compile_expression(ev, node.condition, static)
    body = _later(ev, node.body, static)
    span = node.condition.span

    def run(scope: Scope) -> Value:
        # An undecided assertion holds in every configuration that works.
        if ev.decide(condition(scope), span) is False:
            raise Failure(Kind.ERROR, f"assertion '{span.text}' failed", span, catchable=True)
        return body(scope)

    return run


def _if(ev: Evaluator, node: nodes.If, static: StaticScope) -> Run:
    condition = compile_expression(ev, node.condition, static)
    then = _later(ev, node.then, static)
    otherwise = _later(ev, node.otherwise, static)
    span = node.span
    condition_span = node.condition.span

    def run(scope: Scope) -> Value:
        decision = condition(scope)
        if type(decision) is Bool:
            return then(scope) if decision.value else otherwise(scope)
        undecided = ev.decide(decision, condition_span)
        assert isinstance(undecided, Unknown)
        return ev.either(undecided, (Lazy(then, scope), Lazy(otherwise, scope)), span)

    return run
