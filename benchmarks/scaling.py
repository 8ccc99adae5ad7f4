"""How the time of a check grows with its input: each shape at n, 2n and 4n, and the exponent of the growth.

Written for people who change something; `run.py` holds the few rows that are promised.
"""

import argparse
import math
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HSLINT = str(Path(sys.executable).with_name("hslint"))

#: Growth above this exponent is told; the smallest sizes are mostly start-up, so it is measured between 2n and 4n.
LINEAR = 1.35

#: Seconds of the processor that one check may take.
PATIENCE = 120

Files = dict[str, str]


def module(body: str, *, release: str = "", arguments: str = "{ config, lib, pkgs, ... }:") -> str:
    package = f"services.headscale.package = pkgs.headscale_{release};" if release else ""
    return f"{arguments}\n{{\n  services.headscale.enable = true;\n{package}\n{body}\n}}\n"


def settings(body: str, more: str = "") -> Files:
    return {
        "headscale.nix": module(
            f"""  services.headscale.settings = {{
    server_url = "https://vpn.example.org";
    dns.base_domain = "tail.example.org";
    dns.nameservers.global = [ "9.9.9.9" ];
{body}
  }};
{more}"""
        )
    }


def lines(count: int, of: Callable[[int], str]) -> str:
    return "\n".join(of(number) for number in range(count))


def text(count: int) -> str:
    return "x" * count


def entry(body: str) -> Files:
    """A whole machine with something beside Headscale."""
    return {"configuration.nix": settings("", body)["headscale.nix"]}


def flake(hosts: int, body: str) -> Files:
    machines = lines(
        hosts,
        lambda n: (
            f"""      host{n} = nixpkgs.lib.nixosSystem {{
        system = "x86_64-linux";
        modules = [ ./headscale.nix {{ networking.hostName = "host{n}"; }} ];
      }};"""
        ),
    )
    return {
        "headscale.nix": body,
        "flake.nix": f"""{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  outputs = {{ self, nixpkgs }}: {{
    nixosConfigurations = {{
{machines}
    }};
  }};
}}
""",
    }


def hujson(count: int) -> str:
    rules = lines(
        count,
        lambda n: f'    {{ "action": "accept", "src": ["group:g{n}"], "dst": ["10.0.0.{n % 250}:{n % 60000 + 1}"] }},',
    )
    groups = lines(count, lambda n: f'    "group:g{n}": ["user{n}@"],')
    return f'{{\n  // policy\n  "groups": {{\n{groups}\n  }},\n  "acls": [\n{rules}\n  ],\n}}\n'


