"""Undefined variables. Nix finds them when it parses: scopes are lexical, only `with` leaves a name open."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import assert_never

from hslint.record import Entity
from hslint.source import Span
from hslint.syntax.nodes import (
    Assert,
    Attribute,
    AttributeSet,
    Binary,
    Call,
    CurrentPosition,
    DynamicAttribute,
    Expression,
    Floating,
    Function,
    HasAttribute,
    Hole,
    If,
    InheritFrom,
    Integer,
    Let,
    ListOf,
    Name,
    PathLiteral,
    SearchPath,
    Select,
    Text,
    Unary,
    Variable,
    With,
)
from hslint.syntax.problems import ProblemKind, SyntaxProblem

_GLOBAL_NAMES = """
    abort baseNameOf break builtins derivation derivationStrict dirOf false fetchFinalTree fetchGit fetchMercurial fetchTarball
    fetchTree fromTOML import isNull map null placeholder removeAttrs scopedImport throw toString true
    __add __addDrvOutputDependencies __addErrorContext __all __any __appendContext __attrNames __attrValues __bitAnd __bitOr __bitXor
    __catAttrs __ceil __compareVersions __concatLists __concatMap __concatStringsSep __convertHash __currentSystem __currentTime
    __deepSeq __div __elem __elemAt __exec __fetchClosure __fetchurl __filter __filterSource __findFile __flakeRefToString __floor
    __foldl' __forceLazyFetcherAttr __fromJSON __functionArgs __genList __genericClosure __getAttr __getContext __getEnv __getFlake
    __groupBy __hasAttr __hasContext __hashFile __hashString __head __importNative __intersectAttrs __isAttrs __isBool __isFloat
    __isFunction __isInt __isList __isPath __isString __langVersion __length __lessThan __listToAttrs __mapAttrs __match __mul
    __nixPath __nixVersion __outputOf __parseDrvName __parseFlakeRef __partition __path __pathExists __readDir __readFile
    __readFileType __replaceStrings __seq __sort __split __splitVersion __storeDir __storePath __stringLength __sub __substring
    __tail __toFile __toJSON __toPath __toXML __trace __traceVerbose __tryEval __typeOf __unsafeDiscardOutputDependency
    __unsafeDiscardStringContext __unsafeGetAttrPos __valueSize __warn __zipAttrsWith
"""

#: What is in scope everywhere: the primitive operations and constants of Nix 2.3 to 2.32, experimental ones among them.
GLOBAL_NAMES = frozenset(_GLOBAL_NAMES.split())


class _Scope(Entity):
    names: AbstractSet[str] | None  # None: below a `with`, where any name may be bound
    outer: _Scope | None


def undefined_variables(
    expression: Expression, global_names: AbstractSet[str] = GLOBAL_NAMES
) -> tuple[SyntaxProblem, ...]:
    """Every variable that Nix would refuse as undefined, in the order of the text."""
    found: list[Variable] = []
    todo: list[tuple[Expression, _Scope]] = [(expression, _Scope(global_names, None))]
    while todo:
        node, scope = todo.pop()
        match node:
            case Variable():
                at: _Scope | None = scope
                while at is not None and at.names is not None and node.name not in at.names:
                    at = at.outer
                if at is None:
                    found.append(node)
            case Call():
                todo.append((node.function, scope))
                todo.append((node.argument, scope))
            case Text() | PathLiteral():
                todo.extend((part, scope) for part in node.parts if not isinstance(part, str))
            case Select():
                todo.append((node.target, scope))
                _names(node.path, scope, todo)
                if node.default is not None:
                    todo.append((node.default, scope))
            case HasAttribute():
                todo.append((node.target, scope))
                _names(node.path, scope, todo)
            case AttributeSet():
                inner = _Scope(node.attributes.keys(), scope) if node.recursive else scope
                _attributes(node.attributes.values(), node.dynamic, node.sources, scope, inner, todo)
            case Let():
                inner = _Scope(node.attributes.keys(), scope)
                _attributes(node.attributes.values(), (), node.sources, scope, inner, todo)
                todo.append((node.body, inner))
            case Function():
                names = {formal.name for formal in node.formals or ()}
                if node.parameter is not None:
                    names.add(node.parameter)
                inner = _Scope(names, scope)
                todo.append((node.body, inner))
                todo.extend((formal.default, inner) for formal in node.formals or () if formal.default is not None)
            case With():
                todo.append((node.namespace, scope))
                todo.append((node.body, _Scope(None, scope)))
            case ListOf():
                todo.extend((item, scope) for item in node.items)
            case Binary():
                todo.append((node.left, scope))
                todo.append((node.right, scope))
            case Unary():
                todo.append((node.operand, scope))
            case If():
                todo.append((node.condition, scope))
                todo.append((node.then, scope))
                todo.append((node.otherwise, scope))
            case Assert():
                todo.append((node.condition, scope))
                todo.append((node.body, scope))
            case Integer() | Floating() | SearchPath() | CurrentPosition() | Hole() | InheritFrom():
                pass
            case _:
                assert_never(node)
    found.sort(key=lambda variable: variable.start)
    return tuple(_problem(variable) for variable in found)


def _problem(variable: Variable) -> SyntaxProblem:
    span = Span(variable.file, variable.start, variable.end)
    return SyntaxProblem(f"undefined variable '{variable.name}'", span, ProblemKind.UNDEFINED_VARIABLE)


def _names(path: Iterable[Name], scope: _Scope, todo: list[tuple[Expression, _Scope]]) -> None:
    todo.extend((step.name, scope) for step in path if not isinstance(step.name, str))


def _attributes(
    attributes: Iterable[Attribute],
    dynamic: Iterable[DynamicAttribute],
    sources: Iterable[Expression],
    outer: _Scope,
    inner: _Scope,
    todo: list[tuple[Expression, _Scope]],
) -> None:
    todo.extend((attribute.value, outer if attribute.outer else inner) for attribute in attributes)
    todo.extend((source, inner) for source in sources)
    for entry in dynamic:
        if not isinstance(entry.name.name, str):
            todo.append((entry.name.name, inner))
        todo.append((entry.attribute.value, inner))
