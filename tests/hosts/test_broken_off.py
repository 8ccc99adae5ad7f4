"""What nests too deeply in one output of a flake ends there, is reported, and takes nothing else along."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.checking import Request, check
from hslint.values.budget import Deadline

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }: let
    deep = builtins.foldl' (a: b: { x = b + a.x; }) { x = 1; } (builtins.genList (x: x) 100000);
    system = foo: nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [ { services.headscale = { enable = true; settings = { server_url = "http://["; } // foo; }; } ];
    };
  in {
    nixosConfigurations.deep = system { log.level = deep.x; };
    nixosConfigurations.good = system { };
  };
}
"""


@pytest.mark.slow
def test_a_host_that_nests_too_deeply_is_reported_and_the_others_are_evaluated(tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text(FLAKE)
    checked = check([str(tmp_path)], Request(deadline=Deadline()))  # however long it takes
    assert [*checked.troubles] == ["host deep could not be evaluated: nests more deeply than hslint can follow"]
    malformed = [finding for finding in checked.findings if finding.rule.name == "server-url-malformed"]
    assert malformed and "good" in malformed[0].hosts
