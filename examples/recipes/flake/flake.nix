# hslint among a flake's own checks: `nix flake check` fails with the report. And as a guard of one machine: `nixos-rebuild` refuses to
# build it while there are errors.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    hslint.url = "github:hslint/hslint";
    hslint.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      hslint,
    }:
    {
      nixosConfigurations.vpn = nixpkgs.lib.nixosSystem {
        modules = [
          ./vpn.nix
          hslint.nixosModules.default
          {
            programs.hslint = {
              enable = true;
              guard = {
                enable = true;
                src = self;
                host = "vpn";
              };
            };
          }
        ];
      };

      checks.x86_64-linux.hslint = hslint.lib.check {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        src = self;
      };
    };
}
