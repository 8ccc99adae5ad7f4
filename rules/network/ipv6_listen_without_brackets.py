"""IPv6 addresses with a port need brackets."""

import ipaddress
import re

from hslint.rule import Edit, Effect, Fix, Host, Iterator, Null, Problem, Setting, Span, String, rule

_LISTENERS = (
    "listen_addr",
    "metrics_listen_addr",
    "grpc_listen_addr",
    "derp.server.stun_listen_addr",
    "tls_letsencrypt_listen",
)


@rule(Effect.FAILS)
def ipv6_listen_without_brackets(host: Host) -> Iterator[Problem]:
    """Go's listener answers "too many colons in address" to an IPv6 address without brackets."""
    whole, address = host.setting("settings.listen_addr"), host.setting("address")
    if address is not None and not (whole is not None and whole.written) and isinstance(address.value, String):
        text = address.value.known
        if text is not None and _is_ipv6(text):
            yield from _problem(host, address, text, f"{text}:…")
    for option in _LISTENERS:
        setting = host.setting(f"settings.{option}")
        if setting is None or not setting.written or not isinstance(setting.value, String):
            continue
        parts = setting.value.parts
        text = parts[0] if parts and isinstance(parts[0], str) else ""
        # What follows the last colon is the port, even where it is not known.
        found = re.match(r"(?P<address>.*):(?P<port>\d*)$", text)
        if found and _is_ipv6(found["address"]) and (found["port"] or len(parts) > 1):
            yield from _problem(host, setting, found["address"], text if setting.value.known else f"{text}…")


def _problem(host: Host, setting: Setting, address: str, shown: str) -> Iterator[Problem]:
    if not setting.written or setting.at is None or isinstance(setting.value, Null):
        return
    name = host.relative(setting).removeprefix("settings.")
    yield Problem(
        f"{name}: {shown} has too many colons; an IPv6 address stands in brackets, [{address}]",
        at=setting.at,
        fix=_fix(setting.at, address, safe=name != "address" or not _used_elsewhere(host)),
        hangs_on=setting.condition,
    )


#: Somebody reads the option `address`, and may put brackets around it there: `http://[${config.services.headscale.address}]:80`.
_READ = re.compile(rb"(?:headscale|cfg)\.address\b(?!\s*=)")
_INHERIT, _ADDRESS = re.compile(rb"\binherit\b"), re.compile(rb"\baddress\b")


def _used_elsewhere(host: Host) -> bool:
    return any(_READ.search(file.text) or _inherits(file.text) for file in host.configuration.files)


def _inherits(text: bytes) -> bool:
    """Whether a statement inherits the name from somewhere."""
    return any(
        (inherit := _INHERIT.search(statement)) is not None and _ADDRESS.search(statement, inherit.end()) is not None
        for statement in text.split(b";")
    )


def _fix(span: Span, address: str, *, safe: bool) -> Fix | None:
    """Nothing can run with the address as it is, so nothing that runs changes, unless others read the address, too."""
    opening = '"' if span.text.startswith(f'"{address}') else "''" if span.text.startswith(f"''{address}") else None
    if opening is None:
        return None
    start = span.start + len(opening)
    return Fix(f"write [{address}]", (Edit(Span(span.file, start, start + len(address)), f"[{address}]"),), safe=safe)


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.ip_address(text.partition("%")[0]).version == 6
    except ValueError:
        return False
