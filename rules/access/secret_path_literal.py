"""Secret files that Nix itself puts into its store."""

from hslint.rule import Effect, Host, Iterator, Problem, Setting, nix, rule

_SECRETS = (
    "noise.private_key_path",
    "derp.server.private_key_path",
    "private_key_path",
    "tls_key_path",
    "oidc.client_secret_path",
    "database.postgres.password_file",
    "db_password_file",
)
_OF_HEADPLANE = ("server.cookie_secret_path", "oidc.client_secret_path", "oidc.headscale_api_key_path")


@rule(Effect.INSECURE)
def secret_path_literal(host: Host) -> Iterator[Problem]:
    """What a Nix path names, or Nix makes of a text, lies in the Nix store, where everybody on the machine can read it."""
    for key in _SECRETS:
        yield from _check(host, key, host.own(f"settings.{key}"))
    for key in _OF_HEADPLANE:
        setting = host.nixos(f"services.headplane.settings.{key}")
        if setting.certainly_written:
            yield from _check(host, f"Headplane's {key.rpartition('.')[2]}", setting)


def _check(host: Host, name: str, setting: Setting) -> Iterator[Problem]:
    if _copied(host, setting):
        yield Problem(f"{name} is a Nix path: the secret is copied to its store, readable for everybody", at=setting.at)
    elif _holds_secret(setting.generated_text):
        yield Problem(f"{name} is made by Nix: the secret lies in its store, readable for everybody", at=setting.at)


def _holds_secret(text: nix.Value | nix.Failure | None) -> bool:
    """Whether a file that Nix makes holds anything but nothing, and what is put in place of it when the machine starts."""
    match text:
        case nix.String(known=str(known)):
            return bool(known.strip()) and "@" not in known
        case nix.String():
            return True
        case nix.Unknown(why=why, detail=detail):
            return why is not nix.Why.CONDITION and "placeholder" not in detail.lower()
        case _:
            return False


def _copied(host: Host, setting: Setting) -> bool:
    """`./key`, `"${./key}"`, and `toString ./key`: in a flake the project itself lies in the store."""
    match setting.value:
        case nix.Path(path):
            return not path.startswith(("/run/", "/var/", "/etc/")) or path.startswith(host.project.root)
        case nix.String(known=str(text)):
            return text.startswith(f"{host.project.root}/")
        case nix.String(parts=parts) if parts and isinstance(parts[0], nix.Unknown):
            return (
                parts[0].why is nix.Why.STORE
                and parts[0].detail.startswith(("/", "./"))
                and "/nix/store" not in parts[0].detail
            )
        case _:
            return False
