"""No DERP relay from anywhere."""

from hslint.rule import Effect, Host, Iterator, Problem, rule


@rule(Effect.FAILS, since="0.23")
def derp_map_empty(host: Host) -> Iterator[Problem]:
    """Headscale does not start without a single DERP relay."""
    urls, server = host.setting("settings.derp.urls"), host.setting("settings.derp.server.enabled")
    off = server.flag is False or server.is_null
    if urls.value is None or not urls.is_empty or not host.setting("settings.derp.paths").is_empty or not off:
        return
    if any(unread.meant is not None and unread.meant.path.startswith("derp.") for unread in host.ignored_settings):
        return  # a key that is misspelt, and reported, would fill the map
    yield Problem(
        "derp.urls and derp.paths are empty and derp.server is off: no relay, Headscale does not start",
        at=urls.at or host.anchor,
    )
