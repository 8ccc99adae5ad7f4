"""A small configuration with one mistake that can be fixed safely (a key under a wrong name, switched off), and rules with a defect."""

from __future__ import annotations

from collections.abc import Iterator

from hslint.hosts.host import Host
from hslint.problem import Effect, Problem, Rule

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.vpn = nixpkgs.lib.nixosSystem { modules = [ ./headscale.nix ]; };
  };
}
"""

MODULE = """{
  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://vpn.example.org";
      dns.base_domain = "tail.example.net";
      dns.nameservers.global = [ "9.9.9.9" ];
      derp.server.enable = false;
    };
  };
}
"""

#: What the language server says of it, as tests/lsp_editor.py writes it.
FOUND = ["7:18-7:24 misplaced-setting"]

FIXED = MODULE.replace("server.enable ", "server.enabled ")


def behind(text: str) -> str:
    """The module with something on the line before the mistake."""
    return MODULE.replace("      derp", f"      {text}derp")


def _crashes(host: Host) -> Iterator[Problem]:
    raise ZeroDivisionError("by zero")


def _reports(host: Host) -> Iterator[Problem]:
    yield Problem("found", host.anchor)


#: A rule that fails, and one that goes on.
CRASHING = (
    Rule("crashing", "fake", Effect.FAILS, "", _crashes),
    Rule("reporting", "fake", Effect.ADVICE, "", _reports),
)
