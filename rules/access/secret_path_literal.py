"""Secret files named by a Nix path."""

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


@rule(Effect.INSECURE)
def secret_path_literal(host: Host) -> Iterator[Problem]:
    """Nix copies what a path literal names into its store, where everybody on the machine can read it."""
    for key in _SECRETS:
        setting = host.own(f"settings.{key}")
        if _copied(host, setting):
            said = f"{key} is a Nix path: the secret is copied to the Nix store, readable for everybody"
            yield Problem(said, at=setting.at)


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