SHAPES: dict[str, tuple[int, Callable[[int], Files]]] = {
    "unknown settings": (100, lambda n: settings(lines(n, lambda i: f"    unheard_of{i} = {i};"))),
    "unknown settings in a set": (
        100,
        lambda n: settings(f"    odd = {{\n{lines(n, lambda i: f'    unheard_of{i} = {i};')}\n  }};"),
    ),
    "unknown settings, deep sets": (
        100,
        lambda n: settings(lines(n, lambda i: f"    dns.sub{i}.unheard_of = {i};")),
    ),
    "misspelt settings": (100, lambda n: settings(lines(n, lambda i: f'    dns{i}.base_domian = "a";'))),
    "unknown settings on hosts": (
        10,
        lambda n: flake(n, settings(lines(50, lambda i: f"    unheard_of{i} = {i};"))["headscale.nix"]),
    ),
    "unknown module options": (
        100,
        lambda n: {"headscale.nix": module(lines(n, lambda i: f"  services.headscale.odd{i} = {i};"))},
    ),
    "undeclared entries, file of data": (
        100,
        lambda n: {"ports.nix": "{\n" + lines(n, lambda i: f"  headscale{i} = {8000 + i};") + "\n}\n"},
    ),
    "undeclared entries, paths": (
        100,
        lambda n: {
            "secrets.nix": 'let k = "ssh-ed25519 AAAA"; in\n{\n'
            + lines(n, lambda i: f'  "headscale-{i}.age".publicKeys = [ k ];')
            + "\n}\n"
        },
    ),
    "undeclared entries, machine": (100, lambda n: entry(lines(n, lambda i: f"  undeclared{i}.thing = {i};"))),
    "undeclared entries, known roots": (
        100,
        lambda n: entry(lines(n, lambda i: f"  networking.undeclared{i} = {i};")),
    ),
    "firewall.extraCommands, one line": (
        5000,
        lambda n: entry(f'  networking.firewall.extraCommands = "iptables -A INPUT {text(n)}";'),
    ),
    "firewall.extraCommands, many lines": (
        200,
        lambda n: entry(
            "  networking.firewall.extraCommands = ''\n"
            + lines(n, lambda i: f"    iptables -A nixos-fw -p tcp --dport {i + 1} -j nixos-fw-accept")
            + "\n  '';"
        ),
    ),
    "firewall.extraCommands, ranges": (
        500,
        lambda n: entry(f'  networking.firewall.extraCommands = "{"1-65535 " * n}";'),
    ),
    "firewall.extraCommands, blanks": (
        5000,
        lambda n: entry(f'  networking.firewall.extraCommands = "iptables{" " * n}x";'),
    ),
    "firewall.extraCommands, words": (
        2000,
        lambda n: entry(f'  networking.firewall.extraCommands = "iptables {"-p tcp " * n}";'),
    ),
    "extraInputRules, words": (
        2000,
        lambda n: entry(
            f'  networking.nftables.enable = true; networking.firewall.extraInputRules = "{"tcp dport " * n}";'
        ),
    ),
    "nftables ruleset": (
        2000,
        lambda n: entry(
            f'  networking.nftables.enable = true; networking.nftables.ruleset = "{"tcp dport { 80, 443 } accept; " * n}";'
        ),
    ),
    "firewall ports": (
        1000,
        lambda n: entry(f"  networking.firewall.allowedTCPPorts = [ {' '.join(str(i + 1) for i in range(n))} ];"),
    ),
    "firewall port ranges": (
        500,
        lambda n: entry(
            "  networking.firewall.allowedTCPPortRanges = [\n"
            + lines(n, lambda i: f"    {{ from = {i + 1}; to = {i + 2}; }}")
            + "\n  ];"
        ),
    ),
    "firewall interfaces": (
        200,
        lambda n: entry(lines(n, lambda i: f"  networking.firewall.interfaces.eth{i}.allowedTCPPorts = [ {i + 1} ];")),
    ),
    "user name of quotes": (
        5000,
        lambda n: {
            "headscale.nix": module(f'  services.headscale.user = "{chr(92) + chr(34)}{(chr(92) + chr(34)) * n}";')
        },
    ),
    "user name of escaped quotes": (
        5000,
        lambda n: {"headscale.nix": module(f'  services.headscale.user = "{(chr(92) * 3 + chr(34)) * n}";')},
    ),
    "user name long": (5000, lambda n: {"headscale.nix": module(f'  services.headscale.user = "{text(n)}";')}),
    "group name long": (5000, lambda n: {"headscale.nix": module(f'  services.headscale.group = "{text(n)}";')}),
    "server_url long": (
        5000,
        lambda n: {"headscale.nix": module(f'  services.headscale.settings.server_url = "https://{text(n)}";')},
    ),
    "server_url dots": (
        5000,
        lambda n: {"headscale.nix": module(f'  services.headscale.settings.server_url = "https://{"a." * n}";')},
    ),
    "server_url colons": (
        5000,
        lambda n: {"headscale.nix": module(f'  services.headscale.settings.server_url = "{":" * n}";')},
    ),
    "base_domain long": (
        5000,
        lambda n: {"headscale.nix": module(f'  services.headscale.settings.dns.base_domain = "{text(n)}";')},
    ),
    "base_domain dots": (
        5000,
        lambda n: {"headscale.nix": module(f'  services.headscale.settings.dns.base_domain = "{"a." * n}";')},
    ),
    "listen_addr long": (5000, lambda n: settings(f'    listen_addr = "{"1:" * n}";')),
    "listen_addr digits": (1000, lambda n: settings(f'    listen_addr = "{"1" * n}:{"1" * n}";')),
    "prefixes long": (5000, lambda n: settings(f'    prefixes.v4 = "{"1." * n}/10";')),
    "duration long": (2000, lambda n: settings(f'    ephemeral_node_inactivity_timeout = "{"1" * n}m";')),
    "duration parts": (2000, lambda n: settings(f'    ephemeral_node_inactivity_timeout = "{"1m" * n}";')),
    "unknown setting, long name": (2000, lambda n: settings(f"    {text(n)} = 1;")),
    "unknown setting, dashes": (2000, lambda n: settings(f"    a{'-' * n}b = 1;")),
    "unknown option, long name": (2000, lambda n: {"headscale.nix": module(f"  services.headscale.{text(n)} = 1;")}),
    "private key path long": (5000, lambda n: settings(f'    noise.private_key_path = "/{"a/" * n}";')),
    "log level long": (5000, lambda n: settings(f'    log.level = "{text(n)}";')),
    "secret string long": (5000, lambda n: settings(f'    oidc.client_secret = "{text(n)}";')),
    "environment variables": (
        200,
        lambda n: entry(lines(n, lambda i: f'  systemd.services.headscale.environment.HEADSCALE_ODD{i} = "{i}";')),
    ),
    "nameservers": (
        500,
        lambda n: settings(
            f'    dns.nameservers.split = {{ "a.example" = [ {" ".join(f"{chr(34)}10.{i // 60000}.{i // 250 % 250}.{i % 250}{chr(34)}" for i in range(n))} ]; }};'
        ),
    ),
    "nameservers.global": (
        500,
        lambda n: {
            "headscale.nix": module(
                f"  services.headscale.settings.dns.nameservers.global = [ {' '.join(f'{chr(34)}10.{i // 60000}.{i // 250 % 250}.{i % 250}{chr(34)}' for i in range(n))} ];"
            )
        },
    ),
    "split domains": (
        200,
        lambda n: settings(lines(n, lambda i: f'    dns.nameservers.split."d{i}.example" = [ "10.0.0.1" ];')),
    ),
    "search domains": (
        500,
        lambda n: settings(
            f"    dns.search_domains = [ {' '.join(f'{chr(34)}d{i}.example{chr(34)}' for i in range(n))} ];"
        ),
    ),
    "extra_records": (
        500,
        lambda n: settings(
            "    dns.extra_records = [\n"
            + lines(
                n,
                lambda i: (
                    f'      {{ name = "h{i}.tail.example.org"; type = "A"; value = "100.64.{i // 250 % 250}.{i % 250}"; }}'
                ),
            )
            + "\n    ];"
        ),
    ),
    "extra_records, off domain": (
        200,
        lambda n: settings(
            "    dns.extra_records = [\n"
            + lines(
                n,
                lambda i: (
                    f'      {{ name = "h{i}.other.example.net"; type = "MX"; value = "100.64.{i // 250 % 250}.{i % 250}"; }}'
                ),
            )
            + "\n    ];"
        ),
    ),
    "trusted proxies": (
        500,
        lambda n: settings(
            f"    trusted_proxies = [ {' '.join(f'{chr(34)}10.0.{i // 250 % 250}.{i % 250}/32{chr(34)}' for i in range(n))} ];"
        ),
    ),
    "derp urls": (
        500,
        lambda n: settings(
            f"    derp.urls = [ {' '.join(f'{chr(34)}https://d{i}.example/derpmap/default{chr(34)}' for i in range(n))} ];"
        ),
    ),
    "derp paths": (500, lambda n: settings(f"    derp.paths = [ {' '.join(f'./derp{i}.yaml' for i in range(n))} ];")),
    "oidc scopes": (
        500,
        lambda n: settings(f"    oidc.scope = [ {' '.join(f'{chr(34)}s{i}{chr(34)}' for i in range(n))} ];"),
    ),
    "list by mkMerge": (
        200,
        lambda n: {
            "headscale.nix": module(
                "  services.headscale.settings.dns.search_domains = lib.mkMerge [\n"
                + lines(n, lambda i: f'    [ "d{i}.example" ]')
                + "\n  ];"
            )
        },
    ),
    "many definitions of one option": (
        200,
        lambda n: {
            **{
                f"m{i}.nix": f'{{ lib, ... }}: {{ services.headscale.settings.dns.search_domains = [ "d{i}.example" ]; }}'
                for i in range(n)
            },
            "configuration.nix": module("  imports = [ " + " ".join(f"./m{i}.nix" for i in range(n)) + " ];"),
        },
    ),
    "conflicting definitions": (
        50,
        lambda n: {
            **{f"m{i}.nix": f"{{ lib, ... }}: {{ services.headscale.port = {i + 1}; }}" for i in range(n)},
            "configuration.nix": module("  imports = [ " + " ".join(f"./m{i}.nix" for i in range(n)) + " ];"),
        },
    ),
    "conflicts in many options": (
        50,
        lambda n: {
            "m.nix": module(lines(n, lambda i: f"  services.headscale.settings.odd{i} = 1;")),
            "configuration.nix": module(
                "  imports = [ ./m.nix ];" + lines(n, lambda i: f"  services.headscale.settings.odd{i} = 2;")
            ),
        },
    ),
    "chain of imports": (
        100,
        lambda n: {
            **{f"m{i}.nix": f"{{ ... }}: {{ imports = [ ./m{i + 1}.nix ]; }}" for i in range(n)},
            f"m{n}.nix": "{ }",
            "configuration.nix": module("  imports = [ ./m0.nix ];"),
        },
    ),
    "the same import often": (
        300,
        lambda n: {"m.nix": "{ }", "configuration.nix": module("  imports = [ " + "./m.nix " * n + " ];")},
    ),
    "missing imports": (
        200,
        lambda n: {
            "configuration.nix": module("  imports = [ " + " ".join(f"./none{i}.nix" for i in range(n)) + " ];")
        },
    ),
    "broken imports": (
        100,
        lambda n: {
            **{f"m{i}.nix": "{ a = ; }" for i in range(n)},
            "configuration.nix": module("  imports = [ " + " ".join(f"./m{i}.nix" for i in range(n)) + " ];"),
        },
    ),
    "files of a directory": (300, lambda n: {f"m{i}.nix": settings("")["headscale.nix"] for i in range(n)}),
    "entries of a directory": (
        50,
        lambda n: {f"h{i}/configuration.nix": settings("")["headscale.nix"] for i in range(n)},
    ),
    "hosts": (20, lambda n: flake(n, settings("    odd = 1;")["headscale.nix"])),
    "mkIf nested": (
        100,
        lambda n: {
            "headscale.nix": module(
                "  services.headscale.settings.dns.base_domain = "
                + "lib.mkIf true (" * n
                + '"a.example"'
                + ")" * n
                + ";"
            )
        },
    ),
    "mkIf undecided nested": (
        50,
        lambda n: {
            "headscale.nix": module(
                "  services.headscale.settings.dns.base_domain = "
                + "lib.mkIf config.a (" * n
                + '"a.example"'
                + ")" * n
                + ";"
            )
        },
    ),
    "let bindings": (
        1000,
        lambda n: {
            "headscale.nix": "{ ... }: let\n"
            + lines(n, lambda i: f"  v{i + 1} = v{i};")
            + f'\n  v0 = "https://a.example"; in {{ services.headscale = {{ enable = true; settings.server_url = v{n}; }}; }}'
        },
    ),
    "lets nested": (
        300,
        lambda n: {
            "headscale.nix": "{ ... }: "
            + lines(n, lambda i: f"let v{i} = {i}; in ")
            + '{ services.headscale = { enable = true; settings.server_url = "https://a.example"; }; }'
        },
    ),
    "with nested": (
        300,
        lambda n: {
            "headscale.nix": "{ ... }: "
            + "with { }; " * n
            + "{ services.headscale = { enable = true; settings.server_url = url; }; }"
        },
    ),
    "parentheses nested": (500, lambda n: settings(f'    log.level = {"(" * n}"info"{")" * n};')),
    "lists nested": (500, lambda n: settings(f"    odd = {'[' * n}1{']' * n};")),
    "sets nested": (100, lambda n: settings(f"    odd = {'{ a = ' * n}1{'; }' * n};")),
    "names nested": (100, lambda n: settings(f"    odd.{'a.' * n}b = 1;")),
    "strings nested": (100, lambda n: settings("    odd = " + '"${' * n + '"x"' + '}"' * n + ";")),
    "ifs nested": (300, lambda n: settings("    odd = " + "if true then (" * n + "1" + ") else 2" * n + ";")),
    "undecided ifs nested": (
        100,
        lambda n: settings("    log.level = " + "if config.a.b then " * n + '"info"' + ' else "debug"' * n + ";"),
    ),
    "concatenation": (500, lambda n: settings("    log.level = " + " + ".join(['"a"'] * n) + ";")),
    "list concatenation": (
        300,
        lambda n: settings("    dns.search_domains = " + " ++ ".join(['["a.example"]'] * n) + ";"),
    ),
    "set updates": (300, lambda n: settings("    odd = " + " // ".join(f"{{ a{i} = 1; }}" for i in range(n)) + ";")),
    "or chain": (300, lambda n: settings("    odd = " + " || ".join(["false"] * n) + ";")),
    "interpolations": (300, lambda n: settings('    log.level = "' + "${toString 1}" * n + '";')),
    "attributes": (
        5000,
        lambda n: {
            "headscale.nix": module(
                "  services.headscale.settings.log.level = builtins.head (builtins.attrNames {\n"
                + lines(n, lambda i: f"  a{i} = {i};")
                + "\n });"
            )
        },
    ),
    "attributes beside": (
        5000,
        lambda n: {
            "headscale.nix": "let data = {\n"
            + lines(n, lambda i: f"  a{i} = {i};")
            + "\n}; in "
            + module("", arguments="{ ... }:")
        },
    ),
    "attribute paths beside": (
        3000,
        lambda n: {
            "headscale.nix": "let data = {\n"
            + lines(n, lambda i: f"  a.b{i} = {i};")
            + "\n}; in "
            + module("  services.headscale.port = data.a.b1;", arguments="{ ... }:")
        },
    ),
    "attributes of rec": (
        3000,
        lambda n: {
            "headscale.nix": "let data = rec {\n"
            + lines(n, lambda i: f"  a{i} = {i};")
            + "\n}; in "
            + module("  services.headscale.port = data.a1;", arguments="{ ... }:")
        },
    ),
    "attributes of freeform": (
        300,
        lambda n: settings("    oidc.extra_params = {\n" + lines(n, lambda i: f'  a{i} = "{i}";') + "\n};"),
    ),
    "attributes of options elsewhere": (
        1000,
        lambda n: entry("  environment.etc = {\n" + lines(n, lambda i: f'  "a{i}".text = "{i}";') + "\n};"),
    ),
    "list elements": (
        5000,
        lambda n: {
            "headscale.nix": "let data = [\n"
            + lines(n, lambda i: f"  {i}")
            + "\n]; in "
            + module("  services.headscale.port = builtins.length data;", arguments="{ ... }:")
        },
    ),
    "signs": (2000, lambda n: {"headscale.nix": settings("")["headscale.nix"] + "# hslint:\n" + "+ " * n}),
    "signs in one piece": (900, lambda n: {"headscale.nix": settings("")["headscale.nix"] + "# hslint:\n" + "+" * n}),
    "slashes": (2000, lambda n: {"headscale.nix": settings("")["headscale.nix"] + "# hslint:\n" + "a/" * n}),
    "URIs": (2000, lambda n: {"headscale.nix": settings("")["headscale.nix"] + "# hslint:\n" + "a:,;" * n}),
    "angle brackets": (2000, lambda n: {"headscale.nix": settings("")["headscale.nix"] + "# hslint:\n" + "<a/b " * n}),
    "duplicate attributes": (
        300,
        lambda n: {
            "headscale.nix": "let data = {\n"
            + lines(n, lambda i: "  a = 1;")
            + "\n}; in "
            + module("", arguments="{ ... }:")
        },
    ),
    "inherits": (
        1000,
        lambda n: {
            "headscale.nix": "let s = { }; inherit (s) "
            + " ".join(f"a{i}" for i in range(n))
            + "; in "
            + module("", arguments="{ ... }:")
        },
    ),
    "formals": (
        500,
        lambda n: {"headscale.nix": module("", arguments="{ " + ", ".join(f"a{i}" for i in range(n)) + ", ... }:")},
    ),
    "formals with defaults": (
        500,
        lambda n: {
            "headscale.nix": module("", arguments="{ " + ", ".join(f"a{i} ? {i}" for i in range(n)) + ", ... }:")
        },
    ),
    "undefined variables": (200, lambda n: settings(lines(n, lambda i: f"    odd{i} = nowhere{i};"))),
    "syntax errors": (200, lambda n: settings(lines(n, lambda i: f"    odd{i} = = ;"))),
    "syntax errors, brackets": (500, lambda n: {"headscale.nix": module("  services.headscale.port = " + "[ " * n)}),
    "syntax errors, quotes": (500, lambda n: {"headscale.nix": module("  services.headscale.user = " + '" ${ ' * n)}),
    "syntax errors, parentheses": (
        500,
        lambda n: {"headscale.nix": module("  services.headscale.user = " + ") ( " * n)},
    ),
    "long comment": (50000, lambda n: {"headscale.nix": f"# {text(n)}\n" + settings("")["headscale.nix"]}),
    "block comment": (50000, lambda n: {"headscale.nix": f"/* {'* ' * n} */\n" + settings("")["headscale.nix"]}),
    "comments": (
        5000,
        lambda n: {"headscale.nix": lines(n, lambda i: f"# line {i}") + "\n" + settings("")["headscale.nix"]},
    ),
    "comments in lists": (
        3000,
        lambda n: settings("    dns.search_domains = [\n" + lines(n, lambda i: f"# line {i}") + "\n];"),
    ),
    "comments that speak to hslint": (
        2000,
        lambda n: {
            "headscale.nix": lines(n, lambda i: "# hslint: ignore[port-clash] -- because")
            + "\n"
            + settings("")["headscale.nix"]
        },
    ),
    "comments at lines": (
        2000,
        lambda n: {
            "headscale.nix": "let data = {\n"
            + lines(n, lambda i: f"  # hslint: ignore[port-clash] -- because\n  a{i} = 1;")
            + "\n}; in "
            + settings("")["headscale.nix"]
        },
    ),
    "comments of unknown rules": (
        100,
        lambda n: {
            "headscale.nix": "let data = {\n"
            + lines(n, lambda i: f"  # hslint: ignore[port-clahs{i}] -- because\n  a{i} = 1;")
            + "\n}; in "
            + settings("")["headscale.nix"]
        },
    ),
    "malformed suppressions": (
        500,
        lambda n: {"headscale.nix": lines(n, lambda i: "# hslint: what") + "\n" + settings("")["headscale.nix"]},
    ),
    "suppressed findings": (
        100,
        lambda n: settings(
            lines(n, lambda i: f"    # hslint: ignore[unknown-setting] -- mine\n    unheard_of{i} = {i};")
        ),
    ),
    "rules of one comment": (
        500,
        lambda n: {
            "headscale.nix": f"# hslint: ignore[{', '.join(['port-clash'] * n)}] -- x\n" + settings("")["headscale.nix"]
        },
    ),
    "findings on one line": (100, lambda n: settings("    " + " ".join(f"unheard_of{i} = {i};" for i in range(n)))),
    "findings, long lines": (50, lambda n: settings(lines(n, lambda i: f'    unheard_of{i} = "{text(2000)}";'))),
    "long line": (20000, lambda n: settings(f'    unheard_of = "{text(n)}";')),
    "long line, not ASCII": (
        5000,
        lambda n: settings(f"    /* {'ä' * n} */ " + " ".join(f"unheard_of{i} = {i};" for i in range(50))),
    ),
    "long lines, not ASCII": (
        100,
        lambda n: settings("    " + " ".join(f"/* ä */ unheard_of{i} = {i};" for i in range(n))),
    ),
    "CR line ends": (
        2000,
        lambda n: {"headscale.nix": settings(lines(n, lambda i: f"    # {i}"))["headscale.nix"].replace("\n", "\r\n")},
    ),
    "policy file": (200, lambda n: {**settings("    policy.path = ./policy.hujson;"), "policy.hujson": hujson(n)}),
    "policy, inline": (200, lambda n: settings("    policy.path = builtins.toFile \"p\" ''\n" + hujson(n) + "'';")),
    "policy, deep": (
        500,
        lambda n: {
            **settings("    policy.path = ./policy.hujson;"),
            "policy.hujson": '{"acls": ' + "[" * n + "]" * n + "}",
        },
    ),
    "policy, unknown groups": (
        200,
        lambda n: {
            **settings("    policy.path = ./policy.hujson;"),
            "policy.hujson": '{"acls": ['
            + lines(n, lambda i: f'{{"action": "accept", "src": ["group:x{i}"], "dst": ["*:*"]}},')
            + "]}",
        },
    ),
    "fromJSON": (
        2000,
        lambda n: {
            **settings("    odd = (builtins.fromJSON (builtins.readFile ./data.json)).a0;"),
            "data.json": "{" + ",".join(f'"a{i}": {i}' for i in range(n)) + "}",
        },
    ),
    "nginx hosts": (
        100,
        lambda n: entry(
            "  services.nginx.enable = true;"
            + lines(
                n,
                lambda i: (
                    f'  services.nginx.virtualHosts."h{i}.example".locations."/".proxyPass = "http://127.0.0.1:{i + 1}";'
                ),
            )
        ),
    ),
    "nginx locations": (
        100,
        lambda n: entry(
            "  services.nginx.enable = true;"
            + lines(
                n,
                lambda i: (
                    f'  services.nginx.virtualHosts."vpn.example.org".locations."/p{i}".proxyPass = "http://127.0.0.1:8080";'
                ),
            )
        ),
    ),
    "nginx extraConfig": (
        2000,
        lambda n: entry(
            f'  services.nginx.enable = true; services.nginx.virtualHosts."vpn.example.org" = {{ locations."/".proxyPass = "http://127.0.0.1:8080"; locations."/".extraConfig = "{"proxy_set_header Upgrade x; " * n}"; }};'
        ),
    ),
    "nginx extraConfig, blanks": (
        5000,
        lambda n: entry(
            f'  services.nginx.enable = true; services.nginx.virtualHosts."vpn.example.org" = {{ locations."/".proxyPass = "http://127.0.0.1:8080"; locations."/".extraConfig = "proxy_set_header{" " * n}"; }};'
        ),
    ),
    "nginx location, an expression that backtracks": (
        5,
        lambda n: entry(
            f"""  services.nginx.enable = true; services.nginx.virtualHosts."vpn.example.org".locations = {{
  "/".proxyPass = "http://127.0.0.1:8080"; "~ {"(.*)" * n}x".proxyPass = "http://127.0.0.1:8080"; }};"""
        ),
    ),
    "nginx appendHttpConfig": (
        2000,
        lambda n: entry(
            f'  services.nginx.enable = true; services.nginx.appendHttpConfig = "{"map a b; " * n}"; services.nginx.virtualHosts."vpn.example.org" = {{ locations."/".proxyPass = "http://127.0.0.1:8080"; }};'
        ),
    ),
    "caddy hosts": (
        100,
        lambda n: entry(
            "  services.caddy.enable = true;"
            + lines(
                n,
                lambda i: (
                    f'  services.caddy.virtualHosts."h{i}.example".extraConfig = "reverse_proxy 127.0.0.1:{i + 1}";'
                ),
            )
        ),
    ),
    "caddy extraConfig": (
        2000,
        lambda n: entry(
            f'  services.caddy.enable = true; services.caddy.virtualHosts."vpn.example.org".extraConfig = "{"reverse_proxy 127.0.0.1:8080 { } " * n}";'
        ),
    ),
    "caddy extraConfig, braces": (
        2000,
        lambda n: entry(
            f'  services.caddy.enable = true; services.caddy.virtualHosts."vpn.example.org".extraConfig = "{"reverse_proxy { " * n}";'
        ),
    ),
    "caddy extraConfig, blanks": (
        5000,
        lambda n: entry(
            f'  services.caddy.enable = true; services.caddy.virtualHosts."vpn.example.org".extraConfig = "reverse_proxy{" " * n}";'
        ),
    ),
    "caddyfile": (
        500,
        lambda n: entry(
            '  services.caddy = { enable = true; extraConfig = "'
            + "h.example { reverse_proxy 127.0.0.1:8080 } " * n
            + '"; };'
        ),
    ),
    "caddyfile, open blocks": (
        500,
        lambda n: entry(
            "  services.caddy = { enable = true; virtualHosts.a.extraConfig = ''\n"
            + "  reverse_proxy {\n  to 127.0.0.1:8080\n" * n
            + "''; };"
        ),
    ),
    "traefik routers": (
        100,
        lambda n: entry(
            "  services.traefik.enable = true;"
            + lines(
                n,
                lambda i: (
                    f'  services.traefik.dynamicConfigOptions.http = {{ routers.r{i} = {{ rule = "Host(`h{i}.example`)"; service = "s{i}"; }}; services.s{i}.loadBalancer.servers = [ {{ url = "http://127.0.0.1:8080"; }} ]; }};'
                ),
            )
        ),
    ),
    "traefik rule, open": (
        2000,
        lambda n: entry(
            f"""  services.traefik.enable = true; services.traefik.dynamicConfigOptions.http = {{
  routers.r = {{ rule = "{"Host(" * n}"; service = "s"; }};
  services.s.loadBalancer.servers = [ {{ url = "http://127.0.0.1:8080"; }} ]; }};"""
        ),
    ),
    "traefik rule": (
        2000,
        lambda n: entry(
            f'  services.traefik.enable = true; services.traefik.dynamicConfigOptions.http = {{ routers.r = {{ rule = "{"Host(`h.example`) || " * n}"; service = "s"; }}; services.s.loadBalancer.servers = [ {{ url = "http://127.0.0.1:8080"; }} ]; }};'
        ),
    ),
    "cloudflared": (
        100,
        lambda n: entry(
            '  services.cloudflared = { enable = true; tunnels.t = { default = "http_status:404"; ingress = {'
            + lines(n, lambda i: f'"h{i}.example" = "http://localhost:{i + 1}";')
            + "}; }; };"
        ),
    ),
    "acme certificates": (
        100,
        lambda n: entry(
            "  security.acme.acceptTerms = true;"
            + lines(n, lambda i: f'  security.acme.certs."h{i}.example".group = "headscale";')
        ),
    ),
    "users": (
        200,
        lambda n: entry(lines(n, lambda i: f'  users.users.u{i} = {{ isNormalUser = true; group = "g{i}"; }};')),
    ),
    "listeners": (100, lambda n: entry(lines(n, lambda i: f"  services.openssh.ports = [ {i + 1} ];"))),
    "sops secrets": (200, lambda n: entry(lines(n, lambda i: f'  sops.secrets."s{i}" = {{ owner = "headscale"; }};'))),
    "age secrets": (200, lambda n: entry(lines(n, lambda i: f'  age.secrets."s{i}".file = ./s{i}.age;'))),
    "tmpfiles rules": (
        500,
        lambda n: entry(
            "  systemd.tmpfiles.rules = [\n" + lines(n, lambda i: f'"d /var/lib/x{i} 0755 root root -"') + "\n];"
        ),
    ),
    "overlays": (
        100,
        lambda n: entry(
            "  nixpkgs.overlays = [\n" + lines(n, lambda i: f"(final: prev: {{ p{i} = prev.hello; }})") + "\n];"
        ),
    ),
    "overlays on headscale": (
        50,
        lambda n: entry(
            "  nixpkgs.overlays = [\n"
            + lines(n, lambda i: f"(final: prev: {{ headscale = prev.headscale.overrideAttrs (o: {{ a{i} = 1; }}); }})")
            + "\n];"
        ),
    ),
    "own options": (
        200,
        lambda n: {
            "configuration.nix": "{ lib, config, ... }: {\n options = {\n"
            + lines(n, lambda i: f"my.o{i} = lib.mkOption {{ type = lib.types.int; default = {i}; }};")
            + "};\n config = { services.headscale.enable = true;"
            + lines(n, lambda i: f"  my.o{i} = {i + 1};")
            + "};}"
        },
    ),
    "containers": (
        20,
        lambda n: entry(lines(n, lambda i: f"  containers.c{i}.config = {{ services.headscale.enable = true; }};")),
    ),
    "extraFlags": (
        500,
        lambda n: entry('  systemd.services.headscale.serviceConfig.ExecStart = "headscale ' + "--flag x " * n + '";'),
    ),
    "genList": (
        2000,
        lambda n: settings(f'    dns.search_domains = map (n: "d${{toString n}}.example") (lib.range 0 {n});'),
    ),
    "foldl set": (
        300,
        lambda n: settings(
            f'    odd = lib.foldl\' (a: b: a // {{ ${{"x${{toString b}}"}} = b; }}) {{ }} (lib.range 0 {n});'
        ),
    ),
    "removed settings": (20, lambda n: settings(lines(n, lambda i: f"    dns_config.nameservers{i} = [ ];"))),
    "wrong types": (100, lambda n: settings(lines(n, lambda i: f'    dns.nameservers.split."d{i}.example" = {i};'))),
    "relative paths": (
        20,
        lambda n: settings(
            f"    derp.paths = [ {' '.join(f'{chr(34)}derp{i}.yaml{chr(34)}' for i in range(n * 10))} ];"
        ),
    ),
    "policy rules with many destinations": (
        200,
        lambda n: {
            **settings("    policy.path = ./policy.hujson;"),
            "policy.hujson": '{"acls": [{"action": "accept", "src": ["*"], "dst": ['
            + ",".join(f'"h{i}:80"' for i in range(n))
            + "]}]}",
        },
    ),
}


