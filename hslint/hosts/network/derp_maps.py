"""DERP maps that lie in the project, as Headscale reads them: YAML whose keys are those of Go's structures in lower case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hslint.hosts.host import Host
from hslint.hosts.network.cached_per_host import cached_per_host
from hslint.hosts.network.reading import member, outcome
from hslint.hosts.setting import Entry
from hslint.record import Record
from hslint.source import SourceFile, Span
from hslint.values.packages import GeneratedFile, PackageValue
from hslint.values.store_copies import original
from hslint.values.value import Path, String, Value

#: More bytes than any real map has.
_LONGEST = 500_000

_MAP = ("regions",)
_REGION = ("regionid", "regioncode", "regionname", "nodes")
_NODE = ("name", "regionid", "hostname", "ipv4", "ipv6", "stunport", "stunonly", "derpport")
_NUMBERS = ("regionid", "stunport", "derpport")

_STRING = "tag:yaml.org,2002:str"


class Part(Record):
    """A key or a value of a map, with its place."""

    text: str
    at: Span | None


class DerpNode(Record):
    """A relay of a region."""

    hostname: Part | None


class DerpMap(Record):
    """The DERP map in a file of `derp.paths`.

    name       the file's name
    at         where the configuration names the file
    unreadable why it is no YAML, with the place
    capitals   keys that JSON maps have so, and that are not read here
    texts      texts where numbers belong, by their keys
    """

    name: str
    at: Span | None
    unreadable: Part | None = None
    has_regions: bool = False
    regions: tuple[Part, ...] = ()
    nodes: tuple[DerpNode, ...] = ()
    capitals: tuple[Part, ...] = ()
    texts: tuple[tuple[str, Part], ...] = ()


@cached_per_host
def derp_maps(host: Host) -> tuple[DerpMap, ...]:
    """The maps that the host reads from files of which the text is known."""
    paths = host.setting("settings.derp.paths")
    return tuple(found for entry in paths.entries if (found := _map(host, entry)) is not None)


def _map(host: Host, entry: Entry) -> DerpMap | None:
    source = _source(host, entry.value)
    if source is None:
        return None
    name, text, file = source
    return None if len(text) > _LONGEST else _read(name, entry.at, text, file)


def _source(host: Host, value: Value | None) -> tuple[str, str, SourceFile | None] | None:
    """The name of the file and its text, and the file itself where it lies in the project."""
    match value:
        case Path(path):
            return _of_project(host, path)
        case PackageValue(native=GeneratedFile(name=name, text=lazy)):
            text = outcome(lazy)
            return (name, text.known, None) if isinstance(text, String) and text.known is not None else None
        case String(known=str(path)) if path.startswith("/etc/"):
            made = member(host.nixos("environment.etc").value, path.removeprefix("/etc/"))
            said = member(made, "text")
            if isinstance(said, String) and said.known is not None:
                return path.rpartition("/")[2], said.known, None
            source = member(made, "source")
            return None if isinstance(source, String) and source.known == path else _source(host, source)
        case String():
            copied = original(value)
            return _of_project(host, copied.path) if copied is not None and copied.path is not None else None
        case _:
            return None


def _of_project(host: Host, path: str) -> tuple[str, str, SourceFile] | None:
    file = host.project.read(path)
    if not isinstance(file, SourceFile):
        return None
    try:
        return path.rpartition("/")[2], file.text.decode(), file
    except UnicodeDecodeError:
        return None


def _read(name: str, at: Span | None, text: str, file: SourceFile | None) -> DerpMap | None:
    import yaml  # only where there is a map to read

    def place(start: int, end: int) -> Span | None:
        if file is None:
            return at
        before = len(text[:start].encode())
        return Span(file, before, before + max(1, len(text[start:end].encode())))

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = at if mark is None else place(mark.index, mark.index)
        return DerpMap(name, at, unreadable=Part(str(error.problem or "syntax error"), where))
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    reading = _Reading(place)
    regions = reading.members(root, _MAP).get("regions")
    reading.regions_of(regions)
    return DerpMap(
        name,
        at,
        has_regions=isinstance(regions, yaml.MappingNode) and bool(regions.value),
        regions=tuple(reading.regions),
        nodes=tuple(reading.nodes),
        capitals=tuple(reading.capitals),
        texts=tuple(reading.texts),
    )


class _Reading:
    """The state of reading one map. Nodes are PyYAML's, which is not imported here: there may be no map at all."""

    def __init__(self, place: Callable[[int, int], Span | None]) -> None:
        self.place = place
        self.regions: list[Part] = []
        self.nodes: list[DerpNode] = []
        self.capitals: list[Part] = []
        self.texts: list[tuple[str, Part]] = []

    def regions_of(self, regions: Any) -> None:
        for key, region in _pairs(regions):
            self.regions.append(self.part(key))
            nodes = self.members(region, _REGION).get("nodes")
            for node in nodes.value if nodes is not None and nodes.id == "sequence" else ():
                name = self.members(node, _NODE).get("hostname")
                self.nodes.append(DerpNode(None if name is None or name.id != "scalar" else self.part(name)))

    def members(self, node: Any, known: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in _pairs(node):
            name = key.value
            if name in known:
                found[name] = value
                if name in _NUMBERS and value.id == "scalar" and value.tag == _STRING:
                    self.texts.append((name, self.part(value)))
            elif name.lower() in known:
                self.capitals.append(self.part(key))
        return found

    def part(self, node: Any) -> Part:
        return Part(str(node.value), self.place(node.start_mark.index, node.end_mark.index))


def _pairs(node: Any) -> Iterator[tuple[Any, Any]]:
    """The members of a mapping whose keys are scalars."""
    if node is not None and node.id == "mapping":
        yield from ((key, value) for key, value in node.value if key.id == "scalar")
