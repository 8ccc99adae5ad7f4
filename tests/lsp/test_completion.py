"""What is offered where somebody writes: at the place alone, and by the real server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsp_editor import VS_CODE, Editor, soon
from lsprotocol import types as lsp
from sample import MODULE

from hslint.catalogue.keys import schema
from hslint.catalogue.module_versions import module_version
from hslint.catalogue.release import NEWEST, RELEASES, Release
from hslint.lsp import policy_completion, policy_names
from hslint.lsp.completion import Item, Known, Sort, items
from hslint.lsp.position import Cursor, cursor_at
from hslint.source import SourceFile

Start = Callable[..., Awaitable[Editor]]

HEADSCALE = ("services", "headscale")
SETTINGS = (*HEADSCALE, "settings")


def cursor(text: str) -> Cursor | None:
    """The place of the `|` in a text."""
    before, _, after = text.partition("|")
    return cursor_at((before + after).encode(), len(before.encode()))


@pytest.mark.parametrize(
    ("text", "path", "partial", "is_value"),
    [
        ("{ services.headscale.settings = { | }; }", SETTINGS, "", False),
        ("{ services.headscale.settings.dns.mag|", (*SETTINGS, "dns"), "mag", False),
        (
            "{ services.headscale = { settings = { dns = { mag|ic_dns = true; }; }; }; }",
            (*SETTINGS, "dns"),
            "mag",
            False,
        ),
        ("{ services = { headscale.settings.log = { le| } ; }; }", (*SETTINGS, "log"), "le", False),
        ("{ services.headscale.ena|", HEADSCALE, "ena", False),
        ("{ services.headscale.settings.dns.magic_dns = tr|", (*SETTINGS, "dns", "magic_dns"), "tr", True),
        ('{ services.headscale.settings.log.level = "de|', (*SETTINGS, "log", "level"), '"de', True),
        (
            "{ lib, ... }: { config = lib.mkIf true { services.headscale.settings = { x = 1; | }; }; }",
            SETTINGS,
            "",
            False,
        ),
        ("{ services.headscale.settings = lib.mkMerge [ { a = 1; } { | ", SETTINGS, "", False),
        ("let x = { y = 1; }; in { services.headscale.settings.| }", SETTINGS, "", False),
        ("{ services.headscale.settings = with lib; { dns = rec { |", (*SETTINGS, "dns"), "", False),
        ('{ services.headscale."settings" = { |', SETTINGS, "", False),
        ('{ a = "x ; { = ${y} "; services.headscale.settings = { # dns = {\n |', SETTINGS, "", False),
        ("{ a = ''\n  b = {\n''; services.headscale.settings = { |", SETTINGS, "", False),
        ("{ containers.vpn.config = { services.headscale.settings = { |", SETTINGS, "", False),
        (
            "{ services.headscale.settings = { broken = ; dns = { nameservers = { |",
            (*SETTINGS, "dns", "nameservers"),
            "",
            False,
        ),
        ("{ ser| }", (), "ser", False),
    ],
)
def test_the_place_is_the_option_around_it(text: str, path: tuple[str, ...], partial: str, *, is_value: bool) -> None:
    found = cursor(text)
    assert found is not None
    assert (found.path, found.partial, found.is_value) == (path, partial, is_value)


@pytest.mark.parametrize("text", ["{ a = 1; # services.headscale.|", "{ /* { | ", "let services.headscale.| in 1"])
def test_nothing_is_offered_where_no_option_stands(text: str) -> None:
    assert cursor(text) is None


@pytest.mark.parametrize("text", ["\x00{|", "}}}|", "''|", '"|', "{ ${|", "let in in |", "é.ü|", "{ a.b.'|"])
def test_odd_texts_have_a_place_or_none(text: str) -> None:
    found = cursor(text)
    assert found is None or isinstance(found.path, tuple)


# -- names and values ----------------------------------------------------------------------------------------------------


def offered(text: str, release: Release = NEWEST) -> dict[str, Item]:
    place = cursor(text)
    assert place is not None
    return {item.label: item for item in items(place, Known(release, module_version("in-repo")))}


def written(path: str, form: str) -> str:
    """A module with the cursor where the last name of a key would stand: dotted, or in nested sets."""
    *above, name = path.split(".")
    if form == "dotted":
        return f"{{ services.headscale.settings.{''.join(f'{step}.' for step in above)}{name[:1]}| }}"
    opened = "".join(f"{step} = {{ " for step in above)
    return f"{{ services.headscale = {{ settings = {{ {opened}| {'}; ' * len(above)} }}; }}; }}"


@pytest.mark.parametrize("form", ["dotted", "nested"])
@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_every_key_of_a_release_is_offered_where_it_belongs(release: Release, form: str) -> None:
    """Nothing else is, but for what is marked as another release's, and names of sets."""
    known = schema(release)
    assert len(known.below("")) > 50
    for key in known.below(""):
        name = key.path.rpartition(".")[2]
        found = offered(written(key.path, form), release)
        assert found[name].sort in (Sort.NAME, Sort.GROUP), f"{release}: {key.path}"
        above = key.path.rpartition(".")[0]
        for item in found.values():
            path = f"{above}.{item.label}" if above else item.label
            reads = known.key(path) is not None or known.is_group(path)
            assert reads is (item.sort is not Sort.ELSEWHERE), f"{release}: {path}"


