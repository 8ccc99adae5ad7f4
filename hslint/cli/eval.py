"""`hslint eval`: the value of a Nix file, as `nix-instantiate --eval --strict` prints it, as far as it is known statically."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import click

from hslint.cli.output import pass_through, put_all

if TYPE_CHECKING:
    from hslint.syntax.parse import Parsed
    from hslint.values.evaluator import Evaluator

#: Exit statuses: Nix would refuse; it cannot be told from the files alone.
REFUSED = 1
CANNOT_TELL = 3


class Request(NamedTuple):
    """The options of the command line."""

    file: str
    parse_only: bool
    json: bool
    attributes: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...]
    strings: tuple[tuple[str, str], ...]
    includes: tuple[str, ...]
    nixpkgs: str | None
    features: tuple[str, ...] = ()


@click.command("eval")
@click.argument("file", type=click.Path(exists=True))
@click.option("--parse", "parse_only", is_flag=True, help="Only say whether Nix can read the file.")
@click.option("--strict", is_flag=True, help="Force everything inside the value (always on).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-A", "--attr", "attributes", multiple=True, metavar="PATH", help="The attribute to print, as a.b.c.")
@click.option("--arg", "arguments", nargs=2, multiple=True, metavar="NAME EXPR", help="An argument for a function.")
@click.option(
    "--argstr", "strings", nargs=2, multiple=True, metavar="NAME TEXT", help="A string argument for a function."
)
@click.option("--extra-experimental-features", "features", multiple=True, hidden=True)
@click.option("-I", "includes", multiple=True, metavar="[NAME=]DIR", help="An entry of the search path of <…>.")
@click.option(
    "--nixpkgs", type=click.Path(exists=True, file_okay=False), help="The directory that <nixpkgs> stands for."
)
def eval_(
    file: str,
    parse_only: bool,
    strict: bool,
    as_json: bool,
    attributes: tuple[str, ...],
    arguments: tuple[tuple[str, str], ...],
    strings: tuple[tuple[str, str], ...],
    includes: tuple[str, ...],
    nixpkgs: str | None,
    features: tuple[str, ...],
) -> None:
    """Print the value of a Nix file.

    Exit status: 0 with the value, 1 when Nix would refuse, 3 when the value cannot be told from the files alone.
    """
    from hslint.values.budget import with_deep_stack  # late: `--help` needs no evaluator

    request = Request(file, parse_only, as_json, attributes, arguments, strings, includes, nixpkgs, features)
    status, output, complaint = with_deep_stack(_answer, request)
    if output:
        pass_through(output.encode("utf-8", "surrogateescape") + b"\n")
    put_all(complaint, errors=True)
    if status:
        sys.exit(status)


def _shown(ev: Evaluator, path: str, request: Request, parse: Callable[[bytes], Parsed]) -> str:
    from hslint.values.builtins.data import to_json  # late: as above
    from hslint.values.constant import constant
    from hslint.values.show import auto_called, show
    from hslint.values.text import encoded
    from hslint.values.value import Attrs, Lazy, NotKnown, Unknown

    arguments = {name: Lazy(ev.evaluate, parse(encoded(text)).expression) for name, text in request.arguments}
    arguments.update((name, constant(text)) for name, text in request.strings)
    given = Attrs(arguments)
    shown: list[str] = []
    for attribute in request.attributes or ("",):
        value = ev.import_file(path)
        for name in re.findall(r'"([^"]*)"|([^."]+)', attribute):
            value = ev.select(auto_called(ev, value, given), name[0] or name[1])
        if arguments:
            value = auto_called(ev, value, given)
        if isinstance(value, Unknown):
            raise NotKnown(value)
        if not request.json:
            shown.append(show(ev, value))
            continue
        text = to_json(ev, value)
        if text.unknown is not None:
            raise NotKnown(text.unknown)
        shown.append(text.known or "")
    return "\n".join(shown)


def project_root(path: str) -> str:
    """The nearest directory above a file that holds a flake or a repository; else the current directory, if the file is in it."""
    directory = os.path.dirname(path)
    above = directory
    while True:
        if os.path.exists(os.path.join(above, "flake.nix")) or os.path.exists(os.path.join(above, ".git")):
            return above
        if os.path.dirname(above) == above:
            break
        above = os.path.dirname(above)
    here = os.path.realpath(os.getcwd())
    return here if _below(path, here) else directory


def _below(path: str, directory: str) -> bool:
    root = os.path.realpath(directory)
    return path.startswith(root.rstrip("/") + "/")


def _search_path(request: Request) -> list[tuple[str, str]] | None:
    """`-I` entries, the given nixpkgs, then NIX_PATH; what of it lies outside the project is not read."""
    entries = [*request.includes]
    if request.nixpkgs is not None:
        entries.append(f"nixpkgs={request.nixpkgs}")
    entries.extend(re.split(r":(?!//)", os.environ["NIX_PATH"]) if os.environ.get("NIX_PATH") else [])
    if not entries:
        return None
    found: list[tuple[str, str]] = []
    for entry in entries:
        prefix, path = _entry(entry)
        found.append((prefix, path if "://" in path else os.path.abspath(path)))
    return found


def _entry(entry: str) -> tuple[str, str]:
    """The prefix and the path of an entry of the search path, `[NAME=]DIR`."""
    prefix, equals, path = entry.partition("=")
    return (prefix, path) if equals else ("", entry)


def _named_outside(request: Request) -> dict[str, bool]:
    """Whether the paths exist that `-I` and `--nixpkgs` name: who writes them there may know it."""
    named = [path for _, path in map(_entry, request.includes) if "://" not in path]
    if request.nixpkgs is not None:
        named.append(request.nixpkgs)
    return {path: os.path.lexists(path) for path in map(os.path.abspath, named)}


def _answer(request: Request) -> tuple[int, str, list[str]]:
    """The exit status, what goes to standard output, and the lines that go to standard error."""
    from hslint.source import Project, SourceFile, Span, Unreadable  # late: as above
    from hslint.syntax.parse import parse
    from hslint.syntax.problems import ProblemKind
    from hslint.values.budget import CALLS_OF_ONE_VALUE, TIME_LIMIT, Deadline, Interrupted
    from hslint.values.evaluate import NixEvaluator
    from hslint.values.value import Failure, NotKnown

    path = os.path.realpath(request.file)
    if os.path.isdir(path):
        path = os.path.join(path, "default.nix")
    project = Project(request.nixpkgs if request.nixpkgs and _below(path, request.nixpkgs) else project_root(path))

    def place(span: Span | None) -> list[str]:
        if span is None:
            return []
        at = span.file.position(span.start)
        return [f"       at {span.file.path}:{at.line + 1}:{at.column + 1}"]

    if request.parse_only:
        file = project.read(path)
        if isinstance(file, Unreadable):
            return REFUSED, "", [f"error: {path} {file.value}"]
        problems = NixEvaluator(project, parse).refused(parse(file))
        if not problems:
            return 0, "", []
        too_deep = problems[0].kind is ProblemKind.TOO_DEEP
        status, label = (CANNOT_TELL, "cannot tell") if too_deep else (REFUSED, "error")
        return status, "", [f"{label}: {problems[0].message}", *place(problems[0].span)]

    ev = NixEvaluator(project, parse, strict=True, calls=CALLS_OF_ONE_VALUE, deadline=Deadline(TIME_LIMIT))
    ev.named_outside = _named_outside(request)
    ev.features = frozenset(request.features)
    ev.nix_path = _search_path(request)
    try:
        return 0, _shown(ev, path, request, lambda text: parse(SourceFile(f"{os.getcwd()}/command-line.nix", text))), []
    except Failure as failure:
        return REFUSED, "", [*f"error: {failure.message}".split("\n"), *place(failure.span)]
    except NotKnown as unknown:
        found = unknown.unknown
        return CANNOT_TELL, "", [f"cannot tell: {found.reason}", *place(found.span)]
    except Interrupted:
        return CANNOT_TELL, "", ["cannot tell: takes more time to evaluate than hslint spends"]
    except (RecursionError, MemoryError):
        return CANNOT_TELL, "", ["cannot tell: takes more work to evaluate than hslint spends"]
