"""Options of `services.headscale` that the module does not have."""

import difflib

from hslint.rule import Effect, Host, Iterator, Kind, OptionFailure, Problem, Span, nearest, rule, shortened

# What the module declared until NixOS 24.05, and what became of it. Only those without a rename in today's module fail.
_MOVED = {
    "aclPolicyFile": "settings.policy.path",
    "database.host": "settings.database.postgres.host",
    "database.name": "settings.database.postgres.name",
    "database.passwordFile": "settings.database.postgres.password_file",
    "database.path": "settings.database.sqlite.path",
    "database.port": "settings.database.postgres.port",
    "database.user": "settings.database.postgres.user",
    "dns.baseDomain": "settings.dns.base_domain",
    "dns.domains": "settings.dns.search_domains",
    "dns.magicDns": "settings.dns.magic_dns",
    "dns.nameservers": "settings.dns.nameservers.global",
}
_GONE = ("privateKeyFile", "openIdConnect.domainMap")


@rule(Effect.REFUSED, when_disabled=True)
def unknown_module_option(host: Host) -> Iterator[Problem]:
    """Nix refuses an option of services.headscale that the module does not declare (any more)."""
    for refused in host.failures:
        if refused.failure.kind is not Kind.UNKNOWN_OPTION or not refused.option.startswith("services.headscale."):
            continue
        told: set[tuple[str, int]] = set()
        for option, at in _leaves(host, refused):
            if (at.file.path, at.start) in told:
                continue
            told.add((at.file.path, at.start))
            yield Problem(_message(host, option), at=at)


def _leaves(host: Host, refused: OptionFailure) -> Iterator[tuple[str, Span]]:
    """The names that were written below the unknown one; the unknown one itself where there are none."""
    found = False
    for definition in host.configuration.definitions_below(refused.option):
        if definition.place is not None:
            found = True
            yield ".".join(definition.option[2:]), definition.place
    if not found:
        at = next((d.place for d in refused.definitions if d.place is not None), None) or refused.failure.span
        if at is not None:
            yield refused.option.removeprefix("services.headscale."), at


def _message(host: Host, option: str) -> str:
    full = f"services.headscale.{option}"
    new = _meant(host, option)
    if new is not None:
        return shortened(f"there is no {full}", f"write {new}")
    if option in _GONE or any(option.startswith(f"{gone}.") for gone in _GONE):
        return shortened(f"there is no {full} any more", "delete it")
    return shortened(f"there is no {full} in this module", "Nix refuses it")


def _meant(host: Host, option: str) -> str | None:
    if option in _GONE:
        return None
    if option in _MOVED:
        return _MOVED[option]
    key = host.schema.key(option) or nearest(host.schema, option)
    top = [path for path in host.module.options if not path.startswith("settings.")]
    close = difflib.get_close_matches(option, top, n=1, cutoff=0.8)
    if close:
        return close[0]
    if key is not None:
        return f"settings.{key.path}"
    return None
