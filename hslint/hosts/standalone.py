"""NixOS modules that no host is seen to use: where a file sets `services.headscale`, and the module that this is part of.

A module may lie anywhere: be a whole file, the value of an output, an aspect's `nixos`, an element of a list, the result of a function.
It is found in the text, and evaluated in the scopes that the text puts it in; what functions around it are given may be anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from hslint.record import Record
from hslint.source import Span
from hslint.syntax.enclosing import Enclosed, called_name, expressions, in_its_scopes
from hslint.syntax.nodes import (
    Assert,
    Attribute,
    AttributeSet,
    Binary,
    Call,
    Expression,
    Function,
    If,
    Let,
    ListOf,
    PathLiteral,
    With,
)
from hslint.syntax.parse import Parsed
from hslint.values.evaluator import Evaluator
from hslint.values.value import Attrs, Lazy, List, Unknown, Value, Why

#: Functions of `lib` that return the definitions in their arguments.
_HANDS_ON = frozenset(
    [
        "mkIf",
        "mkMerge",
        "mkForce",
        "mkDefault",
        "mkOverride",
        "mkBefore",
        "mkAfter",
        "mkOrder",
        "mkVMOverride",
        "mkImageMediaOverride",
        "recursiveUpdate",
        "optionalAttrs",
    ]
)

_DECLARES = frozenset({"mkOption", "mkEnableOption", "mkPackageOption"})

#: Attributes whose values are NixOS modules, in whatever framework.
_MODULES = frozenset(["nixos", "nixosModule", "module", "config", "configuration"])
#: Attributes whose attributes are.
_SETS_OF_MODULES = frozenset(["nixos", "nixosModules", "nodes"])

#: What a module may consist of beside `config`.
_PARTS = frozenset(
    ["config", "options", "imports", "_class", "_file", "key", "disabledModules", "meta", "freeformType"]
)

#: The options of NixOS's Headscale modules; a user's own option of the same name has others.
_OPTIONS = frozenset(["enable", "package", "user", "group", "address", "port", "settings", "configFile"])

#: Names that people give to the one argument of a module.
_ARGUMENTS = frozenset(["_", "args", "_args", "moduleArgs", "attrs"])

#: Options of NixOS whose values are NixOS configurations of their own, by the first name.
_NESTED = frozenset(["containers", "specialisation", "virtualisation", "nodes", "microvm"])


class Standalone(Record):
    """A module that sets `services.headscale`. `settings` are the ranges in which it does."""

    module: Enclosed
    settings: tuple[Span, ...]

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def name(self) -> str:
        """Its name among the modules of its file; empty for the file itself."""
        names = [name for name in self.module.names if name not in _MODULES]
        return names[-1] if names else ""

    @property
    def is_file(self) -> bool:
        """Whether the file is the module, with nothing but `let`, `with` and the module's own arguments around it."""
        return all(isinstance(each.node, Let | With | Assert) for each in [*self.module.around()][1:]) and not any(
            each.name for each in self.module.around()
        )

    @property
    def siblings(self) -> Enclosed | None:
        """The list of modules that it stands in, with others."""
        outer = self.module.outer
        return outer if outer is not None and isinstance(outer.node, ListOf) and len(outer.node.items) > 1 else None

    @property
    def is_nested(self) -> bool:
        """Whether, in a NixOS module, it is the configuration of another machine or of another state of the same one."""
        return bool(_NESTED & {*self.module.names})

    @property
    def container(self) -> str | None:
        """The name of the NixOS container that it is the configuration of."""
        names = self.module.names
        at = names.index("containers") if "containers" in names[:-1] else None
        return names[at + 1] if at is not None else None


def standalone_modules(parsed: Parsed) -> list[Standalone]:
    """The modules of a file that set `services.headscale`, each once."""
    found: dict[int, tuple[Enclosed, list[Span]]] = {}
    for holder in expressions(parsed.expression):
        services = holder.node.attributes.get("services") if isinstance(holder.node, AttributeSet) else None
        if services is None or _whole_value(holder).name == "options":
            continue
        for attributes in _sets_in(services.value):
            headscale = attributes.attributes.get("headscale")
            if headscale is None or _declares(headscale.value):
                continue
            module = _module_of(holder)
            if _is_module(module, headscale.value):
                found.setdefault(id(module.node), (module, []))[1].append(_written(headscale))
    return [Standalone(module, tuple(spans)) for module, spans in found.values()]


def _declares(headscale: Expression) -> bool:
    """Whether it is made of declarations of options, which set nothing."""
    return any(
        called_name(each.value) in _DECLARES
        for attributes in _sets_in(headscale)
        for each in attributes.attributes.values()
    )


def _written(attribute: Attribute) -> Span:
    """From an attribute's name to the end of the last statement that says something of its value."""
    end, pending = attribute.end, [attribute]
    while pending:
        each = pending.pop()
        end = max(end, each.binding[1], each.value.end)
        if isinstance(each.value, AttributeSet):
            pending.extend(each.value.attributes.values())
    return Span(attribute.file, attribute.start, end)


