"""Suggests the known key for a misspelt or misplaced one."""

import re
from functools import cache

from hslint.catalogue.data import stored
from hslint.catalogue.keys import Key, Schema, readers
from hslint.spelling import slips

# Last names that say nothing without their group: `path` alone could be a dozen things.
_NEEDS_GROUP = frozenset(
    (
        *("allocation", "debug", "enabled", "format", "host", "ipv4", "ipv6", "level", "method", "mode", "name"),
        *("pass", "path", "paths", "port", "ssl", "type", "user", "v4", "v6"),
    )
)


def nearest(schema: Schema, path: str) -> Key | None:
    """The key of this release that `path` most likely stands for, or None: rather no suggestion than a silly one.

    Tried in this order: the key's successor, mistakes seen in real configurations, the same words in other spelling
    (`magicDns`, `enable`), the same name at another level (`derp.server.urls`), typing errors.
    """
    if schema.is_open(path):
        return None
    removal = schema.removed(path)
    if removal is not None and len(removal.replaced_by) == 1 and (key := schema.key(removal.replaced_by[0])):
        return key
    wanted = _snake(path)
    mistakes = stored("mistakes")
    if wanted in mistakes:
        meant = mistakes[wanted]
        if meant is None:
            return None  # what looks like it does something else
        if (key := schema.key(meant)) is not None:
            return key
    # A key of another release is no mistake in writing. Nor is a removed one whose successor is not a single key.
    if removal is not None or readers(path):
        return None
    return (
        _same_words(schema, wanted)
        or _enabled(schema, wanted)
        or _other_level(schema, wanted)
        or _longer(schema, wanted)
        or _typing_error(schema, wanted)
    )


def _snake(path: str) -> str:
    """`dns.magicDns` → `dns.magic_dns`, `Log-Level` → `log_level`, `listen_address` → `listen_addr`."""
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", path).replace("-", "_").lower()
    return snake.replace("_address", "_addr")


def _squeezed(path: str) -> str:
    return path.replace("_", "").replace(".", "")


@cache
def _by_squeezed(schema_keys: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in schema_keys:
        found[_squeezed(path)] = (*found.get(_squeezed(path), ()), path)
    return found


def _only(schema: Schema, paths: list[str]) -> Key | None:
    return schema.key(paths[0]) if len(paths) == 1 else None


def _same_words(schema: Schema, wanted: str) -> Key | None:
    """`serverurl`, `tls.cert_path` and `log_level` hold the words of a key, only divided in another way."""
    return _only(schema, list(_by_squeezed(tuple(schema.keys)).get(_squeezed(wanted), ())))


def _enabled(schema: Schema, wanted: str) -> Key | None:
    if wanted == "enable" or not wanted.endswith(("enable", "enabled")):
        return None
    full = wanted if wanted.endswith("d") else wanted + "d"
    return schema.key(full) or _same_words(schema, full) or _other_level(schema, full)


def _other_level(schema: Schema, wanted: str) -> Key | None:
    """The only key that ends in the same names, or else the only one of the same group that does."""
    names = wanted.split(".")
    for count in range(len(names), 0, -1):
        ending = ".".join(names[-count:])
        same = [path for path in schema.keys if path == ending or path.endswith("." + ending)]
        if not same:
            continue
        in_group = [path for path in same if len(names) > 1 and path.startswith(names[0] + ".")]
        if len(in_group) == 1:
            return schema.key(in_group[0])
        if count == 1 and ending in _NEEDS_GROUP:
            return None
        return _only(schema, same)
    return None


def _longer(schema: Schema, wanted: str) -> Key | None:
    """The only key that `wanted` is the beginning of: `derp.update_freq`, `tls_cert`; or the only one of a group."""
    if (below := schema.below(wanted)) and len(below) == 1:
        return below[0]
    # One word is too little: `server` begins server_url and is meant for derp.server.
    if len(wanted.rpartition(".")[2]) < 4 or not ("_" in wanted or "." in wanted):
        return None
    return _only(schema, [path for path in schema.keys if path.startswith(wanted) and "." not in path[len(wanted) :]])


def _typing_error(schema: Schema, wanted: str) -> Key | None:
    """The only key whose every name is at most a slip away."""
    names = wanted.split(".")
    best: list[str] = []
    least = len(wanted)
    for path in schema.keys:
        parts = path.split(".")
        if len(parts) != len(names):
            continue
        distance = 0
        for name, part in zip(names, parts, strict=True):
            slip = 0 if name == part else slips(name, part, _allowed(part), swaps=True)
            if slip is None:
                break
            distance += slip
        else:
            if distance < least:
                best, least = [path], distance
            elif distance == least:
                best.append(path)
    return _only(schema, best)


def _allowed(name: str) -> int:
    """How many slips a name may hold: none in very short ones, where another word is as near as the right one."""
    return 0 if len(name) < 3 else 1 if len(name) < 7 else 2 if len(name) < 14 else 3
