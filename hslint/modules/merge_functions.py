"""Merges that several types share, by what the values are (nixpkgs: lib/options.nix)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.definition import Definition, show_definitions
from hslint.modules.show import PRIORITY_SUGGESTION, show_option
from hslint.values import operations
from hslint.values.predicates import is_function
from hslint.values.value import Attrs, Bool, Failure, Int, Kind, Lazy, List, Primitive, String, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hslint.modules.session import Session


def merge_equal(session: Session, loc: tuple[str, ...], definitions: Sequence[Definition]) -> Value:
    """`mergeEqualOption`: all definitions say the same."""
    first = definitions[0].value.force()
    undecided: Unknown | None = first if isinstance(first, Unknown) else None
    for definition in definitions[1:]:
        value = definition.value.force()
        same = operations.equal(session.ev, first, value)
        if same is False:
            shown = show_definitions((definitions[0], definition))
            raise Failure(
                Kind.CONFLICT,
                f"The option `{show_option(loc)}' has conflicting definition values:{shown}\n{PRIORITY_SUGGESTION}",
                value.span or definition.place,
                catchable=True,
            )
        if isinstance(same, Unknown):
            undecided = undecided or same
    if undecided is None or len(definitions) == 1:
        return first
    known = tuple(d.value for d in definitions if not isinstance(d.value.force(), Unknown))
    return Unknown(undecided.why, undecided.detail, undecided.span, known[:1])


def merge_unique(
    session: Session, loc: tuple[str, ...], definitions: Sequence[Definition], message: str = ""
) -> Definition:
    """`mergeUniqueOption`: there is one definition."""
    if len(definitions) > 1:
        raise Failure(
            Kind.CONFLICT,
            f"The option `{show_option(loc)}' is defined multiple times while it's expected to be unique.\n{message}\n"
            f"Definition values:{show_definitions(definitions)}\n{PRIORITY_SUGGESTION}",
            definitions[1].place,
            catchable=True,
        )
    return definitions[0]


def merge_default(session: Session, loc: tuple[str, ...], definitions: Sequence[Definition]) -> Value:
    """`mergeDefaultOption`: by what the values are; what types without a merge of their own do."""
    ev = session.ev
    values = [definition.value.force() for definition in definitions]
    if len(values) == 1:
        return values[0]
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    known = [value for value in values if not isinstance(value, Unknown)]
    if not known:
        assert unknown is not None
        return unknown
    if unknown is not None and not all(isinstance(value, List | Attrs) for value in known):
        return Unknown(unknown.why, unknown.detail, unknown.span)
    if all(is_function(ev, value) for value in known):
        functions = [definition.value for definition in definitions]

        def applied(_: object, argument: Lazy) -> Value:
            results = [
                Definition(loc, Lazy(lambda f: ev.apply(f.force(), argument), function), d.file)
                for d, function in zip(definitions, functions, strict=True)
            ]
            return merge_default(session, loc, results)

        return Primitive("mergeDefaultOption", 1, applied)
    if all(isinstance(value, List) for value in known):
        merged: Value = List([])
        for value in values:
            merged = operations.append(ev, merged, value, values[0].span)
        return merged
    if all(isinstance(value, Attrs) for value in known):
        merged = Attrs({})
        for value in values:
            merged = operations.update(ev, merged, value, values[0].span)
        return merged
    if all(isinstance(value, Bool) for value in known):
        return Bool(any(isinstance(value, Bool) and value.value for value in known), values[0].span)
    if all(isinstance(value, String) for value in known):
        return operations.concatenate(ev, [value for value in known if isinstance(value, String)], values[0].span)
    if all(isinstance(value, Int) for value in known) and all(
        operations.equal(ev, values[0], value) is True for value in values
    ):
        return values[0]
    raise Failure(
        Kind.ERROR,
        f"Cannot merge definitions of `{show_option(loc)}'. Definition values:{show_definitions(definitions)}",
        definitions[-1].place,
        catchable=True,
    )
