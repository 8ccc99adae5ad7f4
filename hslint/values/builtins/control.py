"""The builtins that steer an evaluation (errors, forcing, tracing), test types, and ask for the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hslint.values import budget, operations
from hslint.values.constant import constant
from hslint.values.primitive import Registry
from hslint.values.value import (
    LEDGER,
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
    presume,
)

if TYPE_CHECKING:
    from hslint.values.evaluator import Evaluator

builtin = Registry()

#: Messages of `builtins.trace` that an evaluation keeps.
TRACES = 100

#: A placeholder in messages for the unknown part of a string.
ELLIPSIS = "…"


def message(ev: Evaluator, lazy: Lazy) -> str:
    """The text of a message, as far as it is known."""
    value = operations.coerce(ev, lazy.force(), copy_paths=False)
    if isinstance(value, Unknown):
        return ELLIPSIS
    return "".join(part if isinstance(part, str) else ELLIPSIS for part in value.parts)


@builtin("throw")
def throw(ev: Evaluator, text: Lazy) -> Value:
    raise Failure(Kind.ERROR, message(ev, text), catchable=True)


@builtin("abort")
def abort(ev: Evaluator, text: Lazy) -> Value:
    raise Failure(Kind.ERROR, f"evaluation aborted with the following error message: '{message(ev, text)}'")


@builtin("tryEval")
def try_eval(ev: Evaluator, expression: Lazy) -> Value:
    """The value, if it is no error. What is presumed to be no error may as well be one here."""
    depth = ev.depth
    made = LEDGER.made
    try:
        value = expression.force()
    except Failure as failure:
        if failure.catchable:
            ev.depth = depth
            return Attrs({"success": constant(False), "value": constant(False)})
        if LEDGER.made == made or LEDGER.last is None:
            raise
        ev.depth = depth
        return _undecided(LEDGER.last)
    if isinstance(value, Unknown):
        return _undecided(value)
    if LEDGER.made != made and LEDGER.last is not None:
        return _undecided(LEDGER.last)
    gap = value.unknown if isinstance(value, String) else None
    if gap is not None and gap.why not in (Why.STORE, Why.PACKAGE):
        return _undecided(gap)
    return Attrs({"success": constant(True), "value": Lazy.done(value)})


def _undecided(about: Unknown) -> Attrs:
    """The result of `tryEval` for what may be an error. Its `value` may be false, so that nothing is known of it either."""
    unknown = Lazy.done(Unknown(about.why, about.detail, about.span))
    return Attrs({"success": unknown, "value": unknown})


@builtin("seq")
def seq(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    value = first.force()
    if isinstance(value, Unknown):
        presume(value)
    return second.force()


def force_deeply(ev: Evaluator, value: Value) -> None:
    """Force everything inside a value, in Nix's order, each set and list once."""
    seen: set[int] = set()
    kept: list[Value] = []
    queue: list[Lazy] = [Lazy.done(value)]
    while queue:
        inner = queue.pop().force()
        if isinstance(inner, Unknown):
            if inner.why is Why.BUDGET:
                raise NotKnown(inner)  # it may well have no end
            presume(inner)
        elif isinstance(inner, Attrs | List):
            if id(inner) in seen:
                continue
            seen.add(id(inner))
            kept.append(inner)
            ev.spend(budget.ELEMENTS * 2 + 4 * len(inner.items))
            if inner.rest is not None:
                presume(inner.rest)
            if isinstance(inner, List):
                queue.extend(reversed(inner.items))
            else:
                queue.extend(inner.items[name] for name in sorted(inner.items, reverse=True))


@builtin("deepSeq")
def deep_seq(ev: Evaluator, first: Lazy, second: Lazy) -> Value:
    force_deeply(ev, first.force())
    return second.force()


@builtin("trace")
def trace(ev: Evaluator, text: Lazy, value: Lazy) -> Value:
    shown = text.force()
    if isinstance(shown, Unknown):
        presume(shown)
    if len(ev.traces) < TRACES and isinstance(shown, String):
        ev.traces.append(message(ev, text))
    return value.force()


@builtin("traceVerbose")
def trace_verbose(ev: Evaluator, text: Lazy, value: Lazy) -> Value:
    return value.force()


@builtin("warn")
def warn(ev: Evaluator, text: Lazy, value: Lazy) -> Value:
    shown = text.force()
    if isinstance(shown, Unknown):
        presume(shown)
    else:
        ev.string(text)
    if len(ev.traces) < TRACES:
        ev.traces.append(message(ev, text))
    return value.force()


