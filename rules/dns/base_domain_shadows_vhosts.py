"""Sites of one's own inside `dns.base_domain`, where clients ask nobody but themselves."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, Span, net, rule

#: Sites that are named in one report.
_NAMED = 3


@rule(
    Effect.BROKEN,
    yields_to=(
        "base-domain-covers-server",
        "server-url-malformed",
        "base-domain-public",
        "base-domain-odd-name",
        "extra-records-both",
        "removed-setting",
    ),
)
def base_domain_shadows_vhosts(host: Host) -> Iterator[Problem]:
    """With MagicDNS a client answers for `base_domain` by itself: what is neither a node nor an extra record does not exist there."""
    domain = host.own("settings.dns.base_domain")
    base = (domain.text or "").lower().strip(".")
    if "." not in base or host.reads("dns.magic_dns") is not True or host.has_unresolved_imports:
        return
    records = _recorded(host)
    if records is None or _asks_elsewhere(host, base):
        return
    lost: dict[str, Span | None] = {}
    for name, at in _served(host):
        inside = name == base or name.endswith(f".{base}")
        if inside and name not in records and not _is_node(host, name.removesuffix(f".{base}")):
            lost.setdefault(name, at)
    if not lost:
        return
    first = next(iter(lost))
    more = f" and {len(lost) - 1} more lie" if len(lost) > 1 else " lies"
    yield Problem(
        f"{first}{more} inside base_domain {base}; clients do not find {'them' if len(lost) > 1 else 'it'}",
        at=domain.at,
        notes=tuple(Note(f"{name} is served here", at) for name, at in list(lost.items())[:_NAMED]),
    )


def _served(host: Host) -> Iterator[tuple[str, Span | None]]:
    """The names of the host's sites and of its mail server."""
    for site in net.sites(host):
        for name in site.names:
            if not name.startswith(("*", "~", ".", "_")):
                yield name, site.at
    mail = host.nixos("mailserver.fqdn")
    if mail.written and mail.text:
        yield mail.text.lower(), mail.at


def _recorded(host: Host) -> frozenset[str] | None:
    """The names that have a record of their own; None where that is unknown."""
    if host.setting("settings.dns.extra_records_path").is_null is not True:
        return None
    records = host.setting("settings.dns.extra_records")
    given = records.data
    if given is None:
        return frozenset()
    if not isinstance(given, list):
        return None
    names = [record.get("name") for record in given if isinstance(record, dict)]
    known = [name.lower().rstrip(".") for name in names if isinstance(name, str)]
    return frozenset(known) if len(known) == len(given) else None


def _asks_elsewhere(host: Host, base: str) -> bool:
    """Whether a nameserver is given for the domain or a part of it, or may be."""
    for option in ("settings.dns.nameservers.split", "settings.dns.split"):
        split = host.setting(option)
        if (
            not split.is_null
            and not split.is_empty
            and (not split.names or any(_related(name, base) for name in split.names))
        ):
            return True
    return False


def _related(name: str, base: str) -> bool:
    return name == base or name.endswith(f".{base}") or base.endswith(f".{name}")


def _is_node(host: Host, label: str) -> bool:
    """Whether a name may be this machine's own in the tailnet."""
    if "." in label:
        return False
    name = host.nixos("networking.hostName")
    return name.written and name.text in (None, label)
