"""A variable where Headscale reads the secret itself."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, rule, shortened

_INSTEAD = {
    "oidc.client_secret": "only client_secret_path knows variables",
    "database.postgres.pass": "write password_file",
    "db_pass": "write db_password_file",
}
_VARIABLE = re.compile(r"\$(?:\{[A-Za-z_]\w*\}|[A-Za-z_]\w*)")
_UNIT = "systemd.services.headscale"


@rule(Effect.BROKEN)
def secret_as_variable(host: Host) -> Iterator[Problem]:
    """Headscale takes `$SECRET` in `client_secret` for the secret itself; it puts in variables only in `client_secret_path`."""
    # A script that is put before the service may fill in a copy of the file.
    if any(host.nixos(f"{_UNIT}.{name}").written for name in ("preStart", "script", "serviceConfig.ExecStartPre")):
        return
    if any(host.nixos(f"{_UNIT}.serviceConfig.{name}").written for name in ("ExecStart",)):
        return
    for key, instead in _INSTEAD.items():
        setting = host.own(f"settings.{key}")
        if key in host.schema.keys and not setting.is_variable and _VARIABLE.fullmatch(setting.text or ""):
            name = key.rpartition(".")[2]
            yield Problem(shortened(f"{name} is read as it stands, variables are not put in", instead), at=setting.at)
