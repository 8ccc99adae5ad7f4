"""Paths that do not begin at the root: Headscale looks for them beside its configuration file, in the Nix store, or at the root."""

from hslint.rule import Effect, Host, Iterator, Problem, catalogue, nix, rule, shortened

#: Taken from the directory that the service starts in, which is the root.
_FROM_WORKING_DIRECTORY = ("dns.extra_records_path", "oidc.client_secret_path", "unix_socket")

_TOGETHER = {"tls_key_path": "tls_cert_path", "tls_letsencrypt_cache_dir": "tls_letsencrypt_hostname"}


@rule(Effect.FAILS)
def relative_path(host: Host) -> Iterator[Problem]:
    """A relative path lies beside the configuration file, in the read-only Nix store; Headscale does not start."""
    for setting in host.written("settings"):
        key = host.schema.key(host.key(setting))
        if key is None or key.type != catalogue.Scalar("path") or setting.at is None or setting.failure is not None:
            continue
        if host.constraint_applies(key.path) is False or _alone(host, key.path):
            continue  # it is not opened
        value, read = setting.value, host.reads(key.path)
        # Headscale itself puts environment variables into this one: ${CREDENTIALS_DIRECTORY}/secret.
        if (
            key.path == "oidc.client_secret_path"
            and isinstance(value, nix.String)
            and value.starts_with("$") is not False
        ):
            continue
        if isinstance(read, str):
            relative = read not in ("", ":memory:") and not read.startswith("/")
        else:
            relative = isinstance(value, nix.String) and value.starts_with("/") is False
        if relative:
            said = f'{key.path} = "{read}"' if isinstance(read, str) and len(read) < 30 else key.path
            yield Problem(
                shortened(f"{said} is relative", _where(key.path), "write it from / on"),
                at=setting.at,
            )


def _alone(host: Host, key: str) -> bool:
    """Whether the file is of no use without another setting, which is not there."""
    partner = _TOGETHER.get(key)
    return partner is not None and host.reads(partner) == ""


def _where(key: str) -> str:
    if key in _FROM_WORKING_DIRECTORY:
        return "the service starts in the root directory"
    return "it would lie beside the configuration, in the Nix store"
