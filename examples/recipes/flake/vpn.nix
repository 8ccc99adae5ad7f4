{ config, ... }:
{
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "26.05";

  services.headscale = {
    enable = true;
    settings = {
      server_url = "https://vpn.example.com";
      dns = {
        base_domain = "tail.example.net";
        nameservers.global = [ "9.9.9.9" ];
      };
    };
  };

  services.nginx = {
    enable = true;
    virtualHosts."vpn.example.com" = {
      enableACME = true;
      forceSSL = true;
      locations."/" = {
        proxyPass = "http://127.0.0.1:${toString config.services.headscale.port}";
        proxyWebsockets = true;
      };
    };
  };

  security.acme = {
    acceptTerms = true;
    defaults.email = "admin@example.com";
  };

  networking.firewall.allowedTCPPorts = [
    80
    443
  ];
}
