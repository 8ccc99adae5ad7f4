"""Settings without which Headscale does not start, where neither the module nor the configuration gives them."""

from hslint.rule import (
    Effect,
    Host,
    Iterator,
    Key,
    Note,
    Null,
    Problem,
    String,
    Unknown,
    environment_variable,
    rule,
    shortened,
)

_RANGES = ("prefixes.v4", "prefixes.v6")
#: What other rules miss, where it is missed.
_ELSEWHERE = ("dns.", "derp.")


@rule(Effect.FAILS, yields_to=("syntax-error", "unknown-module-option"))
def required_setting(host: Host) -> Iterator[Problem]:
    """Headscale does not start without a key, a database, a range of addresses; the module of another time gives none."""
    if not host.runs.release.certain or host.reads_environment_file:
        return
    for key in host.schema.keys.values():
        if not key.needed or key.path.startswith(_ELSEWHERE) or not _counts(host, key):
            continue
        absent, hangs_on = _absent(host, key.path)
        if absent:
            yield _problem(host, (key.path,), hangs_on)
    if all(key in host.schema.keys for key in _RANGES):
        found = [_absent(host, key) for key in _RANGES]
        if all(absent for absent, _ in found):
            yield _problem(host, _RANGES, found[0][1] or found[1][1])


def _counts(host: Host, key: Key) -> bool:
    """Whether the key is needed as things are: a path for SQLite only with SQLite."""
    limits = key.constraint
    if limits is None or limits.while_key is None:
        return True
    other = host.likely_reads(limits.while_key)
    return not isinstance(other, Unknown) and limits.applies_while(other)


def _absent(host: Host, key: str) -> tuple[bool, Unknown | None]:
    """Whether nothing gives the key; what is written, even as empty, is for the rules about its values."""
    setting = host.setting(f"settings.{key}")
    value, hangs_on = host.likely(f"settings.{key}")
    written = setting is not None and setting.written and not isinstance(value, Null)
    empty = value is None or isinstance(value, Null) or (isinstance(value, String) and value.known == "")
    # viper joins names with dots, so that a name that holds dots reaches the same key.
    dotted = host.setting(f'settings."{key}"') if "." in key else None
    given = any(s.option.endswith(environment_variable(key)) for s in host.environment())
    null_path = (
        key == "database.sqlite.path" and setting is not None and setting.written
    )  # state-path-outside-state-dir
    return empty and not written and not null_path and dotted is None and not given, hangs_on


def _problem(host: Host, keys: tuple[str, ...], hangs_on: Unknown | None) -> Problem:
    named = keys[0] if len(keys) == 1 else f"neither {' nor '.join(keys)}"
    said = f"{named} is set" if len(keys) > 1 else f"{named} is not set"
    meant = [
        unread
        for unread in host.unread
        if (unread.meant is not None and unread.meant.path in keys)
        or (unread.removal is not None and any(new in keys for new in unread.removal.replaced_by))
    ]
    setting = next((s for key in keys if (s := host.setting(f"settings.{key}")) and s.written and s.at), None)
    return Problem(
        shortened(f"{said}; Headscale {host.release.series} does not start", "this module has no default for it"),
        at=(setting.at if setting is not None else None) or host.anchor,
        notes=tuple(Note(f"{unread.key} is not read", unread.at) for unread in meant),
        hangs_on=hangs_on,
    )
