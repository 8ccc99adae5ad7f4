"""Several OIDC filters at once."""

from hslint.rule import Effect, Host, Iterator, List, Note, Problem, Setting, plain, rule

_FILTERS = ("allowed_users", "allowed_domains", "allowed_groups")


@rule(Effect.ADVICE)
def oidc_filters_anded(host: Host) -> Iterator[Problem]:
    """A user must pass every `allowed_*` list that is set, not any one of them."""
    set_: list[tuple[str, Setting]] = []
    for name in _FILTERS:
        setting = host.setting(f"settings.oidc.{name}")
        if setting.written and isinstance(setting.value, List) and setting.value.items:
            set_.append((name, setting))
    if len(set_) < 2:
        return
    (first, setting), others = set_[0], set_[1:]
    if setting.at is None:
        return
    notes = tuple(Note(f"{name} is set here", other.at) for name, other in others if other.at is not None)
    outsider = _outsider(host)
    if outsider is not None:
        yield Problem(
            f"{outsider} is in allowed_users but in no allowed_domains, and must pass both",
            at=setting.at,
            notes=notes,
            effect=Effect.BROKEN,
        )
        return
    names = " and ".join(name for name, _ in others)
    yield Problem(f"users must pass {first} as well as {names}", at=setting.at, notes=notes)


def _outsider(host: Host) -> str | None:
    """An allowed user whose domain is not among the allowed ones."""
    users, domains = (host.setting(f"settings.oidc.{name}").value for name in ("allowed_users", "allowed_domains"))
    if not isinstance(users, List) or not isinstance(domains, List):
        return None
    people, places = plain(users), plain(domains)
    if not isinstance(people, list) or not isinstance(places, list) or not places:
        return None
    return next((str(user)[:30] for user in people if str(user).rpartition("@")[2] not in places), None)
