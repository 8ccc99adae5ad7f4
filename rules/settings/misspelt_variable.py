"""Variables of the unit that look like settings, and are none."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, UnreadReason, catalogue, edits, rule, spelling

#: Other variables that Headscale looks at: for its own command line, and for its developers.
_OTHERS = ("HEADSCALE_CLI_", "HEADSCALE_CONFIG", "HEADSCALE_DEBUG_", "HEADSCALE_INTEGRATION_", "HEADSCALE_TEST_")


@rule(Effect.IGNORED)
def misspelt_variable(host: Host) -> Iterator[Problem]:
    """A variable stands above the settings only if its name is exactly that of a key, in capitals, with _ for each dot."""
    known = {key.environment: key for key in host.schema.keys.values()}
    for variable in host.environment():
        name = variable.option.rpartition(".")[2]
        if (
            not variable.certainly_written
            or not name.startswith("HEADSCALE_")
            or name in known
            or name.startswith(_OTHERS)
            or _once(host, name)
        ):
            continue
        meant = _meant(host, name, known)
        if meant is not None:
            yield Problem(
                f"{name[:40]} is not read; the variable for {meant.path} is {meant.environment}",
                at=variable.name_at,
                fix=_fix(variable, name, meant.environment),
            )


def _once(host: Host, name: str) -> bool:
    """Whether another release reads it: a setting of that name was removed, or is not there yet."""
    path = next((r.path for r in host.schema.removals.values() if catalogue.environment_variable(r.path) == name), None)
    return path is not None or any(
        catalogue.environment_variable(unread.key) == name and unread.standing is UnreadReason.TOO_NEW
        for unread in host.ignored_settings
    )


def _meant(host: Host, name: str, known: dict[str, catalogue.Key]) -> catalogue.Key | None:
    words = name.removeprefix("HEADSCALE_").lower()
    squeezed = {key.environment.replace("_", ""): key for key in known.values()}
    same = squeezed.get(name.replace("_", ""))
    if same is not None:
        return same
    close = spelling.nearest(name, known, 0.93)
    return known[close] if close is not None else catalogue.nearest(host.schema, words)


def _fix(variable: Setting, name: str, meant: str) -> Fix:
    return Fix(f"write {meant}", edits.rename(variable, name, meant))
