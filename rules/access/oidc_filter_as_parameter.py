"""OIDC settings among the parameters that are only handed to the provider."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, edits, rule

_FILTERS = ("allowed_groups", "allowed_domains", "allowed_users")
_OTHERS = ("email_verified_required", "expiry", "only_start_if_oidc_is_available", "use_expiry_from_token")


@rule(Effect.IGNORED)
def oidc_filter_as_parameter(host: Host) -> Iterator[Problem]:
    """What stands in `oidc.extra_params` goes into the address of the provider's login page; Headscale itself filters nobody by it."""
    for setting in host.written("settings.oidc.extra_params"):
        name = host.key(setting).removeprefix("oidc.extra_params.")
        if name in _FILTERS:
            message = f"{name} in extra_params is only sent to the provider and filters nobody; write oidc.{name}"
            open_door = all(host.setting(f"settings.oidc.{each}").is_empty for each in _FILTERS)
            effect = Effect.INSECURE if open_door and not host.reads_environment_file else Effect.IGNORED
            fix = _fix(host, setting, name)
            yield Problem(message, at=setting.name_at, effect=effect, fix=fix, absent=(f"settings.oidc.{name}",))
        elif name in _OTHERS:
            message = f"{name} in extra_params is only sent to the provider; Headscale reads oidc.{name}"
            yield Problem(message, at=setting.name_at, fix=_fix(host, setting, name))


def _fix(host: Host, setting: Setting, name: str) -> Fix | None:
    if host.setting(f"settings.oidc.{name}").written or f"oidc.{name}" not in host.schema.keys:
        return None
    made = edits.rename(setting, f"oidc.extra_params.{name}", f"oidc.{name}")
    return Fix(f"write oidc.{name}", made or edits.move(host, setting, f"oidc.extra_params.{name}", f"oidc.{name}"))
