"""What policies allow, by the words of their own: `hslint access` and what it is made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hslint.catalogue.release import Release
from hslint.cli import main
from hslint.policy.access import Question, answer, destination
from hslint.policy.hujson import parse
from hslint.policy.reading import read_document
from hslint.policy.selector import read_selector
from hslint.source import SourceFile

POLICY = """{
  "groups": { "group:admin": ["alice@", "bob@"], "group:dev": ["carol@"] },
  "hosts": { "db": "10.0.5.1/32" },
  "tagOwners": { "tag:web": ["group:admin"], "tag:ci": ["group:dev"] },
  "acls": [
    { "action": "accept", "src": ["group:admin"], "dst": ["*:*"] },
    { "action": "accept", "proto": "tcp", "src": ["group:dev"], "dst": ["tag:web:80,443", "db:5432"] },
    { "action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"] },
    { "action": "accept", "src": ["tag:ci"], "dst": ["tag:web:22"] },
  ],
  "ssh": [{ "action": "check", "src": ["group:admin"], "dst": ["tag:web"], "users": ["root", "autogroup:nonroot"] }],
}
"""
NEWEST = Release(0, 29, 2)


def verdict(source: str, target: str, release: Release = NEWEST, protocol: str = "") -> str:
    meaning = read_document(parse(SourceFile("/acl.hujson", POLICY.encode())), release)
    who, what = read_selector(source), destination(target)
    assert who is not None and what is not None and not meaning.complaints
    return answer(meaning, release, Question(who, what[0], what[1], protocol)).verdict.name


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("carol@", "tag:web:443", "YES"),  # a member of the group
        ("group:dev", "tag:web:443", "YES"),
        ("carol@", "tag:web", "PARTLY"),  # two ports of all
        ("carol@", "tag:web:22", "NO"),
        ("carol@", "carol@:22", "YES"),  # her own machines
        ("carol@", "alice@:22", "NO"),  # not those of others
        ("carol@", "db:5432", "YES"),
        ("carol@", "10.0.5.1:5432", "YES"),  # the same by its address
        ("carol@", "10.0.5.0/24:5432", "PARTLY"),
        ("alice@", "tag:web", "YES"),
        ("alice@", "100.64.0.9:22", "YES"),
        ("alice@", "192.168.1.1:22", "YES"),  # "*" as a destination is every address
        ("alice@", "autogroup:internet", "YES"),
        ("tag:ci", "tag:web:22", "YES"),
        ("tag:web", "tag:web:22", "UNKNOWN"),  # a machine may have both tags
        ("tag:ci", "carol@", "NO"),
        ("carol@", "tag:ci", "UNKNOWN"),  # some of these may be tag:web as well
        ("autogroup:member", "tag:web:443", "PARTLY"),
        ("autogroup:tagged", "tag:web:443", "NO"),
        ("group:admin", "tag:ci:9000-9010", "YES"),
        ("100.64.0.1", "tag:web:443", "UNKNOWN"),  # whose address that is
        ("*", "tag:web:443", "PARTLY"),
    ],
)
def test_who_may_reach_what(source: str, target: str, expected: str) -> None:
    assert verdict(source, target) == expected


@pytest.mark.parametrize(("release", "expected"), [(Release(0, 28, 0), True), (NEWEST, None)])
def test_a_wildcard_source_was_every_address_before_0_29(release: Release, *, expected: bool | None) -> None:
    """From then on it is the tailnet and approved routes, which depends on the machines."""
    text = '{ "acls": [{ "action": "accept", "src": ["*"], "dst": ["100.64.0.9:22"] }] }'
    meaning = read_document(parse(SourceFile("/acl.hujson", text.encode())), release)
    source, target = read_selector("192.168.1.1"), destination("100.64.0.9:22")
    assert source is not None and target is not None
    found = answer(meaning, release, Question(source, *target)).verdict.name
    assert found == ("YES" if expected else "UNKNOWN")


def test_a_protocol_that_the_rule_does_not_name_is_not_allowed() -> None:
    assert [verdict("carol@", "tag:web:443", protocol=each) for each in ("tcp", "udp")] == ["YES", "NO"]
    assert verdict("alice@", "tag:web", protocol="gre") == "NO"


def test_a_policy_without_rules_allows_everything_or_nothing(tmp_path: Path) -> None:
    """As the release says: without `acls` and `grants` everything, with an empty list nothing."""
    for text, said in (
        ("{}", "everybody -> everybody  everything  without a rule"),
        ('{ "acls": [] }', "nothing is allowed"),
    ):
        (tmp_path / "acl.hujson").write_text(text)
        assert said in access(tmp_path, "acl.hujson").stdout.splitlines()


# -- the command ---------------------------------------------------------------------------------------------------------


def access(directory: Path, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        return CliRunner().invoke(main, ["access", *arguments])


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    (tmp_path / "acl.hujson").write_text(POLICY)
    return tmp_path


def test_every_permission_is_shown_with_the_line_that_gives_it(policy: Path) -> None:
    result = access(policy, "acl.hujson")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:6] == [
        "group:admin      -> *               all ports                                    acl.hujson:6",
        "group:dev        -> tag:web         tcp 80, 443                                  acl.hujson:7",
        "group:dev        -> db              tcp 5432                                     acl.hujson:7",
        "autogroup:member -> autogroup:self  all ports                                    acl.hujson:8",
        "tag:ci           -> tag:web         port 22                                      acl.hujson:9",
    ]
    assert (
        "group:admin      -> tag:web         SSH as root, autogroup:nonroot, proven anew  acl.hujson:11"
        in result.stdout
    )
    assert "# db: 10.0.5.1/32\n" in result.stdout


def test_an_answer_names_the_rules_and_decides_the_exit_status(policy: Path) -> None:
    yes = access(policy, "acl.hujson", "--from", "carol@", "--to", "tag:web:443")
    assert (yes.exit_code, yes.stdout.splitlines()[1]) == (0, "carol@ -> tag:web:443: yes")
    assert "acl.hujson:7" in yes.stdout and "acl.hujson:6" not in yes.stdout
    no = access(policy, "acl.hujson", "--from", "carol@", "--to", "tag:web:22")
    assert (no.exit_code, no.stdout.splitlines()[1]) == (1, "carol@ -> tag:web:22: no")


def test_a_name_that_the_policy_lacks_is_refused(policy: Path) -> None:
    result = access(policy, "acl.hujson", "--from", "carol", "--to", "db")
    assert (result.exit_code, result.stderr) == (
        2,
        'hslint: --from carol: the policy has no such name; a user is written "carol@"\n',
    )


def test_a_change_is_shown_as_what_it_opens_and_closes(policy: Path) -> None:
    """A new member of a group opens, a port that is gone closes; what another rule allows anyway is no change."""
    new = POLICY.replace('["carol@"]', '["carol@", "dave@"]', 1).replace("80,443", "443")
    new = new.replace('"src": ["tag:ci"]', '"src": ["tag:ci", "alice@"]')
    (policy / "new.hujson").write_text(new)
    result = access(policy, "new.hujson", "--against", "acl.hujson")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line[:2] in ("+ ", "- ")] == [
        "+ dave@ -> tag:web           tcp 443   new.hujson:7",
        "+ dave@ -> db (10.0.5.1/32)  tcp 5432  new.hujson:7",
        "- carol@ -> tag:web  tcp 80  acl.hujson:7",
    ]
    same = access(policy, "acl.hujson", "--against", "acl.hujson")
    assert (same.exit_code, same.stdout.splitlines()[1]) == (0, "nothing that it allows has changed")


def test_programs_get_the_rows_as_json(policy: Path) -> None:
    found = json.loads(access(policy, "acl.hujson", "--to", "tag:web", "--format", "json").stdout)
    (one,) = found["policies"]
    assert (one["hosts"], one["groups"]["group:dev"]) == (["acl.hujson"], ["carol@"])
    assert [(row["from"], row["ports"], row["by"]) for row in one["allowed"]][1] == (
        "group:dev",
        [[80, 80], [443, 443]],
        "acl.hujson:7",
    )


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    """The example of docs/access.md is the whole output."""
    page = (Path(__file__).parents[2] / "docs" / "access.md").read_text(encoding="utf-8")
    expected = page.partition("```console\n$ hslint access acl.hujson\n")[2].partition("```")[0]
    (tmp_path / "acl.hujson").write_text(
        """{
  "groups": { "group:admin": ["alice@", "bob@"], "group:dev": ["carol@"] },
  "tagOwners": { "tag:web": ["group:admin"] }, "acls": [
    { "action": "accept", "src": ["group:admin"], "dst": ["*:*"] },
    { "action": "accept", "proto": "tcp", "src": ["group:dev"], "dst": ["tag:web:80,443"] },
  ],
}
"""
    )
    assert access(tmp_path, "acl.hujson").stdout == expected


def test_json_has_the_members_that_its_page_names(policy: Path) -> None:
    """docs/json.md is the contract with other programs: every member of each kind of answer is in its section."""
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    section = page.partition("## Access as JSON")[2].partition("\n## ")[0]
    (policy / "new.hujson").write_text(POLICY.replace("80,443", "80"))
    for asked in ((), ("--from", "carol@", "--to", "tag:web:443"), ("--against", "new.hujson")):
        (shown,) = json.loads(access(policy, "acl.hujson", *asked, "--format", "json").stdout)["policies"]
        rows = [row for name in ("allowed", "by", "opened", "closed") for row in shown.get(name, [])]
        assert rows
        assert {name for each in (shown, *rows) for name in each if f"`{name}`" not in section} == set()


def test_reviews_get_tables(policy: Path) -> None:
    lines = access(policy, "acl.hujson", "--from", "tag:ci", "--format", "markdown").stdout.splitlines()
    assert "| `tag:ci` | `tag:web` | `port 22` | `acl.hujson:9` |" in lines


def test_hosts_that_share_a_policy_are_named_together_and_a_refused_one_is_reported(tmp_path: Path) -> None:
    (tmp_path / "acl.hujson").write_text('{ "acls": [{ "action": "accept", "src": ["alice"], "dst": ["*:*"] }] }')
    (tmp_path / "configuration.nix").write_text(
        '{ services.headscale = { enable = true; settings = { server_url = "https://hs.example.com"; policy.path = ./acl.hujson; }; }; }'
    )
    result = access(tmp_path, ".", "--headscale", "0.28")
    assert result.exit_code == 2
    assert "Headscale 0.28.0 refuses the policy; hslint check says why" in result.stdout


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "\x00", '{"acls": [{"src": ["*"], "dst": [":", "::", "*:-"]}]}', '{"ssh": 3}']
)
def test_broken_policies_get_an_answer_and_no_traceback(tmp_path: Path, text: str) -> None:
    (tmp_path / "acl.hujson").write_text(text)
    result = access(tmp_path, "acl.hujson")
    assert result.exit_code in (0, 2)
    assert "internal-error" not in result.stderr


def test_an_upgrade_names_the_release_that_refuses_the_policy(tmp_path: Path) -> None:
    """Users without an @ from 0.26 on, unknown fields from 0.27 on."""
    policy = '{ "acls": [{ "action": "accept", "src": ["alice"], "dst": ["*:*"] }], "nope": 1 }'
    (tmp_path / "acl.hujson").write_text(policy)
    module = tmp_path / "module.nix"
    module.write_text("{ services.headscale = { enable = true; settings.policy.path = ./acl.hujson; }; }")
    result = CliRunner().invoke(main, ["upgrade", str(module), "--from", "0.25", "--to", "0.29", "--format", "json"])
    assert releases_of(json.loads(result.stdout)) >= {
        ("policy-undefined-name", "0.26"),
        ("policy-unknown-field", "0.27"),
    }


def releases_of(value: object) -> set[tuple[str, str]]:
    """The rules of an upgrade's entries, each with the series of releases that brings it."""
    if isinstance(value, dict):
        inner = set().union(*map(releases_of, value.values()))
        if isinstance(value.get("rule"), str):
            inner.add((value["rule"], str(value.get("release"))[:4]))
        return inner
    return set().union(*map(releases_of, value)) if isinstance(value, list) else set()
