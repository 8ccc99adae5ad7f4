"""Who may talk to Headscale's socket."""

from hslint.rule import (
    Effect,
    Fix,
    Host,
    Int,
    Iterator,
    List,
    Problem,
    Setting,
    Span,
    String,
    Unknown,
    file_mode,
    rule,
    write,
)

_OPTION = "settings.unix_socket_permission"


@rule(Effect.BROKEN)
def socket_mode(host: Host) -> Iterator[Problem]:
    """Without `unix_socket_permission` only Headscale's own user can use the command line; with world bits everybody can."""
    setting = host.setting(_OPTION)
    if setting.written:
        yield from _written(setting)
        return
    if host.is_open or isinstance(setting.value, Unknown):
        return
    group = host.setting("group").text or "headscale"
    for at in _members(host, group):
        yield Problem(
            f'members of {group[:30]} cannot use the socket: its mode is 0700; set unix_socket_permission = "0770"',
            at=at,
        )


def _written(setting: Setting) -> Iterator[Problem]:
    match setting.value:
        case String(known=str(text)):
            mode = file_mode(text)
        case Int(number):
            # A number is written into the file in decimal digits, which Headscale reads as octal ones.
            text, mode = str(number), file_mode(str(number))
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
    if file_mode(digits) is None:
        return None
    written = f'"{digits.zfill(4)}"'
    edits = write(setting, written)
    return Fix(f"write {written}", edits) if edits else None


def _members(host: Host, group: str) -> Iterator[Span]:
    """Where people are put into the group."""
    for setting in host.accounts():
        name = setting.option.rpartition(".")[2]
        if not isinstance(setting.value, List):
            continue
        if name == "extraGroups":
            for lazy in setting.value.items:
                member = lazy.outcome()
                if isinstance(member, String) and member.known == group and (member.span or setting.at) is not None:
                    at = member.span or setting.at
                    assert at is not None
                    yield at
        elif (
            name == "members"
            and setting.option.split(".")[2].strip('"') == group
            and setting.value.items
            and setting.at is not None
        ):
            yield setting.at
