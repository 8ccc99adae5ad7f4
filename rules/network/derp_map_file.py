"""DERP maps in files that Headscale reads, but not as they were meant."""

import re

from hslint.rule import Effect, Host, Iterator, Note, Problem, net, rule, shortened

_ADDED = "derp.server.automatically_add_embedded_derp_region"


@rule(Effect.BROKEN)
def derp_map_file(host: Host) -> Iterator[Problem]:
    """A map in `derp.paths` is YAML with keys in lower case, host names without a scheme, and regions that the embedded server does not replace."""
    for derp_map in net.derp_maps(host):
        name, notes = derp_map.name[:40], (Note("the file is named here", derp_map.at),)
        if derp_map.unreadable is not None:
            message = f"{name} is no YAML: {derp_map.unreadable.text[:30]}; Headscale does not start"
            yield Problem(message, at=derp_map.unreadable.at, notes=notes, effect=Effect.FAILS)
            continue
        for key in derp_map.capitals[:1]:
            message = f"{name} says {key.text}, which is not read; in YAML it is {key.text.lower()}"
            yield Problem(message, at=key.at, notes=notes)
        if not derp_map.has_regions and not derp_map.capitals:
            yield Problem(f"{name} has no regions; Headscale takes no relay from it", at=derp_map.at)
        for key_name, value in derp_map.texts:
            message = f'{key_name} in {name} is the text "{value.text[:20]}", not a number; Headscale does not start'
            yield Problem(message, at=value.at, notes=notes, effect=Effect.FAILS)
        for node in derp_map.nodes:
            if node.hostname is not None and (wrong := _wrong(node.hostname.text)) is not None:
                message = f"hostname {node.hostname.text[:40]} {wrong}; clients cannot reach it"
                yield Problem(message, at=node.hostname.at, notes=notes)
        yield from _replaced(host, derp_map)


def _wrong(hostname: str) -> str | None:
    """Why a hostname is not a bare name, as a clause."""
    if "://" in hostname:
        return "is a URL where a name belongs"
    if re.search(r"^[^:]+:\d+$", hostname):
        return "has a port, which belongs to derpport"
    return "has a path where a name belongs" if "/" in hostname else None


def _replaced(host: Host, derp_map: net.DerpMap) -> Iterator[Problem]:
    """The region of the embedded server is added last (Serve in hscontrol/app.go)."""
    region = host.setting("settings.derp.server.region_id")
    number = host.reads("derp.server.region_id")
    adds = host.reads(_ADDED) if _ADDED in host.schema.keys else True
    if host.reads("derp.server.enabled") is not True or adds is not True:
        return
    for key in derp_map.regions:
        if isinstance(number, int) and key.text == str(number):
            message = f"the embedded server's region replaces region {number} of {derp_map.name[:30]}"
            yield Problem(
                shortened(message, "give it another number"), at=region.at, notes=(Note("the region is here", key.at),)
            )
