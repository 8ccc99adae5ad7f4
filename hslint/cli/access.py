"""`hslint access [PATH]`: what a policy allows."""

from __future__ import annotations

from collections.abc import Iterator

import click

from hslint.checking import CannotInspect, Request, inspect
from hslint.cli.errors import CANNOT_RUN, CLEAN, FOUND, CliError, report_errors
from hslint.cli.output import put_all
from hslint.hosts import Inspection
from hslint.hosts.host import Host
from hslint.hosts.policy import Mode, meaning_of, mode_of, policy_of, setting_of
from hslint.policy.access import Question, Verdict, answer, destination, opened, outcomes, permissions
from hslint.policy.meaning import Default, Meaning
from hslint.policy.reach import Overlap, atoms, covered
from hslint.policy.selector import Kind, Selector, read_selector
from hslint.reporters import access as form
from hslint.reporters.access import Shown, Subject
from hslint.source import Span
from hslint.values.budget import Interrupted, with_deep_stack
from hslint.values.value import Unknown


@click.command("access", short_help="Show who may reach what by a policy.")
@click.argument("path", default=".")
@click.option("--from", "who", metavar="WHO", help="Only what this user, group, tag, host or address may reach.")
@click.option(
    "--to", "what", metavar="WHAT", help="Only who may reach this, such as tag:web, tag:web:443 or 10.0.0.0/8."
)
@click.option(
    "--protocol",
    default="",
    metavar="PROTOCOL",
    help="With --from and --to: tcp, udp, icmp …; any of these when not given.",
)
@click.option(
    "--against", metavar="OLD", help="What changes from an earlier policy, flake or module: opened and closed."
)
@click.option("--host", help="Only this host.")
@click.option("--headscale", metavar="RELEASE", help="The release of Headscale, such as 0.28.")
@click.option("--format", "shape", type=click.Choice(["text", "json", "markdown"]), default="text")
def access(
    path: str,
    who: str | None,
    what: str | None,
    protocol: str,
    against: str | None,
    host: str | None,
    headscale: str | None,
    shape: str,
) -> None:
    """Show who may reach what by the policy at PATH: a policy file, or the flake, directory or module whose hosts have one.

    Machines are not known, so users, groups and tags stand for theirs. Exit status: 0; 1 when --from and --to get another answer than
    yes, or --against finds a change; 2 when no policy could be read.
    """
    with report_errors():
        request = Request(headscale=headscale, host=host)
        lines, status = with_deep_stack(_access, path, request, (who, what, protocol), against, shape)
        put_all(lines)
    raise SystemExit(status)


def _access(
    path: str, request: Request, asked: tuple[str | None, str | None, str], against: str | None, shape: str
) -> tuple[list[str], int]:
    inspection = _inspected(path, request)
    subjects = [*_subjects(inspection)]
    if not subjects:
        raise CliError(f"{path}: no host has Headscale, and no policy file was named")
    if against is not None:
        shown = [*_changes(subjects, _inspected(against, request), against)]
    else:
        shown = [_shown(host, subject, asked) for host, subject in subjects]
    secrets = inspection.secrets
    status = _status(shown)
    if shape == "json":
        from hslint.reporters.json import dumped  # late: one form of three

        return [dumped(form.document(shown), secrets, keep=frozenset())], status
    lines = form.markdown_lines(shown) if shape == "markdown" else form.text_lines(shown)
    return [secrets.text(line) for line in lines], status


def _inspected(path: str, request: Request) -> Inspection:
    inspection, _ = inspect([path], request)
    if inspection.cut_short:
        raise Interrupted
    return inspection


def _status(shown: list[Shown]) -> int:
    if all(each.subject.meaning is None for each in shown):
        return CANNOT_RUN
    other = any(each.answer is not None and each.answer.verdict is not Verdict.YES for each in shown)
    return FOUND if other or any(each.opened or each.closed for each in shown) else CLEAN


