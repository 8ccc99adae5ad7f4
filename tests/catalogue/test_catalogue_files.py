"""The catalogue's files have the shape that the code takes for granted, and stay easy to compare line by line."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from released import OWN_MODULE

import hslint.catalogue.data
from hslint.catalogue import go
from hslint.catalogue.channels import channels
from hslint.catalogue.keys import How, schema
from hslint.catalogue.module_versions import (
    DESCRIBED,
    MODULE_VERSIONS,
    module_version,
    read_by_a_module,
    removed_in_older_module,
    renamed_in_older_module,
)
from hslint.catalogue.published import all_published, settings_of
from hslint.catalogue.release import PREVIEW, RELEASES, parse
from hslint.catalogue.steps import module_at, step
from hslint.catalogue.term import Enum, Term, spelled, term

CATALOGUE = Path(hslint.catalogue.data.__file__).parent
RELEASE_FILES = sorted((CATALOGUE / "releases").glob("*.json"))
MODULE_FILES = sorted((CATALOGUE / "modules").glob("*.json"))

HEADSCALE_TYPES = {
    *("str", "bool", "int", "port", "path", "url", "secret", "address", "ip", "prefix", "domain", "resolver", "record"),
    *("duration", "prometheus duration", "milliseconds", "seconds", "file mode", "sslmode"),
}
NIX_TYPES = {"str", "bool", "port", "path", "package", "settings"}
CONSTRAINT = {
    *("above", "at_least", "at_most", "not_empty", "starts_with", "within", "prefix_above"),
    *("otherwise", "read_as", "while", "unless_zero"),
}


def _read(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _names(of: Term) -> set[str]:
    """The plain types inside a term; the words around them are cut away by taking what `term` made apart."""
    found: set[str] = set()
    todo: list[Any] = [of]
    while todo:
        match todo.pop():
            case term_ if hasattr(term_, "of"):
                todo.append(term_.of)
            case term_ if hasattr(term_, "options"):
                todo.extend(term_.options.values())
            case term_ if hasattr(term_, "name"):
                found.add(term_.name)
    return found


def test_every_release_and_every_module_has_exactly_one_file() -> None:
    """Adding 0.30 means adding a file and a line in release.py: neither without the other."""
    assert {path.stem for path in RELEASE_FILES} == {str(release) for release in (*RELEASES, PREVIEW)}
    assert {path.stem for path in MODULE_FILES} == set(MODULE_VERSIONS)


@pytest.mark.parametrize("path", RELEASE_FILES, ids=lambda path: path.stem)
def test_a_release_file_names_only_known_types_limits_and_fates(path: Path) -> None:
    """A spelling mistake in a file is found here and not in somebody's report."""
    read = _read(path)
    assert list(read) == ["release", "released", "keys", "removed"]
    assert read["release"] == path.stem
    for key, entry in read["keys"].items():
        assert key == key.lower()
        assert set(entry) <= {"type", "default", "constraint", "deprecated"}, key
        assert _names(term(entry["type"])) <= HEADSCALE_TYPES, key
        assert spelled(term(entry["type"]))
        if "constraint" in entry:
            assert set(entry["constraint"]) <= CONSTRAINT, key
            assert entry["constraint"]["otherwise"] in ("refused", "crashes", "warned", "misread"), key
        if entry["type"] == "duration" and "default" in entry:
            assert go.duration(entry["default"]) is not None, key
    for key, entry in read["removed"].items():
        assert list(entry) == ["how", "replaced_by"], key
        assert entry["how"] in {how.value for how in How}, key
        assert key not in read["keys"], f"{key} is read and removed"


