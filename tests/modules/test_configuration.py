"""What a configuration says about its options: values, places, who won, and what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hslint.catalogue import module_version
from hslint.modules import BaseModules, Configuration, Foreign, evaluate_modules, library_extra
from hslint.source import Project
from hslint.syntax.parse import parse
from hslint.values.evaluate import NixEvaluator
from hslint.values.nixpkgs_lib import library
from hslint.values.value import Attrs, Bool, Int, Lazy, List, String, Unknown, Value, Why
from hslint.values.value import Path as NixPath

Configure = Callable[..., Configuration]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """A NixOS configuration of the given files; `main.nix` is its module."""

    def made(
        version: str = "in-repo", foreign: Callable[[Value], Foreign | None] | None = None, **files: str
    ) -> Configuration:
        for name, text in files.items():
            (tmp_path / f"{name}.nix").write_text(text)
        ev = NixEvaluator(Project(str(tmp_path)), parse)
        lib = library(ev, library_extra(ev))
        pkgs = Lazy.done(Attrs({}, rest=Unknown(Why.PACKAGE, "pkgs")))
        unknown = Lazy.done(Unknown(Why.INPUT, "inputs"))
        main = Lazy.done(NixPath(str(tmp_path.resolve() / "main.nix")))
        base = BaseModules(module_version(version), {"pkgs": pkgs}, foreign)
        return evaluate_modules(ev, [main], {"inputs": unknown}, base, Lazy.done(lib))

    return made


def value(configuration: Configuration, option: str) -> Value:
    setting = configuration.setting(option)
    assert setting is not None
    return setting.value.force()


def text(configuration: Configuration, option: str) -> str | None:
    found = value(configuration, option)
    assert isinstance(found, String)
    return found.known


URL = "services.headscale.settings.server_url"


def test_a_setting_knows_the_name_the_statement_and_the_value_it_was_written_with(configure: Configure) -> None:
    """Also when the name stands deep inside a set that defines several options."""
    made = configure(main='{ services.headscale.settings = { dns = { base_domain = "tail.example"; }; }; }')
    setting = made.setting("services.headscale.settings.dns.base_domain")
    assert setting is not None
    (definition,) = setting.winners
    assert definition.place is not None and definition.place.text == "base_domain"
    assert definition.binding is not None and definition.binding.text == 'base_domain = "tail.example";'
    found = setting.value.force()
    assert found.span is not None and found.span.text == '"tail.example"'


def test_a_freeform_setting_knows_its_place_too(configure: Configure) -> None:
    """Keys that the module does not declare are looked up like options."""
    made = configure(
        main='{ services.headscale = { enable = true; settings.derp.server = { stun_listen_addr = ":3478"; }; }; }'
    )
    setting = made.setting("services.headscale.settings.derp.server.stun_listen_addr")
    assert setting is not None and setting.winners[0].place is not None
    assert setting.winners[0].place.text == "stun_listen_addr"


def test_losing_definitions_are_kept_apart(configure: Configure) -> None:
    """A default loses against a plain value and is reported as such."""
    made = configure(
        main="{ lib, ... }: { imports = [ ./other.nix ]; services.headscale.port = lib.mkDefault 8081; }",
        other="{ services.headscale.port = 8082; }",
    )
    setting = made.setting("services.headscale.port")
    assert setting is not None
    assert isinstance(found := setting.value.force(), Int) and found.value == 8082
    assert [d.priority for d in setting.winners] == [100]
    assert [d.priority for d in setting.losers] == [1000, 1500]
    assert [d.from_user for d in setting.losers] == [True, False]


def test_defaults_come_from_the_module_and_not_from_the_user(configure: Configure) -> None:
    """What nobody sets has the value of the version's module."""
    made = configure(main="{ services.headscale.enable = true; }")
    setting = made.setting("services.headscale.settings.listen_addr")
    assert setting is not None and not any(d.from_user for d in setting.winners)
    assert text(made, "services.headscale.settings.listen_addr") == "127.0.0.1:8080"


