"""Files in /etc that the configuration does not make."""

from hslint.rule import Effect, Host, Iterator, Problem, nix, rule

_KEYS = ("dns.extra_records_path", "policy.path", "acl_policy_path")


@rule(Effect.ADVICE, yields_to=("policy-not-read", "policy-file-missing"))
def etc_file_undeclared(host: Host) -> Iterator[Problem]:
    """Headscale does not start without the file of records or the policy that its settings name; what is in /etc by hand, a new machine lacks."""
    made = host.nixos("environment.etc")
    if host.has_unresolved_imports or isinstance(made.value, nix.Unknown):
        return
    for key in _KEYS:
        setting = host.own(f"settings.{key}")
        path = setting.text or ""
        if key not in host.schema.keys or not path.startswith("/etc/") or _is_made(host, path):
            continue
        yield Problem(f"nothing makes {path[:50]}; without it Headscale does not start", at=setting.at)


def _is_made(host: Host, path: str) -> bool:
    made = host.nixos("environment.etc")
    name = path.removeprefix("/etc/")
    parts = name.split("/")
    if any("/".join(parts[:length]) in made.names for length in range(1, len(parts) + 1)):
        return True
    if not isinstance(made.value, nix.Attrs) or made.value.rest is not None or made.value.maybe:
        return True
    elsewhere = ("systemd.tmpfiles", "sops", "age", "system.activationScripts", "systemd.services", "environment.etc")
    return any(path in text or name in text for option in elsewhere for text in host.nixos(option).strings_within)
