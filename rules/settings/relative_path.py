"""Paths that do not begin at the root: Headscale takes them relative to its configuration file, in the Nix store."""

from hslint.rule import Effect, Host, Iterator, Plain, Problem, String, rule, shortened


@rule(Effect.FAILS)
def relative_path(host: Host) -> Iterator[Problem]:
    """A relative path lies beside the configuration file, in the read-only Nix store; Headscale does not start."""
    for setting in host.written("settings"):
        key = host.schema.key(host.key(setting))
        if key is None or key.type != Plain("path") or setting.at is None or setting.failure is not None:
            continue
        value = setting.value
        if not isinstance(value, String) or value.known == "" or value.known == ":memory:":
            continue
        # Headscale itself puts environment variables into this one: ${CREDENTIALS_DIRECTORY}/secret.
        if key.path == "oidc.client_secret_path" and value.starts_with("$") is not False:
            continue
        if value.starts_with("/") is False:
            said = f'{key.path} = "{value.known}"' if value.known is not None and len(value.known) < 30 else key.path
            yield Problem(
                shortened(
                    f"{said} is relative",
                    "it would lie beside the configuration, in the Nix store",
                    "write it from / on",
                ),
                at=setting.at,
                hangs_on=setting.condition,
            )