def _sets_in(node: Expression) -> Iterator[AttributeSet]:
    """The sets that an option's value is made of: through `mkIf`, `//`, `let` and their like."""
    match node:
        case AttributeSet():
            yield node
        case Call(function=function, argument=argument) if called_name(node) in _HANDS_ON:
            if isinstance(function, Call):
                yield from _sets_in(function)
            yield from _sets_in(argument)
        case ListOf(items=items):
            for item in items:
                yield from _sets_in(item)
        case Let(body=body) | With(body=body) | Assert(body=body):
            yield from _sets_in(body)
        case If(then=then, otherwise=otherwise):
            yield from _sets_in(then)
            yield from _sets_in(otherwise)
        case Binary(left=left, right=right):
            yield from _sets_in(left)
            yield from _sets_in(right)
        case _:
            pass


def _module_of(holder: Enclosed) -> Enclosed:
    """The module around a set of definitions: with its `imports` and `options`, and the function that it may be."""
    module = _whole_value(holder)
    outer = module.outer
    if module.name == "config" and outer is not None and isinstance(outer.node, AttributeSet):
        contained = outer.outer is not None and outer.outer.name == "containers"
        if outer.node.attributes.keys() <= _PARTS and not contained:
            module = _whole_value(outer)
            outer = module.outer
    if outer is not None and isinstance(outer.node, Function) and _takes_module_arguments(outer.node):
        return outer
    return module


def _takes_module_arguments(function: Function) -> bool:
    return function.formals is not None or function.parameter in _ARGUMENTS


def _whole_value(each: Enclosed) -> Enclosed:
    """The value that a set of definitions is part of: with the `mkIf`, `mkMerge`, `let` around it."""
    while each.outer is not None and each.name is None and _hands_on(each.outer, each):
        each = each.outer
    return each


def _hands_on(outer: Enclosed, inner: Enclosed) -> bool:
    match outer.node:
        case Call():
            return called_name(outer.node) in _HANDS_ON
        case ListOf():
            call = outer.outer.node if outer.outer is not None else None
            return isinstance(call, Call) and called_name(call) == "mkMerge"
        case Let(body=body) | With(body=body) | Assert(body=body):
            return inner.node is body
        case If(condition=condition):
            return inner.node is not condition
        case Binary(operator=operator):
            return operator == "//"
        case _:
            return False


def _is_module(module: Enclosed, headscale: Expression) -> bool:
    """Whether it is a NixOS module rather than another set in which something is called `services.headscale`."""
    outer = module.outer
    if module.name == "config" and outer is not None and "lib" in getattr(outer.node, "attributes", {}):
        return False  # the arguments of a module that is called by hand
    if isinstance(module.node, Function) or module.name is None or (outer is not None and isinstance(outer.node, Let)):
        return True
    names = module.names
    if names[-1] in _MODULES or (len(names) > 1 and names[-2] in _SETS_OF_MODULES):
        return True
    written = [name for each in _sets_in(headscale) for name in each.attributes]
    return "settings" in written and _OPTIONS.issuperset(written)


# -- values --------------------------------------------------------------------------------------------------------------


def value_of(ev: Evaluator, each: Enclosed) -> Lazy:
    """The value of an expression in a file, with unknown arguments for the functions around it."""

    def evaluate(_: object) -> Value:
        expression, functions = in_its_scopes(each)
        value = ev.evaluate(expression)
        for function in functions:
            value = ev.apply(value, Lazy.done(_anything(function)))
        return value

    return Lazy(evaluate)


def _anything(function: Function) -> Value:
    if function.formals is None:
        return Unknown(Why.ARGUMENT, function.parameter or "")
    return Attrs({}, rest=Unknown(Why.ARGUMENT, ""))


def modules_of(ev: Evaluator, found: Standalone) -> list[Lazy]:
    """The module, with its siblings in a list of modules."""
    if found.siblings is not None and isinstance(listed := value_of(ev, found.siblings).outcome(), List):
        return list(listed.items)
    return [value_of(ev, found.module)]


# -- lists of modules ----------------------------------------------------------------------------------------------------


def lists_of_modules(
    parsed: Parsed, files: Mapping[str, object], exists: Callable[[str], bool | None]
) -> Iterator[tuple[Enclosed, frozenset[str]]]:
    """Lists of several modules that some of the files stand in, and which: what makes a host of such a list may not be read."""
    for each in expressions(parsed.expression):
        if not isinstance(each.node, ListOf) or len(each.node.items) < 2:
            continue
        named = {path for item in each.node.items if (path := imported_path(item, exists)) is not None}
        if mine := named & files.keys():
            yield each, frozenset(mine)


def imported_path(node: Expression, exists: Callable[[str], bool | None]) -> str | None:
    """The file that a path without interpolation imports: a directory stands for its default.nix."""
    if not isinstance(node, PathLiteral) or len(node.parts) != 1 or not isinstance(node.parts[0], str):
        return None
    written = node.parts[0]
    if written.startswith("~"):
        return None
    path = os.path.normpath(os.path.join(os.path.dirname(node.file.path), written))
    default = os.path.join(path, "default.nix")
    return default if not path.endswith(".nix") and exists(default) else path


def imports(parsed: Parsed, path: str, exists: Callable[[str], bool | None]) -> bool:
    """Whether a file names another one by a path, as an import does."""
    return any(imported_path(each.node, exists) == path for each in expressions(parsed.expression))


__all__ = [
    "Standalone",
    "imported_path",
    "imports",
    "lists_of_modules",
    "modules_of",
    "standalone_modules",
    "value_of",
]