@builtin("addErrorContext")
def add_error_context(ev: Evaluator, text: Lazy, value: Lazy) -> Value:
    return value.force()


@builtin("break")
def break_(ev: Evaluator, value: Lazy) -> Value:
    return value.force()


# -- what a value is ---------------------------------------------------------------------------------------------------


@builtin("typeOf")
def type_of(ev: Evaluator, value: Lazy) -> Value:
    match ev.known(value):
        case Null():
            return String("null")
        case Bool():
            return String("bool")
        case Int():
            return String("int")
        case Float():
            return String("float")
        case String():
            return String("string")
        case Path():
            return String("path")
        case List():
            return String("list")
        case Attrs():
            return String("set")
        case _:
            return String("lambda")


@builtin("isNull")
def is_null(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), Null))


@builtin("isBool")
def is_bool(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), Bool))


@builtin("isInt")
def is_int(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), Int))


@builtin("isFloat")
def is_float(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), Float))


@builtin("isString")
def is_string(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), String))


@builtin("isPath")
def is_path(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), Path))


@builtin("isList")
def is_list(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), List))


@builtin("isAttrs")
def is_attrs(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), Attrs))


@builtin("isFunction")
def is_function(ev: Evaluator, value: Lazy) -> Value:
    return Bool(isinstance(ev.known(value), Closure | Primitive))


# -- the environment ---------------------------------------------------------------------------------------------------


@builtin("getEnv")
def get_env(ev: Evaluator, name: Lazy) -> Value:
    return Unknown(Why.ENVIRONMENT, f"the environment variable {message(ev, name)}")


def _address(ev: Evaluator, what: Value) -> str:
    """The address that a fetcher is given, as text for messages."""
    if isinstance(what, Attrs):
        for name in ("url", "path", "repo"):
            found = what.get(name)
            if found is not None:
                return _address(ev, found.force())
        return ""
    return message(ev, Lazy.done(what)) if isinstance(what, String) else ""


def _fetched(name: str, why: Why) -> None:
    def run(ev: Evaluator, what: Lazy) -> Value:
        given = what.force()
        if ev.fetcher is not None:
            found = ev.fetcher(name, given)
            if found is not None:
                return found
        if isinstance(given, Unknown):
            return given.of_something_else
        address = _address(ev, given)
        return Unknown(why, f"{name} {address}" if address else f"builtins.{name}", given.span)

    builtin.calling(name, 1, run)


for _name in ("fetchurl", "fetchTarball", "fetchGit", "fetchMercurial", "fetchTree", "fetchFinalTree", "fetchClosure"):
    _fetched(_name, Why.STORE)
_fetched("getFlake", Why.INPUT)

#: Forges whose flake references are `<forge>:owner/repository[/ref]`.
_FORGES = ("github", "gitlab", "sourcehut")


@builtin("parseFlakeRef")
def parse_flake_ref(ev: Evaluator, reference: Lazy) -> Value:
    text = ev.text(reference)
    forge, _, path = text.partition(":")
    path, question, query = path.partition("?")
    parts = path.split("/", 2)
    if forge not in _FORGES or len(parts) < 2 or "%" in text:
        return Unknown(Why.FUNCTION, "builtins.parseFlakeRef")
    found = {"type": forge, "owner": parts[0], "repo": parts[1]}
    if len(parts) == 3:
        is_revision = len(parts[2]) == 40 and all(character in "0123456789abcdef" for character in parts[2])
        found["rev" if is_revision else "ref"] = parts[2]
    for pair in query.split("&") if question else ():
        key, _, value = pair.partition("=")
        found[key] = value
    return Attrs({name: constant(value) for name, value in found.items()})


@builtin("flakeRefToString")
def flake_ref_to_string(ev: Evaluator, reference: Lazy) -> Value:
    given = ev.closed_attrs(reference)
    values = {name: ev.text(lazy) for name, lazy in given.items.items()}
    forge = values.pop("type", "")
    if forge not in _FORGES or not values.keys() >= {"owner", "repo"}:
        return Unknown(Why.FUNCTION, "builtins.flakeRefToString")
    text = f"{forge}:{values.pop('owner')}/{values.pop('repo')}"
    version = values.pop("ref", None) or values.pop("rev", None)
    if version is not None:
        text += f"/{version}"
    if values:
        text += "?" + "&".join(f"{name}={values[name]}" for name in sorted(values))
    return String(text)