def test_conflicting_values_are_a_failure_of_that_option_alone(configure: Configure) -> None:
    """Nix's words, and both places; other options keep their values."""
    made = configure(
        main=f'{{ imports = [ ./other.nix ]; {URL} = "https://a"; services.headscale.port = 1; }}',
        other=f'{{ {URL} = "https://b"; }}',
    )
    (failure,) = made.failures
    assert failure.option == URL
    assert failure.failure.kind.value == "conflict"
    assert failure.failure.message.startswith(f"The option `{URL}' has conflicting definition values:\n- In `")
    assert [d.place.text for d in failure.definitions if d.place] == ["server_url", "server_url"]
    assert made.error is None


def test_an_option_that_does_not_exist_refuses_the_whole_configuration(configure: Configure) -> None:
    """With the nearest names, as Nix suggests them."""
    made = configure(main="{ services.headscale.listenAddress = 1; }")
    assert made.error is not None and made.error.kind.value == "unknown-option"
    assert "Did you mean `services.headscale.address'" in made.error.message
    assert made.error.span is not None and made.error.span.text == "listenAddress"


def test_a_misspelt_service_is_an_unknown_option_and_an_unmodelled_one_is_not(configure: Configure) -> None:
    """NixOS has hundreds of services that hslint does not know, but no `services.headscle`."""
    assert configure(main="{ services.headscle.enable = true; }").error is not None
    assert configure(main="{ services.jellyfin.enable = true; hardware.cpu.x = 1; }").error is None
    assert configure(main="{ service.headscale.enable = true; }").error is not None


def test_services_that_are_not_mentioned_are_off(configure: Configure) -> None:
    """In a closed configuration; of an option that hslint does not know the value is unknown."""
    made = configure(
        main="""{ config, lib, ... }: {
          services.headscale.port = if config.services.jellyfin.enable then 1 else 2;
          services.headscale.address = config.services.jellyfin.user;
        }"""
    )
    assert isinstance(found := value(made, "services.headscale.port"), Int) and found.value == 2
    assert isinstance(unknown := value(made, "services.headscale.address"), Unknown) and unknown.why is Why.OPTION


def test_an_undecided_definition_leaves_both_values_open(configure: Configure) -> None:
    """The value with and the one without it."""
    made = configure(main="{ inputs, lib, ... }: { services.headscale.port = lib.mkIf inputs.x 9000; }")
    found = value(made, "services.headscale.port")
    assert isinstance(found, Unknown) and found.why is Why.CONDITION
    assert [v.value for lazy in found.may_be if isinstance(v := lazy.force(), Int)] == [9000, 8080]


def test_a_definition_that_wins_in_any_case_is_not_touched_by_an_undecided_one(configure: Configure) -> None:
    """A forced value stays known beside one that may be there."""
    made = configure(
        main="{ inputs, lib, ... }: { imports = [ ./o.nix ]; services.headscale.port = lib.mkIf inputs.x 9000; }",
        o="{ lib, ... }: { services.headscale.port = lib.mkForce 1; }",
    )
    assert isinstance(found := value(made, "services.headscale.port"), Int) and found.value == 1


def test_list_elements_under_an_undecided_condition_may_be_there(configure: Configure) -> None:
    """The others are sure."""
    made = configure(
        main="""{ inputs, lib, ... }: { networking.firewall.allowedTCPPorts = lib.mkMerge [ [ 443 80 ] (lib.mkIf inputs.x [ 22 ]) ]; }"""
    )
    found = value(made, "networking.firewall.allowedTCPPorts")
    assert isinstance(found, List) and found.rest is not None
    assert [v.value for item in found.items if isinstance(v := item.force(), Int)] == [80, 443]
    assert [v.value for item in found.rest.may_be if isinstance(v := item.force(), Int)] == [22]


def test_conditions_pass_through_sets_to_the_options_inside(configure: Configure) -> None:
    """Only what stands under the condition is undecided."""
    made = configure(
        main="""{ inputs, lib, ... }: {
          services.headscale = lib.mkMerge [ { settings.server_url = "https://a"; } (lib.mkIf inputs.x { settings.log.level = "debug"; }) ];
        }"""
    )
    assert text(made, URL) == "https://a"
    assert isinstance(value(made, "services.headscale.settings.log.level"), Unknown)


