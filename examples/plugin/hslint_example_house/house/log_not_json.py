"""What the house's collector of logs can read."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, edits, rule


@rule(Effect.ADVICE)
def log_not_json(host: Host) -> Iterator[Problem]:
    """The collector of logs drops lines that are no JSON."""
    setting = host.own("settings.log.format")
    if setting.text is not None and setting.text != "json":
        fix = Fix('write "json"', edits.write(setting, '"json"'))
        yield Problem(f"the collector drops lines in the format {setting.text}", at=setting.at, fix=fix)
