"""Global nameservers that clients cannot reach, or that are no addresses."""

import re

from hslint.rule import Effect, Host, Iterator, Problem, Setting, go, net, nix, rule


@rule(Effect.BROKEN)
def nameserver_unreachable(host: Host) -> Iterator[Problem]:
    """Clients whose nameservers all lie in the tailnet, or on the clients themselves, have no DNS while those do not answer."""
    for setting in _settings(host):
        for text, at in setting.texts():
            message = _odd(text) if host.release.reaches("0.23") else _odd_for_0_22(text, host.key(setting))
            # A text with commas is reported as a whole, by wrong-setting-type.
            if message is not None and not (isinstance(setting.value, nix.String) and "," in text):
                yield Problem(message, at=at)
    if host.release.reaches("0.23"):
        yield from _out_of_reach(host)


def _settings(host: Host) -> Iterator[Setting]:
    """The settings that hold nameservers, for every name and for those below a domain."""
    every, some = ("dns.nameservers.global", "dns.nameservers.split")
    if not host.release.reaches("0.23"):
        every, some = ("dns_config.nameservers", "dns_config.restricted_nameservers")
    setting = host.given(every)
    if setting.written:
        yield setting
    yield from host.written(f"settings.{some}")


def _out_of_reach(host: Host) -> Iterator[Problem]:
    setting = host.own("settings.dns.nameservers.global")
    servers = setting.strings if setting.entries else None
    if not servers:
        return
    # Tailscale's own resolver address answers on every client.
    reaches = {net.reach(each) if net.address(each) and each != "100.100.100.100" else None for each in servers}
    # What follows depends on what runs on the clients, and how long a node is down: advice.
    if reaches == {net.Reach.LOOPBACK}:
        message = "the only global nameserver is the client itself; clients that run no resolver have no DNS"
    elif reaches == {net.Reach.TAILNET} and _take_over(host):
        message = "all global nameservers are nodes of the tailnet; clients have no DNS while those are out of reach"
    else:
        return
    yield Problem(message, at=setting.at, effect=Effect.ADVICE)


def _take_over(host: Host) -> bool:
    """Whether global nameservers certainly take the place of the client's own: before 0.26 they do, whatever is said."""
    override = host.setting("settings.dns.override_local_dns")
    # Headscale's default is true, where the option is not even declared.
    return not host.release.reaches("0.26") or override.flag is True or override.value is None


def _odd(text: str) -> str | None:
    """Headscale (globalResolvers, splitResolvers) takes an address, else whatever Go's url.Parse accepts, and drops the rest
    with a warning.
    """
    if net.address(text) is not None:
        return None
    if "," in text or " " in text:
        return f'"{text[:40]}" is one entry; write every nameserver as an entry of its own'
    if go.url(text) is None:
        with_port = re.fullmatch(r"[0-9.]+:[0-9]+|\[[0-9A-Fa-f:.]+\]:[0-9]+", text)
        return f'"{text[:40]}" is dropped: ' + (
            "a nameserver is an address without a port" if with_port else "it is neither an address nor a URL"
        )
    if not text or text.startswith(("https://", "http://", "tls://")) or "/" in text or ":" in text:
        return None
    return f'"{text[:40]}" is a name; clients can use only addresses here'


def _odd_for_0_22(text: str, key: str) -> str | None:
    """0.22 (GetDNSConfig) takes addresses, and https:// for what is not restricted to a domain; the rest becomes no address."""
    if text.startswith("https://") and key == "dns_config.nameservers":
        return None
    if net.address(text) is None:
        return f'"{text[:40]}" is no address; Headscale 0.22 puts an empty one in its place'
    return None