@pytest.mark.parametrize("path", [*RELEASE_FILES, *MODULE_FILES], ids=lambda path: path.stem)
def test_a_file_holds_one_fact_a_line_in_order(path: Path) -> None:
    """So that `diff` between two releases shows what changed between them and nothing else."""
    read = _read(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    for name, section in read.items():
        if not isinstance(section, dict):
            continue
        for key, entry in section.items():
            line = f"    {json.dumps(key)}: {json.dumps(entry, ensure_ascii=False)}"
            assert line in lines or f"{line}," in lines, key
        if name != "renamed":  # there the order is the module's own and decides the order of warnings
            assert list(section) == sorted(section), name


def test_every_key_of_every_release_is_described_and_no_other() -> None:
    """A key's meaning stands once, for all releases; what nobody reads any more needs a sentence too."""
    described = _read(CATALOGUE / "keys.json")
    known = {key for path in RELEASE_FILES for section in ("keys", "removed") for key in _read(path)[section]}
    assert set(described) == known
    assert list(described) == sorted(described)
    for key, entry in described.items():
        assert set(entry) <= {"what", "page", "instead", "before"}, key
        assert entry["page"].startswith("ref/")
        assert not entry["what"].endswith(".")
        assert len(entry["what"]) < 100, key


def test_what_replaces_a_removed_key_is_read_by_the_same_release() -> None:
    """A suggestion that the release ignores as well would be worse than none."""
    # Read by the module's start script, and a group of keys.
    not_keys = {"database.postgres.password_file", "dns"}
    for release in RELEASES:
        for removal in schema(release).removals.values():
            for path in set(removal.replaced_by) - not_keys:
                assert schema(release).key(path), f"{release}: {removal.path} → {path}"


def test_known_mistakes_are_no_keys_and_lead_to_keys_of_the_newest_release() -> None:
    """The list of mistakes holds what people write, each beside a key that exists, or null where nothing does what was meant."""
    newest = schema(RELEASES[-1])
    mistakes = _read(CATALOGUE / "mistakes.json")
    assert list(mistakes) == sorted(mistakes)
    for wrong, right in mistakes.items():
        assert right is None or newest.key(right), right
        assert not any(schema(release).key(wrong) for release in RELEASES), wrong


def test_the_history_of_the_moving_branches_is_in_order_and_names_known_modules_and_releases() -> None:
    """The last one whose text was seen is what the newest channel file says."""
    history = _read(CATALOGUE / "unstable.json")
    assert list(history) == sorted(history)
    for entry in history.values():
        assert entry["module"] in MODULE_VERSIONS
        assert parse(entry["headscale"]) in {each.release for each in all_published()}
    newest = module_version("nixpkgs-unstable")
    assert newest is not None
    seen = [entry for entry in history.values() if entry["module"] != DESCRIBED]
    assert seen[-1] == {"headscale": str(newest.headscale), "module": newest.name}


def test_what_is_published_is_in_order_and_says_where_that_is_known_from() -> None:
    """Whose settings were read had a tag; of the others there is an address, and days between which they came out."""
    every = all_published()
    assert [each.release for each in every] == sorted(each.release for each in every)
    assert {each.release for each in every if each.evidence == "tag"} >= set(RELEASES)
    for each in every:
        assert each.between[0] <= each.between[1]
        assert each.source.startswith("https://")
        assert settings_of(each.release).series == each.release.series


def test_what_a_nixos_release_packages_is_what_its_module_is_for() -> None:
    """One of which nothing was found has no module either."""
    for channel in channels():
        version = module_version(f"nixpkgs-{channel.name}")
        assert channel.headscale == (
            version.headscale if version is not None and version.name.endswith(channel.name) else None
        )


def test_every_release_says_what_moving_to_it_asks_for() -> None:
    """Databases and clients never get older, and the settings and releases named are known ones."""
    read = _read(CATALOGUE / "steps.json")
    assert list(read) == [str(release) for release in (*RELEASES, PREVIEW)]
    steps = [step(release) for release in (*RELEASES, PREVIEW)]
    for before, after in pairwise(steps):
        assert before.migrates_from <= after.migrates_from <= after.release
        assert before.refuses_skips <= after.refuses_skips
    clients = [tuple(map(int, each.clients.split("."))) for each in steps if each.clients is not None]
    assert clients == sorted(set(clients))
    for each in steps:
        assert each.migrates_from in RELEASES
        assert list(read[str(each.release)]) == ["migrates_from", "refuses_skips", "clients", "duties"]
        for duty in each.duties:
            assert schema(each.release).key(duty.when), duty
            assert not duty.do.endswith(".") and len(duty.do) < 130


def test_groups_depend_on_keys_of_the_newest_release() -> None:
    """What decides whether a group of keys is read is itself a key, and each group has some."""
    newest = schema(RELEASES[-1])
    groups = _read(CATALOGUE / "groups.json")
    assert list(groups) == sorted(groups)
    for group, condition in groups.items():
        assert any(path.startswith((f"{group}.", f"{group}_")) for path in newest.keys), group
        for key, values in condition.items():
            known = newest.key(key)
            assert known is not None and isinstance(values, list), key
            if isinstance(known.type, Enum):
                assert set(values) <= set(known.type.values), key


def test_the_module_that_goes_with_a_release_comes_from_the_same_place() -> None:
    """Headscale's own by its tag, nixpkgs' by what packaged the release; an own one before there was any is nixpkgs'."""
    nixpkgs, own = module_version("nixpkgs-24.05"), module_version("in-repo")
    assert nixpkgs is not None and own is not None
    assert [module_at(release, nixpkgs).name.removeprefix("nixpkgs-") for release in RELEASES] == [
        *("24.05", "24.11", "24.11", "25.05", "25.11", "25.11", "26.05", "unstable"),
    ]
    assert [module_at(release, own).name for release in RELEASES[-3:]] == [
        *("nixpkgs-25.11", "in-repo-v0.28.0", OWN_MODULE),
    ]


def test_options_of_old_modules_lead_to_settings() -> None:
    """By the last module that kept the name; what is gone leads nowhere."""
    assert renamed_in_older_module("dns.baseDomain") == "settings.dns_config.base_domain"
    assert renamed_in_older_module("derp.autoUpdate") == "settings.derp.auto_update_enabled"
    assert renamed_in_older_module("baseDomain") is None
    assert removed_in_older_module("openIdConnect.domainMap.a")
    assert not removed_in_older_module("openIdConnect")
    assert read_by_a_module("db_password_file") and not read_by_a_module("db_pass")


@pytest.mark.parametrize("path", MODULE_FILES, ids=lambda path: path.stem)
def test_a_module_file_names_only_known_types_and_options(path: Path) -> None:
    """Renames and fixed definitions lead to options or to settings, never into the void."""
    read = _read(path)
    version = module_version(path.stem)
    assert version is not None
    assert read["version"] == path.stem
    for option, entry in read["options"].items():
        assert set(entry) <= {"type", "default", "read_only"}, option
        assert _names(term(entry["type"])) <= NIX_TYPES, option
    for old, new in version.renamed.items():
        assert version.option(new), f"{old} → {new}"
        assert not version.option(old)
    for fixed in version.fixed.values():
        assert fixed.path.startswith("settings.")
        assert (fixed.template is None) != (fixed.value is None)
    assert version.option(version.password_file)


def test_every_public_name_can_be_imported_and_is_no_submodules_name() -> None:
    """A name that is also a submodule's would change its meaning with the order of imports."""
    import hslint.catalogue

    submodules = {path.stem for path in CATALOGUE.glob("*.py")}
    for name in hslint.catalogue.__all__:
        assert getattr(hslint.catalogue, name) is not None
        assert name not in submodules
    with pytest.raises(AttributeError):
        hslint.catalogue.__getattr__("nonsense")
