"""Variables of Headscale's unit, `HEADSCALE_DNS_BASE_DOMAIN`, which viper puts above what the file says (AutomaticEnv)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hslint.catalogue.keys import Key, Schema
from hslint.catalogue.term import AttrsOf, ListOf, Scalar
from hslint.hosts.setting import UNIT_ENVIRONMENT, Setting
from hslint.record import replace
from hslint.source import Span
from hslint.values.value import Bool, Int, Lazy, List, Null, String, Unknown, Value, Why


def overriding(variables: Iterable[Setting], schema: Schema, settings: str) -> Mapping[str, Setting]:
    """The settings that variables give, by their keys; an empty variable counts for nothing. `settings` is the option of all of them."""
    keys = {key.environment: key for key in schema.keys.values()}
    found: dict[str, Setting] = {}
    for variable in variables:
        key = keys.get(variable.option.removeprefix(f"{UNIT_ENVIRONMENT}."))
        if key is None or variable.value is None or isinstance(variable.value, Null) or variable.text == "":
            continue
        value = _meant(key, variable.value)
        if not variable.certainly_written:
            value = Unknown(Why.CONDITION, key.environment, value.span)
        found[key.path] = replace(variable, option=f"{settings}.{key.path}", value=value)
    return found


def _meant(key: Key, value: Value) -> Value:
    """A variable's text as the value that the file would hold; a text that is no value of the key's type is kept."""
    if isinstance(key.type, AttrsOf) or key.type == ListOf(Scalar("record")):
        return Unknown(Why.ENVIRONMENT, key.environment, value.span)
    match value:
        case Int(number):
            text = str(number)
        case Bool(flag):
            text = "1" if flag else ""
        case String(known=str(known)):
            text = known
        case _:
            return value
    read = key.read(text)
    match key.type:
        case Scalar("bool") if text.lower() in ("true", "t", "1", "false", "f", "0"):
            return Bool(bool(read), value.span)
        case Scalar("int" | "port" | "seconds" | "milliseconds") if isinstance(read, int) and str(read) == text:
            return Int(read, value.span)
        case ListOf() if isinstance(read, list):
            return List([Lazy.done(String(item, _part(value.span, item))) for item in read], value.span)
        case _:
            return String(text, value.span)


def _part(literal: Span | None, item: str) -> Span | None:
    """The place of an entry of a list in the text of its variable."""
    if literal is None or literal.text.count(item) != 1:
        return literal
    start = literal.start + len(literal.text[: literal.text.index(item)].encode())
    return Span(literal.file, start, start + len(item.encode()))
