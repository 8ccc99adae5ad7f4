"""The tool that compares hslint with real Headscale, tried with a stand-in for it."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import loader_agreement
import pytest
from generated_settings import at, generate, written
from loader_agreement import Verdict, configtest, hslint_verdict, no_module

from hslint.catalogue import NEWEST, RELEASES, Release, schema
from hslint.catalogue.data import Json
from hslint.checking import Request, check

pytestmark = pytest.mark.slow  # many configurations made at random

CALM = '{"server_url": "https://hs.example.com"}'


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where somebody without rights may start programs, which pytest's own folders do not allow when root runs it."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def stand_in(folder: Path, configtest: str, version: str = "v0.28.0") -> Path:
    """A `headscale` that says its release, and does with the settings file ($3) what the given lines of shell do."""
    program = folder / "headscale"
    program.write_text(f'#!/bin/sh\nif [ "$1" = version ]; then echo {version}; exit; fi\n{configtest}\n', "utf-8")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_every_key_that_the_catalogue_knows_is_tried_and_every_removed_one(release: Release) -> None:
    """A release's new keys need no word in the generator."""
    known = schema(release)
    trees = [generate(release, number, 1).settings for number in range(3000)]
    for path in (*known.keys, *known.removals):
        assert any(at(tree, path) is not None for tree in trees), path


def test_a_configuration_depends_on_release_number_and_seed_alone() -> None:
    """So that a disagreement can be looked at again."""
    assert generate(NEWEST, 7, 1) == generate(NEWEST, 7, 1)
    assert len({generate(NEWEST, number, seed).nix() for number in (7, 8) for seed in (1, 2)}) == 4


def test_values_are_written_as_nix_reads_them() -> None:
    """Interpolations, negative numbers in lists, names that are no identifiers."""
    tree = {"a b": [-1, True, None, "${x}"], "c": {"d": 1.5}}
    assert written(tree) == '{ "a b" = [ (-1) true null "\\${x}" ]; c = { d = 1.5; }; }'


@pytest.mark.parametrize(
    ("shell", "verdict", "said"),
    [
        ("exit 0", Verdict.FINE, ()),
        ('echo "2026-01-01T00:00:00Z INF fine" >&2', Verdict.FINE, ()),
        ('echo "2026-01-01T00:00:00Z WRN odd" >&2; echo more >&2', Verdict.WARNED, ("WRN odd\nmore",)),
        ("""echo '{"level":"error","message":"odd"}' >&2""", Verdict.WARNED, ('{"level":"error","message":"odd"}',)),
        ('echo "2026-01-01T00:00:00Z FTL no" >&2; exit 1', Verdict.REFUSED, ("FTL no",)),
        ('echo "Error: no" >&2; exit 1', Verdict.REFUSED, ("Error: no",)),
        ('echo "Error: creating OIDC provider" >&2; exit 1', Verdict.UNDECIDED, ("Error: creating OIDC provider",)),
        ('echo "2026-01-01T00:00:00Z WRN failed to set up OIDC provider" >&2', Verdict.FINE, ()),
    ],
)
def test_what_headscale_says_is_understood(shell: str, verdict: Verdict, said: tuple[str, ...], folder: Path) -> None:
    """By its exit code and the levels of its log; what only the missing network causes does not count."""
    assert configtest(stand_in(folder, shell), json.loads(CALM), {}) == (verdict, said)


def test_headscale_gets_the_file_a_state_directory_and_nothing_else_to_write_to(folder: Path) -> None:
    """The places of a machine are moved below a directory that is gone afterwards; the file's own cannot be written to."""
    report = 'echo "Error: $(cat "$3"; touch db_is_here && echo " state"; touch "$(dirname "$3")/x" 2>/dev/null && echo " beside")" >&2'
    file: Json = {"database": {"sqlite": {"path": "/var/lib/headscale/db.sqlite"}}}
    verdict, (said,) = configtest(stand_in(folder, f"{report}; exit 1"), file, {})
    assert (verdict, said) == (
        Verdict.REFUSED,
        'Error: {"database": {"sqlite": {"path": "/var-lib-headscale/db.sqlite"}}} state',
    )
    assert not list(Path(tempfile.gettempdir()).glob("headscale-*/var-lib-headscale/db_is_here"))


def test_a_disagreement_is_reported_with_its_configuration(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A program that refuses everything disagrees with hslint on what is fine."""
    program = stand_in(folder, 'echo "Error: whatever it is" >&2; exit 1')
    assert tried(program, "--count", "6") == 1
    reported = capsys.readouterr().out
    assert "0.28.0 #" in reported
    assert "headscale: Error: whatever it is" in reported
    assert '"server_url": ' in reported
    assert "0.28.0      6" in reported


def test_agreement_is_a_row_of_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of one configuration that both take for fine."""
    number = next(number for number in range(100) if fine(number))
    assert tried(stand_in(folder, "exit 0"), "--only", str(number)) == 1
    assert "     1 " in (row := capsys.readouterr().out.splitlines()[-2])
    assert "100.00%" in row


def test_kept_configurations_can_be_given_to_nix(folder: Path, tmp_path: Path) -> None:
    """Each as a module, with the settings that hslint says it makes beside it."""
    tried(stand_in(folder, "exit 0"), "--count", "1", "--keep", str(tmp_path))
    assert "services.headscale.settings" in (tmp_path / "0.28.0-1-0/configuration.nix").read_text()
    assert json.loads((tmp_path / "0.28.0-1-0/settings.json").read_text()).keys() == {"module", "refused", "settings"}


def test_a_program_that_is_not_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is tried."""
    assert tried(Path("/nonexistent/headscale")) == 2
    assert capsys.readouterr().err == "/nonexistent/headscale: no program\n"


def tried(program: Path, *arguments: str) -> int:
    return loader_agreement.main([str(program), *arguments])


def fine(number: int) -> bool:
    """Whether hslint has nothing to say of a configuration without a module."""
    generated = generate(Release(0, 28, 0), number, 1)
    if generated.module is not None:
        return False
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "configuration.nix"
        file.write_text(generated.nix(), "utf-8")
        return (
            hslint_verdict(check([str(file)], Request(headscale="0.28", module=no_module())).findings) is Verdict.FINE
        )
