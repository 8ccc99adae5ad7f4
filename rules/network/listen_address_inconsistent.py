"""`settings.listen_addr` beside another `address` or `port`."""

from hslint.rule import Effect, Host, Int, Iterator, Note, Problem, String, listeners, rule


@rule(Effect.IGNORED, yields_to=("ipv6-listen-without-brackets",))
def listen_address_inconsistent(host: Host) -> Iterator[Problem]:
    """`settings.listen_addr` wins over `address` and `port`, which then only mislead whoever reads them."""
    whole, main = host.setting("settings.listen_addr"), listeners(host).main
    if whole is None or main is None or not whole.written or whole.at is None:
        return
    port, address = host.setting("port"), host.setting("address")
    note = (Note("this wins", whole.at),)
    if port is not None and port.written and port.at is not None and isinstance(port.value, Int):
        if main.port is not None and main.port != port.value.value:
            yield Problem(
                f"port {port.value.value} is not used: listen_addr says {main.endpoint.text}",
                at=port.at,
                notes=note,
                hangs_on=whole.condition or port.condition,
            )
    if address is not None and address.written and address.at is not None and isinstance(address.value, String):
        given = address.value.known
        if given is not None and main.endpoint.host is not None and given.strip("[]") != main.endpoint.host:
            yield Problem(
                f"address {given} is not used: listen_addr says {main.endpoint.text}",
                at=address.at,
                notes=note,
                hangs_on=whole.condition or address.condition,
            )
