"""SQLite without its write-ahead log."""

from hslint.rule import Bool, Effect, Fix, Host, Iterator, Problem, Setting, rule, write


@rule(Effect.BROKEN, since="0.23")
def sqlite_without_wal(host: Host) -> Iterator[Problem]:
    """Without a write-ahead log readers and writers of the database lock each other out."""
    setting = host.setting("settings.database.sqlite.write_ahead_log")
    if setting is None or not setting.written or setting.at is None or not isinstance(setting.value, Bool):
        return
    if setting.value.value or host.text("settings.database.type") == "postgres":
        return
    yield Problem(
        "write_ahead_log is off; Headscale's readers and writers lock each other out of the database",
        at=setting.at,
        fix=_fix(setting),
        hangs_on=setting.condition,
    )


def _fix(setting: Setting) -> Fix | None:
    edits = write(setting, "true")
    return Fix("turn it on", edits) if edits else None
