"""A `base_domain` that belongs to others."""

from hslint.rule import Effect, Host, Iterator, Problem, net, rule, shortened

#: Public suffixes that the Public Suffix List lacks.
_SHARED = frozenset(("amazonaws.com", "nip.io", "sslip.io"))
_TAILSCALE = ("ts.net", "tailscale.net", "tailscale.com")


@rule(Effect.BROKEN)
def base_domain_public(host: Host) -> Iterator[Problem]:
    """With MagicDNS, clients ask Headscale for every name below `base_domain`; a public domain becomes unreachable."""
    for option in ("settings.dns.base_domain", "settings.dns_config.base_domain"):
        setting = host.own(option)
        message = _told(setting.text.strip(".").lower()) if setting.text else None
        if message is not None:
            yield Problem(message, at=setting.at)


def _told(name: str) -> str | None:
    if any(name == domain or name.endswith(f".{domain}") for domain in _TAILSCALE):
        return f"base_domain {name} is Tailscale's own; clients treat its names as Tailscale's"
    suffix = net.public_suffix(name)
    if suffix is net.Suffix.REGISTRY:
        return shortened(f"base_domain {name} is a public suffix", f"clients lose every other name below .{name}")
    if suffix is net.Suffix.PROVIDER or name in _SHARED:
        return shortened(f"base_domain {name} is shared by many", "clients lose every other name below it")
    return None
