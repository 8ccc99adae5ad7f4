"""A policy that is not there, or goes by another name."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, policy, rule


@rule(Effect.FAILS)
def policy_file_missing(host: Host) -> Iterator[Problem]:
    """Headscale does not start when the file in `policy.path` does not exist."""
    setting = policy.setting_of(host)
    absent = policy.missing(host, setting.value)
    if absent is not None and setting.written:
        name, beside = absent
        yield Problem(f"there is no file {name}, but {beside}", at=setting.at, effect=Effect.REFUSED)
    path = setting.text
    if path is None or not setting.written or policy.mode_of(host) is not policy.Mode.FILE:
        return
    near = policy.misnamed(host, path)
    if near is not None:
        name, place = near
        yield Problem(
            f"nothing makes {path}: environment.etc has {name} instead",
            at=setting.at,
            notes=(Note("the file that is made", place),),
        )
