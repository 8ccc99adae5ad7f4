"""The old name of the timeout for ephemeral nodes."""

from hslint.rule import Effect, Fix, Host, Iterator, Problem, Setting, edits, rule

_OLD, _NEW = "ephemeral_node_inactivity_timeout", "node.ephemeral.inactivity_timeout"


@rule(Effect.IGNORED, since="0.29")
def ephemeral_timeout_shadowed(host: Host) -> Iterator[Problem]:
    """From 0.29 on Headscale does not use `ephemeral_node_inactivity_timeout`, whatever its log says."""
    setting = host.setting(f"settings.{_OLD}")
    if not setting.certainly_written or setting.is_null:
        return
    new = host.setting(f"settings.{_NEW}")
    used = _used(host, new)
    yield Problem(
        f"{_OLD} is not used from 0.29 on; {used} applies",
        at=setting.name_at,
        fix=_fix(setting, new, used),
    )


def _used(host: Host, new: Setting) -> str:
    """The value under the new name: the module's default, or else Headscale's own."""
    key = host.schema.key(_NEW)
    match new.presumed:
        case str(text):
            return text
        case None:
            return str(key.default) if key is not None else "120s"
        case _:
            return "another value"


def _fix(setting: Setting, new: Setting, used: str) -> Fix:
    if new.written:
        return Fix(f"delete it: {_NEW} is set as well", edits.delete(setting), safe=True)
    return Fix(f"write {_NEW}", edits.rename(setting, _OLD, _NEW), safe=setting.data == used)
