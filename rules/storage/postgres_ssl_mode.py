"""A word for TLS with PostgreSQL that its driver does not know."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, go, rule, shortened

_KEYS = {"database.postgres.ssl": "database.type", "db_ssl": "db_type"}
_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_MEANT = {
    **dict.fromkeys(("on", "yes", "enable", "enabled", "required", "ssl", "tls"), "require"),
    **dict.fromkeys(("off", "no", "none", "disabled"), "disable"),
    **{mode.replace("-", separator_before): mode for mode in _MODES for separator_before in ("", "_")},
}


@rule(Effect.FAILS)
def postgres_ssl_mode(host: Host) -> Iterator[Problem]:
    """Headscale hands `database.postgres.ssl` to the driver as sslmode, and does not start with a word that is none."""
    for key, kind in _KEYS.items():
        setting = host.own(f"settings.{key}")
        word = host.reads(key)
        if not setting.written or not isinstance(word, str) or not word or host.reads(kind) != "postgres":
            continue
        if go.boolean(word) is not None or word in _MODES:
            continue
        meant = _MEANT.get(word.lower(), word.lower() if word.lower() in _MODES else None)
        said = f'{key} = "{word[:20]}" is no sslmode; Headscale does not start'
        fix = Fix(f'write "{meant}"', edits.write(setting, f'"{meant}"')) if meant is not None else None
        yield Problem(
            shortened(said, f"it can be true, false, {', '.join(_MODES)}", "write true, false or require"),
            at=setting.at,
            fix=fix,
        )
