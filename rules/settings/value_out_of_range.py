"""Values that Headscale reads and refuses, or takes for something else."""

from hslint.rule import (
    Bool,
    Effect,
    EnumTerm,
    Float,
    Host,
    Int,
    Iterator,
    Key,
    Limit,
    Null,
    Plain,
    Problem,
    Setting,
    String,
    Value,
    duration_problem,
    go_duration,
    parse_bool,
    rule,
    shortened,
)

# Limits that have a rule of their own, which says more about them.
_ELSEWHERE = frozenset(
    (
        *("dns.base_domain", "dns.nameservers.global", "server_url", "prefixes.v4", "prefixes.v6", "trusted_proxies"),
        *("derp.server.stun_listen_addr", "derp.server.private_key_path"),
    )
)


@rule(Effect.FAILS)
def value_out_of_range(host: Host) -> Iterator[Problem]:
    """Headscale does not start with a value outside its range, or silently takes another one."""
    for setting in host.written("settings"):
        key = host.schema.key(host.key(setting))
        if key is None or key.path in _ELSEWHERE or setting.failure is not None or setting.at is None:
            continue
        told = _constrained(host, key, setting) or _related(host, key, setting)
        if told is not None:
            effect, message = told
            yield Problem(message, at=setting.at, effect=effect, hangs_on=setting.condition)


def _constrained(host: Host, key: Key, setting: Setting) -> tuple[Effect, str] | None:
    rules = key.constraint
    if rules is None or isinstance(setting.value, Null) or not _holds(host, rules.while_key, rules.while_values):
        return None
    effect = Effect.FAILS if rules.otherwise in ("refused", "crashes") or _checked_pkce(host, key) else Effect.IGNORED
    follows = "Headscale does not start" if effect is Effect.FAILS else None
    match key.type, rules.limit, setting.value:
        case EnumTerm(values), None, String(known=str(text)) if text not in values:
            allowed = ", ".join(values)
            misread = f"is read as {rules.read_as}" if rules.read_as else "is not understood"
            said = f'{key.path} = "{text[:20]}"' + (" is none of its values" if follows else f" {misread}")
            return effect, shortened(said, *([follows] if follows else []), f"it can be {allowed}")
        case _, Limit("not_empty"), String(known=""):
            return effect, shortened(f"{key.path} is empty", follows or "it is not read")
        case Plain("duration"), Limit(kind, str(bound)), String(known=str(text)):
            return (
                _number(key, kind, bound, go_duration(text), go_duration(bound), text, effect)
                if not duration_problem(text)
                else None
            )
        case Plain("duration"), Limit(kind, str(bound)), Int(0):
            return _number(key, kind, bound, 0, go_duration(bound), "0", effect)
        case Plain(), Limit(kind, int(number)), Int(given):
            return _number(key, kind, str(number), given, number, str(given), effect)
        case _:
            return None


def _checked_pkce(host: Host, key: Key) -> bool:
    """The method is checked only while a key is true that nothing else looks at (validatePKCEMethod, from 0.24)."""
    enabled = host.value("settings.oidc.enabled") if key.path == "oidc.pkce.method" else None
    match enabled:
        case Bool(flag):
            return flag
        case String(known=str(text)):
            return parse_bool(text) is True
        case _:
            return False


def _number(
    key: Key, kind: str, bound: str, given: int | None, limit: int | None, text: str, effect: Effect
) -> tuple[Effect, str] | None:
    if given is None or limit is None:
        return None
    if given == 0 and key.constraint is not None and key.constraint.unless_zero:
        return None
    fine = {"above": given > limit, "at_least": given >= limit, "at_most": given <= limit}.get(kind, True)
    if fine:
        return None
    words = {"above": "more than", "at_least": "at least", "at_most": "at most"}[kind]
    said = f"{key.path} = {text} must be {words} {bound}"
    return effect, shortened(said, "Headscale does not start" if effect is Effect.FAILS else "it is taken for none")


def _holds(host: Host, key: str | None, values: tuple[str, ...]) -> bool:
    """Whether the limit applies: it hangs on another key being true, above zero, or one of some values."""
    if key is None:
        return True
    value: Value | None = host.value(f"settings.{key}")
    if value is None:
        other = host.schema.key(key)
        default = other.default if other is not None else None
        return default in values if values else _truthy(default)
    match value:
        case String(known=str(text)):
            return text in values if values else _truthy(text)
        case Bool(flag):
            return flag
        case Int(number) | Float(number):
            return number > 0
        case _:
            return False


def _truthy(default: object) -> bool:
    if isinstance(default, str):
        duration = go_duration(default)
        return duration > 0 if duration is not None else default == "true"
    return bool(default)


def _related(host: Host, key: Key, setting: Setting) -> tuple[Effect, str] | None:
    """The probe of a high-availability route must end before the next one begins (validateServerConfig, from 0.29)."""
    interval_key, timeout_key = "node.routes.ha.probe_interval", "node.routes.ha.probe_timeout"
    if key.path not in (interval_key, timeout_key):
        return None
    interval, timeout = _duration(host, interval_key), _duration(host, timeout_key)
    if key.path == interval_key and (other := host.setting(f"settings.{timeout_key}")) is not None and other.written:
        return None  # reported at the timeout
    if interval and timeout and interval[1] > 0 and timeout[1] >= interval[1]:
        said = f"probe_timeout {timeout[0]} is not shorter than probe_interval {interval[0]}"
        return Effect.FAILS, shortened(said, "Headscale does not start")
    return None


def _duration(host: Host, path: str) -> tuple[str, int] | None:
    value = host.value(f"settings.{path}")
    key = host.schema.key(path)
    match value:
        case String(known=str(text)):
            pass
        case None if key is not None and isinstance(key.default, str):
            text = key.default
        case _:
            return None
    read = go_duration(text)
    return (text, read) if read is not None else None
