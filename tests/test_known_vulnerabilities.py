"""Each advisory is reported on a host that has it, and not on one that runs another release, or whose configuration closes it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from released import LATEST, flake, hslint, lock, machine

from hslint.catalogue.advisories import Advisory, advisories, advisory, known_of
from hslint.catalogue.channels import newest_seen
from hslint.catalogue.published import newest_like, published
from hslint.catalogue.release import NEWEST, OLDEST, Release
from hslint.checking import Request, check
from hslint.finding import Finding
from hslint.problem import Severity

#: What makes an advisory matter on a host that is like the others.
MATTERS = {
    "oidc.issuer": 'services.headscale.settings.oidc.issuer = "https://id.example.com";',
    "metrics": 'services.headscale.settings.metrics_listen_addr = "0.0.0.0:9090"; networking.firewall.allowedTCPPorts = [ 9090 ];',
    "grpc": "services.headscale.settings.grpc_allow_insecure = true; networking.firewall.allowedTCPPorts = [ 50443 ];",
    "HEADSCALE_EXPERIMENTAL_FEATURE_SSH": 'systemd.services.headscale.environment.HEADSCALE_EXPERIMENTAL_FEATURE_SSH = "1";',
}

#: What closes some of them.
CLOSES = {
    "MemoryMax": 'systemd.services.headscale.serviceConfig.MemoryMax = "1G";',
    "log.level": 'services.headscale.settings.log.level = "warn";',
}

REPORTED = [each for each in advisories() if each.severity != "caution"]


def reported(directory: Path, **options: str) -> list[Finding]:
    findings = check([str(directory)], Request(**options)).findings  # type: ignore[arg-type]
    return [finding for finding in findings if finding.rule.name == "known-vulnerability"]


def ids(directory: Path) -> list[str]:
    """What the one finding is about; nothing where there is none."""
    found = reported(directory)
    assert len(found) <= 1
    return [name for finding in found for name in finding.problem.advisories]


def running(directory: Path, release: Release, more: str = "") -> Path:
    return machine(
        directory, f'services.headscale.package = pkgs.headscale.overrideAttrs {{ version = "{release}"; }}; {more}'
    )


def matters(about: Advisory) -> str:
    return "".join(
        MATTERS[getattr(each, "key", getattr(each, "listener", getattr(each, "name", "")))] for each in about.where
    )


@pytest.mark.parametrize("about", REPORTED, ids=lambda each: each.id)
def test_an_advisory_is_reported_on_a_host_that_has_it(tmp_path: Path, about: Advisory) -> None:
    """The last release that has it, configured so that it matters."""
    assert about.last is not None
    assert about.id in ids(running(tmp_path, about.last, matters(about)))


@pytest.mark.parametrize("about", REPORTED, ids=lambda each: each.id)
def test_an_advisory_is_not_reported_on_the_release_that_fixes_it(tmp_path: Path, about: Advisory) -> None:
    """With the same configuration."""
    assert about.fixed_in is not None
    assert about.id not in ids(running(tmp_path, about.fixed_in, matters(about)))


@pytest.mark.parametrize("about", [each for each in REPORTED if each.where], ids=lambda each: each.id)
def test_an_advisory_is_not_reported_where_it_does_not_matter(tmp_path: Path, about: Advisory) -> None:
    """Without OIDC, with metrics and the API out of reach, without the experiment."""
    assert about.last is not None
    assert about.id not in ids(running(tmp_path, about.last))


@pytest.mark.parametrize("about", [each for each in REPORTED if each.closed_by], ids=lambda each: each.id)
def test_a_setting_closes_what_the_advisory_says_it_closes(tmp_path: Path, about: Advisory) -> None:
    """Then nothing is said of it, although the release has it."""
    assert about.last is not None
    more = "".join(CLOSES[getattr(each, "key", getattr(each, "name", ""))] for each in about.closed_by)
    assert about.id not in ids(running(tmp_path, about.last, more))


@pytest.mark.parametrize(
    "more",
    [
        'services.headscale.settings.metrics_listen_addr = "127.0.0.1:9090"; networking.firewall.allowedTCPPorts = [ 9090 ];',
        'services.headscale.settings.metrics_listen_addr = "0.0.0.0:9090";',
    ],
    ids=["on loopback", "port closed"],
)
def test_the_debug_page_is_closed_on_loopback_and_behind_the_firewall(tmp_path: Path, more: str) -> None:
    """It shows secrets to whoever reaches the metrics."""
    assert "hs-3180-debug-config" not in ids(running(tmp_path, Release(0, 28, 0), more))


def test_one_finding_names_the_worst_and_counts_the_others(tmp_path: Path) -> None:
    """Where the release is written, with what to do first; its severity is the worst's."""
    (found,) = reported(running(tmp_path, Release(0, 28, 0)))
    worst, problem = advisory("hs-3146"), found.problem
    assert worst is not None
    assert problem.message == (
        f"Headscale 0.28.0: strangers can exhaust its memory (hs-3146), and more; {LATEST} fixes all of it"
    )
    assert problem.at.file.line(problem.at.file.position(problem.at.start).line)[slice(*_columns(found))] == '"0.28.0"'
    assert found.severity is Severity.ERROR
    assert [note.message for note in problem.notes] == [
        f"take {LATEST} instead (package headscale 0.28.0); hslint upgrade says what changes on the way",
        f"until then: {worst.do}",
        (
            "also hs-3312 (a node's key can be claimed by another), hs-3180-fast-path (another machine gets a node's answer),"
            " hs-3180-auth-cache (begun logins fill its memory), 4 more; see hslint explain 0.28.0"
        ),
    ]