def seconds(files: Files, options: tuple[str, ...], folder: Path) -> tuple[float, str]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    child = subprocess.Popen(
        (HSLINT, "check", *options, str(folder)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""},
    )
    assert child.stderr is not None
    resource.prlimit(child.pid, resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    complaint = child.stderr.read().decode(errors="replace")
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    ended = (
        ""
        if child.returncode in (0, 1) and "Traceback" not in complaint
        else f"ended with {child.returncode}: {complaint.strip()[-150:]}"
    )
    return used.ru_utime + used.ru_stime, ended


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", help="only shapes with this in their name")
    arguments.add_argument("--format", default="concise", help="the reporter (default: %(default)s)")
    arguments.add_argument("--times", type=int, default=1, help="multiply every n (default: %(default)s)")
    arguments.add_argument("--all", action="store_true", help="print shapes that are linear as well")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="hslint-scaling-") as scratch:
        nothing, _ = seconds(settings(""), (), Path(scratch) / "nothing")
        for name, (start, shape) in SHAPES.items():
            if given.only not in name:
                continue
            costs, ended = [], ""
            for step in (1, 2, 4):
                count = start * given.times * step
                folder = Path(scratch) / f"{name.replace(' ', '-').replace('/', '-')}-{count}"
                folder.mkdir()
                cost, told = seconds(shape(count), ("--format", given.format), folder)
                costs.append(cost)
                ended = ended or told
            growth = math.log2(max(costs[2] - nothing, 0.01) / max(costs[1] - nothing, 0.01))
            verdict = "SUPERLINEAR" if growth > LINEAR and costs[2] - nothing > 0.3 else ""
            if verdict or ended or given.all:
                figures = "  ".join(f"{cost:7.2f}" for cost in costs)
                print(
                    f"{name:<40} n={start * given.times:<7}{figures} s  n^{growth:4.2f}  {verdict} {ended}", flush=True
                )


if __name__ == "__main__":
    main()
