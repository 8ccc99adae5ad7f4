"""Variables in the path of the secret for OIDC that the service does not have."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, rule, shortened

# What systemd gives a service of a user with a state and a runtime directory; os.ExpandEnv takes any other for empty.
_GIVEN = frozenset(
    (
        *("HOME", "INVOCATION_ID", "JOURNAL_STREAM", "LANG", "LOCALE_ARCHIVE", "LOGNAME", "PATH", "RUNTIME_DIRECTORY"),
        *("SHELL", "STATE_DIRECTORY", "SYSTEMD_EXEC_PID", "TZDIR", "USER"),
    )
)

_CREDENTIALS = (
    "LoadCredential",
    "LoadCredentialEncrypted",
    "SetCredential",
    "SetCredentialEncrypted",
    "ImportCredential",
)


@rule(Effect.FAILS)
def secret_path_variable(host: Host) -> Iterator[Problem]:
    """Headscale puts an empty text in place of a variable that the service does not have, and does not start without the file."""
    setting = host.own("settings.oidc.client_secret_path")
    # Credentials are given in serviceConfig.
    unit = "systemd.services.headscale.serviceConfig"
    credentials = any(host.nixos(f"{unit}.{name}").written for name in _CREDENTIALS)
    if (
        host.has_unresolved_imports
        or host.reads_environment_file
        or credentials
        or host.nixos("systemd.globalEnvironment").written
    ):
        return
    named = re.findall(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", setting.text or "")
    given = _GIVEN.union(variable.option.rpartition(".")[2] for variable in host.environment())
    for name in dict.fromkeys(braced or bare for braced, bare in named):
        if name not in given:
            yield Problem(
                shortened(f"the service has no variable {name}", _instead(name), "Headscale does not start"),
                at=setting.at,
            )


def _instead(name: str) -> str:
    return "serviceConfig.LoadCredential makes it" if name == "CREDENTIALS_DIRECTORY" else "set it in its environment"
