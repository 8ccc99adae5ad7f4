"""A user or group for the service that nothing creates."""

from hslint.rule import Effect, Host, Iterator, Problem, String, rule, show_option

# Those that NixOS always has, and those that its modules make under names of their own.
_EXISTING = frozenset(("acme", "adm", "nobody", "nogroup", "root", "systemd-network", "users", "wheel", "wwwrun"))


@rule(Effect.FAILS)
def custom_user_undeclared(host: Host) -> Iterator[Problem]:
    """The module creates the user and group only when they are called headscale; systemd does not start the unit without."""
    if host.is_open:
        return
    for option, table in (("user", "users.users"), ("group", "users.groups")):
        setting = host.setting(option)
        if setting is None or not setting.written or setting.at is None:
            continue
        match setting.value:
            case String(known=str(name)) if name not in ("headscale", *_EXISTING):
                pass
            case _:
                continue
        if _declared(host, table, name) or host.nixos_value(show_option(("services", name, "enable"))) is not None:
            continue
        yield Problem(
            f"no {table}.{name} is declared, and the module creates only headscale; the unit does not start",
            at=setting.at,
            hangs_on=setting.condition,
        )


def _declared(host: Host, table: str, name: str) -> bool:
    """Whether anything is said about the account, or something that cannot be told may say it."""
    path = f"{table}.{show_option((name,))}"
    if host.nixos(path) is not None or next(iter(host.configuration.settings_below(path)), None) is not None:
        return True
    return any(
        len(definition.option) <= 2 or definition.option[2] == name
        for definition in host.configuration.definitions_below(table)
    )
