"""Restrictions of the unit under which Headscale cannot work."""

from hslint.rule import Effect, Host, Iterator, Problem, Setting, catalogue, nix, rule

_UNIT = "systemd.services.headscale.serviceConfig"
_YES = ("true", "yes", "on", "1")


@rule(Effect.FAILS)
def unit_hardened(host: Host) -> Iterator[Problem]:
    """Headscale needs the network, sockets of the families that it listens on, and a state directory that it may write to."""
    network = host.nixos(f"{_UNIT}.PrivateNetwork")
    if network.certainly_written and _is_on(network):
        message = "with PrivateNetwork the service has no network; nobody can reach Headscale"
        yield Problem(message, at=network.at, effect=Effect.BROKEN)
    denied, allowed = host.nixos(f"{_UNIT}.IPAddressDeny"), host.nixos(f"{_UNIT}.IPAddressAllow")
    if denied.certainly_written and "any" in (_words(denied) or ()) and allowed.value is None:
        message = "with IPAddressDeny = any and nothing allowed nobody can reach Headscale"
        yield Problem(message, at=denied.at, effect=Effect.BROKEN)
    families = host.nixos(f"{_UNIT}.RestrictAddressFamilies")
    words = _words(families) if families.certainly_written else None
    if words and not words[0].startswith("~"):
        for family, needs in (("AF_UNIX", "its socket"), ("AF_INET", "its port")):
            if family not in words and not (family == "AF_INET" and "AF_INET6" in words):
                message = f"RestrictAddressFamilies leaves out {family}, which {needs} is of; Headscale does not start"
                yield Problem(message, at=families.at)
                break
    for name in ("ReadOnlyPaths", "InaccessiblePaths"):
        paths = host.nixos(f"{_UNIT}.{name}")
        for path in (_words(paths) or ()) if paths.certainly_written else ():
            if _covers(path.lstrip("-+")) and not host.nixos(f"{_UNIT}.ReadWritePaths").written:
                message = f"{name} takes {catalogue.STATE_DIRECTORY} from the service, where its database lies"
                yield Problem(message, at=paths.at)
                break


def _is_on(setting: Setting) -> bool:
    return setting.flag is True or (setting.text or "").lower() in _YES


def _words(setting: Setting) -> tuple[str, ...] | None:
    """The words of a list, or of a text; None where they are unknown."""
    if isinstance(setting.value, nix.String):
        return tuple(setting.text.split()) if setting.text is not None else None
    texts = setting.strings
    return tuple(word for text in texts for word in text.split()) if texts is not None else None


def _covers(path: str) -> bool:
    state = catalogue.STATE_DIRECTORY
    return path in ("/", "/var", "/var/lib", state) or path.rstrip("/") == state
