# The same check in a flake made with flake-parts.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    hslint.url = "github:hslint/hslint";
    hslint.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];

      perSystem =
        { pkgs, ... }:
        {
          checks.hslint = inputs.hslint.lib.check {
            inherit pkgs;
            src = inputs.self;
          };
        };
    };
}
