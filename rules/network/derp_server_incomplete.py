"""The embedded DERP server is on, and something it needs is missing."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, Setting, rule

_SERVER = "derp.server"
_NEEDED = ("stun_listen_addr", "private_key_path")
_REGION = ("region_id", "region_code", "region_name")
#: Regions below this number are Tailscale's (its map, and config-example.yaml of Headscale).
_OWN_REGIONS = 900


@rule(Effect.FAILS)
def derp_server_incomplete(host: Host) -> Iterator[Problem]:
    """The embedded DERP server needs `stun_listen_addr` and a region of its own; neither has a default."""
    switch = host.setting(f"settings.{_SERVER}.enabled")
    if host.reads(f"{_SERVER}.enabled") is not True:
        return
    # 0.22 always adds the region.
    adding = f"{_SERVER}.automatically_add_embedded_derp_region"
    own_region = host.reads(adding) if adding in host.schema.keys else True
    no_paths = host.setting("settings.derp.paths").is_empty
    at, on = switch.at, (Note("the embedded server is on here", switch.at),)
    if own_region is False and no_paths:
        setting = host.setting(f"settings.{_SERVER}.automatically_add_embedded_derp_region")
        yield Problem(
            "the embedded server's region is neither added nor in derp.paths; Headscale does not start",
            at=setting.at or at,
        )
    needed = [name for name in _NEEDED if f"{_SERVER}.{name}" in host.schema.keys and _missing(host, name)]
    missing = [name for name in _REGION if _missing(host, name)] if own_region is True else []
    if needed:
        first = [*needed, *(name for name in missing if name == "region_id")]
        yield Problem(f"derp.server is on without {_listed(first)}; Headscale does not start", at=at)
    elif "region_id" in missing:
        yield Problem(
            f"derp.server is on without {_listed(missing)}; clients reject region 0",
            at=at,
            effect=Effect.BROKEN,
        )
    elif missing:
        yield Problem(
            f"derp.server is on without {_listed(missing)}; the region has no name",
            at=at,
            effect=Effect.ADVICE,
        )
    region = host.setting(f"settings.{_SERVER}.region_id")
    if own_region is True and region.number is not None:
        yield from _region(host, region, region.number, on)


def _region(host: Host, setting: Setting, number: int, on: tuple[Note, ...]) -> Iterator[Problem]:
    if number <= 0:
        said = f"region_id {number} is no region that clients accept; take one from {_OWN_REGIONS} to 999"
    elif number < _OWN_REGIONS and _tailscale_map(host):
        said = f"region_id {number} replaces a region of Tailscale's map; take one from {_OWN_REGIONS} to 999"
    else:
        return
    yield Problem(said, at=setting.at, notes=on, effect=Effect.BROKEN)


def _missing(host: Host, name: str) -> bool:
    """Whether a key is certainly not given, nor meant by one that is misspelt (which has a report of its own)."""
    path = f"{_SERVER}.{name}"
    if any(unread.meant is not None and unread.meant.path == path for unread in host.ignored_settings):
        return False
    return bool(host.setting(f"settings.{path}").is_null) or host.reads(path) == ""


def _tailscale_map(host: Host) -> bool:
    """Whether Tailscale's own map is loaded, as it is by the module's default."""
    return any("tailscale.com" in url for url, _ in host.setting("settings.derp.urls").texts())


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
