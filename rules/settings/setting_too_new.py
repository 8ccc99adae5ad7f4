"""Settings that a later release of Headscale brought."""

from hslint.rule import Effect, Host, Iterator, Problem, UnreadReason, rule


@rule(Effect.IGNORED)
def setting_too_new(host: Host) -> Iterator[Problem]:
    """Headscale ignores, without a word, a setting that only a later release reads."""
    for unread in host.ignored_settings:
        if unread.standing is UnreadReason.TOO_NEW and unread.since is not None:
            yield Problem(
                f"{unread.key} is read from {unread.since.series} on; Headscale {host.release.series} ignores it",
                at=unread.at,
            )
