"""Extra DNS records that no client serves."""

from hslint.rule import Effect, Entry, Host, Iterator, Problem, net, nix, rule

_MEMBERS = ("name", "type", "value")


@rule(Effect.BROKEN)
def extra_records_unsupported(host: Host) -> Iterator[Problem]:
    """Clients answer only A and AAAA records with one address and a full name; others vanish without a word."""
    typed = host.declared("dns.extra_records")
    for record in host.own("settings.dns.extra_records").entries:
        if isinstance(record.value, nix.Attrs):
            yield from _check(record, typed)
            missing = [name for name in _MEMBERS if name not in record.value]
            if missing and record.value.rest is None and not typed:
                yield Problem(f"the record has no {missing[0]}; Headscale sends an empty one", at=record.at)


def _check(record: Entry, typed: bool) -> Iterator[Problem]:
    name, kind, value = map(record.member, _MEMBERS)
    if name.text is not None and "*" in name.text:
        yield Problem(f"{name.text[:50]}: clients do not know wildcards; they look for that very name", at=name.at)
    if kind.text is not None and kind.text not in ("A", "AAAA"):
        effect = Effect.REFUSED if typed else None
        yield Problem(f"{kind.text[:20]} records are not served; only A and AAAA are", at=kind.at, effect=effect)
    elif value.text is not None:
        message = _address(value.text, kind.text)
        if message is not None:
            yield Problem(message, at=value.at)


def _address(value: str, kind: str | None) -> str | None:
    address = net.address(value)
    if address is None:
        return f'"{value[:40]}" is no address; the record is dropped'
    wanted = "AAAA" if address.version == 6 else "A"
    if kind is not None and kind != wanted:
        return f"{value} belongs in a record of type {wanted}, not {kind}"
    return None
