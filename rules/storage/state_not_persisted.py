"""State on a root that is empty after every boot."""

from hslint.rule import Effect, Entry, Fix, Host, Iterator, Problem, Setting, catalogue, edits, nix, rule

_ROOTS = ("environment.persistence", "preservation.preserveAt")
_DIRECTORIES = ("directories", "files")
_STATE = catalogue.STATE_DIRECTORY
_UNIT = "systemd.services.headscale.serviceConfig"
#: File systems in memory.
_VOLATILE = ("tmpfs", "ramfs")


@rule(Effect.BROKEN)
def state_not_persisted(host: Host) -> Iterator[Problem]:
    """Where the root is emptied at every boot, the database and the keys are gone with it: no node is known any more."""
    if host.container is not None:
        yield from _of_container(host, host.container.option("ephemeral"), host.container.option("bindMounts"))
        return
    root = host.nixos('fileSystems."/".fsType')
    in_memory = root.written and root.text in _VOLATILE
    lists = [each for table in _ROOTS for each in _lists(host, table)]
    if not (in_memory or lists) or not _all_known(host):
        return
    places = {place for each in lists for entry in each.entries if (place := _place(entry)) is not None}
    if any(_place(entry) is None for each in lists for entry in each.entries) or _kept(host, places):
        return
    lost = [
        name for name, path in _state(host) if path is not None and not any(_below(path, place) for place in places)
    ]
    if not lost:
        return
    directories = next((each for each in lists if each.option.endswith(".directories")), None)
    at = directories.here if directories is not None else root.here
    what = "all nodes are forgotten" if "database.sqlite.path" in lost else "clients see another key"
    yield Problem(
        f"{_STATE} is not kept: it is empty after every boot, and {what}",
        at=at,
        fix=_fix(directories) if directories is not None else None,
    )


def _of_container(host: Host, ephemeral: Setting, mounts: Setting) -> Iterator[Problem]:
    """A container that is made anew at every start, and into which nothing is mounted that could be the state."""
    if ephemeral.flag is not True or host.has_unresolved_imports or isinstance(mounts.value, nix.Unknown):
        return
    lost = [name for name, path in _state(host) if path is not None]
    if lost and not any(_below(_STATE, place) or _below(place, _STATE) for place in mounts.names):
        yield Problem(f"the container is made anew at every start, and {_STATE} with it", at=ephemeral.at)


def _lists(host: Host, table: str) -> Iterator[Setting]:
    """The lists of what is kept, of every place where something is."""
    for root in host.nixos(table).names:
        for name in _DIRECTORIES:
            kept = host.nixos(f'{table}."{root}".{name}')
            if kept.written:
                yield kept


def _all_known(host: Host) -> bool:
    """Whether nothing that cannot be read may keep more."""
    if host.has_unresolved_imports:
        return False
    for table in _ROOTS:
        for root in host.nixos(table).names:
            for name in _DIRECTORIES:
                value = host.nixos(f'{table}."{root}".{name}').value
                if value is not None and not (isinstance(value, nix.List) and value.rest is None):
                    return False
    return True


def _place(entry: Entry) -> str | None:
    """The path that an element names: a text, or a set with one."""
    named = (entry.text, entry.member("directory").text, entry.member("file").text)
    return next((text for text in named if text is not None), None)


def _kept(host: Host, places: set[str]) -> bool:
    """Whether the state directory, one above it or one in it is kept, or is a file system of its own."""
    mounts = {name for name in host.nixos("fileSystems").names if name != "/"}
    mounts.update(text for text in host.nixos("disko.devices").strings_within if text.startswith("/var"))
    if any(host.nixos(f"{_UNIT}.{name}").written for name in ("BindPaths", "StateDirectory")):
        return True
    return any(_below(_STATE, place) or _below(place, _STATE) for place in (*places, *mounts))


def _state(host: Host) -> Iterator[tuple[str, str | None]]:
    """The files whose loss is felt, by their settings, as far as they lie in the state directory."""
    keys = ["noise.private_key_path"]
    if host.reads("database.type") in ("sqlite", "sqlite3"):
        keys.append("database.sqlite.path")
    elif host.reads("db_type") in ("sqlite", "sqlite3"):
        keys.append("db_path")
    for key in keys:
        path = host.reads(key)
        yield key, path if isinstance(path, str) and _below(path, _STATE) else None


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place.rstrip('/')}/")


def _fix(directories: Setting) -> Fix | None:
    """One more element of the list. Unsafe: what is there now must be moved along."""
    if not directories.entries or directories.entries[-1].at is None or directories.at is None:
        return None
    last = directories.entries[-1].at
    if not directories.at.contains(last) or last == directories.at or not directories.at.text.startswith("["):
        return None
    return Fix(f"keep {_STATE}", edits.insert_after(last, f'"{_STATE}"'))
