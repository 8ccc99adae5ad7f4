"""The file mode of Headscale's socket."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, Span, catalogue, edits, nix, rule

_OPTION = "settings.unix_socket_permission"


@rule(Effect.BROKEN)
def socket_mode(host: Host) -> Iterator[Problem]:
    """Without `unix_socket_permission` only Headscale's own user can use the command line; with world bits everybody can."""
    setting = host.setting(_OPTION)
    if setting.written:
        yield from _written(setting)
        return
    if host.has_unresolved_imports or host.reads_environment_file or isinstance(setting.value, nix.Unknown):
        return
    group = host.setting("group").text or "headscale"
    for at in _members(host, group):
        yield Problem(
            f'members of {group[:30]} cannot use the socket: its mode is 0700; set unix_socket_permission = "0770"',
            at=at,
        )


def _written(setting: Setting) -> Iterator[Problem]:
    match setting.value:
        case nix.String(known=str(text)):
            mode = catalogue.file_mode(text)
        case nix.Int(number):
            # A number is written into the file in decimal digits, which Headscale reads as octal ones.
            text, mode = str(number), catalogue.file_mode(str(number))
        case _:
            return
    if mode is None:
        message = f'unix_socket_permission = "{text[:20]}" is not understood and becomes 0700; write "0770"'
        yield Problem(message, at=setting.at, effect=Effect.IGNORED, fix=_fix(setting, text))
    elif mode & 0o006:
        yield Problem(
            f"unix_socket_permission {text} lets every local user administer Headscale",
            at=setting.at,
            effect=Effect.INSECURE,
        )


def _fix(setting: Setting, text: str) -> Fix | None:
    digits = text.removeprefix("0o")
    written = f'"{digits.zfill(4)}"'
    return None if catalogue.file_mode(digits) is None else Fix(f"write {written}", edits.write(setting, written))


def _members(host: Host, group: str) -> Iterator[Span | None]:
    """The places that put users into the group. An account of another service wants the files: backups of the database, certificates."""
    for setting in host.accounts():
        if _of_service(host, setting):
            continue
        name = setting.option.rpartition(".")[2]
        if name == "extraGroups":
            yield from (entry.at for entry in setting.entries if entry.text == group)
        elif name == "members" and setting.option.split(".")[2].strip('"') == group and setting.entries:
            yield setting.at


def _of_service(host: Host, setting: Setting) -> bool:
    """Whether the account is that of a service, which is not said to be a person's."""
    _, table, name, *_ = (*setting.option.split("."), "", "")
    user = f"users.users.{name}"
    return (
        table == "users"
        and host.nixos(f"services.{name}.enable").flag is True
        and not host.nixos(f"{user}.isNormalUser").flag
    )
