"""Several OIDC filters at once."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, rule

_FILTERS = ("allowed_users", "allowed_domains", "allowed_groups")


@rule(Effect.ADVICE)
def oidc_filters_anded(host: Host) -> Iterator[Problem]:
    """A user must pass every `allowed_*` list that is set, not any one of them."""
    given = {name: setting for name in _FILTERS if (setting := host.own(f"settings.oidc.{name}")).entries}
    if len(given) < 2:
        return
    first, *others = given
    notes = tuple(Note(f"{name} is set here", given[name].at) for name in others)
    outsider = _outsider(host)
    if outsider is not None:
        said = f"{outsider} is in allowed_users but in no allowed_domains, and must pass both"
        yield Problem(said, at=given[first].at, notes=notes, effect=Effect.BROKEN)
        return
    yield Problem(f"users must pass {first} as well as {' and '.join(others)}", at=given[first].at, notes=notes)


def _outsider(host: Host) -> str | None:
    """An allowed user whose domain is not among the allowed ones."""
    people, places = (host.setting(f"settings.oidc.{name}").data for name in ("allowed_users", "allowed_domains"))
    if not isinstance(people, list) or not isinstance(places, list) or not places:
        return None
    return next((str(user)[:30] for user in people if str(user).rpartition("@")[2] not in places), None)
