"""SQLite without its write-ahead log."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, rule, write


@rule(Effect.BROKEN, since="0.23")
def sqlite_without_wal(host: Host) -> Iterator[Problem]:
    """Without a write-ahead log readers and writers of the database lock each other out."""
    setting = host.setting("settings.database.sqlite.write_ahead_log")
    if not setting.written or setting.flag is not False or host.setting("settings.database.type").text == "postgres":
        return
    yield Problem(
        "write_ahead_log is off; Headscale's readers and writers lock each other out of the database",
        at=setting.at,
        fix=_fix(setting),
    )


def _fix(setting: Setting) -> Fix | None:
    edits = write(setting, "true")
    return Fix("turn it on", edits) if edits else None
