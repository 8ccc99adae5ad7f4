"""SQLite without its write-ahead log."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, rule


@rule(Effect.BROKEN, since="0.23")
def sqlite_without_wal(host: Host) -> Iterator[Problem]:
    """Without a write-ahead log readers and writers of the database lock each other out."""
    setting = host.own("settings.database.sqlite.write_ahead_log")
    if setting.flag is not False or host.setting("settings.database.type").text == "postgres":
        return
    yield Problem(
        "write_ahead_log is off; Headscale's readers and writers lock each other out of the database",
        at=setting.at,
        fix=Fix("turn it on", edits.write(setting, "true")),
    )
