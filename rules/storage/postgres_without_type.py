"""PostgreSQL settings beside SQLite."""

from hslint.rule import Effect, Host, Iterator, Null, Problem, rule


@rule(Effect.IGNORED, since="0.23")
def postgres_without_type(host: Host) -> Iterator[Problem]:
    """`database.postgres` is not read while `database.type` is SQLite, as it is by default: Headscale starts with an empty database."""
    if host.text("settings.database.type") not in ("sqlite", "sqlite3"):
        return
    kind = host.setting("settings.database.type")
    if kind is not None and kind.condition is not None:
        return
    for setting in host.written("settings.database.postgres"):
        if isinstance(setting.value, Null) or setting.name_at is None:
            continue
        name = host.key(setting)
        told = "is set as sqlite" if kind is not None and kind.written else "is sqlite by default"
        yield Problem(f"{name} is not read: database.type {told}", at=setting.name_at, hangs_on=setting.condition)
        return
