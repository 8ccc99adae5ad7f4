"""The Nix language: each kind of expression is turned, when it is first needed, into a function from a scope to its value."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

from hslint.source import Span
from hslint.syntax import nodes
from hslint.values import operations
from hslint.values.scope import Dynamic, Lexical, StaticScope, Unbound
from hslint.values.text import known_text, normalise_path
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
    Null,
    Path,
    Scope,
    String,
    Unknown,
    Value,
    Why,
    derived,
    type_name,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Enter, Evaluator

Run = Callable[[Scope], Value]
Delay = Callable[[Scope], Lazy]


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
            return operations.binary(
                ev, node, compile_expression(ev, node.left, static), _later(ev, node.right, static)
            )
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
    """The compiled form of an argument or a list element: constants and variables as they are, anything else suspended."""
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
    parts = [
        part if isinstance(part, str) else (compile_expression(ev, part, static), part.span) for part in node.parts
    ]

    def run(scope: Scope) -> Value:
        return operations.concatenate(
            ev,
            [
                String(part) if isinstance(part, str) else operations.coerce(ev, part[0](scope), part[1])
                for part in parts
            ],
            span,
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
        return _constant(Path(normalise_path(os.path.join(directory, head)), span))
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
        return Path(normalise_path(os.path.join(directory, text)), span)

    return run


def _search_path(ev: Evaluator, node: nodes.SearchPath, static: StaticScope) -> Run:
    """`<name>` is `__findFile __nixPath "name"`, whatever these two are where it stands."""
    span = node.span
    if _rebound(static, "__findFile") or _rebound(static, "__nixPath"):
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


def _rebound(static: StaticScope, name: str) -> bool:
    """Whether a file gives a name of Nix's own another meaning."""
    scope = static
    while scope.outer is not None:  # the outermost scope is Nix's own
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
                        return namespace.attribute(name, span)
                    if not isinstance(namespace, Attrs):
                        raise Failure(Kind.TYPE, f"value is {type_name(namespace)} while a set was expected", span)
                    found = namespace.get(name)
                    if found is not None:
                        return found.force()
                    if namespace.rest is not None and not namespace.lacks(name):
                        return namespace.rest.attribute(name, span)
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
    places = tuple(item.span for item in node.items)
    return lambda scope: List([item(scope) for item in items], span, None, places)


def _inherit_from(ev: Evaluator, node: nodes.InheritFrom) -> Run:
    span = node.span
    number, name = node.source, node.name
    return lambda scope: ev.select(scope.sources[number].force(), name, span)


class _Binding:
    """One attribute, made ready: how its value is delayed and where it was written."""

    __slots__ = ("find", "name", "outer", "place", "run", "statement")

    def __init__(
        self, ev: Evaluator, name: str, attribute: nodes.Attribute, inner: StaticScope, outer: StaticScope
    ) -> None:
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
    """The unforced value of a variable; a name of the set's own scope may not be there yet."""
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
                rest = rest or Unknown(
                    name.why, name.detail, place, (Lazy(binding.run, here, place, binding.statement),)
                )
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


def _name(
    ev: Evaluator, name: nodes.Name, static: StaticScope, *, may_be_null: bool = True
) -> Callable[[Scope], str | Unknown | None]:
    """The name of an attribute; None for the name null, which drops a dynamic attribute."""
    if isinstance(name.name, str):
        text = name.name
        return lambda scope: text
    run = compile_expression(ev, name.name, static)
    span = name.span

    def computed(scope: Scope) -> str | Unknown | None:
        value = run(scope)
        if isinstance(value, String):
            if value.context:
                raise Failure(
                    Kind.ERROR,
                    f"the string '{value.known or ''}' is not allowed to refer to a store path (such as '{min(value.context)}')",
                    span,
                )
            return value.known if value.known is not None else value.unknown
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Null) and may_be_null:
            return None
        raise Failure(Kind.TYPE, f"value is {type_name(value)} while a string was expected", span)

    return computed


