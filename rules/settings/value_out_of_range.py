"""Values that Headscale reads and refuses, or takes for something else."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, Setting, catalogue, nix, rule, shortened

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
        broken = _constrained(host, key, setting) or _related(host, key, setting)
        if broken is not None:
            effect, message = broken
            yield Problem(message, at=setting.at, effect=effect)


def _constrained(host: Host, key: catalogue.Key, setting: Setting) -> tuple[Effect, str] | None:
    limits, given = key.constraint, setting.data
    if limits is None or given is None or isinstance(given, nix.Unknown) or not _as_meant(key, given):
        return None
    if not host.violates_constraint(key.path):
        return None
    effect = Effect.FAILS if limits.stops or _checked_pkce(host, key) else Effect.IGNORED
    follows = "Headscale does not start" if effect is Effect.FAILS else None
    match key.type, limits.limit:
        case catalogue.Enum(values), None:
            misread = f"is read as {limits.read_as}" if limits.read_as else "is not understood"
            said = f'{key.path} = "{str(key.read(given))[:20]}" {"is none of its values" if follows else misread}'
            return effect, shortened(said, *([follows] if follows else []), f"it can be {', '.join(values)}")
        case _, catalogue.Limit("not_empty"):
            return effect, shortened(f"{key.path} is empty", follows or "it is not read")
        case catalogue.Scalar(), catalogue.Limit("above" | "at_least" | "at_most" as kind, bound):
            words = {"above": "more than", "at_least": "at least", "at_most": "at most"}[kind]
            return effect, shortened(f"{key.path} = {given} must be {words} {bound}", follows or "it is taken for none")
        case _:
            return None


def _as_meant(key: catalogue.Key, given: object) -> bool:
    """Whether the value has the key's type; wrong-setting-type says what becomes of others."""
    match key.type:
        case catalogue.Scalar("duration"):
            return catalogue.duration_problem(given) is None if isinstance(given, str) else given == 0
        case catalogue.Scalar("int" | "port" | "seconds" | "milliseconds"):
            return isinstance(given, int) or (isinstance(given, str) and re.fullmatch(r"-?[0-9]+", given) is not None)
        case _:
            return not isinstance(given, list | dict)


def _checked_pkce(host: Host, key: catalogue.Key) -> bool:
    """The method is checked only while a key is true that nothing else looks at (validatePKCEMethod, from 0.24)."""
    return key.path == "oidc.pkce.method" and host.reads("oidc.enabled") is True


def _related(host: Host, key: catalogue.Key, setting: Setting) -> tuple[Effect, str] | None:
    """The probe of a high-availability route must end before the next one begins (validateServerConfig, from 0.29)."""
    interval_key, timeout_key = "node.routes.ha.probe_interval", "node.routes.ha.probe_timeout"
    if key.path not in (interval_key, timeout_key):
        return None
    if key.path == interval_key and host.setting(f"settings.{timeout_key}").written:
        return None  # reported at the timeout
    interval, timeout = host.reads(interval_key), host.reads(timeout_key)
    if isinstance(interval, int) and isinstance(timeout, int) and timeout >= interval > 0:
        said = (
            f"probe_timeout {_said(host, timeout_key)} is not shorter than probe_interval {_said(host, interval_key)}"
        )
        return Effect.FAILS, shortened(said, "Headscale does not start")
    return None


def _said(host: Host, path: str) -> object:
    setting = host.setting(f"settings.{path}")
    return host.schema.keys[path].default if setting.value is None else setting.data
