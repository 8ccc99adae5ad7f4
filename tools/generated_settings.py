"""Configurations to try on Headscale, made at random from what the catalogue says of a release.

Nothing here knows single keys but `GIVEN`, without which no release starts: what is tried on a key follows from its type, its
limits and its removal, so that the keys of a new release are tried without a word about them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never

from hslint.catalogue import MODULE_VERSIONS, RELEASES, ModuleVersion, Release, go, module_version, schema
from hslint.catalogue.data import Json
from hslint.catalogue.keys import Constraint, Key, Limit, Schema
from hslint.catalogue.term import AttrsOf, Enum, ListOf, NullOr, Scalar, Submodule, Term
from hslint.values.show import attribute_name, quoted

#: Directories of a machine with NixOS: where the service may write, where it finds a policy and a secret.
STATE, ETC, SECRETS = "/var/lib/headscale", "/etc/headscale", "/run/secrets"
POLICY, SECRET, SOCKETS = f"{ETC}/policy.hujson", f"{SECRETS}/oidc", "/run/postgresql"

#: What a file needs for Headscale to start, as far as a release reads it.
GIVEN: dict[str, Json] = {
    "server_url": "https://hs.example.com",
    "listen_addr": "127.0.0.1:8080",
    "noise.private_key_path": f"{STATE}/noise_private.key",
    "private_key_path": f"{STATE}/private.key",
    "ip_prefixes": ["100.64.0.0/10"],
    "prefixes.v4": "100.64.0.0/10",
    "prefixes.v6": "fd7a:115c:a1e0::/48",
    "db_type": "sqlite3",
    "db_path": f"{STATE}/db.sqlite",
    "database.type": "sqlite",
    "database.sqlite.path": f"{STATE}/db.sqlite",
    "derp.server.private_key_path": f"{STATE}/derp_private.key",
    "dns.base_domain": "tailnet.example.net",
    "dns.nameservers.global": ["1.1.1.1"],
}

#: Values that any key may be given by mistake.
ODD: tuple[Json, ...] = (None, "", [], {}, True, False, 0, 1, -1, 1.5, "x", "1", ["x"], {"x": "y"})

#: What is written for each plain type, right and nearly right.
WRITTEN: dict[str, tuple[Json, ...]] = {
    "bool": (True, False, "true", "false", "True", "yes", "no", "on", "off", "1", "0", "", 0, 1, 2),
    "int": (0, 1, 10, 999, 1000, -1, -2, "10", "010", "0x10", "ten", "", 1.5, True),
    "port": (0, 443, 5432, 8080, 70000, "5432", ":5432", ""),
    "seconds": (0, 3600, "3600", "1h", -1),
    "milliseconds": (0, 200, 1000, "200", "200ms", "1s"),
    "duration": (
        *(
            "0",
            "0s",
            "1s",
            "30s",
            "1m",
            "65s",
            "66s",
            "2h",
            "24h",
            "1h30m",
            "1.5h",
            "500ms",
            "-5s",
            "30",
            "1d",
            "1d12h",
        ),
        *("", "5 m", "1w", "never", "2H", ".5h", "1h 30m", 0, 30, 60, 120_000_000_000, 1.5),
    ),
    "prometheus duration": ("0", "90d", "180d", "1y", "24h", "1h30m", "1.5h", "90", "never", "", "1d 2h", 0, 90),
    "str": ("x", "a b", "", 5, True, 1.0),
    "secret": ("hunter2", "", 12345),
    "url": (
        "https://id.example.com",
        "http://127.0.0.1:9000",
        "id.example.com",
        "https://h:abc",
        "https://a b",
        "%zz",
        "",
    ),
    "address": ("127.0.0.1:8080", "0.0.0.0:8080", ":443", "0.0.0.0:443", "[::]:8080", "127.0.0.1", "8080", 8080, ""),
    "ip": ("1.2.3.4", "198.51.100.1", "2001:db8::1", "example.com", ""),
    "prefix": (
        *(
            "100.64.0.0/10",
            "100.80.0.0/16",
            "100.64.0.5/10",
            "fd7a:115c:a1e0::/48",
            "fd7a:115c:a1e0:1::/64",
            "fd00::/48",
        ),
        *(
            "10.0.0.0/8",
            "100.64.0.0",
            "100.64.0.0/33",
            "127.0.0.1/32",
            "0.0.0.0/0",
            "::/0",
            "::1/128",
            "fd7a::/16",
            "x",
            "",
        ),
        *("010.0.0.0/8", "100.64.0.0/010", "::ffff:10.0.0.0/104", "fe80::%eth0/64", " 100.64.0.0/10"),
    ),
    "domain": (
        "tailnet.example.net",
        "example.com",
        "hs.example.com",
        "com",
        "Example.com",
        "example.com.",
        ".example.com",
        "",
    ),
    "resolver": (
        *(
            "1.1.1.1",
            "9.9.9.9",
            "2606:4700:4700::1111",
            "https://dns.nextdns.io/abc123",
            "dns.example.com",
            "1.1.1.1:53",
        ),
        *(
            "tls://1.1.1.1",
            "[::1]:53",
            "1.1.1.1,8.8.8.8",
            "1.1.1.1 8.8.8.8",
            "100.100.100.100",
            "",
            "%zz",
            "fe80::1%eth0",
        ),
    ),
    "file mode": ("0770", "770", "0o770", "0777", "rwx", "0888", 770, ""),
    "sslmode": (True, False, "disable", "require", "verify-full", ""),
}

RECORDS: tuple[Json, ...] = (
    {"name": "a.tailnet.example.net", "type": "A", "value": "100.64.0.3"},
    {"name": "b.tailnet.example.net", "type": "AAAA", "value": "fd7a:115c:a1e0::3"},
    {"name": "a", "type": "A", "example": "100.64.0.3"},
    {"name": "a", "type": "A", "value": 5},
)

URLS = (
    "https://hs.example.com",
    "https://hs.example.com:8443",
    "https://hs.example.com/x",
    "https://example.com",
    "http://hs",
)
MORE_URLS = (
    *URLS,
    "hs.example.com",
    "HTTPS://hs.example.com",
    "https://h:abc",
    "https://a b",
    "https://",
    "https://[::1]:8443",
)


@dataclass(frozen=True, slots=True)
class Forced:
    """A value under mkForce."""

    value: Json


#: Settings in nested sets.
Tree: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Generated:
    """A configuration: its settings, and the module that they are given to; None for no module, the settings as they stand."""

    number: int
    release: Release
    module: ModuleVersion | None
    settings: Tree
    environment: dict[str, str]

    def nix(self) -> str:
        variables = (
            f"  systemd.services.headscale.environment = {written(self.environment)};\n" if self.environment else ""
        )
        return (
            "{ lib, ... }:\n{\n  services.headscale.enable = true;\n"
            f"  services.headscale.settings = {written(self.settings)};\n{variables}}}\n"
        )


def generate(release: Release, number: int, seed: int) -> Generated:
    """The same three give the same configuration, on any machine."""
    return _Generator(release, random.Random(f"{seed} {release} {number}")).configuration(number)


def untouched(release: Release, module: ModuleVersion) -> Generated:
    """What a release needs, given to the module, and nothing else."""
    tree: Tree = {}
    for path, value in GIVEN.items():
        if path in schema(release).keys:
            put(tree, path, value)
    return Generated(-1, release, module, tree, {})


class _Generator:
    def __init__(self, release: Release, chance: random.Random) -> None:
        self.release = release
        self.schema: Schema = schema(release)
        self.chance = chance

    def configuration(self, number: int) -> Generated:
        version = module_version(self._module()) if self.chance.random() < 0.6 else None
        tree: Tree = {}
        for path, value in GIVEN.items():
            option = version.options.get(f"settings.{path}") if version is not None else None
            by_module = option is not None and option.default and self.chance.random() < 0.7
            if path in self.schema.keys and not by_module and self.chance.random() < 0.97:
                put(tree, path, value)
        subject = self.chance.choice(sorted({path.partition(".")[0] for path in self.schema.keys}))
        for _ in range(self.chance.choice((1, 1, 2, 2, 3, 4, 6))):
            path, value = self._change(subject)
            if version is not None and not self._accepted(version, path, value):
                continue
            forced = version is not None and self.chance.random() < 0.1
            put(tree, path, Forced(value) if forced else value)
        self._without_network(tree)
        return Generated(number, self.release, version, tree, {})

    def _module(self) -> str:
        """Mostly a module that was there when the release was."""
        own = [
            name for name in MODULE_VERSIONS if (version := module_version(name)) is not None and self._near(version)
        ]
        return self.chance.choice(own if own and self.chance.random() < 0.8 else MODULE_VERSIONS)

    def _near(self, version: ModuleVersion) -> bool:
        tag = version.headscale or Release(0, int(version.name.split(".")[1]), 0)
        return abs(tag.minor - self.release.minor) <= 1

    def _change(self, subject: str) -> tuple[str, Json]:
        """One setting, right or wrong; half of them about one subject, so that they meet."""
        draw = self.chance.random()
        if draw < 0.70:
            keys = [path for path in self.schema.keys if path.partition(".")[0] == subject]
            path = self.chance.choice(keys if self.chance.random() < 0.6 else list(self.schema.keys))
            return path, self._value(self.schema.keys[path])
        if draw < 0.82 and self.schema.removals:
            path = self.chance.choice(list(self.schema.removals))
            return path, self._former(path)
        if draw < 0.90:
            others = [key for other in RELEASES for key in schema(other).keys if key not in self.schema.keys]
            path = self.chance.choice(others)
            return path, self._former(path)
        path = self.chance.choice(list(self.schema.keys))
        if draw < 0.96:
            return self._misspelt(path), self._value(self.schema.keys[path])
        group = path.rpartition(".")[0] or path
        return group, self.chance.choice(ODD)

    def _misspelt(self, path: str) -> str:
        above, _, name = path.rpartition(".")
        words = name.split("_")
        names = (
            words[0] + "".join(word.capitalize() for word in words[1:]),
            name.replace("_", "-"),
            name[:-1],
            name + "s",
            name.capitalize(),
        )
        return ".".join(filter(None, (above, self.chance.choice(names))))

    def _former(self, path: str) -> Json:
        """A value for a key that another release reads, or that none ever did."""
        key = next((key for other in reversed(RELEASES) if (key := schema(other).key(path)) is not None), None)
        if key is None or self.chance.random() < 0.3:
            return self.chance.choice(ODD)
        return self._value(key)

    def _value(self, key: Key) -> Json:
        if self.chance.random() < 0.12:
            return self.chance.choice(ODD)
        if key.path == "server_url":
            return self.chance.choice(MORE_URLS)
        values = [*_of(key.type, self.chance), *_limits(key.constraint)]
        if isinstance(key.type, Scalar) and key.type.name == "path":
            values = [*_paths(key.path)]
        return self.chance.choice(values)

    def _accepted(self, version: ModuleVersion, path: str, value: Json) -> bool:
        """Whether the module lets the value through, most of the time: what Nix refuses never reaches Headscale."""
        option = version.options.get(f"settings.{path}")
        if version.refuses(f"settings.{path}") is not None or f"settings.{path}" in version.fixed:
            return self.chance.random() < 0.05
        if option is not None:
            return has_type(option.type, value) or self.chance.random() < 0.05
        inside = version.is_group(f"settings.{path}")
        return not inside or isinstance(value, dict) or self.chance.random() < 0.05

    def _without_network(self, tree: Tree) -> None:
        """A database server is asked for over a socket that is not there, never over a network."""
        for kind, host in (("database.type", "database.postgres.host"), ("db_type", "db_host")):
            if at(tree, kind) == "postgres" and host in self.schema.keys:
                put(tree, host, SOCKETS)


def _of(term: Term, chance: random.Random) -> Sequence[Json]:
    """Values for a type, right and nearly right."""
    match term:
        case Scalar("record"):
            return RECORDS
        case Scalar(name):
            return WRITTEN.get(name, ODD)
        case NullOr(of):
            return (None, *_of(of, chance))
        case ListOf(of):
            inner = _of(of, chance)
            texts = [text for text in inner if isinstance(text, str)] or [""]
            some = [chance.choice(inner) for _ in range(chance.choice((1, 1, 2, 3)))]
            return (
                [],
                some,
                [chance.choice(inner)],
                some[:1],
                chance.choice(texts),
                ",".join(texts[:2]),
                " ".join(texts[:2]),
            )
        case AttrsOf(of):
            name = chance.choice(("example.org", "x", "Some.Name"))
            return ({}, *({name: value} for value in _of(of, chance)))
        case Enum(values):
            right = chance.choice(values)
            return (*values, *values, right.upper(), right.capitalize(), f" {right}", right[:-1], f"{right}ql", "")
        case Submodule():
            return ({},)
        case _:
            assert_never(term)


def _limits(constraint: Constraint | None) -> Iterator[Json]:
    """Values on both sides of a limit."""
    match constraint.limit if constraint is not None else None:
        case Limit("above" | "at_least" | "at_most", int(bound)):
            yield from (bound - 1, bound, bound + 1, str(bound), str(bound + 1))
        case Limit("above" | "at_least" | "at_most", str(bound)) if (edge := go.duration(bound)) is not None:
            seconds = edge // go.SECOND
            yield from (bound, f"{seconds - 1}s", f"{seconds + 1}s", f"{seconds * 1000 + 1}ms", edge + 1, edge)
        case Limit("not_empty"):
            yield from ("", None)
        case _:
            return


def _paths(key: str) -> Iterator[Json]:
    """Files that are there, or that Headscale makes: whether others are there, no configuration says."""
    if "policy" in key:
        yield from (POLICY, None, "")
    elif "secret" in key:
        yield from (SECRET, None, "")
    elif key == "derp.paths":
        yield from ([], None)
    else:
        name = key.replace(".", "_")
        yield from (f"{STATE}/{name}", f"{STATE}/{name}", None, "")
        if not key.startswith(("tls_", "dns.", "unix_")):  # those are opened after `configtest` has ended
            yield f"{name}.file"


def has_type(term: Term, value: Json) -> bool:
    """Whether Nix takes the value for an option of the type."""
    match term, value:
        case NullOr(of), _:
            return value is None or has_type(of, value)
        case ListOf(of), list():
            return all(has_type(of, item) for item in value)
        case AttrsOf(of), dict():
            return all(has_type(of, item) for item in value.values())
        case Enum(values), _:
            return value in values
        case Scalar("bool"), _:
            return isinstance(value, bool)
        case Scalar("int" | "port"), _:
            return isinstance(value, int) and not isinstance(value, bool)
        case Scalar("path"), _:
            return isinstance(value, str) and value.startswith("/")
        case Scalar("str"), _:
            return isinstance(value, str)
        case Submodule(options), dict():
            return value.keys() == options.keys() and all(has_type(options[name], item) for name, item in value.items())
        case _:
            return False


# -- trees of settings ---------------------------------------------------------------------------------------------------


def put(tree: Tree, path: str, value: Json | Forced) -> None:
    """Set the value at a dotted path, in place of whatever bars the way."""
    *above, name = path.split(".")
    for step in above:
        inner = tree.get(step)
        if not isinstance(inner, dict):
            inner = tree[step] = {}
        tree = inner
    tree[name] = deepcopy(value)  # a set may get more members later


def at(tree: Tree, path: str) -> object:
    found: object = tree
    for step in path.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found.value if isinstance(found, Forced) else found


def written(value: object) -> str:
    """A value as Nix text."""
    match value:
        case Forced(inner):
            return f"(lib.mkForce {written(inner)})"
        case list():
            return f"[ {' '.join(_item(item) for item in value)} ]"
        case dict():
            return (
                "{ " + " ".join(f"{attribute_name(key)} = {written(member)};" for key, member in value.items()) + " }"
            )
        case str():
            return quoted(value)
        case _:
            return json.dumps(value)


def _item(value: object) -> str:
    text = written(value)
    return f"({text})" if text.startswith("-") else text