def _step(ev: Evaluator, name: nodes.Name, static: StaticScope) -> Callable[[Scope], str | Unknown]:
    """A step of `a.b` or `a ? b`, where null is no name."""
    return _name(ev, name, static, may_be_null=False)  # type: ignore[return-value]


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
    path = [(_step(ev, name, static), name.span) for name in node.path]
    if node.default is None:

        def select(scope: Scope) -> Value:
            value: Value | Lazy = target(scope)
            for name_of, place in path:
                name = name_of(scope)
                found = value.force() if isinstance(value, Lazy) else value
                if isinstance(name, Unknown):
                    return Unknown(name.why, name.detail, place)
                value = (found.get(name) if isinstance(found, Attrs) else None) or ev.select(found, name, place)
            return value.force() if isinstance(value, Lazy) else value

        return select
    otherwise = _later(ev, node.default, static)
    span = node.span

    def select_or(scope: Scope) -> Value:
        value = target(scope)
        lazy: Lazy | None = None
        for number, (name_of, place) in enumerate(path):
            name = name_of(scope)  # Nix forces it before the value that it is looked for in
            if lazy is not None:
                value = lazy.force()
            if isinstance(name, Unknown):
                return Unknown(name.why, name.detail, place)
            if isinstance(value, Unknown):
                return Unknown(value.why, value.detail, place, (Lazy(otherwise, scope),))
            if not isinstance(value, Attrs):
                return otherwise(scope)
            lazy = value.get(name)
            if lazy is None:
                if value.rest is not None and not value.certainly_lacks(name):
                    return ev.assumed(value.rest.attribute(name, place, (Lazy(otherwise, scope),)))
                return otherwise(scope)
            if name in value.maybe and number == len(path) - 1:
                return ev.either(Unknown(Why.CONDITION, name, place), (lazy, Lazy(otherwise, scope)), span)
        return value if lazy is None else lazy.force()

    return select_or


def _has_attribute(ev: Evaluator, node: nodes.HasAttribute, static: StaticScope) -> Run:
    target = compile_expression(ev, node.target, static)
    path = [_step(ev, name, static) for name in node.path]
    span = node.span

    def run(scope: Scope) -> Value:
        value = target(scope)
        for number, name_of in enumerate(path):
            if isinstance(value, Unknown):
                return ev.assumed(derived(value, span))
            name = name_of(scope)  # Nix forces it before it looks at the value
            if not isinstance(value, Attrs):
                return Bool(False, span)
            if isinstance(name, Unknown):
                return Unknown(name.why, name.detail, span)
            lazy = value.get(name)
            if lazy is None:
                if value.rest is None or value.certainly_lacks(name):
                    return Bool(False, span)
                return ev.assumed(derived(value.rest, span))
            if name in value.maybe:
                return Unknown(Why.CONDITION, name, span)
            if number == len(path) - 1:
                return Bool(True, span)
            value = lazy.force()
        return Bool(True, span)

    return run


def _function(ev: Evaluator, node: nodes.Function, static: StaticScope) -> Run:
    span = node.span
    ev.enter[node] = _enter_formals(ev, node, static) if node.formals is not None else _enter_name(ev, node, static)
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
                names[name] = Lazy.done(given.attribute(name, place, may_be), place)
            return body(here)
        if not isinstance(given, Attrs):
            raise Failure(Kind.TYPE, f"value is {type_name(given)} while a set was expected", span)
        for name, place, default in prepared:
            lazy = given.get(name)
            if lazy is None:
                if given.rest is not None:
                    may_be = (Lazy(default, here, place),) if default is not None else ()
                    lazy = Lazy.done(given.rest.attribute(name, place, may_be), place)
                elif default is None:
                    raise Failure(
                        Kind.MISSING_ARGUMENT, f"function called without required argument '{name}'", span or place
                    )
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
        if not ev.holds(condition(scope), span):
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
        undecided = ev.guard(decision, condition_span, otherwise=True)
        if isinstance(undecided, bool):
            return then(scope) if undecided else otherwise(scope)
        return ev.either(undecided, (Lazy(then, scope), Lazy(otherwise, scope)), span)

    return run
