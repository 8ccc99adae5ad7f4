"""Complaints about a host's policy as problems, with their consequences and fixes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hslint.edits import Edit, deletion
from hslint.hosts.host import Host
from hslint.hosts.policy import Mode, meaning_of, misnamed, missing, mode_of, policy_of, setting_of
from hslint.policy.access import Permission, TestOutcome, outcomes
from hslint.policy.complaint import Change, Complaint, Matter, Outcome
from hslint.policy.coverage import covers, matches_no_machine
from hslint.policy.meaning import AccessRule, Default, Meaning, Selected
from hslint.policy.selector import ALL_PORTS, Kind
from hslint.policy.tree import Text
from hslint.problem import Effect, Fix, Note, Problem
from hslint.source import Span

#: What a message may have.
_LONGEST = 100

_EFFECTS = {
    Outcome.REFUSED: (Effect.FAILS, ""),
    Outcome.REFUSED_MAKING: (Effect.FAILS, ""),
    Outcome.REFUSED_LATER: (Effect.BROKEN, "refused once a machine is concerned"),
    Outcome.IGNORED: (Effect.IGNORED, ""),
    Outcome.ACCEPTED: (Effect.BROKEN, ""),
    Outcome.UNREAD: (Effect.ADVICE, ""),
}


def problems(host: Host, *matters: Matter) -> Iterator[Problem]:
    """The problems of the host's policy in these matters."""
    meaning = meaning_of(host)
    policy = policy_of(host)
    if meaning is None or policy is None:
        return
    for complaint in meaning.complaints:
        if complaint.matter in matters:
            yield problem_of(complaint, policy.at)


#: What allows something, by the rules of a policy.
Permissions = tuple[Permission, ...]


def failing_tests(host: Host) -> Iterator[TestOutcome]:
    """The lines of the policy's tests that certainly fail, whatever machines there are."""
    meaning = meaning_of(host)
    if meaning is not None and not meaning.refused:
        yield from (outcome for outcome in outcomes(meaning, host.release) if outcome.holds is False)


def problem_of(complaint: Complaint, otherwise: Span | None) -> Problem:
    """A complaint as a problem; it stands `otherwise` where it has no place of its own."""
    effect, follows = _EFFECTS[complaint.outcome]
    message = complaint.message
    if follows and len(message) + len(follows) + 2 <= _LONGEST:
        message = f"{message}; {follows}"
    notes = () if complaint.note is None else (Note(*complaint.note),)
    fix = None if complaint.change is None else _fix(complaint.change)
    return Problem(message, at=complaint.at or otherwise, notes=notes, fix=fix, effect=effect)


def _fix(change: Change) -> Fix | None:
    edit = _edit(change)
    return None if edit is None else Fix(change.title, (edit,), safe=change.safe)


def _edit(change: Change) -> Edit | None:
    if change.span is not None and change.raw is not None:
        return Edit(change.span, change.raw)
    span = change.node.span if change.node is not None else None
    if span is None:
        return None
    if change.remove:
        return _removal(span)
    if isinstance(change.node, Text) and change.text is not None and span.text == f'"{change.node.value}"':
        written = json.dumps(change.text, ensure_ascii=False)
        return None if "\\" in written or "${" in written else Edit(span, written)
    return None


def _removal(span: Span) -> Edit | None:
    """Take a member out: a statement of Nix, or a member of HuJSON with its comma."""
    if span.text.endswith(";"):
        return deletion(span)
    if not span.text.startswith('"'):
        return None
    text, end = span.file.text, span.end
    rest = text[end:]
    if rest.lstrip()[:1] == b",":
        end += len(rest) - len(rest.lstrip()) + 1
    return deletion(Span(span.file, span.start, end))


# -- what is accepted, and may surprise ----------------------------------------------------------------------------------


def understood(host: Host) -> Meaning | None:
    """The host's policy where Headscale accepts it, and all of it is known."""
    meaning = meaning_of(host)
    return None if meaning is None or meaning.refused or not meaning.complete else meaning


__all__ = [
    "ALL_PORTS",
    "AccessRule",
    "Default",
    "Kind",
    "Matter",
    "Mode",
    "Permissions",
    "Selected",
    "covers",
    "failing_tests",
    "matches_no_machine",
    "meaning_of",
    "misnamed",
    "missing",
    "mode_of",
    "policy_of",
    "problem_of",
    "problems",
    "setting_of",
    "understood",
]
