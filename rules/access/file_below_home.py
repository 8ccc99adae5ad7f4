"""Files in home directories, which the service does not see."""

from hslint.rule import Effect, Host, Iterator, Problem, catalogue, nix, rule

#: What is read at the start, and while which other setting has which value.
_FILES = {
    "oidc.client_secret_path": "oidc.issuer",
    "tls_cert_path": "",
    "tls_key_path": "tls_cert_path",
    "policy.path": "",
    "acl_policy_path": "",
    "dns.extra_records_path": "",
}
_UNIT = "systemd.services.headscale.serviceConfig"
#: Each of these options shows that the sandbox was adjusted.
_OPENED = ("ProtectHome", "BindPaths", "BindReadOnlyPaths")


@rule(Effect.FAILS, yields_to=("policy-not-read",))
def file_below_home(host: Host) -> Iterator[Problem]:
    """The unit's ProtectHome hides /home, /root and /run/user; Headscale does not start without a file that it is to read there."""
    unit = host.nixos(_UNIT).value
    if (
        host.has_unresolved_imports
        or isinstance(unit, nix.Unknown)
        or any(host.nixos(f"{_UNIT}.{name}").written for name in _OPENED)
    ):
        return
    for key, other in _FILES.items():
        setting = host.own(f"settings.{key}")
        if key not in host.schema.keys or not setting.text or (other and not host.reads(other)):
            continue
        hidden = next((place for place in catalogue.HIDDEN_DIRECTORIES if setting.text.startswith(f"{place}/")), None)
        if hidden is not None:
            yield Problem(f"{key} lies below {hidden}, which the service does not see (ProtectHome)", at=setting.at)
