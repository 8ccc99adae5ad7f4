"""Derivations and the store, as far as they are known without building: names are known, hashes are not; string contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import operations
from hslint.values.builtins import hashes
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.text import encoded
from hslint.values.value import (
    Attrs,
    Bool,
    Failure,
    Kind,
    Lazy,
    List,
    NotKnown,
    String,
    Unknown,
    Value,
    Why,
)

if TYPE_CHECKING:
    from hslint.source import Span
    from hslint.values.evaluator import Evaluator

builtin = Registry()

STORE = "/nix/store"


def built(name: str | Unknown, span: Span | None = None) -> String:
    """A path in the store of which only the hash is unknown."""
    why = name if isinstance(name, Unknown) else Unknown(Why.STORE, name, span)
    return String.of((f"{STORE}/", why, "-", name) if isinstance(name, str) else (f"{STORE}/", why), span)


@builtin("derivation")
def derivation(ev: Evaluator, attributes: Lazy) -> Value:
    """The set that `derivation` gives: its attributes, and for each output a set with the paths."""
    given = ev.attrs(attributes)
    outputs = given.get("outputs")
    names = ["out"] if outputs is None else [ev.text(item) for item in ev.closed_list(outputs).items]
    if not names:
        raise Failure(Kind.ERROR, "derivation cannot have an empty set of outputs", given.span)
    strict = Lazy(lambda _: derivation_strict(ev, attributes))
    results = {name: Attrs(dict(given.items), given.span, given.rest, None, given.maybe) for name in names}
    shared = {
        **{name: Lazy.done(value) for name, value in results.items()},
        "all": Lazy.done(List([Lazy.done(value) for value in results.values()])),
        "drvAttrs": Lazy.done(given),
        "drvPath": Lazy(lambda _: ev.select(strict.force(), "drvPath")),
        "type": constant("derivation"),
    }
    for name, value in results.items():
        value.items.update(shared)
        value.items["outPath"] = Lazy(lambda output: ev.select(strict.force(), output), name)
        value.items["outputName"] = constant(name)
    return results[names[0]]


@builtin("derivationStrict")
def derivation_strict(ev: Evaluator, attributes: Lazy) -> Value:
    """The store paths: exact when everything that goes into them is known, else with an unknown hash."""
    from hslint.values.builtins.instantiation import Recipe, instantiated  # late: few configurations make any

    recipe = Recipe.of(ev, ev.attrs(attributes))
    span = recipe.span
    paths = instantiated(ev, recipe)
    if paths is not None:
        drv_path, outputs = paths
        items = {"drvPath": Lazy.done(String(drv_path, span, context=frozenset((f"={drv_path}",))))}
        for output, path in outputs.items():
            items[output] = Lazy.done(String(path, span, context=frozenset((f"!{output}!{drv_path}",))))
        return Attrs(items, span)
    items = {"drvPath": Lazy.done(built(f"{recipe.name}.drv", span))}
    for output in recipe.outputs:
        items[output] = Lazy.done(built(recipe.name if output == "out" else f"{recipe.name}-{output}", span))
    return Attrs(items, span)


@builtin("placeholder")
def placeholder(ev: Evaluator, output: Lazy) -> Value:
    return String("/" + hashes.base32(hashes.digest("sha256", encoded(f"nix-output:{ev.text(output)}"))))


@builtin("storePath")
def store_path(ev: Evaluator, path: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(path), copy_paths=False)
    if isinstance(value, Unknown) or value.known is None:
        return value
    if not value.known.startswith(f"{STORE}/"):
        raise Failure(Kind.ERROR, f"path '{value.known}' is not in the Nix store", value.span)
    return Unknown(Why.STORE, value.known, value.span)


@builtin("outputOf")
def output_of(ev: Evaluator, derivation: Lazy, output: Lazy) -> Value:
    return Unknown(Why.STORE, "builtins.outputOf")


# -- string contexts ---------------------------------------------------------------------------------------------------
# An element is spelled as Nix spells it: `path` (a store path), `=path.drv` (a derivation with all its closure),
# `!output!path.drv` (an output of a derivation).


@builtin("hasContext")
def has_context(ev: Evaluator, text: Lazy) -> Value:
    value = ev.string(text)
    if value.context:
        return Bool(True)
    if value.unknown is not None:
        raise NotKnown(value.unknown)
    return Bool(False)


@builtin("getContext")
def get_context(ev: Evaluator, text: Lazy) -> Value:
    value = ev.string(text)
    if value.unknown is not None:
        raise NotKnown(value.unknown)
    paths: dict[str, dict[str, Lazy]] = {}
    for element in sorted(value.context):
        if element.startswith("="):
            paths.setdefault(element[1:], {})["allOutputs"] = constant(True)
        elif element.startswith("!"):
            output, _, path = element[1:].partition("!")
            about = paths.setdefault(path, {})
            known = about.get("outputs")
            before = known.force() if known is not None else List([])
            assert isinstance(before, List)
            about["outputs"] = Lazy.done(List([*before.items, constant(output)]))
        else:
            paths.setdefault(element, {})["path"] = constant(True)
    return Attrs({path: Lazy.done(Attrs(about)) for path, about in paths.items()})


@builtin("appendContext")
def append_context(ev: Evaluator, text: Lazy, context: Lazy) -> Value:
    value = ev.string(text)
    added: set[str] = set()
    given = ev.closed_attrs(context)
    for path, lazy in given.items.items():
        if not path.startswith(f"{STORE}/") or len(path) < len(STORE) + 35:
            raise Failure(Kind.ERROR, f"context key '{path}' is not a store path", given.span)
        about = ev.closed_attrs(lazy)
        if (whole := about.get("path")) is not None and ev.boolean(whole):
            added.add(path)
        if (closure := about.get("allOutputs")) is not None and ev.boolean(closure):
            if not path.endswith(".drv"):
                raise Failure(
                    Kind.ERROR, f"tried to add all-outputs context of {path}, which is not a derivation, to a string"
                )
            added.add(f"={path}")
        if (outputs := about.get("outputs")) is not None:
            named = [ev.text(item) for item in ev.closed_list(outputs).items]
            if named and not path.endswith(".drv"):
                raise Failure(
                    Kind.ERROR,
                    f"tried to add derivation output context of {path}, which is not a derivation, to a string",
                )
            added.update(f"!{output}!{path}" for output in named)
    return String(value.known, value.span, parts=value.parts, context=value.context | added)


@builtin("unsafeDiscardStringContext")
def unsafe_discard_string_context(ev: Evaluator, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text))
    if isinstance(value, Unknown) or not value.context:
        return value
    return String(value.known, value.span, parts=value.parts)


@builtin("unsafeDiscardOutputDependency")
def unsafe_discard_output_dependency(ev: Evaluator, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text))
    if isinstance(value, Unknown):
        return value
    context = frozenset(element.removeprefix("=") for element in value.context)
    return String(value.known, value.span, parts=value.parts, context=context)


@builtin("addDrvOutputDependencies")
def add_drv_output_dependencies(ev: Evaluator, text: Lazy) -> Value:
    value = operations.coerce(ev, ev.known(text))
    if isinstance(value, Unknown) or value.known is None:
        return value
    if len(value.context) != 1:
        raise Failure(
            Kind.ERROR, f"context of string '{value.known}' must have exactly one element, but has {len(value.context)}"
        )
    (element,) = value.context
    if element.startswith("!"):
        raise Failure(Kind.ERROR, "`addDrvOutputDependencies` can only act on derivations, not on a derivation output")
    path = element.removeprefix("=")
    if not path.endswith(".drv"):
        raise Failure(Kind.ERROR, f"path '{path}' is not a derivation")
    return String(value.known, value.span, context=frozenset((f"={path}",)))
