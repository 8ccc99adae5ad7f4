# hslint before each commit, by git-hooks.nix: `nix develop` installs the hook, `nix flake check` runs it too.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    git-hooks.url = "github:cachix/git-hooks.nix";
    hslint.url = "github:hslint/hslint";
    hslint.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    {
      self,
      nixpkgs,
      git-hooks,
      hslint,
    }:
    let
      system = "x86_64-linux";
      pkgs = nixpkgs.legacyPackages.${system};
      package = hslint.packages.${system}.default;
      hooks = self.checks.${system}.git-hooks;
    in
    {
      checks.${system}.git-hooks = git-hooks.lib.${system}.run {
        src = ./.;
        hooks.hslint = {
          enable = true;
          inherit package;
          entry = "${nixpkgs.lib.getExe package} check";
          # The whole project is checked, whichever of these files is part of the commit.
          files = ''\.(nix|hujson)$|(^|/)flake\.lock$|(^|/)hslint\.toml$'';
          pass_filenames = false;
          require_serial = true;
        };
      };

      devShells.${system}.default = pkgs.mkShell {
        inherit (hooks) shellHook;
        packages = hooks.enabledPackages;
      };
    };
}
