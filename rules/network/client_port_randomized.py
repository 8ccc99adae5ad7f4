"""A fixed port for the client on the same machine, and Headscale telling all clients to take one at random."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, Setting, rule

_CLIENT = "services.tailscale"


@rule(Effect.BROKEN, until="0.28")
def client_port_randomized(host: Host) -> Iterator[Problem]:
    """With `randomize_client_port` clients do not use the port they were started with; one that is opened for them stays unused."""
    setting = host.own("settings.randomize_client_port")
    if host.reads("randomize_client_port") is not True or host.nixos(f"{_CLIENT}.enable").flag is not True:
        return
    fixed = _fixed(host)
    if fixed is not None and not _of_another(host):
        yield Problem(
            "clients then ignore services.tailscale.port; what is opened for that port stays unused",
            at=setting.at,
            notes=(Note("the port is meant to be this one", fixed.at),),
        )


def _fixed(host: Host) -> Setting | None:
    """The place that shows that the client's port matters: the port itself, or its opening."""
    port, opened = host.nixos(f"{_CLIENT}.port"), host.nixos(f"{_CLIENT}.openFirewall")
    if port.written and port.number:
        return port
    return opened if opened.written and opened.flag is True and port.number != 0 else None


def _of_another(host: Host) -> bool:
    """Whether the client logs in to another server."""
    flags = " ".join(flag.text or "" for flag in host.nixos(f"{_CLIENT}.extraUpFlags").entries)
    url = host.reads("server_url")
    return "--login-server" in flags and (not isinstance(url, str) or url.rstrip("/") not in flags)