def test_an_import_that_cannot_be_followed_opens_the_configuration(configure: Configure) -> None:
    """What is seen keeps its value; what is not cannot be relied on by other options."""
    made = configure(
        main="""{ inputs, config, ... }: {
          imports = [ inputs.other.nixosModules.x ];
          services.headscale.address = "::1";
          networking.hostName = if config.services.headscale.port == 8080 then "a" else "b";
        }"""
    )
    ((unknown, at),) = made.open
    assert unknown.why is Why.INPUT and at is not None and at.text == "inputs.other.nixosModules.x"
    assert text(made, "services.headscale.address") == "::1"
    assert isinstance(value(made, "networking.hostName"), Unknown)


def test_a_known_foreign_module_leaves_the_configuration_closed(configure: Configure) -> None:
    """Hosts says what it is; the import is on record with its place."""
    foreign = lambda given: Foreign.harmless("inputs.sops", "sops") if isinstance(given, Unknown) else None  # noqa: E731
    made = configure(
        foreign=foreign, main="{ inputs, ... }: { imports = [ inputs.sops inputs.sops ]; sops.secrets.a = { }; }"
    )
    assert made.open == ()
    assert [(m.name, m.counted) for m in made.imported_modules if m.foreign] == [
        ("inputs.sops", True),
        ("inputs.sops", False),
    ]
    assert text(made, "sops.secrets.a.path") == "/run/secrets/a"


def test_renamed_options_forward_their_definitions_with_their_places(configure: Configure) -> None:
    """And NixOS warns about them."""
    made = configure(main='{ services.headscale.serverUrl = "https://old"; }')
    setting = made.setting(URL)
    assert setting is not None and text(made, URL) == "https://old"
    assert setting.winners[0].place is not None and setting.winners[0].place.text == "serverUrl"
    warnings = value(made, "warnings")
    assert isinstance(warnings, List) and isinstance(first := warnings.items[0].force(), String)
    assert first.known is not None and "has been renamed to `services.headscale.settings.server_url'" in first.known


def test_warnings_of_renamed_options_come_in_the_order_of_nixos(configure: Configure) -> None:
    """Of the modules that a module imports, the last one's definitions come first."""
    made = configure(
        main='{ services.headscale = { derp.autoUpdate = true; tls.letsencrypt.hostname = "a.example"; }; }'
    )
    warnings = value(made, "warnings")
    assert isinstance(warnings, List)
    reported = [item.force() for item in warnings.items]
    assert [one.known.split("'")[0] for one in reported if isinstance(one, String) and one.known] == [
        "The option `services.headscale.tls.letsencrypt.hostname",
        "The option `services.headscale.derp.autoUpdate",
    ]


def test_what_one_configuration_touches_is_its_own(tmp_path: Path) -> None:
    """The hosts of a run share what none of them touches, and nothing else."""
    ev = NixEvaluator(Project(str(tmp_path)), parse)
    lib = Lazy.done(library(ev, library_extra(ev)))
    names = ("before", "touching", "after")
    (tmp_path / "before.nix").write_text("{ }")
    (tmp_path / "touching.nix").write_text("{ services.nginx = { enable = true; recommendedProxySettings = true; }; }")
    (tmp_path / "after.nix").write_text("{ services.caddy.enable = true; }")
    made = {}
    for name in names:
        main = Lazy.done(NixPath(str(tmp_path.resolve() / f"{name}.nix")))
        made[name] = evaluate_modules(ev, [main], {}, BaseModules(module_version("in-repo"), {}, None), lib)

    def enabled(service: str) -> list[bool]:
        found = [value(made[name], f"services.{service}.enable") for name in names]
        return [one.value for one in found if isinstance(one, Bool)]

    assert enabled("nginx") == [False, True, False]
    assert enabled("caddy") == [False, False, True]
    assert enabled("haproxy") == [False, False, False]


