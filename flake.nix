{
  description = "Finds mistakes in Nix configurations that run Headscale, before they are built";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];

      forEachSystem = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});

      # The package for any nixpkgs, that of whoever uses the overlay, the module or the check included.
      packageFor = pkgs: pkgs.callPackage ./package.nix { };

      check = import ./nix/check.nix { inherit packageFor; };

      module = import ./nix/module.nix { inherit packageFor check; };
    in
    {
      packages = forEachSystem (pkgs: rec {
        hslint = packageFor pkgs;
        default = hslint;
      });

      apps = forEachSystem (pkgs: rec {
        hslint = {
          type = "app";
          program = lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.hslint;
          meta.description = "Find mistakes in configurations that run Headscale";
        };
        default = hslint;
      });

      overlays.default = final: _prev: { hslint = packageFor final; };

      nixosModules = rec {
        hslint = module;
        default = hslint;
      };

      lib = { inherit check; };

      # What `make` sets up .venv with, and what the tests start. Ruff's own wheel has a program that does not start on NixOS.
      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.emacs-nox
            pkgs.git
            pkgs.gnumake
            pkgs.neovim
            pkgs.nix
            pkgs.nodejs
            pkgs.python3
          ];
          env.RUFF = lib.getExe pkgs.ruff;
        };
      });

      formatter = forEachSystem (pkgs: pkgs.nixfmt-tree);

      checks = forEachSystem (pkgs: {
        package = self.packages.${pkgs.stdenv.hostPlatform.system}.hslint;
        clean = check {
          inherit pkgs;
          src = ./examples/recipes/flake;
          failOnUnevaluated = true;
        };
      });
    };
}
