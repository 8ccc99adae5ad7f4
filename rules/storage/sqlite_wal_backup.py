"""A backup of the database's main file alone."""

from hslint.rule import Effect, Host, Iterator, Problem, rule

#: Jobs by their option, what they copy, and what may make a consistent copy first.
_JOBS = {
    "services.restic.backups": ("paths", ("backupPrepareCommand", "dynamicFilesFrom")),
    "services.borgbackup.jobs": ("paths", ("preHook", "dumpCommand")),
}


@rule(Effect.BROKEN, since="0.23")
def sqlite_wal_backup(host: Host) -> Iterator[Problem]:
    """With a write-ahead log the latest changes lie beside the database's file: a copy of that alone is old, or broken."""
    database = host.reads("database.sqlite.path")
    if host.reads("database.type") not in ("sqlite", "sqlite3") or not isinstance(database, str) or not database:
        return
    if host.reads("database.sqlite.write_ahead_log") is not True:
        return
    for table, (paths, preparing) in _JOBS.items():
        for name in host.nixos(table).names:
            job = f'{table}."{name}"'
            copied = host.nixos(f"{job}.{paths}")
            if copied.strings is None or any(host.nixos(f"{job}.{each}").written for each in preparing):
                continue
            if database in copied.strings and not any(
                f"{database}-wal".startswith(p) for p in copied.strings if p != database
            ):
                at = next((entry.at for entry in copied.entries if entry.text == database), copied.at)
                file = database.rpartition("/")[2]
                yield Problem(f"a copy of {file[:30]} alone lacks what is in {file[:30]}-wal beside it", at=at)
