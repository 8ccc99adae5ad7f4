"""PostgreSQL as Headscale's database."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE, since="0.23")
def postgres_discouraged(host: Host) -> Iterator[Problem]:
    """Headscale's developers recommend SQLite for every new installation; PostgreSQL is only kept working."""
    kind = host.own("settings.database.type")
    # Whoever runs a PostgreSQL on the same host has made the choice and carried it through.
    if kind.text == "postgres" and host.nixos("services.postgresql.enable").flag is False:
        yield Problem("PostgreSQL is only kept working; Headscale is made for and tested with SQLite", at=kind.at)
