"""A package of another release than the one that the module is made for."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, catalogue, rule, shortened


@rule(Effect.ADVICE)
def package_module_mismatch(host: Host) -> Iterator[Problem]:
    """The module writes settings of one release for a Headscale of another, which does not read them.

    What the release refuses is removed-setting's business, what it misses required-setting's.
    """
    made_for = host.module.made_for
    if not host.runs.known or made_for is None or made_for.series == host.release.series:
        return
    unread = [key for key in host.module.sets if _is_unread(host, key)]
    if not unread:
        return
    message = f"the module is made for Headscale {made_for.series}; {host.release.series} does not read {unread[0]}"
    more = f"nor {len(unread) - 1} more" if len(unread) > 1 else ""
    package, module = host.runs.release.at, host.runs.module.at
    at = package or module or host.anchor
    notes = (Note("the module is imported here", module),) if module != at else ()
    yield Problem(shortened(message, more) if more else message, at=at, notes=notes)


def _is_unread(host: Host, key: str) -> bool:
    """Whether the module sets a key that other releases read, and the host's passes over in silence."""
    schema = host.schema
    if (
        schema.key(key) is not None
        or schema.is_group(key)
        or schema.is_open(key)
        or catalogue.first_release_reading(key) is None
    ):
        return False
    removal = schema.removed(key)
    setting = host.setting(f"settings.{key}")
    return (removal is None or removal.how is not catalogue.How.REFUSED) and setting.exists and not setting.written
