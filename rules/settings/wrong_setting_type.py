"""Values of a type that Headscale converts in its own way, or not at all, where the module does not check it."""

import re

from hslint.rule import (
    Attrs,
    AttrsOf,
    Bool,
    Effect,
    EnumTerm,
    Fix,
    Float,
    Host,
    Int,
    Iterator,
    Key,
    List,
    ListOf,
    Plain,
    Problem,
    Setting,
    String,
    Term,
    duration_problem,
    go_duration,
    parse_bool,
    prometheus_duration,
    read_duration,
    rule,
    shortened,
    write,
)

_NUMBERS = ("int", "port", "seconds", "milliseconds")
_YES, _NO = ("yes", "on", "y", "enabled", "enable"), ("no", "off", "n", "disabled", "disable")


@rule(Effect.IGNORED)
def wrong_setting_type(host: Host) -> Iterator[Problem]:
    """Headscale reads something else than was meant: a quoted boolean, a duration in days, a text in place of a list."""
    for setting in host.written("settings"):
        key = host.key(setting)
        if setting.failure is not None or setting.at is None:
            continue
        told = _told(host, key, setting)
        if told is not None:
            effect, message, fix = told
            yield Problem(message, at=setting.at, effect=effect, fix=fix, hangs_on=setting.condition)


Told = tuple[Effect, str, Fix | None]


def _told(host: Host, key: str, setting: Setting) -> Told | None:
    schema = host.schema
    known = schema.key(key)
    value = setting.value
    if known is None:
        term = _inside(host, key)
        if term is not None:
            return None if _declared(host, key) else _scalar(key, term, setting)
        if schema.is_group(key) and isinstance(value, (Bool, Int, Float, String, List)) and not _declared(host, key):
            first = schema.below(key)[0].path
            return Effect.IGNORED, f"{key} is a set of settings (such as {first}); Headscale reads nothing here", None
        return None
    match known.type, value:
        case Plain("duration"), Int() | String():
            return _duration(known, setting)
        case Plain("prometheus duration"), String(known=str(text)):
            return _expiry(host, key, text)
        case Plain("prometheus duration"), Int(number) if not _declared(host, key):
            return _expiry(host, key, str(number))
        case _:
            return None if _declared(host, key) else _scalar(key, known.type, setting)


def _inside(host: Host, key: str) -> Term | None:
    """The type of the values of the map that the key lies in (`dns.nameservers.split`)."""
    names = key.split(".")
    for length in range(1, len(names)):
        known = host.schema.key(".".join(names[:length]))
        if known is not None:
            return known.type.of if isinstance(known.type, AttrsOf) else None
    return None


def _declared(host: Host, key: str) -> bool:
    names = key.split(".")
    return any(host.declared(".".join(names[:length])) for length in range(1, len(names) + 1))


def _scalar(key: str, term: Term, setting: Setting) -> Told | None:
    match term, setting.value:
        case Plain("bool"), String(known=str(text)):
            return _quoted_boolean(key, text, setting)
        case Plain("bool"), List() | Attrs():
            return Effect.IGNORED, f"{key} is read as false: Headscale expects true or false", None
        case Plain(name), String(known=str(text)) if name in _NUMBERS:
            return _quoted_number(key, text, setting)
        case Plain("address"), Int(number):
            return Effect.FAILS, f'{key} needs an address and a port, such as "127.0.0.1:{number}"', None
        case ListOf(Plain(name)), String(known=str(text)) if name != "record":
            return _text_for_list(key, text, setting)
        case ListOf(), Attrs() | Bool() | Int():
            return Effect.IGNORED, f"{key} is no list; Headscale expects one", None
        case Plain() | EnumTerm(), List():
            return Effect.IGNORED, f"{key} is a list where one value belongs; Headscale reads none of it", None
        case _:
            return None