def test_a_key_says_its_type_default_releases_and_what_it_does() -> None:
    found = offered("{ services.headscale.settings.dns.| }")["override_local_dns"]
    assert found.detail == "bool, since 0.26"
    assert "Default: `true`" in found.about and "HEADSCALE_DNS_OVERRIDE_LOCAL_DNS" in found.about


def test_keys_of_other_releases_come_last_and_say_so() -> None:
    old = offered("{ services.headscale.settings.| }")["ip_prefixes"]
    assert (old.sort, old.detail) == (Sort.ELSEWHERE, f"not in {NEWEST.series}: until 0.22")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ services.headscale.settings.dns.magic_dns = |", ["true", "false"]),
        ("{ services.headscale.enable = t|", ["true", "false"]),
        ("{ services.headscale.settings.database.type = |", ['"sqlite"', '"postgres"']),
        ("{ services.headscale.settings.derp.update_frequency = |", ['"3h"', '"30s"', '"5m"', '"1h"', '"24h"']),
        ("{ | }", ["services"]),
        ("{ services.| }", ["headscale"]),
        ("{ services.nginx.| }", []),
    ],
)
def test_values_and_the_way_to_headscale(text: str, expected: list[str]) -> None:
    assert [label for label in offered(text) if label in expected] == expected or set(offered(text)) >= set(expected)
    if not expected:
        assert offered(text) == {}


def test_options_of_the_module_are_offered_beside_settings() -> None:
    found = offered("{ services.headscale.| }")
    assert {"enable", "address", "port", "user", "settings"} <= set(found)
    assert found["port"].detail == "port"


# -- policies ------------------------------------------------------------------------------------------------------------

POLICY = """{
  "groups": { "group:dev": ["carol@"] },
  "hosts": { "db": "10.0.0.5/32" },
  "tagOwners": { "tag:web": ["group:dev"] },
  %s
}
"""


@pytest.mark.parametrize(
    ("inside", "some", "none"),
    [
        ('"|', ["acls", "sshTests"], ["src"]),
        ('"acls": [{ "|" }]', ["action", "src", "dst", "proto"], ["acls", "users"]),
        (
            '"acls": [{ "action": "accept", "src": ["|"] }]',
            ["carol@", "group:dev", "tag:web", "db", "autogroup:member"],
            ["autogroup:self"],
        ),
        ('"acls": [{ "dst": ["|', ["tag:web:*", "autogroup:self"], ["src"]),
        ('"ssh": [{ "action": "|" }]', ["accept", "check"], ["carol@"]),
        ('"ssh": [{ "users": ["|"] }]', ["autogroup:nonroot", "root"], ["carol@"]),
        ('"tagOwners": { "tag:x": ["|"] }', ["carol@", "group:dev"], []),
    ],
)
def test_a_policy_is_completed_from_itself(inside: str, some: list[str], none: list[str]) -> None:
    before, _, after = (POLICY % inside).partition("|")
    _, found = policy_completion.at(SourceFile("/acl.hujson", (before + after).encode()), len(before.encode()))
    labels = [item.label for item in found]
    assert set(some) <= set(labels)
    assert not set(none) & set(labels)


def named(text: str) -> tuple[SourceFile, int]:
    """A policy with the cursor at its `|`."""
    before, _, after = text.partition("|")
    return SourceFile("/acl.hujson", (before + after).encode()), len(before.encode())


@pytest.mark.parametrize(
    ("written", "said", "defined"),
    [
        ('"group:d|ev"', "Members: `carol@`", True),
        ('"tag:w|eb:443"', "All machines with this tag. Owners: `group:dev`", True),
        ('"d|b:5432"', "Address: `10.0.0.5/32`", True),
        ('"car|ol@"', "The machines of this user that have no tag. Member of `group:dev`.", False),
        ('"autogroup:se|lf:*"', "The other machines of the user who asks, without tags.", False),
        ('"|*:*"', "As a destination every address; as a source the tailnet and approved routes.", False),
    ],
)
def test_a_name_of_a_policy_says_what_it_stands_for_and_where_it_is_defined(
    written: str, said: str, *, defined: bool
) -> None:
    file, offset = named(POLICY % f'"acls": [{{ "action": "accept", "src": ["carol@"], "dst": [{written}] }}]')
    found = policy_names.hover(file, offset, NEWEST)
    assert found is not None and found.text.endswith(f"\n\n{said}")
    spans = policy_names.definitions(file, offset, NEWEST)
    assert [span.text.strip('"') for span in spans] == ([found.span.text] if defined else [])
    name = found.span.text
    assert [span.text for span in policy_names.references(file, offset, NEWEST)] == [name] * file.text.decode().count(
        f'"{name}'
    )


