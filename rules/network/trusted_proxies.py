"""Entries of `settings.trusted_proxies` that Headscale refuses."""

import ipaddress

from hslint.rule import Edit, Effect, Fix, Host, Iterator, Problem, Span, go_prefix, rule


@rule(Effect.FAILS, since="0.29")
def trusted_proxies(host: Host) -> Iterator[Problem]:
    """`trusted_proxies` holds address ranges; Headscale does not start with a bare address, or with a range of everything."""
    setting = host.setting("settings.trusted_proxies")
    if not setting.written:
        return
    for text, at in setting.texts():
        wrong = _wrong(text)
        if wrong is not None and at is not None and "@" not in text and "$" not in text:
            yield Problem(wrong, at=at, fix=_fix(text, at))


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
