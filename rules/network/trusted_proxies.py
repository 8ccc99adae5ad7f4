"""Entries of `settings.trusted_proxies` that Headscale refuses."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Span, edits, go, net, rule


@rule(Effect.FAILS, since="0.29")
def trusted_proxies(host: Host) -> Iterator[Problem]:
    """`trusted_proxies` holds address ranges; Headscale does not start with a bare address, or with a range of everything."""
    for text, at in host.own("settings.trusted_proxies").texts():
        wrong = _wrong(text)
        if wrong is not None and "@" not in text and "$" not in text:
            yield Problem(wrong, at=at, fix=_fix(text, at))


def _wrong(text: str) -> str | None:
    said = f'trusted_proxies: "{text[:30]}"'
    if "/" not in text:
        return f"{said} is no range like 127.0.0.1/32; Headscale does not start"
    found = go.prefix(text)
    if found is None:
        return f"{said} is no range of addresses; Headscale does not start"
    return f"{said} trusts everybody; Headscale does not start" if found.network.prefixlen == 0 else None


def _fix(text: str, at: Span | None) -> Fix | None:
    """A bare address means itself, and cannot work as it is."""
    address = net.address(text)
    if address is None:
        return None
    whole = f"{text}/{address.max_prefixlen}"
    return Fix(f"write {whole}", edits.within(at, text, whole), safe=True)
