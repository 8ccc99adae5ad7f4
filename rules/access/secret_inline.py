"""Secrets written into the configuration itself."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, Setting, catalogue, nix, rule

_INSTEAD = {
    "oidc.client_secret": "use client_secret_path",
    "database.postgres.pass": "use password_file",
    "db_pass": "use db_password_file",
    "cli.api_key": "use an EnvironmentFile",
}
_VARIABLES = {f"HEADSCALE_{key.upper().replace('.', '_')}" for key in _INSTEAD} | {
    "HEADSCALE_DATABASE_POSTGRES_PASSWORD"
}

#: Secrets of Headplane, and what takes a file instead.
_HEADPLANE = {
    "server.cookie_secret": "cookie_secret_path",
    "oidc.client_secret": "client_secret_path",
    "oidc.headscale_api_key": "headscale_api_key_path",
}

# What a tool puts the secret in place of, when the machine starts: @secret@, ${SECRET}, {{ secret }}, <secret>.
_PLACEHOLDER = re.compile(r"@[^@]+@|\$.*|\{\{.*\}\}|<.*>|%.*%|.*placeholder.*", re.IGNORECASE | re.DOTALL)


@rule(Effect.INSECURE)
def secret_inline(host: Host) -> Iterator[Problem]:
    """A secret in the configuration ends up in the Nix store, where everybody on the machine can read it."""
    for setting in host.written("settings"):
        key = host.key(setting)
        known = host.schema.key(key)
        if setting.is_variable:
            continue
        if (known is not None and known.type == catalogue.Scalar("secret")) or key in _INSTEAD:
            yield from _check(setting, key, _INSTEAD.get(key, "use a file"))
    for setting in host.environment():
        name = setting.option.rpartition(".")[2]
        if name in _VARIABLES and setting.certainly_written:
            yield from _check(setting, name, "use an EnvironmentFile")
    yield from _auth_keys(host)
    for name, path in _HEADPLANE.items():
        secret = host.nixos(f"services.headplane.settings.{name}")
        if secret.certainly_written:
            yield from _check(secret, f"Headplane's {name.rpartition('.')[2]}", f"use {path}")


def _check(setting: Setting, name: str, instead: str) -> Iterator[Problem]:
    if setting.failure is None and setting.value is not None and _is_inline(setting.value):
        message = f"{name} ends up in the Nix store, readable for everybody; {instead}"
        yield Problem(message, at=setting.at)


def _is_inline(value: nix.Value) -> bool:
    """Whether the value is a secret itself, at least in part; an unknown part may be a placeholder."""
    match value:
        case nix.String(known=str(text)):
            return bool(text) and _PLACEHOLDER.fullmatch(text) is None
        case nix.String():
            unknown = value.unknown
            return unknown is not None and "placeholder" not in unknown.detail.lower()
        case nix.Unknown(detail=detail, why=why):
            return bool(detail) and why is not nix.Why.CONDITION and "placeholder" not in detail.lower()
        case _:
            return False


def _auth_keys(host: Host) -> Iterator[Problem]:
    for option in ("services.tailscale.extraUpFlags", "services.tailscale.extraSetFlags"):
        flags = host.nixos(option)
        for flag in flags.entries if flags.written else ():
            found = re.match(r"--auth-?key[= ](?!file:)(.+)", flag.text or "")
            if found is not None and _PLACEHOLDER.fullmatch(found[1]) is None:
                message = "the pre-auth key ends up in the Nix store, readable for everybody; use authKeyFile"
                yield Problem(message, at=flag.at)
