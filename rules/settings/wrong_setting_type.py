"""Values of a type that Headscale converts in its own way, or not at all, where the module does not check it."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, catalogue, edits, go, nix, rule, shortened

_NUMBERS = ("int", "port", "seconds", "milliseconds")
_YES, _NO = ("yes", "on", "y", "enabled", "enable"), ("no", "off", "n", "disabled", "disable")


@rule(Effect.IGNORED)
def wrong_setting_type(host: Host) -> Iterator[Problem]:
    """Headscale reads something else than was meant: a quoted boolean, a duration in days, a text in place of a list."""
    refused = [f.failure.span for f in host.own_failures if f.failure.span is not None]
    for setting in host.written("settings"):
        key = host.key(setting)
        if setting.failure is not None or setting.value is None or setting.value.span in refused:
            continue
        found = _mismatch(host, key, setting)
        if found is not None:
            effect, message, fix = found
            if effect is Effect.IGNORED and _stops(host, key):
                effect, message = Effect.FAILS, shortened(message, "Headscale does not start")
            yield Problem(message, at=setting.at, effect=effect, fix=fix)


Mismatch = tuple[Effect, str, Fix | None]


def _mismatch(host: Host, key: str, setting: Setting) -> Mismatch | None:
    schema = host.schema
    known = schema.key(key)
    value = setting.value
    if known is None:
        outer = _outer(host, key)
        if outer is not None and isinstance(outer.type, catalogue.AttrsOf):
            return None if _declared(host, key) else _scalar(key, outer.type.of, setting)
        if outer is not None:
            return Effect.IGNORED, f"{outer.path} is a set where one value belongs; Headscale reads none of it", None
        if (
            schema.is_group(key)
            and isinstance(value, (nix.Bool, nix.Int, nix.Float, nix.String, nix.List))
            and not _declared(host, key)
        ):
            first = schema.below(key)[0].path
            return Effect.IGNORED, f"{key} is a set of settings (such as {first}); Headscale reads nothing here", None
        return None
    match known.type, value:
        case catalogue.Scalar("duration"), nix.Int() | nix.Float() | nix.String():
            return _duration(known, setting)
        case catalogue.Scalar("prometheus duration"), _:
            text = host.reads(known.path)
            return _expiry(known.path, text) if isinstance(text, str) else None
        case _:
            return None if _declared(host, key) and not setting.is_variable else _scalar(key, known.type, setting)


def _stops(host: Host, key: str) -> bool:
    """Whether Headscale does not start with what it reads: for the key itself, or for those that a value keeps it from."""
    known = host.schema.key(key) or _outer(host, key)
    concerned = [known] if known is not None else host.schema.below(key)
    return any(
        each.constraint is not None and each.constraint.stops and host.violates_constraint(each.path)
        for each in concerned
    )


def _outer(host: Host, key: str) -> catalogue.Key | None:
    """The key that this one lies in, as the names of `dns.nameservers.split` do."""
    names = key.split(".")
    return next(
        (known for length in range(1, len(names)) if (known := host.schema.key(".".join(names[:length])))), None
    )


def _declared(host: Host, key: str) -> bool:
    names = key.split(".")
    return any(host.declared(".".join(names[:length])) for length in range(1, len(names) + 1))


def _scalar(key: str, term: catalogue.Term, setting: Setting) -> Mismatch | None:
    match term, setting.value:
        case catalogue.Scalar("bool"), nix.String(known=str(text)):
            return _quoted_boolean(key, text, setting)
        case catalogue.Scalar("bool"), nix.List() | nix.Attrs():
            return Effect.IGNORED, f"{key} is read as false: Headscale expects true or false", None
        case catalogue.Scalar(name), nix.String(known=str(text)) if name in _NUMBERS:
            return _quoted_number(key, text, setting)
        case catalogue.Scalar("duration"), nix.Bool():
            return Effect.IGNORED, f'{key} is read as 0: Headscale expects a duration such as "30m"', None
        case catalogue.Scalar("address"), nix.Int(number):
            return Effect.FAILS, f'{key} needs an address and a port, such as "127.0.0.1:{number}"', None
        case catalogue.ListOf(catalogue.Scalar(name)), nix.String(known=str(text)) if name != "record":
            return _text_for_list(key, text, setting)
        case catalogue.ListOf(catalogue.Scalar("record")), _:
            return _records(key, setting)
        case catalogue.ListOf(), nix.Attrs() | nix.Bool() | nix.Int() | nix.Float():
            return Effect.IGNORED, f"{key} is no list; Headscale expects one", None
        case catalogue.AttrsOf(), nix.List() | nix.String() | nix.Bool() | nix.Int() | nix.Float():
            return Effect.IGNORED, f"{key} is no set; Headscale expects one", None
        case catalogue.Scalar() | catalogue.Enum(), nix.List() | nix.Attrs():
            shape = "list" if isinstance(setting.value, nix.List) else "set"
            return Effect.IGNORED, f"{key} is a {shape} where one value belongs; Headscale reads none of it", None
        case _:
            return None


def _records(key: str, setting: Setting) -> Mismatch | None:
    """Records must be sets (mapstructure, in dns); a single one may stand without its list. 0.22 only logs that they are not."""
    value = setting.value
    entries = [lazy.outcome() for lazy in value.items] if isinstance(value, nix.List) else [value]
    if isinstance(value, nix.String) and not value.known:
        return None
    if not any(isinstance(entry, nix.Bool | nix.Int | nix.Float | nix.String | nix.List) for entry in entries):
        return None
    effect = Effect.IGNORED if key.startswith("dns_config.") else Effect.FAILS
    follows = "Headscale reads none of it" if effect is Effect.IGNORED else "Headscale does not start"
    return effect, shortened(f"{key} must hold sets with name, type and value", follows), None


def _quoted_boolean(key: str, text: str, setting: Setting) -> Mismatch:
    read = go.boolean(text)
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


def _quoted_number(key: str, text: str, setting: Setting) -> Mismatch:
    if re.fullmatch(r"-?[1-9][0-9]*|0", text):
        return (
            Effect.ADVICE,
            f'{key} is the text "{text}"; it works, but write the number {text}',
            _write(setting, text, safe=True),
        )
    return (
        Effect.IGNORED,
        f'{key} is read as {catalogue.read(catalogue.Scalar("int"), text)}: "{_short(text)}" is no decimal number',
        None,
    )


def _text_for_list(key: str, text: str, setting: Setting) -> Mismatch | None:
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


def _duration(key: catalogue.Key, setting: Setting) -> Mismatch | None:
    match setting.value:
        case nix.Int(number) | nix.Float(number) if number != 0:
            said, meant, read = str(number), f"{number}s", key.read(number)
            problem = "no unit"
        case nix.String(known=str(text)):
            found = catalogue.duration_problem(text)
            if found is None:
                return None
            said, problem, read = f'"{_short(text)}"', found, key.read(text)
            meant = (_hours(text) or "") if problem == "days" else f"{text}s"
        case _:
            return None
    if problem == "no unit":
        message = f"{key.path} = {said} has no unit and is read as {read} nanoseconds"
    elif problem == "days":
        message = f"{key.path} = {said} is read as 0: hours (h) are the longest unit"
    else:
        message = f"{key.path} = {said} is no duration and is read as 0"
    fix = _write(setting, f'"{meant}"', safe=False) if problem != "unreadable" and meant else None
    return Effect.IGNORED, message, fix


def _hours(text: str) -> str | None:
    parts = re.fullmatch(r"\s*([0-9]{1,9})\s*(d|w|y|days?|weeks?|years?)\s*", text)
    if parts is None:
        return None
    return f"{int(parts[1]) * {'d': 24, 'w': 168, 'y': 8760}[parts[2][0]]}h"


def _expiry(key: str, text: str) -> Mismatch | None:
    if go.prometheus_duration(text) is not None or (text == "" and key == "node.expiry"):
        return None
    then = "nodes never expire" if key == "node.expiry" else "180 days are taken"
    said = f'{key} = "{_short(text)}" is not understood'
    return Effect.IGNORED, shortened(f"{said}, and {then}", 'write whole numbers with units: "90d"'), None


def _write(setting: Setting, text: str, *, safe: bool) -> Fix:
    return Fix(f"write {text}", edits.write(setting, text), safe=safe)


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:17]}..."
