"""Tests in a policy that do not hold."""

from hslint.rule import Effect, Host, Iterator, Note, Problem, policy, rule


@rule(Effect.BROKEN, since="0.29", yields_to=("policy-bad-test",))
def policy_test_fails(host: Host) -> Iterator[Problem]:
    """Headscale refuses a policy whose tests fail when it is set, and warns at every start."""
    for outcome in policy.failing_tests(host):
        yield Problem(f"the test fails: {outcome.message}", at=outcome.text.span, notes=_by(outcome.by))


def _by(permissions: policy.Permissions) -> tuple[Note, ...]:
    """The rules that allow what the test denies."""
    spans = dict.fromkeys(each.rule.span for each in permissions if each.rule is not None)
    return tuple(Note("this rule allows it", span) for span in spans)
