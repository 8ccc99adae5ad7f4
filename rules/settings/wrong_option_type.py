"""Values that do not have the type of the option they are given to."""

import re

from hslint.rule import (
    Definition,
    Effect,
    Host,
    Iterator,
    Note,
    OptionFailure,
    Problem,
    catalogue,
    nix,
    rule,
    shortened,
)

_TYPE = re.compile(r"is not of type `(.*?)'\. ")

_NAMES = {
    "str": "a string",
    "bool": "true or false",
    "int": "an integer",
    "port": "a port number",
    "path": "an absolute path",
}


@rule(Effect.REFUSED, when_disabled=True)
def wrong_option_type(host: Host) -> Iterator[Problem]:
    """Nix refuses a value of another type than the option's."""
    for refused in host.failures:
        if refused.failure.kind is not nix.Kind.TYPE:
            continue
        # Other failures of that kind come from the language.
        if not refused.failure.message.startswith("A definition for option"):
            continue
        definition = _wrong(refused)
        if definition is None or definition.place is None:
            continue
        outcome = definition.value.outcome()
        value_at = None if isinstance(outcome, nix.Failure) else outcome.span
        same_file = value_at is not None and value_at.file is definition.place.file
        at = value_at if same_file and value_at is not None else definition.place
        notes = () if same_file or value_at is None else (Note("the value comes from here", value_at),)
        yield Problem(_message(host, refused), at=at, notes=notes)


def _wrong(refused: OptionFailure) -> Definition | None:
    """The definition whose value it is, else the first one in the configuration."""
    written = [d for d in refused.definitions if d.place is not None]
    for definition in written:
        outcome = definition.value.outcome()
        if not isinstance(outcome, nix.Failure) and outcome.span is not None and outcome.span == refused.failure.span:
            return definition
    return written[0] if written else None


def _message(host: Host, refused: OptionFailure) -> str:
    if not refused.option.startswith("services.headscale."):
        wanted = _TYPE.search(refused.failure.message)
        what = f"must be of type {wanted[1]}" if wanted is not None else "has a value of the wrong type"
        return shortened(shortened(refused.option, what).replace("; ", " "), "Nix refuses it")
    name = refused.option.removeprefix("services.headscale.")
    option = host.module.option(name)
    short = name.removeprefix("settings.")
    if option is None:
        return shortened(f"{short} has a value of the wrong type", "Nix refuses it")
    return shortened(f"{short} must be {_spelled(option.type)}", "Nix refuses anything else")


def _spelled(term: catalogue.Term) -> str:
    match term:
        case catalogue.Scalar(name):
            return _NAMES.get(name, f"a {name}")
        case catalogue.NullOr(of):
            return f"{_spelled(of)} or null"
        case catalogue.ListOf(of):
            return f"a list of {_plural(of)}"
        case catalogue.AttrsOf(of):
            return f"a set of {_plural(of)}"
        case catalogue.Enum(values):
            return " or ".join(f'"{value}"' for value in values)
        case _:
            return "a set"


def _plural(term: catalogue.Term) -> str:
    match term:
        case catalogue.Scalar("str"):
            return "strings"
        case catalogue.Scalar("path"):
            return "absolute paths"
        case catalogue.ListOf(of):
            return f"lists of {_plural(of)}"
        case _:
            return "sets"
