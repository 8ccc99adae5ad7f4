"""The STUN port is open, and nothing listens on it."""

from hslint.rule import Effect, Host, Iterator, Problem, net, rule

_STUN = 3478
_TRANSPORTS: tuple[net.Transport, ...] = ("udp", "tcp")
#: Other services of NixOS that use the port.
_OTHERS = ("coturn", "unifi", "tailscale.derper", "netbird.server", "jitsi-videobridge", "eturnal", "matrix-synapse")


@rule(Effect.ADVICE, yields_to=("misplaced-setting", "unknown-setting", "setting-too-new"))
def stun_port_open_without_derp(host: Host) -> Iterator[Problem]:
    """A port that was opened for the embedded DERP server's STUN is needless while that server is off."""
    enabled = host.setting("settings.derp.server.enabled")
    if enabled.flag is not False and not enabled.is_null:
        return
    if any(_maybe_on(host, name) for name in _OTHERS):
        return
    files = {setting.name_at.file.path for setting in host.written("") if setting.name_at is not None}
    for transport in _TRANSPORTS:
        for opening in net.firewall(host).public(_STUN, transport):
            # Elsewhere than beside Headscale's own options the port may be meant for something else.
            if opening.at is not None and opening.first == opening.last == _STUN and opening.at.file.path in files:
                yield Problem(
                    f"{transport.upper()} port {_STUN} is open, but Headscale's DERP and STUN server is off",
                    at=opening.at,
                    absent=("settings.derp.server.enabled",),
                )


def _maybe_on(host: Host, service: str) -> bool:
    enable = host.nixos(f"services.{service}.enable")
    return enable.value is not None and enable.flag is not False