def test_a_name_of_a_policy_is_renamed_everywhere_and_keeps_its_prefix() -> None:
    """Ports stay; users are not the policy's to name."""
    file, offset = named(POLICY % '"acls": [{ "src": ["group:d|ev"], "dst": ["tag:web:443"] }]')
    for name in ("ops", "group:ops"):
        edits = policy_names.renamed(file, offset, NEWEST, name)
        assert [(edit.span.text, edit.replacement) for edit in edits] == [("group:dev", "group:ops")] * 3
    file, offset = named(POLICY % '"acls": [{ "src": ["carol@"], "dst": ["tag:w|eb:443"] }]')
    assert [edit.replacement for edit in policy_names.renamed(file, offset, NEWEST, "api")] == ["tag:api", "tag:api"]
    for name in ("a b", 'x"', ""):
        assert policy_names.renamed(file, offset, NEWEST, name) == []
    file, offset = named(POLICY % '"acls": [{ "src": ["car|ol@"] }]')
    assert policy_names.renamed(file, offset, NEWEST, "dave@") == []


def test_a_policy_lists_the_names_that_it_defines() -> None:
    file, _ = named(POLICY % "|")
    assert [symbol.name for symbol in policy_names.symbols(file)] == ["group:dev", "db", "tag:web"]


# -- the server ----------------------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.slow
async def test_the_server_completes_half_typed_text_and_leads_to_definitions(start: Start, tmp_path: Path) -> None:
    """The edit takes the place of what was typed of the name."""
    path = tmp_path / "headscale.nix"
    path.write_text(MODULE)
    editor = await start(VS_CODE, tmp_path)
    uri = editor.open(path)
    await editor.pushed(uri, 1)
    text = "{\n  services.headscale.settings.dns.mag\n"
    editor.write(uri, text)
    position = lsp.Position(1, len("  services.headscale.settings.dns.mag"))
    found = await soon(
        editor.text_document_completion_async(lsp.CompletionParams(lsp.TextDocumentIdentifier(uri), position))
    )
    assert isinstance(found, lsp.CompletionList)
    (item,) = (item for item in found.items if item.label == "magic_dns")
    assert isinstance(item.text_edit, lsp.TextEdit)
    assert (item.text_edit.range.start.character, item.text_edit.range.end) == (position.character - 3, position)
    editor.write(uri, MODULE)
    line = next(number for number, each in enumerate(MODULE.splitlines()) if "base_domain" in each)
    at = lsp.Position(line, MODULE.splitlines()[line].index('"') + 2)
    where = await soon(editor.text_document_definition_async(lsp.DefinitionParams(lsp.TextDocumentIdentifier(uri), at)))
    assert where and isinstance(where, list) and [each.range.start.line for each in where] == [line]
    symbols = await soon(
        editor.text_document_document_symbol_async(lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(uri)))
    )
    assert symbols and "settings.dns.base_domain" in [symbol.name for symbol in symbols]


@pytest.mark.asyncio
@pytest.mark.slow
async def test_the_server_knows_the_names_of_a_policy(start: Start, tmp_path: Path) -> None:
    """Its definition, every place, and another name."""
    path = tmp_path / "acl.hujson"
    text = POLICY % '"acls": [{ "action": "accept", "src": ["group:dev"], "dst": ["tag:web:443"] }]'
    path.write_text(text)
    editor = await start(VS_CODE, tmp_path)
    uri = editor.open(path)
    line = next(number for number, each in enumerate(text.splitlines()) if "acls" in each)
    at = lsp.Position(line, text.splitlines()[line].index("group:dev") + 3)
    document = lsp.TextDocumentIdentifier(uri)
    defined = await soon(editor.text_document_definition_async(lsp.DefinitionParams(document, at)))
    assert isinstance(defined, list) and [place.range.start.line for place in defined] == [1]
    context = lsp.ReferenceContext(include_declaration=True)
    places = await soon(
        editor.text_document_references_async(lsp.ReferenceParams(text_document=document, position=at, context=context))
    )
    assert places is not None and [place.range.start.line for place in places] == [1, 3, line]
    edit = await soon(editor.text_document_rename_async(lsp.RenameParams(document, at, "ops")))
    assert edit is not None and str(edit).count("group:ops") == 3
