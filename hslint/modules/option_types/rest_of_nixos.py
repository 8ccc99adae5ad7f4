"""Option types for the options of NixOS that hslint has no declaration of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.modules.definition import Merging
from hslint.modules.merge import Merged
from hslint.modules.option_type import Loc, OptionType
from hslint.modules.option_types.composite import AttrsOf, ListOf, attributes_of, span_of
from hslint.modules.option_types.plain import ANYTHING, LINES
from hslint.modules.result import Result
from hslint.modules.show import show_option
from hslint.values import operations
from hslint.values.predicates import is_string_like
from hslint.values.value import Attrs, Lazy, List, String, Unknown, Value, Why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hslint.modules.definition import Definition
    from hslint.modules.session import Session


class RestOfNixOS(OptionType):
    """Options of NixOS that hslint has no declaration of: lists are concatenated, sets merged, texts joined where NixOS joins them.

    What has no definition in a set stays unknown: the real option may have a default for it.
    """

    name = "an option of NixOS"
    is_idempotent = True

    #: Options that are `types.lines` wherever they occur (nixos/modules).
    OF_LINES = frozenset(
        [
            "extraConfig",
            "extraCommands",
            "extraStopCommands",
            "script",
            "preStart",
            "postStart",
            "preStop",
            "postStop",
            "globalConfig",
            "appendConfig",
            "commonHttpConfig",
            "httpConfig",
            "appendHttpConfig",
            "streamConfig",
            "eventsConfig",
            "extraOptions",
            "shellInit",
            "interactiveShellInit",
            "extraHosts",
            "loginShellInit",
            "promptInit",
            "extraInputRules",
            "extraForwardRules",
            "extraModprobeConfig",
            "ruleset",
            "text",
        ]
    )

    def passes_conditions_on(self, session: Session, definitions: Sequence[Definition]) -> bool:
        values = [d.value.force() for d in definitions]
        return all(_is_plain(value) or isinstance(value, Unknown) for value in values) or all(
            isinstance(v, List) for v in values
        )

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        values = [d.value.force() for d in definitions]
        known = [value for value in values if not isinstance(value, Unknown)]
        if known and all(_is_plain(value) for value in known):
            return self._merge_sets(session, loc, definitions)
        if known and all(isinstance(value, List) for value in known):
            return ListOf(ANYTHING).merge(session, loc, definitions)
        if len(definitions) == 1:
            return Result(values[0])
        if loc[-1] in self.OF_LINES and all(isinstance(value, String) for value in known):
            return LINES.merge(session, loc, definitions)
        first = values[0]
        if all(operations.equal(session.ev, first, value) is True for value in values[1:]):
            return Result(first)
        # The option's real type may well join what differs (lines, commas, packages).
        return Result(Unknown(Why.OPTION, show_option(loc), first.span))

    def _merge_sets(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        within = Merging(self, definitions)
        again = within.again()
        if again is not None:
            return again
        raws, rest = attributes_of(session, definitions, within)
        merged = {name: Merged(session, (*loc, name), self, found, rest) for name, found in raws.items()}
        items = {
            name: Lazy(_of_nixos, element, raws[name][0].place, raws[name][0].binding)
            for name, element in merged.items()
        }
        beyond = rest or Unknown(Why.OPTION, show_option(loc))
        within.result = Result(Attrs(items, span_of(definitions), beyond), merged.get, lambda: items)
        return within.result


class FilledByNixOS(AttrsOf):
    """A set of NixOS to which its own modules add elements that hslint does not know, as each service adds its user."""

    def merge(self, session: Session, loc: Loc, definitions: Sequence[Definition]) -> Result:
        result = super().merge(session, loc, definitions)
        if isinstance(result.value, Attrs):
            result.value = _Filled(result.value, loc)
        return result


class _Filled(Attrs):
    __slots__ = ("loc",)

    def __init__(self, attrs: Attrs, loc: Loc) -> None:
        super().__init__(attrs.items, attrs.span, attrs.rest, attrs.native, attrs.maybe)
        self.loc = loc

    def unseen(self, name: str) -> Unknown | None:
        return Unknown(Why.OPTION, show_option((*self.loc, name)))


def _of_nixos(merged: Merged) -> Value:
    """Where every definition is switched off, the option's own default counts, which is unknown."""
    if merged.is_defined is False:
        return Unknown(Why.OPTION, show_option(merged.loc))
    return merged.value()


def _is_plain(value: Value) -> bool:
    return isinstance(value, Attrs) and not is_string_like(value) and "__functor" not in value.items
