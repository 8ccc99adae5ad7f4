"""A team's own rules: each `[[assert]]` of the settings as a rule like any other, which is selected, suppressed and reported by its name."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.hosts.setting import Setting
from hslint.problem import Effect, Problem, Rule
from hslint.settings import TEAM_SUBJECT, Settings, TeamRule
from hslint.values.value import Bool, Failure, Kind, Lazy, NotKnown, Null, Unknown, Value


def team_rules(settings: Settings) -> tuple[Rule, ...]:
    return tuple(map(_rule, settings.team_rules))


def _rule(asserted: TeamRule) -> Rule:
    def check(host: Host) -> Iterator[Problem]:
        setting = host.nixos(asserted.option)
        at = setting.at or setting.name_at or host.anchor
        try:
            held = _holds(asserted, host, setting)
        except Failure as failure:
            said = failure.message.strip().partition("\n")[0]
            yield Problem(f"the condition at {asserted.place} fails: {said}", at)
            return
        except NotKnown:
            return  # as of any rule: an unknown value is no reason to report something
        match held:
            case Bool(True) | Unknown():
                pass
            case Bool(False):
                yield Problem(asserted.message, at, absent=() if setting.exists else (asserted.option,))
            case _:
                yield Problem(f"the condition at {asserted.place} is neither true nor false", at)

    return Rule(asserted.name, TEAM_SUBJECT, Effect.ADVICE, asserted.message, check)


def _holds(asserted: TeamRule, host: Host, setting: Setting) -> Value:
    """The value of the condition on a host: `value` is that of the option, null where nothing sets it."""
    from hslint.values.nixpkgs_lib import library  # late: few projects have rules of their own

    ev = host.configuration.evaluation.ev
    names = {
        "value": Lazy.done(Null() if setting.value is None else setting.value),
        "config": Lazy(lambda _: host.configuration.config),
        "lib": Lazy(lambda _: library(ev)),
    }
    problems = ev.refused(asserted.condition, names)
    if problems:
        raise Failure(Kind.ERROR, problems[0].message)
    return ev.evaluate(asserted.condition.expression, names)
