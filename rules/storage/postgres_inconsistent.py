"""PostgreSQL settings that contradict each other or the database that is set up on the same host."""

from hslint.rule import Bool, Effect, Host, Iterator, List, Note, Null, Problem, String, rule


@rule(Effect.FAILS, since="0.23")
def postgres_inconsistent(host: Host) -> Iterator[Problem]:
    """Headscale cannot open a PostgreSQL database without a host or name, or one that nothing creates."""
    if host.text("settings.database.type") != "postgres":
        return
    kind = host.setting("settings.database.type")
    if kind is None or kind.at is None or host.is_open:
        return
    missing = [name for name in ("host", "name", "user") if _unset(host, f"settings.database.postgres.{name}")]
    if missing:
        yield Problem(
            f"database.type is postgres, but database.postgres.{missing[0]} is not set",
            at=kind.at,
            hangs_on=kind.condition,
        )
        return
    yield from _undeclared(host)


def _unset(host: Host, option: str) -> bool:
    match host.value(option):
        case None | Null() | String(known=""):
            return True
        case _:
            return False


def _undeclared(host: Host) -> Iterator[Problem]:
    """The socket of a PostgreSQL on this very host, whose databases are listed, and not this one among them."""
    server = host.nixos_value("services.postgresql.enable")
    if (
        not (isinstance(server, Bool) and server.value)
        or (host.text("settings.database.postgres.host") or "")[:1] != "/"
    ):
        return
    listed = host.nixos("services.postgresql.ensureDatabases")
    name, setting = host.text("settings.database.postgres.name"), host.setting("settings.database.postgres.name")
    if (
        listed is None
        or not listed.written
        or not isinstance(listed.value, List)
        or setting is None
        or setting.at is None
    ):
        return
    items = [lazy.outcome() for lazy in listed.value.items]
    known = [item.known for item in items if isinstance(item, String) and item.known is not None]
    if listed.value.rest is not None or len(known) != len(items) or name is None or name in known:
        return
    if host.nixos("services.postgresql.initialScript") is not None:
        return
    notes = (Note("these databases are created", listed.at),) if listed.at is not None else ()
    yield Problem(f"nothing creates the database {name[:40]}; it is not in ensureDatabases", at=setting.at, notes=notes)
