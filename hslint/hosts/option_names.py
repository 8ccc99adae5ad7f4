"""Resolves option names of the command line to options of a host, with suggestions for misspelt ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hslint.catalogue.keys import Key
from hslint.hosts.host import HEADSCALE, Host
from hslint.modules import Setting
from hslint.modules.configuration import split_path
from hslint.modules.level import Level
from hslint.modules.outline import ROOTS
from hslint.modules.reading import below
from hslint.modules.show import show_option
from hslint.spelling import alike, nearest_few
from hslint.values.value import Attrs, Bool, Failure, NotKnown

_SETTINGS = f"{HEADSCALE}.settings"

#: Names that are suggested for a misspelt one.
_MOST = 3
#: How alike whole names must be, where more than one step of them is misspelt.
_ALIKE = 0.8
#: How much less alike than the best one a name may be and still be suggested.
_CLOSE = 0.1


def readings(name: str) -> tuple[str, ...]:
    """The options that a name may stand for: in full, below `services.headscale`, or below its settings. The first that there is counts."""
    return (name, f"{HEADSCALE}.{name}", f"{_SETTINGS}.{name}")


def find_option(hosts: Sequence[Host], name: str) -> list[tuple[Host, Setting]]:
    """The option of a name on each host that has it: that of the first reading which any host declares or defines. A set of options in
    which nothing is defined comes last. An option that is defined and not declared is there, too: Nix refuses it.
    """
    empty: list[tuple[Host, Setting]] = []
    for path in readings(name):
        found: list[tuple[Host, Setting]] = []
        for host in hosts:
            setting = _setting(host, path)
            if setting is not None:
                found.append((host, setting))
        if any(not _is_empty(host, path) for host, _ in found):
            return found
        empty = empty or found
    return empty


def also_named(host: Host, name: str, found: Setting) -> str | None:
    """Another option of Headscale that the same name would stand for, if the one found did not go first."""
    others = (path for path in readings(name) if path != found.option and not _is_empty(host, path))
    return next((setting.option for path in others if (setting := _setting(host, path)) is not None), None)


def _setting(host: Host, path: str) -> Setting | None:
    setting = host.configuration.setting(path)
    return setting or next(iter(host.configuration.undeclared(path)), None)


def _is_empty(host: Host, path: str) -> bool:
    """Whether a path is that of a set of options in which nothing is set."""
    return host.configuration.is_level(path) and next(host.configuration.settings_below(path), None) is None


def key_of_headscale(host: Host, name: str) -> Key | None:
    """The key that Headscale reads under a name which the module does not declare."""
    return host.schema.key(name.removeprefix(f"{_SETTINGS}.").removeprefix("settings."))


def off_by_default(host: Host, name: str) -> bool:
    """Whether a name is the `enable` of a service or program of NixOS that certainly has no definition, so that it is off."""
    steps = split_path(name)
    if len(steps) != 3 or steps[2] != "enable":
        return False
    try:
        value = host.configuration.config
        for step in steps:
            lazy = value.get(step)
            inner = lazy.force() if lazy is not None else None
            if isinstance(inner, Bool):
                return step == "enable" and not inner.value
            if not isinstance(inner, Attrs):
                return False
            value = inner
    except (Failure, NotKnown):
        pass
    return False


def in_outline(name: str) -> bool:
    """Whether NixOS, or a module that is often used with it, may well have an option of that name."""
    steps = split_path(name)
    return len(steps) > 1 and steps[0] in ROOTS and steps[:2] != ("services", "headscale")


# -- suggestions -------------------------------------------------------------------------------------------------------


def suggestions(host: Host, name: str) -> list[str]:
    """Names of options that look like one that does not exist, each once and none of them the name itself."""
    renamed = [*_renamed(host, name)]
    if renamed:
        return renamed
    found = [each for each in (*_siblings(host, name), *_alike(host, name)) if each not in readings(name)]
    typed = name.removeprefix(f"{HEADSCALE}.")
    likeness = {each: max(alike(typed, each), alike(typed, each.removeprefix("settings."))) for each in found}
    best = max(likeness.values(), default=0.0)
    near = [each for each in likeness if likeness[each] >= best - _CLOSE]
    return sorted(near, key=lambda each: -likeness[each])[:_MOST]


def _renamed(host: Host, name: str) -> Iterator[str]:
    """The current name of an option of earlier modules."""
    successor = host.current_name(name.removeprefix(f"{HEADSCALE}."))
    if successor is not None and successor not in readings(name):
        yield successor


def _siblings(host: Host, name: str) -> Iterator[str]:
    """Options that differ in one step: the first one that does not exist."""
    steps = split_path(name)
    for above in (split_path(HEADSCALE), split_path(_SETTINGS), ()):
        level: object = host.configuration.evaluation.root
        for number, step in enumerate((*above, *steps)):
            if not isinstance(level, Level):
                break
            try:
                inner = below(level, step)
                names = level.names() if inner is None else []
            except (Failure, NotKnown):
                break
            if inner is not None:
                level = inner
                continue
            if number < len(above):
                break
            known = [each for each in names if each != "_module"]
            place = number - len(above)
            for near in nearest_few(step, known, _MOST, 0.7):
                corrected = (*above, *steps[:place], near, *steps[place + 1 :])
                option = show_option(corrected)
                if host.configuration.setting(option) is None and not (
                    isinstance(below(level, near), Level) and in_outline(option)
                ):
                    corrected = corrected[: number + 1]
                yield _short(show_option(corrected))
            break


def _alike(host: Host, name: str) -> Iterator[str]:
    """Options and settings of Headscale whose whole names are alike."""
    known = {each: each for each in (*host.module.options, *(f"settings.{key}" for key in host.schema.keys))}
    known |= {each.removeprefix("settings."): each for each in known if each.startswith("settings.")}
    typed = name.removeprefix(f"{HEADSCALE}.")
    yield from (known[near] for near in nearest_few(typed, known, _MOST, _ALIKE))


def _short(option: str) -> str:
    return re.sub(f"^{re.escape(HEADSCALE)}\\.", "", option)