@pytest.mark.parametrize("asked", ["options ? services", "options.services ? headscale", "options.services ? nginx"])
def test_which_options_there_are_may_decide_what_is_defined(configure: Configure, asked: str) -> None:
    """Looking for an option asks for no definition."""
    made = configure(
        main=f"{{ lib, options, ... }}: {{ config = lib.optionalAttrs ({asked}) {{ services.headscale.port = 8443; }}; }}"
    )
    port = value(made, "services.headscale.port")
    assert isinstance(port, Int) and port.value == 8443


def test_assertions_of_the_module_hold_or_not(configure: Configure) -> None:
    """They exist only when the service is enabled."""

    def broken(made: Configuration) -> list[str | None]:
        found = value(made, "assertions")
        assert isinstance(found, List)
        texts = []
        for item in found.items:
            assertion = item.force()
            assert isinstance(assertion, Attrs)
            holds, message = assertion.items["assertion"].force(), assertion.items["message"].force()
            if isinstance(holds, Bool) and not holds.value and isinstance(message, String):
                texts.append(message.known)
        return texts

    on = configure(
        main='{ services.headscale = { enable = true; settings.dns.base_domain = "a.b"; settings.db_type = null; }; }'
    )
    assert broken(on) == [
        "dns.nameservers.global must be set when overriding local DNS",
        "The option `services.headscale.settings.db_type` was removed. Use `database.type` instead.",
    ]
    assert broken(configure(main="{ services.headscale.settings.dns.magic_dns = true; }")) == []


def test_a_bad_port_spoils_what_is_made_of_it_and_nothing_else(configure: Configure) -> None:
    """`listen_addr` is made of the port, unless it is set: it fails as well, but the refusal is the port's."""
    made = configure(main='{ services.headscale = { enable = true; port = "eighty"; }; }')
    assert [f.option for f in made.failures] == ["services.headscale.port"]
    made = configure(main='{ services.headscale = { enable = true; port = "eighty"; settings.listen_addr = ":80"; }; }')
    assert {f.option for f in made.failures} == {"services.headscale.port"}


def test_a_condition_on_the_configuration_around_a_whole_module_is_infinite_recursion(configure: Configure) -> None:
    """A top-level `if config.x` needs what it defines; mkIf does not."""
    made = configure(
        main="{ config, ... }: if config.services.headscale.enable then { } else { services.headscale.port = 1; }"
    )
    assert made.error is not None and made.error.kind.value == "recursion"
    made = configure(
        main="{ config, lib, ... }: lib.mkIf config.services.headscale.enable { services.headscale.port = 1; }"
    )
    assert made.error is None


def test_imports_that_depend_on_the_configuration_are_infinite_recursion(configure: Configure) -> None:
    """Modules are collected before any option has a value."""
    made = configure(
        main="{ config, lib, ... }: { imports = lib.optional config.services.headscale.enable ./other.nix; }",
        other="{ }",
    )
    assert made.error is not None and made.error.kind.value == "recursion"


def test_an_undecided_import_is_a_module_under_a_condition(configure: Configure) -> None:
    """Both outcomes are kept."""
    made = configure(
        main="{ inputs, lib, ... }: { imports = lib.optionals inputs.x [ ./other.nix ]; }",
        other="{ services.headscale.port = 1; }",
    )
    found = value(made, "services.headscale.port")
    assert isinstance(found, Unknown) and len(found.may_be) == 2


def test_the_same_default_twice_conflicts_with_the_modules_own(configure: Configure) -> None:
    """`listen_addr` is an mkDefault of the module, so that a user's mkDefault conflicts and a plain value wins."""
    made = configure(
        main='{ lib, ... }: { services.headscale = { enable = true; settings.listen_addr = lib.mkDefault ":1"; }; }'
    )
    assert [f.option for f in made.failures] == ["services.headscale.settings.listen_addr"]
    made = configure(main='{ services.headscale = { enable = true; settings.listen_addr = ":1"; }; }')
    assert made.failures == () and text(made, "services.headscale.settings.listen_addr") == ":1"


