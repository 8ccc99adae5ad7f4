"""Entries of `settings.trusted_proxies` that Headscale refuses."""

import ipaddress

from hslint.rule import Edit, Effect, Fix, Host, Iterator, List, Problem, Span, String, go_prefix, rule


@rule(Effect.FAILS, since="0.29")
def trusted_proxies(host: Host) -> Iterator[Problem]:
    """`trusted_proxies` holds address ranges; Headscale does not start with a bare address, or with a range of everything."""
    setting = host.setting("settings.trusted_proxies")
    if setting is None or not setting.written:
        return
    if isinstance(setting.value, String) and setting.value.known is not None and setting.at is not None:
        # viper splits a text at spaces.
        wrong = next((said for text in setting.value.known.split() if (said := _wrong(text)) is not None), None)
        if wrong is not None and "$" not in setting.value.known and "@" not in setting.value.known:
            yield Problem(wrong, at=setting.at, hangs_on=setting.condition)
    if not isinstance(setting.value, List):
        return
    for lazy in setting.value.items:
        entry = lazy.outcome()
        if not isinstance(entry, String) or entry.known is None or "@" in entry.known or "$" in entry.known:
            continue
        wrong = _wrong(entry.known)
        at = entry.span or setting.at
        if wrong is not None and at is not None:
            yield Problem(wrong, at=at, fix=_fix(entry.known, at), hangs_on=setting.condition)


def _wrong(text: str) -> str | None:
    said = f'trusted_proxies: "{text[:30]}"'
    if "/" not in text:
        return f"{said} is no range like 127.0.0.1/32; Headscale does not start"
    found = go_prefix(text)
    if found is None:
        return f"{said} is no range of addresses; Headscale does not start"
    return f"{said} trusts everybody; Headscale does not start" if found.network.prefixlen == 0 else None


def _fix(text: str, at: Span) -> Fix | None:
    """A bare address means itself, and cannot work as it is."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if at.text != f'"{text}"':
        return None
    length = 32 if address.version == 4 else 128
    return Fix(f"write {text}/{length}", (Edit(Span(at.file, at.end - 1, at.end - 1), f"/{length}"),), safe=True)
