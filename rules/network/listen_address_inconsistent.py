"""`settings.listen_addr` beside another `address` or `port`."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule


@rule(Effect.IGNORED, yields_to=("ipv6-listen-without-brackets",))
def listen_address_inconsistent(host: Host) -> Iterator[Problem]:
    """`settings.listen_addr` wins over `address` and `port`, which then only mislead whoever reads them."""
    whole, main = host.setting("settings.listen_addr"), net.listeners(host).main
    if main is None or not whole.written:
        return
    port, address = host.setting("port"), host.setting("address")
    note = (Note("this wins", whole.at),)
    if port.written and port.number is not None and main.port not in (None, port.number):
        yield Problem(f"port {port.number} is not used: listen_addr says {main.endpoint.text}", at=port.at, notes=note)
    if address.written and address.text is not None and main.endpoint.host not in (None, address.text.strip("[]")):
        yield Problem(
            f"address {address.text} is not used: listen_addr says {main.endpoint.text}", at=address.at, notes=note
        )
