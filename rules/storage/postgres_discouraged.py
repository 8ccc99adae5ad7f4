"""PostgreSQL as Headscale's database."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.ADVICE, since="0.23")
def postgres_discouraged(host: Host) -> Iterator[Problem]:
    """Headscale's developers recommend SQLite for every new installation; PostgreSQL is only kept working."""
    kind = host.own("settings.database.type")
    if kind.text == "postgres":
        yield Problem("PostgreSQL is only kept working; Headscale is made for and tested with SQLite", at=kind.at)
