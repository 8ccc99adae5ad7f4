"""Settings without which Headscale does not start, where neither the module nor the configuration gives them."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, Span, rule, shortened

_DATABASE = "database.sqlite.path"
_RANGES = ("prefixes.v4", "prefixes.v6")
#: What other rules miss, where it is missed.
_ELSEWHERE = ("dns.", "derp.")


@rule(Effect.FAILS, yields_to=("syntax-error", "unknown-module-option"))
def required_setting(host: Host) -> Iterator[Problem]:
    """Headscale does not start without a key, a database, a range of addresses; the module of another time gives none."""
    if not host.runs.release.certain or host.reads_environment_file:
        return
    for key in host.schema.keys.values():
        if not key.needed or key.path.startswith(_ELSEWHERE) or host.constraint_applies(key.path) is not True:
            continue
        if _absent(host, key.path):
            yield _problem(host, (key.path,))
    database = host.setting("settings.database.type")
    if database.text in ("sqlite", "sqlite3") and database.written and _without_file(host):
        yield _problem(host, (_DATABASE,), database.at)
    if all(key in host.schema.keys and _absent(host, key) for key in _RANGES):
        yield _problem(host, _RANGES)


def _without_file(host: Host) -> bool:
    """Whether SQLite gets no file, which Headscale itself refuses from 0.27 on; before, it cannot be opened in the service."""
    key = host.schema.keys.get(_DATABASE)
    return key is not None and not key.needed and _absent(host, _DATABASE)


def _absent(host: Host, key: str) -> bool:
    """Whether nothing gives the key; what is written, even as empty, is for the rules about its values."""
    setting = host.setting(f"settings.{key}")
    written = setting.written and setting.is_null is not True
    # viper joins names with dots, so that a name that holds dots reaches the same key.
    dotted = "." in key and host.setting(f'settings."{key}"').written
    null_path = key == _DATABASE and setting.written  # state-path-outside-state-dir
    return bool(setting.is_empty) and not (written or null_path or dotted)


def _problem(host: Host, keys: tuple[str, ...], at: Span | None = None) -> Problem:
    named = keys[0] if len(keys) == 1 else f"neither {' nor '.join(keys)}"
    said = f"{named} is set" if len(keys) > 1 else f"{named} is not set"
    meant = [
        unread
        for unread in host.ignored_settings
        if (unread.meant is not None and unread.meant.path in keys)
        or (unread.removal is not None and any(new in keys for new in unread.removal.replaced_by))
    ]
    at = at or next((s.at for key in keys if (s := host.setting(f"settings.{key}")).written and s.at), host.anchor)
    return Problem(
        shortened(f"{said}; Headscale {host.release.series} does not start", "this module has no default for it"),
        at=at,
        notes=tuple(Note(f"{unread.key} is not read", unread.at) for unread in meant),
        absent=tuple(f"settings.{key}" for key in keys),
    )