def _quoted_boolean(key: str, text: str, setting: Setting) -> Told:
    read = parse_bool(text)
    if read is not None:
        word = "true" if read else "false"
        return (
            Effect.ADVICE,
            f'{key} is the text "{text}"; it works, but write the boolean {word}',
            _write(setting, word, safe=True),
        )
    meant = "true" if text.lower() in _YES else "false" if text.lower() in _NO else None
    fix = _write(setting, meant, safe=meant == "false") if meant else None
    return Effect.IGNORED, f'{key} is read as false: "{_short(text)}" is no boolean for Headscale', fix


def _quoted_number(key: str, text: str, setting: Setting) -> Told:
    if re.fullmatch(r"-?[1-9][0-9]*|0", text):
        return (
            Effect.ADVICE,
            f'{key} is the text "{text}"; it works, but write the number {text}',
            _write(setting, text, safe=True),
        )
    return Effect.IGNORED, f'{key} is read as 0: "{_short(text)}" is no whole number', None


def _text_for_list(key: str, text: str, setting: Setting) -> Told | None:
    if not text:
        return None
    entries = text.split()
    written = " ".join(f'"{entry}"' for entry in entries)
    if "," in text:
        parts = [part for part in re.split(r"[,\s]+", text) if part]
        fix = _write(setting, "[ " + " ".join(f'"{part}"' for part in parts) + " ]", safe=False)
        return Effect.IGNORED, f"{key} is one text: Headscale splits it at spaces, not at commas", fix
    return (
        Effect.ADVICE,
        f"{key} is a text where a list belongs; it works, but write a list",
        _write(setting, f"[ {written} ]", safe=True),
    )


def _duration(key: Key, setting: Setting) -> Told | None:
    match setting.value:
        case Int(number) if number != 0:
            said, meant, read = str(number), f"{number}s", number
            problem = "no unit"
        case String(known=str(text)):
            found = duration_problem(text)
            if found is None:
                return None
            said, problem, read = f'"{_short(text)}"', found, read_duration(text)
            meant = (_hours(text) or "") if problem == "days" else f"{text}s"
        case _:
            return None
    if problem == "no unit":
        message = f"{key.path} = {said} has no unit and is read as {read} nanoseconds"
    elif problem == "days":
        message = f"{key.path} = {said} is read as 0: hours (h) are the longest unit"
    else:
        message = f"{key.path} = {said} is no duration and is read as 0"
    refused = _refused(key, read)
    fix = _write(setting, f'"{meant}"', safe=False) if problem != "unreadable" and meant else None
    return Effect.FAILS if refused else Effect.IGNORED, message, fix


def _refused(key: Key, read: int) -> bool:
    """Whether Headscale does not start with what it reads."""
    rules = key.constraint
    if (
        rules is None
        or rules.otherwise != "refused"
        or rules.while_key is not None
        or (read == 0 and rules.unless_zero)
    ):
        return False
    bound = go_duration(str(rules.limit.bound)) if rules.limit is not None else None
    if rules.limit is None or bound is None:
        return False
    return read <= bound if rules.limit.kind == "above" else read < bound


def _hours(text: str) -> str | None:
    parts = re.fullmatch(r"\s*([0-9]+)\s*(d|w|y|days?|weeks?|years?)\s*", text)
    if parts is None:
        return None
    return f"{int(parts[1]) * {'d': 24, 'w': 168, 'y': 8760}[parts[2][0]]}h"


def _expiry(host: Host, key: str, text: str) -> Told | None:
    if text == "" or prometheus_duration(text) is not None:
        return None
    then = "nodes never expire" if key == "node.expiry" else "180 days are taken"
    said = f'{key} = "{_short(text)}" is not understood'
    return Effect.IGNORED, shortened(f"{said}, and {then}", 'write whole numbers with units: "90d"'), None


def _write(setting: Setting, text: str, *, safe: bool) -> Fix | None:
    edits = write(setting, text)
    return Fix(f"write {text}", edits, safe=safe) if edits else None


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:17]}..."
