"""PostgreSQL settings beside SQLite."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.IGNORED, since="0.23")
def postgres_without_type(host: Host) -> Iterator[Problem]:
    """`database.postgres` is not read while `database.type` is SQLite, as it is by default: Headscale starts with an empty database."""
    kind = host.setting("settings.database.type")
    if kind.text not in ("sqlite", "sqlite3"):
        return
    for setting in host.written("settings.database.postgres"):
        if setting.is_null:
            continue
        name = host.key(setting)
        state = "is set as sqlite" if kind.written else "is sqlite by default"
        yield Problem(f"{name} is not read: database.type {state}", at=setting.name_at)
        return
