"""State in places that the service's sandbox cannot write to, or cannot even see."""

from hslint.rule import Effect, Host, Iterator, List, Null, Problem, Setting, String, Unknown, rule

# What Headscale writes. Keys are made when they are missing, and read when they are there.
_WRITTEN = ("database.sqlite.path", "tls_letsencrypt_cache_dir", "unix_socket")
_MADE = ("noise.private_key_path", "derp.server.private_key_path", "private_key_path", "db_path")
_WRITABLE = ("/var/lib/headscale", "/run/headscale", "/var/run/headscale", "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
_HIDDEN = ("/home", "/root", "/run/user")
_SERVICE = "systemd.services.headscale.serviceConfig"
# Any of these says that somebody has looked at the sandbox.
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
    if host.is_open or any(_is_set(host, f"{_SERVICE}.{name}") for name in _OPENED) or _user_unit(host):
        return
    for key in (*_WRITTEN, *_MADE):
        setting = host.setting(f"settings.{key}")
        if not setting.written or setting.at is None or host.schema.key(key) is None:
            continue
        if key.startswith("derp.") and not _on(host, "settings.derp.server.enabled"):
            continue
        if key == "database.sqlite.path" and host.setting("settings.database.type").text == "postgres":
            continue
        message = _told(key, setting)
        if key == "database.sqlite.path" and host.reads(key) == "" and not host.breaks(key):
            lost = "the database is a temporary one, and lost at every start"
            yield Problem(f"{key} is empty; {lost}", at=setting.at, effect=Effect.BROKEN)
        elif key == "database.sqlite.path" and isinstance(setting.value, Null):
            said = f"{key} is null, so that there is no database; Headscale does not start"
            yield Problem(said, at=setting.at)
        elif message is not None:
            yield Problem(message, at=setting.at)


def _told(key: str, setting: Setting) -> str | None:
    match setting.value:
        case String(known=str(path)) if path.startswith("/"):
            pass
        case _:
            return None
    if any(_below(path, place) for place in _HIDDEN):
        return f"{key} lies in {path.split('/')[1]}, which the service does not see (ProtectHome)"
    if any(_below(path, place) for place in _WRITABLE):
        return None
    if key in _MADE:
        # Secrets that something else puts in place are only read.
        return None
    return f"{key} lies outside /var/lib/headscale; the service may not write there"


def _below(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")


def _is_set(host: Host, option: str) -> bool:
    """Whether the configuration itself speaks of the option, or may."""
    return host.nixos(option).written


def _user_unit(host: Host) -> bool:
    """Whether the whole serviceConfig is something that cannot be told."""
    return isinstance(host.nixos(_SERVICE).value, (Unknown, List))


def _on(host: Host, option: str) -> bool:
    return host.setting(option).flag is True
