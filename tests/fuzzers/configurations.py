"""Configurations of NixOS with Headscale, changed at random as trees: parts left out, exchanged, wrapped, or of another type."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from fuzzers.choices import Choices

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str"

SEEDS: tuple[dict[str, Tree], ...] = (
    {
        "services": {
            "headscale": {
                "enable": "true",
                "address": '"0.0.0.0"',
                "port": "8080",
                "settings": {
                    "server_url": '"https://hs.example.com"',
                    "dns": {"base_domain": '"tail.example.com"', "magic_dns": "true", "nameservers": {"global": ['"1.1.1.1"']}},
                    "prefixes": {"v4": '"100.64.0.0/10"', "allocation": '"sequential"'},
                    "database": {"type": '"sqlite"', "sqlite": {"path": '"/var/lib/headscale/db.sqlite"'}},
                    "log": {"level": '"info"'},
                },
            },
            "nginx": {
                "enable": "true",
                "virtualHosts": {
                    '"hs.example.com"': {
                        "forceSSL": "true",
                        "locations": {'"/"': {"proxyPass": '"http://127.0.0.1:8080"', "proxyWebsockets": "true"}},
                    }
                },
            },
        },
        "networking": {"hostName": '"box"', "firewall": {"allowedTCPPorts": ["80", "443"]}},
        "system": {"stateVersion": '"24.11"'},
    },
    {
        "services": {
            "headscale": {
                "enable": "true",
                "settings": {
                    "server_url": '"https://vpn.example.org:443"',
                    "oidc": {
                        "issuer": '"https://id.example.org"',
                        "client_id": '"hs"',
                        "client_secret_path": '"/run/secrets/oidc"',
                        "scope": ['"openid"', '"email"'],
                    },
                    "derp": {"server": {"enabled": "true", "stun_listen_addr": '"0.0.0.0:3478"'}, "urls": []},
                    "policy": {"path": 'pkgs.writeText "acl.hujson" "{ }"'},
                    "tls_letsencrypt_hostname": '"vpn.example.org"',
                    "dns": {"base_domain": '"example.net"', "search_domains": []},
                },
            },
            "caddy": {"enable": "true", "virtualHosts": {'"vpn.example.org"': {"extraConfig": '"reverse_proxy localhost:8080"'}}},
        },
        "networking": {"firewall": {"allowedUDPPorts": ["3478"], "enable": "true"}},
        "users": {"users": {"headscale": {"extraGroups": ['"keys"']}}},
        "systemd": {"services": {"headscale": {"serviceConfig": {"LoadCredential": ['"a:/run/a"']}}}},
    },
)  # fmt: skip

LEAVES = (
    "true", "false", "null", "0", "(-1)", "8080", "1.5", '""', '"x"', '"https://hs.example.com"', "[ ]", "{ }", "[ 1 ]", "/etc/x", "(x: x)",
    "pkgs.headscale", "config", "config.services.headscale.settings", 'throw "no"', "lib.types.str", "config.networking.hostName",
    '"${config.services.headscale.address}:1"', 'builtins.getEnv "X"', "./missing.nix", "rec { a = a; }", "lib", "pkgs",
)  # fmt: skip
WRAPPERS = (
    "lib.mkIf true ({})", "lib.mkIf config.services.headscale.enable ({})", 'lib.mkIf (builtins.getEnv "X" == "") ({})', "lib.mkForce ({})",
    "lib.mkDefault ({})", "lib.mkMerge [ ({}) ]", "lib.mkMerge [ ({}) ({}) ]", "lib.mkBefore ({})", "lib.mkOverride 10 ({})", "(let x = {}; in x)",
    "[ ({}) ]", "toString ({})", "(with lib; {})", "lib.mkIf false ({})", "lib.optionalAttrs true ({})", "{{ a = {}; }}", "(assert true; {})",
)  # fmt: skip


def configuration(choices: Choices) -> str:
    """A module as text."""
    tree: Tree = choices.pick(SEEDS)
    for _ in range(1 + choices.below(5)):
        tree = _changed(choices, tree, choices.below(7))
    return f"{{ config, lib, pkgs, ... }}:\n{_text(tree)}\n"


def _changed(choices: Choices, tree: Tree, depth: int) -> Tree:
    """The tree with one change, as deep in it as wanted, or where it ends."""
    if isinstance(tree, dict) and tree and depth:
        name = choices.pick(list(tree))
        changed = dict(tree)
        match choices.below(8):
            case 0:
                del changed[name]
            case 1:
                changed[choices.pick(("enable", "settings", "foo", '"a b"', "imports", "config", "options"))] = (
                    changed.pop(name)
                )
            case 2:
                other = choices.pick(list(tree))
                changed[name], changed[other] = tree[other], tree[name]
            case _:
                changed[name] = _changed(choices, tree[name], depth - 1)
        return changed
    if isinstance(tree, list) and tree and depth:
        at = choices.below(len(tree))
        return [*tree[:at], _changed(choices, tree[at], depth - 1), *tree[at + 1 :]]
    match choices.below(3):
        case 0:
            return choices.pick(LEAVES)
        case 1:
            return choices.pick(WRAPPERS).replace("({})", f"({_text(tree)})").replace("{}", _text(tree), 1)
        case _:
            return [tree, choices.pick(LEAVES)]


def _text(tree: Tree) -> str:
    match tree:
        case dict():
            return "{ " + " ".join(f"{name} = {_text(value)};" for name, value in tree.items()) + " }"
        case list():
            return "[ " + " ".join(f"({_text(item)})" for item in tree) + " ]"
        case str():
            return tree