def _columns(found: Finding) -> tuple[int, int]:
    at = found.problem.at
    return at.file.position(at.start).column, at.file.position(at.end).column


def test_patch_releases_get_different_answers(tmp_path: Path) -> None:
    """By package, by a tag of Headscale's flake, and on the command line."""
    machine(tmp_path)
    assert reported(tmp_path, headscale="0.29.2") and not reported(tmp_path, headscale=LATEST)
    assert not reported(tmp_path, headscale="0.29")


def test_a_series_says_nothing_of_the_patch_that_runs(tmp_path: Path) -> None:
    """It asks what would be wrong there, and every release of old series is known to be vulnerable."""
    machine(tmp_path)
    assert reported(tmp_path, headscale="0.27.0") and not reported(tmp_path, headscale="0.27")
    (tmp_path / "pinned").mkdir()
    for version, expected in (
        ("0.29.2", ["hs-0.29.7", "hs-3393", "hs-3391"]),
        ("0.29.6", ["hs-0.29.7"]),
        (LATEST, []),
    ):
        inputs = f'inputs.nixpkgs.url = "nixpkgs"; inputs.headscale.url = "github:juanfont/headscale/v{version}";'
        module = "services.headscale.package = inputs.headscale.packages.x86_64-linux.default;"
        assert ids(flake(tmp_path / "pinned", module, inputs=inputs)) == expected


GITHUB = 'owner = "juanfont"; repo = "headscale"; hash = "";'


@pytest.mark.parametrize(
    "pinned",
    [
        (
            f'nixpkgs.overlays = [ (_: prev: {{ headscale = prev.headscale.overrideAttrs (_: rec {{ version = "VERSION"; src ='
            f' prev.fetchFromGitHub {{ {GITHUB} tag = "v${{version}}"; }}; }}); }}) ];'
        ),
        (
            f"nixpkgs.overlays = [ (_: prev: {{ headscale = prev.headscale.overrideAttrs {{ src = prev.fetchFromGitHub {{ {GITHUB}"
            ' tag = "vVERSION"; }; }; }) ];'
        ),
        (
            f"services.headscale.package = pkgs.headscale.overrideAttrs {{ src = pkgs.fetchFromGitHub {{ {GITHUB}"
            ' rev = "vVERSION"; }; };'
        ),
        (
            f'services.headscale.package = pkgs.buildGoModule {{ pname = "headscale"; src = pkgs.fetchFromGitHub {{ {GITHUB}'
            ' rev = "refs/tags/vVERSION"; }; };'
        ),
    ],
    ids=["overlay with version", "overlay with tag", "package with rev", "package built anew"],
)
def test_the_tag_of_the_source_distinguishes_patch_releases(tmp_path: Path, pinned: str) -> None:
    """A rev that is no tag leaves the release open."""
    assert "hs-0.29.7" in ids(machine(tmp_path, pinned.replace("VERSION", "0.29.2")))
    assert ids(machine(tmp_path, pinned.replace("VERSION", LATEST))) == []
    assert ids(machine(tmp_path, pinned.replace("vVERSION", "4d427cfe").replace("VERSION", "unstable"))) == []


@pytest.mark.parametrize(
    ("branch", "day", "has"),
    [
        ("nixos-25.05", "2025-05-30", True),
        ("nixos-25.05", "2025-08-01", False),
        ("nixos-24.11", "2025-05-30", True),
        ("nixos-25.11", "2026-03-01", False),
        ("nixos-unstable", "2025-05-30", True),
        ("nixos-unstable", "2025-06-10", False),
    ],
)
def test_a_package_is_checked_with_its_patches(tmp_path: Path, branch: str, day: str, *, has: bool) -> None:
    """NixOS 25.05 got the fix of 0.26.1 in its 0.25.1; near a change of the moving branches nobody can tell."""
    flake(tmp_path, inputs=f'inputs.nixpkgs.url = "github:NixOS/nixpkgs/{branch}";')
    lock(tmp_path, branch, nixpkgs=_second(day))
    assert ("hs-2642" in ids(tmp_path)) is has


