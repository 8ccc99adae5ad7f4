"""State in places that the service's sandbox cannot write to, or cannot even see."""

from hslint.rule import Effect, Host, Iterator, Problem, Setting, catalogue, nix, rule

# What Headscale writes. Keys are made when they are missing, and read when they are there.
_WRITTEN = ("database.sqlite.path", "tls_letsencrypt_cache_dir", "unix_socket")
_MADE = ("noise.private_key_path", "derp.server.private_key_path", "private_key_path", "db_path")
_RUNTIME = catalogue.RUNTIME_DIRECTORY
_WRITABLE = (catalogue.STATE_DIRECTORY, _RUNTIME, f"/var{_RUNTIME}", "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
_SERVICE = "systemd.services.headscale.serviceConfig"
# Each of these options shows that the sandbox was adjusted.
_OPENED = (
    "ReadWritePaths",
    "BindPaths",
    "StateDirectory",
    "ProtectSystem",
    "ReadWriteDirectories",
    "BindReadOnlyPaths",
)


@rule(Effect.FAILS)
def state_path_outside_state_dir(host: Host) -> Iterator[Problem]:
    """The service may write below /var/lib/headscale and /run/headscale only; a database elsewhere cannot be opened."""
    if (
        host.has_unresolved_imports
        or any(host.nixos(f"{_SERVICE}.{name}").written for name in _OPENED)
        or _user_unit(host)
    ):
        return
    for key in (*_WRITTEN, *_MADE):
        setting = host.own(f"settings.{key}")
        if not setting.written or host.schema.key(key) is None:
            continue
        if key.startswith("derp.") and not host.setting("settings.derp.server.enabled").flag:
            continue
        if key == "database.sqlite.path" and host.setting("settings.database.type").text == "postgres":
            continue
        message = _told(key, setting)
        if key == "database.sqlite.path" and host.reads(key) == "" and not host.violates_constraint(key):
            lost = "the database is a temporary one, and lost at every start"
            yield Problem(f"{key} is empty; {lost}", at=setting.at, effect=Effect.BROKEN)
        elif key == "database.sqlite.path" and isinstance(setting.value, nix.Null):
            said = f"{key} is null, so that there is no database; Headscale does not start"
            yield Problem(said, at=setting.at)
        elif message is not None:
            yield Problem(message, at=setting.at)


def _told(key: str, setting: Setting) -> str | None:
    path = setting.text
    if path is None or not path.startswith("/"):
        return None
    if any(_below(path, place) for place in catalogue.HIDDEN_DIRECTORIES):
        return f"{key} lies in {path.split('/')[1]}, which the service does not see (ProtectHome)"
    if any(_below(path, place) for place in _WRITABLE):
        return None
    if key in _MADE:
        # Secrets that something else puts in place are only read.
        return None
    return f"{key} lies outside {catalogue.STATE_DIRECTORY}; the service may not write there"


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


def _user_unit(host: Host) -> bool:
    """Whether the whole serviceConfig is something that cannot be told."""
    return isinstance(host.nixos(_SERVICE).value, (nix.Unknown, nix.List))
