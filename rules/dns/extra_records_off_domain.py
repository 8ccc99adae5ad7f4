"""Extra DNS records that clients never ask Headscale for."""

from hslint.rule import Effect, Host, Iterator, Problem, nix, rule


@rule(Effect.BROKEN, since="0.23")
def extra_records_off_domain(host: Host) -> Iterator[Problem]:
    """Clients that keep their own DNS ask Headscale only for names below `base_domain`; other extra records are never found."""
    setting, base = host.own("settings.dns.extra_records"), host.setting("settings.dns.base_domain").text
    if not base or not _keep_their_own_dns(host):
        return
    domains = [base.lower(), *_split(host)]
    names = (record.member("name") for record in setting.entries)
    outside = [(name.at, name.text) for name in names if name.text is not None and not _lies_in(name.text, domains)]
    if not outside:
        return
    at, text = outside[0]
    lie = f"and {len(outside) - 1} more lie" if len(outside) > 1 else "lies"
    yield Problem(f"{text[:30]} {lie} outside {base[:24]}; clients do not ask Headscale for that", at=at)


def _keep_their_own_dns(host: Host) -> bool:
    """Whether clients send only some names to Headscale's resolver (hscontrol/types/config.go, dnsToTailcfgDNS: no `Resolvers`)."""
    if host.setting("settings.dns.override_local_dns").flag is False and host.release.reaches("0.26"):
        return True
    nameservers = host.setting("settings.dns.nameservers.global")
    return isinstance(nameservers.value, nix.List) and nameservers.is_empty is True


def _lies_in(name: str, domains: list[str]) -> bool:
    text = name.lower().rstrip(".")
    return any(text == domain or text.endswith(f".{domain}") for domain in domains)


def _split(host: Host) -> list[str]:
    """The domains that have nameservers of their own: clients hand these to their resolver as well."""
    marker = "settings.dns.nameservers.split."
    written = host.written("settings.dns.nameservers.split")
    return [host.relative(setting).removeprefix(marker).strip('"').lower() for setting in written]