def _subjects(inspection: Inspection) -> Iterator[tuple[Host, Subject]]:
    """The policies of the hosts, those that several hosts share once."""
    found: dict[tuple[Span | None, str, str], tuple[Host, Meaning | None, list[str]]] = {}
    for host in inspection.hosts:
        if not host.active:
            continue
        with host.configuration.turn(again=False):
            meaning, why = _meaning(host)
            policy = policy_of(host)
            key = policy.at if policy is not None else None, why, host.runs.release_name
            found.setdefault(key, (host, meaning, []))[2].append(host.name)
    for (_, why, release), (host, meaning, names) in found.items():
        yield host, Subject(tuple(names), release, host.project, meaning, why)


def _meaning(host: Host) -> tuple[Meaning | None, str]:
    """The meaning of the host's policy, or why there is nothing to show."""
    if host.policy is None and mode_of(host) is Mode.DATABASE:
        return (
            None,
            "the policy is in Headscale's database: headscale policy get > policy.hujson, then hslint access policy.hujson",
        )
    meaning = meaning_of(host)
    if meaning is None:
        setting = setting_of(host)
        if setting.written or mode_of(host) is None or isinstance(setting.value, Unknown):
            return None, "the policy cannot be read: what its path names is not in the project"
        return Meaning(default=Default.ALLOW_ALL), ""
    if meaning.refused:
        return None, f"Headscale {host.runs.release_name} refuses the policy; hslint check says why"
    return meaning, ""


def _shown(host: Host, subject: Subject, asked: tuple[str | None, str | None, str]) -> Shown:
    meaning = subject.meaning
    if meaning is None:
        return Shown(subject)
    who, what, protocol = asked
    source = _selector("--from", who, meaning) if who is not None else None
    target = destination(what) if what is not None else None
    if what is not None and target is None:
        raise CannotInspect(f"--to {what}: no user, group, tag, host or address, with or without a port")
    if target is not None:
        _known("--to", target[0], meaning)
    if source is not None and target is not None:
        found = answer(meaning, host.release, Question(source, target[0], target[1], protocol.lower()))
        return Shown(subject, answer=found, asked=f"{who} -> {what}{f' ({protocol})' if protocol else ''}")
    chosen = tuple(
        each
        for each in permissions(meaning)
        if (source is None or _touches(meaning, host, source, each.source))
        and (
            target is None
            or each.destination.kind is Kind.WILDCARD
            or _touches(meaning, host, target[0], each.destination)
        )
    )
    undecided = tuple(each for each in outcomes(meaning, host.release) if each.holds is None)
    return Shown(subject, chosen, undecided=undecided if source is None and target is None else ())


def _selector(option: str, text: str, meaning: Meaning) -> Selector:
    selector = read_selector(text)
    if selector is None:
        raise CannotInspect(f"{option} {text}: no user, group, tag, host or address")
    _known(option, selector, meaning)
    return selector


def _known(option: str, selector: Selector, meaning: Meaning) -> None:
    """Complain about names that only a policy can give a meaning, and this one does not."""
    if not atoms(meaning, selector) and selector.name not in meaning.members:
        hint = f'; a user is written "{selector.name}@"' if ":" not in selector.name else ""
        raise CannotInspect(f"{option} {selector.name}: the policy has no such name{hint}")


def _touches(meaning: Meaning, host: Host, asked: Selector, selector: Selector) -> bool:
    """Whether a selector covers some of what is asked for, or may."""
    return any(
        covered(each, other, host.release) is not Overlap.NONE
        for each in atoms(meaning, asked)
        for other in atoms(meaning, selector)
    )


def _changes(subjects: list[tuple[Host, Subject]], before: Inspection, against: str) -> Iterator[Shown]:
    """The accesses that each policy opens and closes against the earlier one of the same host, or the only one that there is."""
    earlier = [*_subjects(before)]
    for host, subject in subjects:
        same = [old for _, old in earlier if set(old.hosts) & set(subject.hosts)]
        candidates = same or [old for _, old in earlier] if len(earlier) == 1 or same else []
        if not candidates:
            yield Shown(Subject(subject.hosts, subject.release, subject.project, None, f"{against} has no such host"))
            continue
        old = candidates[0]
        if old.meaning is None or subject.meaning is None:
            yield Shown(
                Subject(subject.hosts, subject.release, subject.project, None, subject.why or f"{against}: {old.why}")
            )
            continue
        yield Shown(
            subject,
            opened=opened(old.meaning, subject.meaning, host.release),
            closed=opened(subject.meaning, old.meaning, host.release),
            before=old.project,
        )
