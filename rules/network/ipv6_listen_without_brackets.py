"""IPv6 addresses with a port need brackets."""

import re

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, edits, net, nix, rule

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
    if not whole.written and address.text is not None and net.is_bare_ipv6(address.text):
        yield from _problem(host, address, address.text, f"{address.text}:…")
    for option in _LISTENERS:
        setting = host.own(f"settings.{option}")
        if not isinstance(setting.value, nix.String):
            continue
        parts = setting.value.parts
        text = parts[0] if parts and isinstance(parts[0], str) else ""
        # What follows the last colon is the port, even where it is not known.
        found = re.match(r"(?P<address>.*):(?P<port>\d*)$", text)
        if found and net.is_bare_ipv6(found["address"]) and (found["port"] or len(parts) > 1):
            yield from _problem(host, setting, found["address"], text if setting.text else f"{text}…")


def _problem(host: Host, setting: Setting, address: str, shown: str) -> Iterator[Problem]:
    if not setting.written:
        return
    name = host.relative(setting).removeprefix("settings.")
    # Nothing can run with the address as it is, so nothing that runs changes, unless others read the address, too.
    safe = name != "address" or not _used_elsewhere(host)
    yield Problem(
        f"{name}: {shown} has too many colons; an IPv6 address stands in brackets, [{address}]",
        at=setting.at,
        fix=Fix(f"write [{address}]", edits.within(setting.at, address, f"[{address}]"), safe=safe),
    )


#: Another option reads the option `address`, and may put brackets around it there: `http://[${config.services.headscale.address}]:80`.
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
