"""A user or group for the service that nothing creates."""

from hslint.rule import Effect, Host, Iterator, Problem, rule

# Those that NixOS always has, and those that its modules make under names of their own.
_EXISTING = frozenset(("acme", "adm", "nobody", "nogroup", "root", "systemd-network", "users", "wheel", "wwwrun"))


@rule(Effect.FAILS)
def custom_user_undeclared(host: Host) -> Iterator[Problem]:
    """The module creates the user and group only when they are called headscale; systemd does not start the unit without."""
    if host.has_unresolved_imports:
        return
    for option, table in (("user", "users.users"), ("group", "users.groups")):
        setting = host.own(option)
        name = setting.text
        if name is None or name in ("headscale", *_EXISTING) or _declared(host, table, name):
            continue
        if host.nixos(f'services."{name}".enable').value is not None:
            continue
        yield Problem(
            f"no {table}.{name} is declared, and the module creates only headscale; the unit does not start",
            at=setting.at,
        )


def _declared(host: Host, table: str, name: str) -> bool:
    """Whether anything is said about the account, or may be said by something unknown."""
    path = f'{table}."{name}"'
    if host.nixos(path).exists or next(iter(host.configuration.settings_below(path)), None) is not None:
        return True
    return any(
        len(definition.option) <= 2 or definition.option[2] == name
        for definition in host.configuration.definitions_below(table)
    )
