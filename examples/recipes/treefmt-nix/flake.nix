# hslint's safe fixes as part of `nix fmt`, by treefmt-nix. What hslint cannot fix makes it fail, as linters do there.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    treefmt-nix.url = "github:numtide/treefmt-nix";
    hslint.url = "github:hslint/hslint";
    hslint.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      treefmt-nix,
      hslint,
    }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      treefmt = treefmt-nix.lib.evalModule pkgs {
        projectRootFile = "flake.nix";
        programs.nixfmt.enable = true;
        settings.formatter.hslint = {
          command = nixpkgs.lib.getExe hslint.packages.${system}.default;
          options = [
            "check"
            "--fix"
          ];
          includes = [ "*.nix" ];
        };
      };
    in
    {
      formatter.${system} = treefmt.config.build.wrapper;
      checks.${system}.formatting = treefmt.config.build.check self;
    };
}