def test_a_forced_settings_set_loses_what_the_module_defines_there(configure: Configure) -> None:
    """listen_addr and unix_socket are gone; typed options have their defaults."""
    made = configure(
        main='{ lib, ... }: { services.headscale = { enable = true; settings = lib.mkForce { server_url = "x"; }; }; }'
    )
    assert made.setting("services.headscale.settings.listen_addr") is None
    assert text(made, "services.headscale.settings.log.level") == "info"


def test_containers_are_configurations_of_their_own(configure: Configure) -> None:
    """Options inside are found below `config`."""
    made = configure(
        main='{ containers.vpn.config = { services.headscale = { enable = true; settings.server_url = "https://in"; }; }; }'
    )
    assert text(made, f"containers.vpn.config.{URL}") == "https://in"


def test_settings_below_lists_the_leaves_that_are_defined(configure: Configure) -> None:
    """In the order of their names, freeform ones among them."""
    made = configure(
        main='{ services.headscale.settings = { oidc.extra.deep = 1; log = { level = "x"; odd = true; }; }; }'
    )
    mine = [s.option for s in made.settings_below("services.headscale.settings") if any(d.from_user for d in s.winners)]
    prefix = "services.headscale.settings."
    assert [option.removeprefix(prefix) for option in mine] == ["log.level", "log.odd", "oidc.extra.deep"]


def test_modules_that_import_each_other_do_not_hang(configure: Configure) -> None:
    """Each counts once."""
    made = configure(
        main="{ imports = [ ./other.nix ]; }", other="{ imports = [ ./main.nix ]; services.headscale.port = 5; }"
    )
    assert isinstance(found := value(made, "services.headscale.port"), Int) and found.value == 5


def test_a_module_that_replaces_nixos_own_is_the_only_one(configure: Configure) -> None:
    """`disabledModules` names the module of nixpkgs, whichever stands in for it."""
    made = configure(
        main='{ disabledModules = [ "services/networking/headscale.nix" ]; imports = [ ./other.nix ]; services.headscale.own = 1; }',
        other="{ lib, ... }: { options.services.headscale.own = lib.mkOption { type = lib.types.int; }; }",
    )
    assert made.error is None
    assert isinstance(found := value(made, "services.headscale.own"), Int) and found.value == 1
    assert made.setting("services.headscale.port") is None


def test_names_of_lib_stay_visible_where_the_types_are_opened(configure: Configure) -> None:
    """`with lib; with lib.types;` finds mkOption in lib."""
    made = configure(
        main="""{ lib, config, ... }: with lib; {
          options.my = with lib.types; { port = mkOption { type = port; default = 9; }; };
          config.services.headscale.port = config.my.port;
        }"""
    )
    assert isinstance(found := value(made, "services.headscale.port"), Int) and found.value == 9


def test_options_that_an_unknown_function_declares_are_not_missing(configure: Configure) -> None:
    """What is set there belongs to an option, and what is read from there is unknown."""
    made = configure(
        main="""{ config, lib, inputs, ... }: let cfg = config.services.headscale; in {
          options.services.headscale.proxy = inputs.own.lib.mkProxyOption "Headscale";
          config.services.headscale = {
            proxy.forceSSL = true;
            settings.server_url = if cfg.proxy.enable then "https://a.example" else "https://b.example";
          };
        }"""
    )
    assert made.failures == ()
    assert made.error is None
    assert isinstance(value(made, URL), Unknown)


def test_what_an_unknown_function_declares_may_be_an_option_or_a_set(configure: Configure) -> None:
    """Read as a number, it is no set that somebody put there by mistake."""
    made = configure(
        main="""{ config, inputs, ... }: {
          options.own.headscale.port = inputs.own.lib.mkPort 8080;
          config.services.headscale = { enable = true; port = config.own.headscale.port; };
        }"""
    )
    assert made.failures == ()
    assert isinstance(value(made, "services.headscale.port"), Unknown)
