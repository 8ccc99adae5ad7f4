"""Extra DNS records that no client serves."""

import ipaddress

from hslint.rule import Attrs, Effect, Failure, Host, Iterator, List, Problem, Span, String, rule

_MEMBERS = ("name", "type", "value")


@rule(Effect.BROKEN)
def extra_records_unsupported(host: Host) -> Iterator[Problem]:
    """Clients answer only A and AAAA records with one address and a full name; others vanish without a word."""
    setting = host.setting("settings.dns.extra_records")
    if not setting.written or not isinstance(setting.value, List):
        return
    typed = host.declared("dns.extra_records")
    for lazy in setting.value.items:
        record = lazy.outcome()
        if isinstance(record, Attrs):
            yield from _judged(record, typed)
            at = record.span or setting.at
            missing = (
                [] if record.rest is not None or typed else [name for name in _MEMBERS if name not in record.items]
            )
            if missing and at is not None:
                yield Problem(f"the record has no {missing[0]}; Headscale sends an empty one", at=at)


def _judged(record: Attrs, typed: bool) -> Iterator[Problem]:
    name, name_at = _text(record, "name")
    kind, kind_at = _text(record, "type")
    value, value_at = _text(record, "value")
    if name is not None and name_at is not None and "*" in name:
        yield Problem(f"{name[:50]}: clients do not know wildcards; they look for that very name", at=name_at)
    if kind is not None and kind_at is not None and kind not in ("A", "AAAA"):
        effect = Effect.REFUSED if typed else None
        yield Problem(f"{kind[:20]} records are not served; only A and AAAA are", at=kind_at, effect=effect)
    elif value is not None and value_at is not None:
        message = _address(value, kind)
        if message is not None:
            yield Problem(message, at=value_at)


def _address(value: str, kind: str | None) -> str | None:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return f'"{value[:40]}" is no address; the record is dropped'
    wanted = "AAAA" if address.version == 6 else "A"
    if kind is not None and kind != wanted:
        return f"{value} belongs in a record of type {wanted}, not {kind}"
    return None


def _text(record: Attrs, name: str) -> tuple[str | None, Span | None]:
    lazy = record.get(name)
    outcome = lazy.outcome() if lazy is not None else None
    if isinstance(outcome, String) and outcome.known is not None and not isinstance(outcome, Failure):
        return outcome.known, outcome.span
    return None, None
