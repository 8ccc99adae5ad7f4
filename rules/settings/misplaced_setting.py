"""Settings whose words are right and whose place is not: `derp.server.enable`, `dns.split`, `log_level`."""

from hslint.rule import Effect, Fix, Host, IgnoredSetting, Iterator, Problem, UnreadReason, edits, rule


@rule(Effect.IGNORED)
def misplaced_setting(host: Host) -> Iterator[Problem]:
    """Headscale ignores, without a word, a setting that stands in another place than the one it reads."""
    for unread in host.ignored_settings:
        if unread.standing is not UnreadReason.MISPLACED or unread.meant is None:
            continue
        if host.module.option(unread.key) is not None:
            yield Problem(f"{unread.key} is not read; the option is services.headscale.{unread.key}", at=unread.at)
            continue
        meant = unread.meant.path
        fatal = meant in host.schema.keys and host.violates_constraint(meant)
        said = f"{unread.key} is not read" + (", and without it Headscale does not start" if fatal else "")
        yield Problem(
            f"{said}; {'write' if fatal else 'Headscale reads'} {meant}",
            at=unread.at,
            fix=_fix(host, unread, meant, fatal=fatal),
            effect=Effect.FAILS if fatal else Effect.IGNORED,
            absent=(f"settings.{meant}",),
        )


def _fix(host: Host, unread: IgnoredSetting, meant: str, *, fatal: bool) -> Fix | None:
    """Write the right key. That activates a setting that was never in effect, so it is safe only where nothing changes, or
    nothing works without.
    """
    right = host.setting(f"settings.{meant}")
    if right.written:
        return Fix(f"delete it: {meant} is set as well", edits.delete(unread.setting), safe=True)
    if unread.is_set:
        return _fix_set(unread, meant)
    made = edits.rename(unread.setting, unread.key, meant) or edits.move(host, unread.setting, unread.key, meant)
    key = host.schema.key(meant)
    default = right.data if right.value is not None else key.default if key is not None else None
    return Fix(f"write {meant}", made, safe=fatal or (default is not None and unread.setting.data == default))


def _fix_set(unread: IgnoredSetting, meant: str) -> Fix | None:
    """The name of a whole set, where only that differs: `dns.split` is `dns.nameservers.split`."""
    above, _, name = unread.key.rpartition(".")
    if unread.at.text != name or not meant.startswith(f"{above}."):
        return None
    return Fix(f"write {meant}", (edits.Edit(unread.at, meant.removeprefix(f"{above}.")),))
