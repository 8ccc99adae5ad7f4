"""The embedded DERP server is on, and something it needs is missing."""

from hslint.rule import Effect, Host, Int, Iterator, List, Note, Null, Problem, Setting, String, rule

_SERVER = "derp.server"
_NEEDED = ("stun_listen_addr", "private_key_path")
_REGION = ("region_id", "region_code", "region_name")
#: Regions below this number are Tailscale's (its map, and config-example.yaml of Headscale).
_OWN_REGIONS = 900


@rule(Effect.FAILS)
def derp_server_incomplete(host: Host) -> Iterator[Problem]:
    """The embedded DERP server needs `stun_listen_addr` and a region of its own; neither has a default."""
    _, hangs_on = host.likely(f"settings.{_SERVER}.enabled")
    switch = host.setting(f"settings.{_SERVER}.enabled")
    if host.likely_reads(f"{_SERVER}.enabled") is not True or switch is None or switch.at is None:
        return
    # 0.22 always adds the region.
    adding = f"{_SERVER}.automatically_add_embedded_derp_region"
    own_region = host.likely_reads(adding) if adding in host.schema.keys else True
    no_paths = _is_empty(host, "derp.paths")
    at, on = switch.at, (Note("the embedded server is on here", switch.at),)
    hangs = hangs_on or (host.openings[0].unknown if host.openings else None)
    if own_region is False and no_paths:
        setting = host.setting(f"settings.{_SERVER}.automatically_add_embedded_derp_region")
        yield Problem(
            "the embedded server's region is neither added nor in derp.paths; Headscale does not start",
            at=(setting.at if setting is not None else None) or at,
            hangs_on=hangs,
        )
    needed = [name for name in _NEEDED if f"{_SERVER}.{name}" in host.schema.keys and _missing(host, name)]
    missing = [name for name in _REGION if _missing(host, name)] if own_region is True else []
    if needed:
        first = [*needed, *(name for name in missing if name == "region_id")]
        yield Problem(f"derp.server is on without {_listed(first)}; Headscale does not start", at=at, hangs_on=hangs)
    elif "region_id" in missing:
        yield Problem(
            f"derp.server is on without {_listed(missing)}; clients reject region 0",
            at=at,
            effect=Effect.BROKEN,
            hangs_on=hangs,
        )
    elif missing:
        yield Problem(
            f"derp.server is on without {_listed(missing)}; the region has no name",
            at=at,
            effect=Effect.ADVICE,
            hangs_on=hangs,
        )
    region = host.setting(f"settings.{_SERVER}.region_id")
    if own_region is True and region is not None and region.at is not None and isinstance(region.value, Int):
        yield from _region(host, region, region.value.value, on)


def _region(host: Host, setting: Setting, number: int, on: tuple[Note, ...]) -> Iterator[Problem]:
    if setting.at is None:
        return
    if number <= 0:
        said = f"region_id {number} is no region that clients accept; take one from {_OWN_REGIONS} to 999"
    elif number < _OWN_REGIONS and _tailscale_map(host):
        said = f"region_id {number} replaces a region of Tailscale's map; take one from {_OWN_REGIONS} to 999"
    else:
        return
    yield Problem(said, at=setting.at, notes=on, effect=Effect.BROKEN, hangs_on=setting.condition)


def _missing(host: Host, name: str) -> bool:
    """Whether a key is certainly not given, nor meant by one that is misspelt (which has a report of its own)."""
    path = f"{_SERVER}.{name}"
    if any(unread.meant is not None and unread.meant.path == path for unread in host.unread):
        return False
    value, _ = host.likely(f"settings.{path}")
    return value is None or isinstance(value, Null) or host.likely_reads(path) == ""


def _is_empty(host: Host, option: str) -> bool:
    match host.likely(f"settings.{option}")[0]:
        case None | Null() | List(items=[], rest=None):
            return True
        case _:
            return False


def _tailscale_map(host: Host) -> bool:
    """Whether Tailscale's own map is loaded, as it is by the module's default."""
    value, _ = host.likely("settings.derp.urls")
    if not isinstance(value, List):
        return False
    urls = [lazy.outcome() for lazy in value.items]
    return any(isinstance(url, String) and url.known is not None and "tailscale.com" in url.known for url in urls)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
