"""Owner, group and mode of the files that NixOS makes for services (secrets, certificates), and whether Headscale may read them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hslint.hosts.host import Host
from hslint.hosts.network.reading import entries, is_written, member, outcome, strings
from hslint.hosts.setting import Setting
from hslint.record import Record
from hslint.source import Span
from hslint.values.show import attribute_name
from hslint.values.value import Attrs, Bool, Null, String, Value

_UNIT = "systemd.services.headscale.serviceConfig"

#: Tables of secrets: sops-nix and agenix.
SECRETS = ("sops.secrets", "sops.templates", "age.secrets")
_ROOT = "root"

#: Modes: who may read besides root.
_OWNER, _GROUP, _OTHERS = 0o400, 0o040, 0o004


class OwnedFile(Record):
    """A file, or a directory of files, with its owner, group and mode.

    name   the option that makes it: `sops.secrets."hs-oidc"`
    path   the file, or a directory with a slash at its end
    owner  the user's name; group the group's, None where it cannot be told
    at     where the configuration speaks of it
    """

    name: str
    path: str
    owner: str
    group: str | None
    mode: int
    at: Span | None

    def covers(self, path: str) -> bool:
        return path == self.path or (self.path.endswith("/") and path.startswith(self.path))


class ServiceAccount(Record):
    """The account that Headscale's unit runs as, with every group that it is in."""

    user: str
    groups: frozenset[str]

    def may_read(self, kept: OwnedFile) -> bool:
        return bool(
            kept.mode & _OTHERS
            or (kept.owner == self.user and kept.mode & _OWNER)
            or (kept.group in self.groups and kept.mode & _GROUP)
        )


def reader(host: Host) -> ServiceAccount | None:
    """The account that must read it; None where it is unknown, and for root, who may read everything."""
    user, group = host.setting("user").text, host.setting("group").text
    if user is None or group is None or user == _ROOT or is_written(host, f"{_UNIT}.User"):
        return None
    groups, complete = {group}, not host.has_unresolved_imports
    for path in (f'users.users."{user}".extraGroups', f"{_UNIT}.SupplementaryGroups"):
        names, all_names = strings(host.nixos(path).value)
        groups.update(names)
        complete = complete and all_names
    for name, lazy in entries(host.nixos("users.groups").value):
        members, all_members = strings(member(outcome(lazy), "members"))
        complete = complete and all_members
        if user in members:
            groups.add(name)
    return ServiceAccount(user, frozenset(groups)) if complete else None


class Unreadable(Record):
    """A setting that names a file which Headscale may not read."""

    setting: Setting
    kept: OwnedFile
    reader: ServiceAccount


def unreadable(host: Host, table: str) -> Iterator[Unreadable]:
    """The settings that name a file of a table ("sops.secrets", "security.acme.certs" …) which the unit's account cannot read."""
    account = reader(host)
    if account is None:
        return
    closed = [each for each in kept(host) if each.name.startswith(f"{table}.") and not account.may_read(each)]
    for setting in host.written() if closed else ():
        path = _text(setting.value)
        found = next((each for each in closed if path is not None and each.covers(path)), None)
        if found is not None:
            yield Unreadable(setting, found, account)


def kept(host: Host) -> Iterator[OwnedFile]:
    """The secrets and certificates of the host whose owner, group and mode are known."""
    yield from chain(*(_secrets(host, table) for table in SECRETS), _certificates(host))


def _secrets(host: Host, table: str) -> Iterator[OwnedFile]:
    """sops-nix and agenix leave a secret to root, mode 0400, unless the configuration says otherwise; its group is its owner's first one."""
    for name, lazy in entries(host.nixos(table).value):
        secret = outcome(lazy)
        if not isinstance(secret, Attrs):
            continue
        path, mode = _text(member(secret, "path")), _text(member(secret, "mode"), "0400")
        owner, group = _account(member(secret, "owner")), _account(member(secret, "group"))
        if path is None or mode is None or owner is None or group is None or not _is_octal(mode):
            continue
        if group == _ROOT != owner:
            group = _first_group(host, owner)
        yield OwnedFile(f"{table}.{attribute_name(name)}", path, owner, group, int(mode, 8), lazy.place)


def _certificates(host: Host) -> Iterator[OwnedFile]:
    """Directories of security.acme: mode 0750, the group's; a certificate that nginx asks for belongs to nginx's group."""
    for name, lazy in entries(host.nixos("security.acme.certs").value):
        certificate = outcome(lazy)
        directory = _text(member(certificate, "directory"))
        if not isinstance(certificate, Attrs) or directory is None or _asked_for_by_nginx(host, name):
            continue
        option = f'security.acme.certs."{name}".group'
        group = _text(member(certificate, "group"), "acme")
        if not is_written(host, option) and is_written(host, "security.acme.defaults.group"):
            group = _text(host.nixos("security.acme.defaults.group").value)
        if group is not None:
            yield OwnedFile(
                f"security.acme.certs.{attribute_name(name)}", f"{directory}/", "acme", group, 0o750, lazy.place
            )


def _asked_for_by_nginx(host: Host, name: str) -> bool:
    """Whether nginx's module sets options of the certificate, or may."""
    match member(host.nixos("services.nginx.virtualHosts").value, name, "enableACME"):
        case None | Bool(False):
            return False
        case _:
            return True


def _first_group(host: Host, user: str) -> str | None:
    """The group of a user; Headscale's own user is the module's."""
    if user == host.setting("user").text:
        return host.setting("group").text
    return _text(host.nixos(f'users.users."{user}".group').value)


def _text(value: Value | None, default: str | None = None) -> str | None:
    """A known text; the default for null and for nothing."""
    match value:
        case None | Null():
            return default
        case String(known=text):
            return text
        case _:
            return None


def _account(value: Value | None) -> str | None:
    """A user or group of a secret: root's where nothing is said; agenix calls that "0"."""
    name = _text(value, _ROOT)
    return _ROOT if name == "0" else name


def _is_octal(mode: str) -> bool:
    return mode != "" and all(digit in "01234567" for digit in mode)
