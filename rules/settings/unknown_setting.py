"""Settings that no release of Headscale knows."""

from hslint.rule import Effect, Fix, Host, IgnoredSetting, Iterator, Problem, UnreadReason, edits, rule


@rule(Effect.IGNORED)
def unknown_setting(host: Host) -> Iterator[Problem]:
    """Headscale ignores, without a word, a setting that it does not know."""
    for unread in host.ignored_settings:
        if unread.standing is not UnreadReason.UNKNOWN:
            continue
        meant = unread.meant.path if unread.meant is not None else None
        if meant is None:
            yield Problem(f"{unread.key} is not read; Headscale has no such setting", at=unread.at)
            continue
        fatal = meant in host.schema.keys and host.violates_constraint(meant)
        said = f"{unread.key} is not read" + (", and without it Headscale does not start" if fatal else "")
        yield Problem(
            f"{said}; did you mean {meant}?",
            at=unread.at,
            fix=_fix(host, unread, meant, fatal=fatal),
            effect=Effect.FAILS if fatal else Effect.IGNORED,
            absent=(f"settings.{meant}",),
        )


def _fix(host: Host, unread: IgnoredSetting, meant: str, *, fatal: bool) -> Fix:
    if host.setting(f"settings.{meant}").written:
        return Fix(f"delete it: {meant} is set as well", edits.delete(unread.setting), safe=True)
    made = edits.rename(unread.setting, unread.key, meant) or edits.move(host, unread.setting, unread.key, meant)
    return Fix(f"write {meant}", made, safe=fatal)
