"""The port of the remote API is open, and nothing listens on it."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule

_GRPC = 50443


@rule(Effect.ADVICE, until="0.29", yields_to=("unknown-setting", "misplaced-setting"))
def grpc_port_open_while_off(host: Host) -> Iterator[Problem]:
    """Headscale's remote API runs only with TLS in Headscale itself, or with `grpc_allow_insecure`."""
    insecure, address = host.setting("settings.grpc_allow_insecure"), host.setting("settings.grpc_listen_addr")
    if net.tls(host).on is not False or not (insecure.flag is False or insecure.is_null) or net.listeners(host).grpc:
        return
    if any(each.port == _GRPC for each in (*net.listeners(host), *net.occupied(host))):
        return
    if address.written and not (address.text or "").endswith(f":{_GRPC}"):
        return
    files = {setting.name_at.file.path for setting in host.written("") if setting.name_at is not None}
    for opening in net.firewall(host).public(_GRPC, "tcp"):
        if opening.at is not None and opening.first == opening.last == _GRPC and opening.at.file.path in files:
            yield Problem(
                f"TCP port {_GRPC} is open, but the remote API is off: Headscale has no TLS of its own",
                at=opening.at,
                notes=(Note("the API's address is set here", address.at if address.written else None),),
            )
