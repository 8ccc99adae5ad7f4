"""PostgreSQL settings that contradict each other or the database that is set up on the same host."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule


@rule(Effect.FAILS, since="0.23")
def postgres_inconsistent(host: Host) -> Iterator[Problem]:
    """Headscale cannot open a PostgreSQL database without a host or name, or one that nothing creates."""
    kind = host.setting("settings.database.type")
    if kind.text != "postgres" or host.has_unresolved_imports or host.reads_environment_file:
        return
    for name in ("host", "name", "user"):
        if host.setting(f"settings.database.postgres.{name}").is_empty:
            yield Problem(f"database.type is postgres, but database.postgres.{name} is not set", at=kind.at)
            return
    yield from _undeclared(host)


def _undeclared(host: Host) -> Iterator[Problem]:
    """The socket of a PostgreSQL on this very host, whose databases are listed, and not this one among them."""
    address, database = (host.setting(f"settings.database.postgres.{name}") for name in ("host", "name"))
    if not host.nixos("services.postgresql.enable").flag or not (address.text or "").startswith("/"):
        return
    listed = host.nixos("services.postgresql.ensureDatabases")
    known = listed.strings
    if not listed.written or known is None or database.text is None or database.text in known:
        return
    if host.nixos("services.postgresql.initialScript").value is not None:
        return
    yield Problem(
        f"nothing creates the database {database.text[:40]}; it is not in ensureDatabases",
        at=database.at,
        notes=(Note("these databases are created", listed.at),),
    )
