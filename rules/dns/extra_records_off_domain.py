"""Extra DNS records that clients never ask Headscale for."""

from hslint.rule import Attrs, Bool, Effect, Host, Iterator, List, Problem, String, rule


@rule(Effect.BROKEN, since="0.23")
def extra_records_off_domain(host: Host) -> Iterator[Problem]:
    """Clients that keep their own DNS ask Headscale only for names below `base_domain`; other extra records are never found."""
    setting, base = host.setting("settings.dns.extra_records"), host.setting("settings.dns.base_domain").text
    if not setting.written or not isinstance(setting.value, List) or not base:
        return
    if not _keep_their_own_dns(host):
        return
    domains = [base.lower(), *_split(host)]
    outside = [name for name in _names(setting.value) if not _lies_in(name, domains)]
    if not outside:
        return
    first = outside[0]
    assert first.span is not None
    others = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
    lie = "lie" if others else "lies"
    yield Problem(
        f"{(first.known or '')[:30]}{others} {lie} outside {base[:24]}; clients do not ask Headscale for that",
        at=first.span,
    )


def _keep_their_own_dns(host: Host) -> bool:
    """Whether clients send only some names to Headscale's resolver (hscontrol/types/config.go, dnsToTailcfgDNS: no `Resolvers`)."""
    override = host.setting("settings.dns.override_local_dns").value
    nameservers = host.setting("settings.dns.nameservers.global").value
    if isinstance(override, Bool) and not override.value and host.release.reaches("0.26"):
        return True
    return isinstance(nameservers, List) and not nameservers.items and nameservers.rest is None


def _names(records: List) -> Iterator[String]:
    for lazy in records.items:
        record = lazy.outcome()
        name = record.get("name") if isinstance(record, Attrs) else None
        value = name.outcome() if name is not None else None
        if isinstance(value, String) and value.known is not None and value.span is not None:
            yield value


def _lies_in(name: String, domains: list[str]) -> bool:
    text = (name.known or "").lower().rstrip(".")
    return any(text == domain or text.endswith(f".{domain}") for domain in domains)


def _split(host: Host) -> list[str]:
    """The domains that have nameservers of their own: clients hand these to their resolver as well."""
    marker = "settings.dns.nameservers.split."
    written = host.written("settings.dns.nameservers.split")
    return [host.relative(setting).removeprefix(marker).strip('"').lower() for setting in written]
