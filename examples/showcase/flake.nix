{
  description = "Two offices, each with its own Headscale";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    headscale = {
      url = "github:juanfont/headscale";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    {
      self,
      nixpkgs,
      headscale,
      ...
    }:
    let
      mkHost =
        name:
        {
          domain,
          modules ? [ ],
        }:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit domain; };
          modules = [
            headscale.nixosModules.default
            ./modules/headscale.nix
            ./hosts/${name}.nix
            { networking.hostName = name; }
          ]
          ++ modules;
        };
    in
    {
      nixosConfigurations = nixpkgs.lib.mapAttrs mkHost {
        harbour = {
          domain = "example.com";
          modules = [
            ./modules/oidc.nix
            ./modules/proxy.nix
          ];
        };
        lighthouse = {
          domain = "lighthouse.example.org";
          modules = [ ./modules/relay.nix ];
        };
      };
    };
}
