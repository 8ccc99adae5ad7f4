"""Extra DNS records outside the tailnet's domain."""

from hslint.rule import Attrs, Effect, Host, Iterator, List, Problem, String, rule


@rule(Effect.ADVICE, since="0.23")
def extra_records_off_domain(host: Host) -> Iterator[Problem]:
    """Several clients answer only for names below `base_domain`, so that other records work on some machines and not on others."""
    setting, base = host.setting("settings.dns.extra_records"), host.text("settings.dns.base_domain")
    if setting is None or not setting.written or not isinstance(setting.value, List) or not base:
        return
    domains = [base.lower(), *_split(host)]
    for lazy in setting.value.items:
        record = lazy.outcome()
        name = record.get("name") if isinstance(record, Attrs) else None
        value = name.outcome() if name is not None else None
        if not isinstance(value, String) or value.known is None or value.span is None:
            continue
        text = value.known.lower().rstrip(".")
        if not any(text == domain or text.endswith(f".{domain}") for domain in domains):
            yield Problem(
                f"{value.known[:40]} lies outside base_domain {base[:30]}; not every client answers for it",
                at=value.span,
            )


def _split(host: Host) -> list[str]:
    """The domains that have nameservers of their own: clients hand these to their resolver as well."""
    marker = "settings.dns.nameservers.split."
    written = host.written("settings.dns.nameservers.split")
    return [host.relative(setting).removeprefix(marker).strip('"').lower() for setting in written]