@pytest.mark.parametrize(("branch", "day"), [("nixos-26.05", "2026-10-15"), ("nixos-26.11", "2026-11-30")])
def test_nothing_is_reported_of_an_unknown_package(tmp_path: Path, branch: str, day: str) -> None:
    """A backport may have come, also to a branch that no lock file pins, and 26.11 may hold any of the releases since July, the last of which has nothing."""
    flake(tmp_path, inputs=f'inputs.nixpkgs.url = "github:NixOS/nixpkgs/{branch}";')
    assert ids(tmp_path) == []
    lock(tmp_path, branch, nixpkgs=_second(day))
    assert ids(tmp_path) == []


def test_what_nixos_packages_is_reported_with_the_way_out(tmp_path: Path) -> None:
    """Its user cannot choose a release: the note says which nixpkgs had which."""
    flake(tmp_path, inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";')
    lock(tmp_path, "nixos-26.05", nixpkgs=_second("2026-08-01"))
    (found,) = reported(tmp_path)
    assert found.problem.notes[0].message == (
        "a newer nixpkgs may bring it (input nixpkgs: nixos-26.05), or services.headscale.package;"
        " NixOS 26.05 had 0.28.0 on 2026-09-12, nixpkgs-unstable had 0.29.2 on 2026-07-29"
    )


def test_an_unknown_release_is_not_checked(tmp_path: Path) -> None:
    """Nor a draft, a number that is no release, or a package that may have been patched."""
    assert ids(machine(tmp_path)) == []
    for version in ("0.28.0-beta.1", "0.28.9"):
        package = f'services.headscale.package = pkgs.headscale.overrideAttrs {{ version = "{version}"; }};'
        assert ids(machine(tmp_path, package)) == []


def test_equal_hosts_share_a_finding(tmp_path: Path) -> None:
    """One for each host and release, at the place that they have in common."""
    more = "b = system {};"
    flake(tmp_path, inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";', hosts=more)
    (found,) = reported(tmp_path)
    assert sorted(found.hosts) == ["a", "b"]


def test_a_module_beside_the_hosts_is_not_reported_again(tmp_path: Path) -> None:
    """It is checked against the release that they run, whose faults are theirs."""
    flake(tmp_path, inputs='inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";')
    (tmp_path / "unused.nix").write_text("{ services.headscale.enable = true; }\n")
    (found,) = reported(tmp_path)
    assert found.hosts == ("a",)


def test_scanners_get_the_ids_and_the_severity(tmp_path: Path) -> None:
    """SARIF's number is the worst's, at the rule as code scanning reads it, and at the result."""
    running(tmp_path, Release(0, 29, 2))
    document = json.loads(hslint("check", str(tmp_path), "--format", "sarif").stdout)
    (run,) = document["runs"]
    rule = next(rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "known-vulnerability")
    result = next(result for result in run["results"] if result["ruleId"] == "known-vulnerability")
    assert rule["properties"]["security-severity"] == result["properties"]["security-severity"] == "5.5"
    assert "security" in rule["properties"]["tags"]
    assert result["properties"]["advisories"] == ["hs-0.29.7", "hs-3393", "hs-3391"]
    found = json.loads(hslint("check", str(tmp_path), "--format", "json").stdout)["findings"]
    (finding,) = (each for each in found if each["rule"] == "known-vulnerability")
    assert finding["advisories"] == ["hs-0.29.7", "hs-3393", "hs-3391"]


@pytest.mark.parametrize("about", advisories(), ids=lambda each: each.id)
def test_every_claim_can_be_followed(about: Advisory) -> None:
    """Releases in order that exist, sources, and words that fit a message."""
    if about.last is not None:
        assert about.fixed_in is not None and about.first <= about.last < about.fixed_in
        assert about.last < OLDEST or published(about.last)
        assert about.fixed_in < OLDEST or published(about.fixed_in)
        assert not about.affects(about.fixed_in)
    assert about.sources and all(source.startswith("https://") for source in about.sources)
    assert len(f"Headscale 0.29.2 to 0.29.6: {about.short} ({about.id}), and more") < 100
    assert not any(text.endswith(".") for text in (about.title, about.short, about.do, about.evidence))
    assert advisory(about.id.upper()) is about
    stdout = hslint("explain", about.id).stdout
    assert all(source in stdout for source in about.sources)


def test_the_newest_release_has_none_of_them() -> None:
    """As far as is known; the messages say so."""
    assert not any(each.affects(newest_like(NEWEST)) for each in REPORTED)
    assert [name for name, _, _ in newest_seen()] == ["NixOS 26.05", "nixpkgs-unstable"]
    assert known_of(()) == ()


def _second(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
