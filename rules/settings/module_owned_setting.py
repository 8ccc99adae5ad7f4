"""Settings that the NixOS module makes itself: the socket, the certificate cache, the check for updates."""

from hslint.rule import Effect, Host, Iterator, Problem, nix, rule


@rule(Effect.REFUSED)
def module_owned_setting(host: Host) -> Iterator[Problem]:
    """Nix refuses another value for what the module sets itself; forcing the socket elsewhere loses the command line."""
    owned = {path: fixed for path, fixed in host.module.fixed.items() if fixed.priority <= 100}
    for refused in host.own_failures:
        option = refused.option.removeprefix("services.headscale.")
        if option not in owned or refused.failure.kind not in (nix.Kind.CONFLICT, nix.Kind.NULL_CONFLICT):
            continue
        place = next((d.place for d in refused.definitions if d.place is not None), None)
        if place is not None:
            key = option.removeprefix("settings.")
            yield Problem(f"{key} is set by the module itself; Nix refuses another value here", at=place)
    socket = host.setting("settings.unix_socket")
    fixed = owned.get("settings.unix_socket")
    if fixed is None or not socket.written or socket.failure is not None or socket.at is None:
        return
    if socket.text and socket.text != fixed.value:
        yield Problem(
            "unix_socket is forced elsewhere; the headscale command goes on looking in the module's place",
            at=socket.at,
            effect=Effect.BROKEN,
        )
