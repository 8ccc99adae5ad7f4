"""Flags for a `tailscale up` that is not run, or that tailscale does not understand."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, nix, rule

_CLIENT = "services.tailscale"
_UNITS = "systemd.services"


@rule(Effect.IGNORED)
def login_flags_ineffective(host: Host) -> Iterator[Problem]:
    """`services.tailscale.extraUpFlags` is used only by the unit that logs in with `authKeyFile`; each flag is one argument."""
    if host.nixos(f"{_CLIENT}.enable").flag is not True:
        return
    up = host.nixos(f"{_CLIENT}.extraUpFlags")
    if (
        up.written
        and up.entries
        and not host.has_unresolved_imports
        and host.nixos(f"{_CLIENT}.authKeyFile").is_null
        and not _used_elsewhere(host)
    ):
        message = "nothing runs `tailscale up` with these flags: services.tailscale.authKeyFile is not set"
        yield Problem(message, at=up.here)
        return
    for name in ("extraUpFlags", "extraSetFlags"):
        flags = host.nixos(f"{_CLIENT}.{name}")
        for flag in flags.entries if flags.written else ():
            option, space, value = (flag.text or "").partition(" ")
            if option.startswith("--") and "=" not in option and space and value.strip():
                yield Problem(
                    f'"{option[:25]} …" is one argument with a space in it; tailscale knows no such flag',
                    at=flag.at,
                    effect=Effect.BROKEN,
                    fix=Fix(f"write {option}=…", edits.within(flag.at, f"{option} ", f"{option}=")),
                )


def _used_elsewhere(host: Host) -> bool:
    """Whether a unit of one's own may log in with them."""
    units = host.nixos(_UNITS)
    own = (name for name in units.names if "tailscale" in name and name != "tailscaled")
    return isinstance(units.value, nix.Unknown) or any(host.nixos(f'{_UNITS}."{name}"').written for name in own)
