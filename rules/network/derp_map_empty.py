"""No DERP relay from anywhere."""

from hslint.rule import Bool, Effect, Host, Iterator, List, Null, Problem, rule


@rule(Effect.FAILS, since="0.23")
def derp_map_empty(host: Host) -> Iterator[Problem]:
    """Headscale does not start without a single DERP relay."""
    urls, urls_hang = host.likely("settings.derp.urls")
    paths, paths_hang = host.likely("settings.derp.paths")
    server, server_hangs = host.likely("settings.derp.server.enabled")
    match urls, paths, server:
        case List(items=[], rest=None) | Null(), List(items=[], rest=None) | Null() | None, Bool(False) | Null() | None:
            pass
        case _:
            return
    if any(unread.meant is not None and unread.meant.path.startswith("derp.") for unread in host.unread):
        return  # a key that is misspelt, and reported, would fill the map
    setting = host.setting("settings.derp.urls")
    yield Problem(
        "derp.urls and derp.paths are empty and derp.server is off: no relay, Headscale does not start",
        at=(setting.at if setting is not None else None) or host.anchor,
        hangs_on=urls_hang or paths_hang or server_hangs,
    )
