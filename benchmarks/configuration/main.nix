{ config, lib, ... }:
let
  domain = "example.org";
  vpn = "vpn.${domain}";
in
{
  imports = [
    ./modules/options.nix
    ./modules/dns.nix
    ./modules/oidc.nix
    ./modules/proxy.nix
    ./modules/derp.nix
  ];

  office = {
    inherit domain;
    hosts = {
      files = "100.64.0.10";
      wiki = "100.64.0.11";
      git = "100.64.0.12";
    };
  };

  services.headscale = lib.mkIf config.office.enable {
    enable = true;
    address = "127.0.0.1";
    port = 8088;
    settings = lib.mkMerge [
      {
        server_url = "https://${vpn}";
        database.type = "sqlite";
        log.level = lib.mkDefault "warn";
      }
      (lib.mkIf (config.office.hosts != { }) {
        prefixes = {
          v4 = "100.64.0.0/10";
          v6 = "fd7a:115c:a1e0::/48";
        };
      })
    ];
  };
}
